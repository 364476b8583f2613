"""THIRD-PARTY.md: every package that is pinned, in Python and in JavaScript, with its licence."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from tests.supply import constraints
from tests.supply.graph import needed_by
from tests.supply.licences import licence, spdx
from tests.supply.project import ROOT, asked, flat, project

FILE = ROOT / "THIRD-PARTY.md"
LOCK = ROOT / "package-lock.json"
BEGIN, END = "<!-- made by python -m tests.supply -->\n", "<!-- /made -->\n"
UNKNOWN = "unknown"


@dataclass(frozen=True, order=True)
class Part:
    """A package that the project uses.

    Attributes:
        name: in its registry.
        version: the one that is pinned.
        licence: its SPDX expression, or ``unknown``.
    """

    name: str
    version: str
    licence: str


def python_packages() -> dict[str, list[Part]]:
    """The pinned packages, by who gets them: ``package``, ``extras`` and ``tools``.

    Each stands in the first that it belongs to.
    """
    parts = asked(project())
    package = set(needed_by(parts["package"]))
    extras = set(needed_by(flat(parts[part] for part in parts if part.startswith("package["))))
    found: dict[str, list[Part]] = {"package": [], "extras": [], "tools": []}
    for pin in constraints.read(constraints.FILE.read_text(encoding="utf-8"))[1]:
        who = "package" if pin.key in package else "extras" if pin.key in extras else "tools"
        found[who].append(Part(pin.name, pin.version, licence(pin.key) or UNKNOWN))
    return found


def npm_packages() -> list[Part]:
    """The packages of package-lock.json, each version once."""
    locked = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    found = {
        Part(path.rpartition("node_modules/")[2], each["version"], _npm_licence(each))
        for path, each in locked.items()
        if path
    }
    return sorted(found)


def write(text: str) -> str:
    """THIRD-PARTY.md with its lists made anew."""
    before, rest = text.split(BEGIN)
    python = python_packages()
    lists = [
        _table("What installing the package brings", python["package"]),
        _table("What its extras add", python["extras"]),
        _table("Tools that build and test the course", python["tools"]),
        _table("Tools from npm", npm_packages()),
    ]
    return before + BEGIN + "".join(lists) + END + rest.split(END)[1]


def _npm_licence(package: dict[str, str]) -> str:
    return spdx(package.get("license", "")) or UNKNOWN


def _table(heading: str, parts: Iterable[Part]) -> str:
    rows = "".join(f"| {each.name} | {each.version} | {each.licence} |\n" for each in parts)
    return f"\n## {heading}\n\n| Package | Version | Licence |\n|---|---|---|\n{rows}\n"
