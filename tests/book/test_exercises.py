"""Stubs, released solutions and solution notebooks, all from one catalogue."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from book.__main__ import main
from book.errors import SourceError
from book.exercises import read_answer
from book.notebook import build_notebook, load_book, read_notebook
from book.project import load_project

ROOT = Path(__file__).parents[2]
SOLUTION = "# exercise: pass_at_k"
PAGE = "ex2-ask"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources of the book without its notebooks."""
    shutil.copy(ROOT / "_config.yml", tmp_path)
    ignored = shutil.ignore_patterns("*.ipynb", "__pycache__")
    shutil.copytree(ROOT / "chapters", tmp_path / "chapters", ignore=ignored)
    return tmp_path


def sources(root: Path, show: str | None = "stub") -> list[str]:
    book = load_book(load_project(root), show)  # type: ignore[arg-type]
    return [cell.source for cell in build_notebook(book.labels.pages[PAGE], book).cells]


def body() -> str:
    answer = read_answer(ROOT / "chapters/exercises/catalogue/pass_at_k.py")
    return answer.code.splitlines()[-1].strip()


def test_a_student_starts_from_a_stub() -> None:
    cells = sources(ROOT)
    (stub,) = [cell for cell in cells if "def pass_at_k(" in cell]
    assert stub.startswith("# Exercise 2.1 · 3 points · about 15 minutes · difficulty ●○○\n")
    assert stub.endswith('    raise NotImplementedError("write pass_at_k")')
    assert not any(body() in cell for cell in cells)
    assert SOLUTION not in cells


def test_solutions_are_released_by_a_switch(copy: Path) -> None:
    config = copy / "_config.yml"
    lengths = []
    for switch in ("false", "true"):
        config.write_text(re.sub(r"solutions: \w+", f"solutions: {switch}", config.read_text()))
        cells = sources(copy, None)
        lengths.append(len(cells))
    assert lengths[0] < lengths[1]
    place = next(i for i, cell in enumerate(cells) if "def pass_at_k(" in cell)
    assert "NotImplementedError" in cells[place]
    assert body() in cells[place + 1]
    assert "A solution" in cells[place + 1]


def test_solution_notebooks_have_every_answer(tmp_path: Path) -> None:
    assert main(["--root", str(ROOT), "solutions", "--out", str(tmp_path)]) == 0
    names = {path.stem for path in (ROOT / "chapters/exercises").glob("ex*.md")}
    made = {path.stem.removesuffix("-solutions"): path for path in tmp_path.glob("*.ipynb")}
    assert set(made) == names
    for path in made.values():
        code = "\n".join(c.source for c in read_notebook(path).cells if c.cell_type == "code")
        assert "NotImplementedError" not in code
    assert not list(ROOT.glob("chapters/exercises/*solution*"))


def test_links_lead_to_the_chapters_notebooks() -> None:
    text = "\n".join(sources(ROOT))
    assert "](../02-ask.ipynb)" in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "no file"),
        ("x = 1\n", "no function f with a docstring"),
        ("def f():\n    return 1\n", "no function f with a docstring"),
        ('def f():\n    """Do."""\n\nEXERCISE = Exercise(points=1)\n', "difficulty, minutes"),
    ],
)
def test_a_catalogue_file_that_lacks_something_is_named(
    tmp_path: Path, text: str | None, says: str
) -> None:
    path = tmp_path / "f.py"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SourceError, match=says):
        read_answer(path)
