"""Every package that is used has a licence that is known and let in, and stands in the list."""

from __future__ import annotations

import pytest

from tests.supply import third_party
from tests.supply.licences import TOOLS, is_let_in, spdx
from tests.supply.third_party import UNKNOWN, npm_packages, python_packages


def test_the_list_is_what_the_command_writes() -> None:
    text = third_party.FILE.read_text(encoding="utf-8")
    assert third_party.write(text) == text, "Run python -m tests.supply."


def test_no_licence_is_unknown() -> None:
    parts = [each for parts in python_packages().values() for each in parts] + npm_packages()
    assert [each for each in parts if each.licence == UNKNOWN] == []


def test_what_users_get_is_permissive_or_of_weak_copyleft() -> None:
    python = python_packages()
    for part in (*python["package"], *python["extras"]):
        assert is_let_in(part.name, part.licence), part
        assert part.name not in TOOLS, part


def test_tools_with_other_licences_are_listed_with_them() -> None:
    tools = python_packages()["tools"] + npm_packages()
    for part in tools:
        assert is_let_in(part.name, part.licence), part
    others = {part.name: part.licence for part in tools if not is_let_in("", part.licence)}
    assert others == TOOLS


@pytest.mark.parametrize(
    ("said", "let_in"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("Apache-2.0 WITH LLVM-exception AND MIT", True),
        ("AGPL-3.0-or-later", False),
        ("GPL-2.0-or-later WITH GCC-exception-2.0", False),
    ],
)
def test_a_licence_is_let_in_by_all_its_parts_or_one_of_its_choices(
    said: str, let_in: bool
) -> None:
    assert spdx(said) == said
    assert is_let_in("package", said) is let_in


@pytest.mark.parametrize("said", ["", "UNKNOWN", "BSD", "see LICENSE", "GPL"])
def test_words_that_say_nothing_exact_are_no_licence(said: str) -> None:
    assert spdx(said) is None
