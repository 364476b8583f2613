"""Every pin in constraints.txt is needed, and says what for; everything needed is pinned."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply import constraints
from tests.supply.graph import installed, needed_by
from tests.supply.project import asked, flat, project, reasons, without_reason

TEXT = constraints.FILE.read_text(encoding="utf-8")
PINS = {pin.key: pin for pin in constraints.read(TEXT)[1]}


def test_the_file_is_what_the_command_writes() -> None:
    assert constraints.write(TEXT) == TEXT, "Run python -m tests.supply."


def test_everything_that_the_project_brings_is_pinned() -> None:
    assert constraints.missing(TEXT) == set()


def test_every_requirement_says_what_it_is_for() -> None:
    assert without_reason(project()) == []
    assert {name: PINS[name].why for name in reasons(project())} == reasons(project())


def test_every_other_pin_says_what_asks_for_it() -> None:
    indirect = [pin for pin in PINS.values() if pin.key not in reasons(project())]
    assert [str(pin) for pin in indirect if not pin.why.startswith("via ")] == []


def test_every_pin_lies_in_the_ranges_that_ask_for_it() -> None:
    for each in flat(asked(project()).values()):
        assert PINS[canonicalize_name(each.name)].version in each.specifier, each


def test_what_is_installed_here_is_what_is_pinned() -> None:
    differing = {
        name: (pin.version, installed()[name].version)
        for name, pin in PINS.items()
        if name in installed() and installed()[name].version.partition("+")[0] != pin.version
    }
    assert differing == {}


def test_a_pin_that_nothing_asks_for_is_dropped_and_one_that_is_missing_is_added() -> None:
    without = TEXT.replace(f"{PINS['torch']}\n", "nobody-wants-this==1.0\n")
    assert constraints.missing(without) == {"torch"}
    assert constraints.write(without) == TEXT


def test_a_requirement_without_a_reason_is_found() -> None:
    text = project().replace('"torch>=2.6",               # tensors', '"torch>=2.6", # tensors')
    assert without_reason(text) == []
    line = next(line for line in text.splitlines() if '"torch>=2.6"' in line)
    assert without_reason(text.replace(line, '    "torch>=2.6",')) == ["torch>=2.6"]


def test_extras_and_markers_are_followed() -> None:
    """jsonschema's extra for formats is asked for by a package deep inside; colorama by none."""
    needed = needed_by([Requirement("jupyterlab")])
    assert "jsonschema" in needed["rfc3339-validator"]
    assert "colorama" not in needed


@pytest.mark.parametrize("line", ["torch>=2.6", "torch", "-e .", "torch == 2.6"])
def test_a_line_that_is_no_exact_pin_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="NAME==VERSION"):
        constraints.read(f"# head\n{line}\n")
