# mypy: allow-untyped-calls
"""The notebook that a page stands for, before execution: a setup cell, then the page's cells."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from book.citations import load_references
from book.context import Context
from book.convert import convert
from book.exercises import Show
from book.labels import Labels, collect_labels
from book.project import Project
from book.source import Cell, Page, read_page

SETUP_TAG = "setup"
SETUP = """\
# Installs the course's package where it is missing, as on Colab. Otherwise it does nothing.
import importlib.util

if importlib.util.find_spec("alignlib") is None:
    %pip install --quiet "{requirement}"\
"""


@dataclass(frozen=True)
class Book:
    """Every page of the book with its labels: what is needed to build any of its notebooks."""

    project: Project
    labels: Labels

    def notebooks(self) -> list[Page]:
        """The pages that have code, in order."""
        return [page for page in self.labels.pages.values() if page.is_notebook]

    def context(self, page: Page) -> Context:
        references = load_references(self.project.chapters / "references.bib")
        return Context(page, self.project, self.labels, references)


def load_book(project: Project, show: Show | None = None) -> Book:
    """Read every page of the book, with what ``_config.yml`` says to show of exercises."""
    if show is None:
        show = "stub and solution" if project.solutions else "stub"
    pages = [read_page(path, show) for path in project.sources()]
    return Book(project, collect_labels(pages))


def build_notebook(page: Page, book: Book) -> NotebookNode:
    """The page's notebook without outputs; equal pages give equal notebooks, ids included.

    Jupytext's own metadata is left out: it would pair the notebook with its source, and saving
    the notebook would then overwrite the MyST text with the plain text.

    Raises:
        ConversionError: if its text has MyST that has no plain Markdown form.
    """
    context = book.context(page)
    requirement = book.project.requirement
    cells = [new_code_cell(SETUP.format(requirement=requirement), metadata={"tags": [SETUP_TAG]})]
    cells += [_cell(cell, context) for cell in page.cells]
    for index, cell in enumerate(cells):
        cell["id"] = _cell_id(page.stem, index, cell.source)
    metadata = {"kernelspec": page.front["kernelspec"], "language_info": {"name": "python"}}
    notebook: NotebookNode = new_notebook(cells=cells, metadata=metadata, nbformat_minor=5)
    return notebook


def is_setup(cell: NotebookNode) -> bool:
    """Whether this is the generated first cell."""
    return SETUP_TAG in cell.metadata.get("tags", [])


def runs(cell: NotebookNode) -> bool:
    """Whether execution gives this cell a number: code, not the setup and not skipped."""
    skipped = {SETUP_TAG, "skip-execution"} & set(cell.metadata.get("tags", []))
    return bool(cell.cell_type == "code" and cell.source.strip() and not skipped)


def read_notebook(path: Path) -> NotebookNode:
    """Read an .ipynb."""
    notebook: NotebookNode = nbformat.reads(path.read_text(encoding="utf8"), as_version=4)
    return notebook


def notebook_text(notebook: NotebookNode) -> str:
    """The file's text, the same for equal notebooks."""
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"


def _cell(cell: Cell, context: Context) -> NotebookNode:
    made: NotebookNode
    if cell.kind == "code":
        made = new_code_cell(cell.source, metadata=cell.metadata)
    else:
        text = convert(cell.source, context, cell.line)
        made = new_markdown_cell(text, metadata=cell.metadata)
    return made


def _cell_id(stem: str, index: int, source: str) -> str:
    return hashlib.sha256(f"{stem}\0{index}\0{source}".encode()).hexdigest()[:12]
