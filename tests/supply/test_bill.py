"""The software bill of materials lists what a user gets: valid, complete, the same each time."""

from __future__ import annotations

import json
from pathlib import Path

from packaging.utils import canonicalize_name

from tests.supply import bill
from tests.supply.graph import installed, needed_by
from tests.supply.project import asked, project


def test_the_bill_lists_what_the_package_brings_with_licences(tmp_path: Path) -> None:
    """The tool that writes it holds it against CycloneDX's schema."""
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    bill.write(first)
    bill.write(second, validate=False)
    assert first.read_bytes() == second.read_bytes()
    assert str(tmp_path) not in first.read_text()

    made = json.loads(first.read_text(encoding="utf-8"))
    assert (made["bomFormat"], made["metadata"]["component"]["name"]) == ("CycloneDX", "alignlib")
    listed = {canonicalize_name(each["name"]): each for each in made["components"]}
    brought = needed_by(asked(project())["package"]).keys() & installed().keys()
    assert listed.keys() - {"alignlib"} == brought
    told = [name for name, each in listed.items() if each.get("licenses")]
    assert {name for name in brought if _says_its_licence(name)} <= {*told}
    assert len(told) > 0.9 * len(listed)
    assert all(
        each["version"] == installed()[name].version
        for name, each in listed.items()
        if name != "alignlib"
    )


def _says_its_licence(name: str) -> bool:
    """Whether the metadata has it in a form that the tool reads; THIRD-PARTY.md has the others."""
    said = installed()[name].metadata
    classifiers = said.get_all("Classifier") or []
    return "License-Expression" in said or any(
        each.startswith("License ::") for each in classifiers
    )
