"""Execute a chapter once and store its notebook, the same to the byte for the same results."""

from __future__ import annotations

import contextlib
import copy
import os
import tempfile
import time
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from book.errors import BookError, ExecutionError
from book.notebook import Book, build_notebook, is_setup, notebook_text, runs
from book.outputs import alt_text, stored_outputs
from book.source import Page

TIMEOUT = 900
"""Seconds that one cell may take."""


def execute_page(page: Page, book: Book, timeout: int = TIMEOUT) -> float:
    """Execute one chapter, write its .ipynb, and return the seconds that it took.

    The file is replaced only after every cell has run.

    Raises:
        ConversionError: before anything runs, if its text has no plain Markdown form.
        ExecutionError: if a cell fails; the old notebook is left as it was.
        BookError: if the notebook can't be written; so it is then, too.
    """
    notebook = build_notebook(page, book)
    started = time.perf_counter()
    ran = _run(notebook, page, timeout)
    seconds = time.perf_counter() - started
    _take_outputs(notebook, ran)
    write_atomically(page.notebook_path, notebook_text(notebook))
    return seconds


def stderr_cells(notebook: NotebookNode) -> list[int]:
    """The numbers of the cells that wrote to stderr, which a reader will see."""
    return [
        cell.execution_count
        for cell in notebook.cells
        if cell.cell_type == "code" and any(out.get("name") == "stderr" for out in cell.outputs)
    ]


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader sees either the old text or the new, never a part.

    Raises:
        BookError: if it can't be written.
    """
    with contextlib.ExitStack() as stack:
        try:
            descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            stack.callback(Path(temporary).unlink, missing_ok=True)
            with os.fdopen(descriptor, "w", encoding="utf8", newline="\n") as file:
                file.write(text)
            Path(temporary).chmod(0o644)
            os.replace(temporary, path)
        except OSError as error:
            raise BookError(
                f"can't be written: {error.strerror}. What was there is kept: make room, or give "
                "yourself the right to write there, and try again.",
                path,
            ) from error


def _run(notebook: NotebookNode, page: Page, timeout: int) -> NotebookNode:
    """A copy of the notebook, executed without its setup cell."""
    ran = copy.deepcopy(notebook)
    ran.cells = [cell for cell in ran.cells if not is_setup(cell)]
    client = NotebookClient(
        ran,
        timeout=timeout,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(page.path.parent)}},
        extra_arguments=["--log-level=40"],  # the kernel's own notices are not the chapter's
    )
    try:
        client.execute(env={**os.environ, "PYTHONHASHSEED": "0"})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise ExecutionError(f"execution stopped.\n{error}", page.path) from error
    return ran


def _take_outputs(notebook: NotebookNode, ran: NotebookNode) -> None:
    """Move the outputs of the executed copy into the notebook, numbered from 1."""
    cells = [cell for cell in notebook.cells if not is_setup(cell)]
    count = 0
    for cell, executed in zip(cells, ran.cells, strict=True):
        if not runs(cell):
            continue
        count += 1
        cell.execution_count = count
        cell.outputs = stored_outputs(executed.outputs, alt_text(cell.metadata))
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
