"""The check finds each way in which a notebook can be out of step, and executes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode

from book.__main__ import main
from book.check import check_page
from book.execute import execute_page
from book.notebook import Book, load_book, notebook_text, read_notebook
from book.project import load_project
from tests.book.conftest import write_book

CHAPTER = "# Ask\n\n```{code-cell}\n:tags: [keep]\n1 + 1\n```\n\nMore.\n\n```{code-cell}\n2\n```\n"


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a book whose only chapter is executed and in step; copy it before a change."""
    book = write_book(tmp_path_factory.mktemp("executed"), {"02-ask": CHAPTER})
    execute_page(book.labels.pages["02-ask"], book)
    return book.project.root


@pytest.fixture
def book(executed: Path, tmp_path: Path) -> Book:
    """A book that a test may change."""
    root = shutil.copytree(executed, tmp_path / "book")
    return load_book(load_project(root))


def _source(old: str, new: str) -> Callable[[Book], None]:
    def change(book: Book) -> None:
        path = book.labels.pages["02-ask"].path
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return change


def _config(book: Book) -> None:
    path = book.project.root / "_config.yml"
    path.write_text(path.read_text().replace("someone", "nobody"))


def _stored(change: Callable[[NotebookNode], object]) -> Callable[[Book], None]:
    def apply(book: Book) -> None:
        path = book.labels.pages["02-ask"].notebook_path
        notebook = read_notebook(path)
        change(notebook)
        path.write_text(notebook_text(notebook))

    return apply


def _fail(notebook: NotebookNode) -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    notebook.cells[2].outputs = [NotebookNode(error)]  # type: ignore[no-untyped-call]


def _picture(notebook: NotebookNode) -> None:
    notebook.cells[2].outputs[0].data["image/png"] = "AAAA"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_source("1 + 1", "1 + 2"), "another text"),
        (_source("More.", "Less."), "another text"),
        (_source("[keep]", "[drop]"), "other options"),
        (_source("More.", "```{code-cell}\n3\n```"), "is markdown, its source says code"),
        (_source("More.", "More.\n\n+++\n\nEven more."), "number of cells"),
        (_source("display_name: Python 3", "display_name: Other"), "metadata differs"),
        (_source("More.", "```{exotic}\n```"), "exotic"),
        (_config, "setup cell has another text"),
        (_stored(lambda notebook: notebook.cells.pop(0)), "setup cell is missing"),
        (_stored(lambda n: n.cells[2].update(execution_count=None)), "not executed in order"),
        (_stored(lambda n: n.cells[4].update(execution_count=7)), "not executed in order"),
        (_stored(lambda n: n.cells[2].update(id="other")), "another id"),
        (_stored(_fail), "ended in an error"),
        (_stored(_picture), "picture without a text"),
        (lambda book: book.labels.pages["02-ask"].notebook_path.unlink(), "no notebook"),
    ],
)
def test_each_kind_of_drift_is_found(
    book: Book,
    change: Callable[[Book], None],
    problem: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--root", str(book.project.root), "check"]) == 0
    change(book)
    assert main(["--root", str(book.project.root), "check"]) == 1
    printed = capsys.readouterr().out
    assert problem in printed
    assert "python -m book execute 02-ask" in printed


def test_a_notebook_without_a_source_is_found(
    book: Book, capsys: pytest.CaptureFixture[str]
) -> None:
    (book.project.chapters / "09-old.ipynb").write_text("{}")
    assert main(["--root", str(book.project.root), "check"]) == 1
    assert "09-old.ipynb: has no source" in capsys.readouterr().out


def test_outputs_may_differ(book: Book) -> None:
    _stored(lambda n: n.cells[2].update(outputs=[]))(book)
    assert check_page(book.labels.pages["02-ask"], book) == []


def test_the_course_s_notebooks_are_in_step(real_book: Book) -> None:
    for page in real_book.notebooks():
        assert check_page(page, real_book) == [], page.stem
