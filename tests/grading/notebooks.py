# mypy: allow-untyped-calls
"""Students' notebooks, made from the ones that are handed out."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from alignlib.grading.exercise import Exercise, load_exercises

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "chapters/exercises"
CATALOGUE = FOLDER / "catalogue"


@dataclass(frozen=True)
class Expected:
    """What a submission should come to: who has the points, and what is said to the student."""

    right: set[str]
    says: tuple[str, ...] = ()


@functools.cache
def exercises() -> dict[str, Exercise]:
    """The course's exercises."""
    return load_exercises(CATALOGUE)


def of_chapter(page: str) -> dict[str, Exercise]:
    """The exercises of one page, such as ``ex2-ask``."""
    chapter = page.partition("-")[0].removeprefix("ex")
    return {name: each for name, each in exercises().items() if each.chapter == chapter}


def notebook_path(exercise: Exercise) -> Path:
    """The notebook that has an exercise."""
    (path,) = FOLDER.glob(f"ex{exercise.chapter}-*.ipynb")
    return path


def solved(
    page: str,
    answers: Mapping[str, str] | None = None,
    *,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
) -> NotebookNode:
    """The notebook of a page with right answers, but for those given as code.

    ``before`` are cells at its top, ``after`` at its end.
    """
    given = {name: each.source() for name, each in of_chapter(page).items()} | dict(answers or {})
    notebook = nbformat.read(FOLDER / f"{page}.ipynb", as_version=4)
    for cell in notebook.cells:
        for name, code in given.items():
            if cell.cell_type == "code" and f"\ndef {name}(" in cell.source:
                cell.source = code
    cells = [new_code_cell(source) for source in before]
    cells += [*notebook.cells, *(new_code_cell(source) for source in after)]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook.cells = cells
    made: NotebookNode = notebook
    return made


def text(notebook: NotebookNode) -> str:
    """The file of a notebook."""
    return str(nbformat.writes(notebook))


def write_catalogue(folder: Path) -> dict[str, Expected]:
    """Notebooks with every wrong and every other right answer of the catalogue.

    The n-th student of a page makes the n-th mistake in each of its exercises, while there are
    some, and is right in the others. Then come students with the other right answers.
    """
    expected = {}
    for path in sorted(FOLDER.glob("ex*.ipynb")):
        page = path.stem
        chosen = of_chapter(page)
        every = set(chosen)
        mistakes = itertools.zip_longest(*(list(each.wrong.items()) for each in chosen.values()))
        for number, made in enumerate(mistakes):
            wrong = {n: m for n, m in zip(chosen, made, strict=True) if m is not None}
            answers = {name: chosen[name].source(function) for name, (function, _) in wrong.items()}
            hints = tuple(hint for _, hint in wrong.values())
            student = f"{page} wrong {number}"
            expected[student] = Expected(every - set(wrong), hints)
            _write(folder, student, page, answers)
        rights = itertools.zip_longest(*(each.right for each in chosen.values()))
        for number, others in enumerate(rights):
            pairs = zip(chosen, others, strict=True)
            answers = {n: chosen[n].source(function) for n, function in pairs if function}
            student = f"{page} right {number}"
            expected[student] = Expected(every)
            _write(folder, student, page, answers)
    return expected


def _write(folder: Path, student: str, page: str, answers: Mapping[str, str]) -> None:
    (folder / f"{student}.ipynb").write_text(text(solved(page, answers)), encoding="utf8")
