"""Changed prose goes over without executing; changed code does not."""

from __future__ import annotations

import pytest

from book.check import check_page
from book.errors import ExecutionError
from book.execute import execute_page
from book.notebook import load_book, read_notebook
from book.project import load_project
from book.refresh import refresh_page
from tests.book.conftest import MakeBook

CHAPTER = "# Ask\n\nOld words.\n\n```{code-cell}\nprint(1)\n```\n"


def test_prose_goes_over_and_outputs_stay(make_book: MakeBook) -> None:
    book = make_book({"02-ask": CHAPTER})
    page = book.labels.pages["02-ask"]
    execute_page(page, book)
    executed = page.notebook_path.read_bytes()

    page.path.write_text(page.path.read_text().replace("Old words.", "New words.\n\nMore."))
    book = load_book(load_project(book.project.root))
    page = book.labels.pages["02-ask"]
    assert check_page(page, book) != []
    refresh_page(page, book)
    assert check_page(page, book) == []
    assert read_notebook(page.notebook_path).cells[2].outputs[0].text == "1\n"
    refreshed = page.notebook_path.read_bytes()
    assert refreshed != executed
    execute_page(page, book)
    assert page.notebook_path.read_bytes() == refreshed


def test_changed_code_is_refused_and_nothing_is_written(make_book: MakeBook) -> None:
    book = make_book({"02-ask": CHAPTER})
    page = book.labels.pages["02-ask"]
    with pytest.raises(ExecutionError, match="book execute"):
        refresh_page(page, book)
    assert not page.notebook_path.exists()
    execute_page(page, book)
    before = page.notebook_path.read_bytes()
    page.path.write_text(page.path.read_text().replace("print(1)", "print(2)"))
    book = load_book(load_project(book.project.root))
    with pytest.raises(ExecutionError, match="code changed"):
        refresh_page(book.labels.pages["02-ask"], book)
    assert page.notebook_path.read_bytes() == before
