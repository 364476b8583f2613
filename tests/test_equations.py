"""Every displayed equation of the book has a check, and every check can fail."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from book.source import read_page
from tests.equations import Check, Register, all_checks
from tests.equations.finding import equation_labels

CHAPTERS = sorted((Path(__file__).parents[1] / "chapters").rglob("*.md"))
RIGHT = [(check, name) for check in all_checks() for name in check.right]
WRONG = [(check, name) for check in all_checks() for name in check.wrong]


def name_of(part: Check | str) -> str:
    return part.label if isinstance(part, Check) else part


def labels_of(path: Path) -> list[str]:
    return [
        label
        for cell in read_page(path).cells
        if cell.kind == "markdown"
        for label in equation_labels(cell.source)
    ]


def labels_of_the_book() -> Counter[str]:
    return Counter(label for path in CHAPTERS for label in labels_of(path) if label)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.name)
def test_every_displayed_equation_has_a_label(path: Path) -> None:
    unlabelled = labels_of(path).count("")
    assert unlabelled == 0, f"{unlabelled} displayed equations of {path.name} have no label"


def test_every_equation_has_a_check_and_every_check_an_equation() -> None:
    in_the_book, checked = labels_of_the_book(), {check.label for check in all_checks()}
    assert in_the_book.total() > 0
    assert set(in_the_book) - checked == set(), "equations without a check in tests/equations"
    assert checked - set(in_the_book) == set(), "checks of equations that the book does not have"


def test_no_label_stands_twice() -> None:
    assert [label for label, count in labels_of_the_book().items() if count > 1] == []


@pytest.mark.parametrize(("check", "name"), RIGHT, ids=name_of)
def test_the_equation_is_right(check: Check, name: str) -> None:
    check.check(check.right[name])


@pytest.mark.parametrize(("check", "name"), WRONG, ids=name_of)
def test_a_mistake_is_caught(check: Check, name: str) -> None:
    with pytest.raises(AssertionError):
        check.check(check.wrong[name])


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("$$\na = b\n$$ (one)", ["one"]),
        ("$$a = b$$ (one)", ["one"]),
        ("Text\n\n$$\na\n$$ (one)\ntext $b$, then\n\n$$\nc\n$$ (two)\n", ["one", "two"]),
        ("Text\n$$\na\n$$ (one)\n", [""]),  # no blank line before it: the site shows dollars
        ("$$\na = b\n$$", [""]),
        ("$$\na\n$$ (one)\n\n$$\nb\n$$", ["one", ""]),
        ("```{math}\n:label: one\na = b\n```", ["one"]),
        ("```{math}\n---\nlabel: one\n---\na = b\n```", ["one"]),
        (":::{math}\n:name: one\na = b\n:::", ["one"]),
        ("```{math}\na = b\n```", [""]),
        ("```{note}\n$$\na\n$$ (one)\n```", ["one"]),
        ("````{note}\n```{tip}\n$$\na\n$$\n```\n````", [""]),
        (":::{admonition} Title\n```{math}\n:label: one\na\n```\n:::", ["one"]),
        ("> $$\n> a\n> $$ (one)\n\n- item\n\n  $$\n  b\n  $$\n", ["one", ""]),
        ("in a line $$a = b$$ of text", [""]),
        ("\\begin{align}\na &= b\n\\end{align}", [""]),
        ("```\n$$\na\n$$ (one)\n```", []),
        ("````md\n```{math}\n:label: one\na\n```\n````", []),
        ("```{code-block} latex\n$$\na\n$$\n```", []),
        ("    $$\n    a\n    $$\n", []),
        ("`$$` begins an equation; it costs 5 $ or $a$.", []),
        ("% $$a$$ in a comment\n", []),
        ("<!--\n$$\na\n$$\n-->\n", []),
    ],
)
def test_equations_are_found_where_they_are(text: str, labels: list[str]) -> None:
    assert list(equation_labels(text)) == labels


def test_code_cells_have_no_equations(tmp_path: Path) -> None:
    page = tmp_path / "09-page.md"
    page.write_text(
        "---\nkernelspec:\n  display_name: Python 3\n  name: python3\n---\n\n# Title\n\n"
        '```{code-cell} ipython3\ntext = """\n$$\na\n$$ (in-code)\n"""\n```\n\n$$\na\n$$ (one)\n',
        encoding="utf-8",
    )
    assert labels_of(page) == ["one"]


def test_the_register_takes_only_checks_that_can_fail_and_each_label_once() -> None:
    def check(implementation: object) -> None:
        assert implementation

    register = Register()
    with pytest.raises(ValueError, match="at least one right and one wrong"):
        register.add(Check("one", check, {"right": True}, {}))
    with pytest.raises(ValueError, match="at least one right and one wrong"):
        register.add(Check("one", check, {}, {"wrong": False}))
    register.add(Check("one", check, {"right": True}, {"wrong": False}))
    with pytest.raises(ValueError, match="two checks"):
        register.add(Check("one", check, {"right": True}, {"wrong": False}))
    assert list(register) == ["one"]
