"""Say, without executing anything, which notebooks are out of step with their sources."""

from __future__ import annotations

from nbformat import NotebookNode

from book.notebook import Book, build_notebook, is_setup, read_notebook, runs
from book.outputs import alt_text, has_picture
from book.source import Page


def check_page(page: Page, book: Book) -> list[str]:
    """What is wrong with a page's notebook, one sentence each; empty if nothing is.

    Raises:
        ConversionError: if the page's text has MyST that has no plain Markdown form.
    """
    if not page.notebook_path.is_file():
        return ["has no notebook"]
    expected = build_notebook(page, book)
    stored = read_notebook(page.notebook_path)
    return compare(expected, stored)


def compare(expected: NotebookNode, stored: NotebookNode) -> list[str]:
    """How a stored notebook differs from the one its page stands for, outputs aside."""
    problems = []
    if stored.metadata != expected.metadata:
        problems.append("the notebook's metadata differs")
    if not stored.cells or not is_setup(stored.cells[0]):
        return [*problems, "the setup cell is missing"]
    if len(stored.cells) != len(expected.cells):
        counts = f"{len(expected.cells)} cells by its source, {len(stored.cells)} in the notebook"
        return [*problems, f"the number of cells differs: {counts}"]
    for index, (want, have) in enumerate(zip(expected.cells, stored.cells, strict=True)):
        problems += [f"{_name(index, want)} {what}" for what in _differences(want, have)]
    return problems + _execution_problems(stored)


def _name(index: int, cell: NotebookNode) -> str:
    if is_setup(cell):
        return "the setup cell"
    lines = cell.source.strip().splitlines() or ["empty"]
    return f"cell {index} ({lines[0][:50]!r})"


def _differences(want: NotebookNode, have: NotebookNode) -> list[str]:
    differences = []
    if have.cell_type != want.cell_type:
        return [f"is {have.cell_type}, its source says {want.cell_type}"]
    if have.source != want.source:
        differences.append("has another text")
    if have.metadata != want.metadata:
        differences.append("has other options")
    if have.get("id") != want.get("id") and not differences:
        differences.append("has another id")
    return differences


def _execution_problems(stored: NotebookNode) -> list[str]:
    problems = []
    count = 0
    for index, cell in enumerate(stored.cells):
        if cell.cell_type != "code":
            continue
        count += runs(cell)
        name = _name(index, cell)
        if cell.execution_count != (count if runs(cell) else None):
            problems.append(f"{name} was not executed in order")
        failed = any(output.output_type == "error" for output in cell.outputs)
        if failed and "raises-exception" not in cell.metadata.get("tags", []):
            problems.append(f"{name} ended in an error")
        if has_picture(cell) and not alt_text(cell.metadata):
            problems.append(f"{name} shows a picture without a text; set mystnb: image: alt")
    return problems
