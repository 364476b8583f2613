"""Take changed prose over into a notebook, and keep the outputs of its unchanged code."""

from __future__ import annotations

from nbformat import NotebookNode

from book.errors import ExecutionError
from book.execute import write_atomically
from book.notebook import Book, build_notebook, is_setup, notebook_text, read_notebook
from book.outputs import alt_text, stored_outputs
from book.source import Page


def refresh_page(page: Page, book: Book) -> None:
    """Write a page's .ipynb anew without executing it.

    Raises:
        ConversionError: if its text has MyST that has no plain Markdown form.
        ExecutionError: if its code changed, or it has no notebook yet; nothing is written.
    """
    notebook = build_notebook(page, book)
    stored = read_notebook(page.notebook_path) if page.notebook_path.is_file() else None
    old, new = _code(stored), _code(notebook)
    if [cell.source for cell in old] != [cell.source for cell in new]:
        raise ExecutionError(
            f"its code changed: run `python -m book execute {page.stem}`.", page.path
        )
    for before, now in zip(old, new, strict=True):
        now.execution_count = before.execution_count
        now.outputs = stored_outputs(before.outputs, alt_text(now.metadata))
    write_atomically(page.notebook_path, notebook_text(notebook))


def _code(notebook: NotebookNode | None) -> list[NotebookNode]:
    cells = [] if notebook is None else notebook.cells
    return [cell for cell in cells if cell.cell_type == "code" and not is_setup(cell)]
