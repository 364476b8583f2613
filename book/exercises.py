# mypy: allow-untyped-calls
"""Exercises on a page: the cell ``# exercise: name`` becomes what a student starts from.

The answer is a function in ``catalogue/name.py`` beside the page. It is read here and not run: the
site is built without the package's dependencies. A student's notebook gets its signature, its
docstring and a line to replace. A solution is shown only where ``exercises: solutions: true``
stands in ``_config.yml``, folded, below its exercise; ``python -m book solutions`` writes notebooks
with the answers filled in.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from book.errors import SourceError

Show = Literal["stub", "stub and solution", "answer"]
PLACE = re.compile(r"# exercise: (\w+)")
LEVELS = {1: "●○○", 2: "●●○", 3: "●●●"}
HEAD = "# Exercise {number} · {points} points · about {minutes} minutes · difficulty {level}\n"


@dataclass(frozen=True)
class Answer:
    """The answer of an exercise, as text: the lines before its body, its body, and its head."""

    head: str
    stub: str
    code: str


def fill(notebook: NotebookNode, lines: list[int], path: Path, show: Show) -> None:
    """Put stubs or answers into the exercise cells of a page; ``lines`` are those of its cells.

    Raises:
        SourceError: if an exercise has no catalogue file, or the file no such function.
    """
    cells, places = [], []
    for cell, line in zip(notebook.cells, lines, strict=True):
        cells.append(cell)
        places.append(line)
        match = PLACE.fullmatch(cell.source.strip()) if cell.cell_type == "code" else None
        if match is None:
            continue
        answer = read_answer(path.parent / "catalogue" / f"{match[1]}.py")
        cell.source = answer.head + (answer.code if show == "answer" else answer.stub)
        if show == "stub and solution":
            made = new_markdown_cell(
                f"````{{dropdown}} A solution\n```python\n{answer.code}\n```\n````"
            )
            cells.append(made)
            places.append(line)
    notebook.cells[:] = cells
    lines[:] = places


def read_answer(path: Path) -> Answer:
    """Read the function that a catalogue file is called after, and what it says of the exercise.

    Raises:
        SourceError: if there is no such file or function, or its ``EXERCISE`` lacks something.
    """
    if not path.is_file():
        raise SourceError(f"an exercise has no file {path.name} in the catalogue", path)
    text = path.read_text(encoding="utf8")
    tree = ast.parse(text)
    function = next(
        (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == path.stem), None
    )
    if function is None or ast.get_docstring(function) is None:
        raise SourceError(f"there is no function {path.stem} with a docstring", path)
    given = _constants(tree)
    missing = {"number", "points", "minutes", "difficulty"} - set(given)
    if missing:
        raise SourceError(f"EXERCISE does not give {', '.join(sorted(missing))} in place", path)
    lines = text.splitlines()
    start = function.lineno - 1
    code = "\n".join(lines[start : function.end_lineno])
    docstring_end = function.body[0].end_lineno
    stub = "\n".join(lines[start:docstring_end])
    head = HEAD.format(
        number=given["number"],
        points=given["points"],
        minutes=given["minutes"],
        level=LEVELS[given["difficulty"]],
    )
    return Answer(head, f'{stub}\n    raise NotImplementedError("write {path.stem}")', code)


def _constants(tree: ast.Module) -> dict[str, Any]:
    """The numbers and texts among the arguments of ``EXERCISE = Exercise(...)``."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            targets = [each.id for each in node.targets if isinstance(each, ast.Name)]
            if targets == ["EXERCISE"]:
                return {
                    keyword.arg: keyword.value.value
                    for keyword in node.value.keywords
                    if keyword.arg and isinstance(keyword.value, ast.Constant)
                }
    return {}
