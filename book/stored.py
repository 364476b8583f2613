"""The site shows the outputs that are stored in the notebooks, and offers those notebooks.

Pages are parsed from the .md, so directives work and warnings name its lines. MyST-NB lets a
reader be named for each file ending; ours is named for each chapter's whole path.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.util import logging

from book.check import check_page
from book.errors import BookError
from book.exercises import PLACE
from book.notebook import is_setup, load_book, read_notebook
from book.project import load_project, project_of
from book.source import read_cells

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", register_readers, priority=900)  # after MyST-NB's own
    app.connect("source-read", depend_on_notebook)
    app.connect("html-page-context", offer_notebook, priority=900)  # after the theme's own


def register_readers(app: Sphinx) -> None:
    """Have MyST-NB read each chapter with ``read_with_outputs``."""
    book = load_book(load_project(Path(app.srcdir)))
    formats = {
        str(page.path): ["book.stored.read_with_outputs", {"path": str(page.path)}, False]
        for page in book.notebooks()
    }
    config: Any = app.env.mystnb_config  # type: ignore[attr-defined]
    app.env.mystnb_config = config.copy(  # type: ignore[attr-defined]
        custom_formats={**config.custom_formats, **formats}
    )


def read_with_outputs(text: str, path: str) -> NotebookNode:
    """Parse a chapter's text and give its code cells the outputs that its notebook has.

    Where the two are out of step Sphinx warns, and a cell whose text differs shows no output.
    """
    source = Path(path)
    project = project_of(source)
    notebook = read_cells(text, source, "stub and solution" if project.solutions else "stub")
    notebook.metadata.language_info = {"name": "python", "pygments_lexer": "ipython3"}
    book = load_book(project)
    page = book.labels.pages[source.stem]
    try:
        problems = check_page(page, book)
    except BookError as error:
        problems = [str(error)]
    for problem in problems:
        mend = f"run: python -m book execute {page.stem}"
        logger.warning("out of step with its notebook: %s; %s", problem, mend, location=path)
    if page.notebook_path.is_file():
        _inject(notebook, read_notebook(page.notebook_path))
    return notebook


def depend_on_notebook(app: Sphinx, docname: str, content: list[str]) -> None:
    """Read a chapter again when its notebook has changed, or the answers to its exercises."""
    source = Path(app.env.doc2path(docname))
    names = PLACE.findall(content[0])
    answers = [source.parent / "catalogue" / f"{name}.py" for name in names]
    for path in (source.with_suffix(".ipynb"), *answers):
        if path.is_file():
            app.env.note_dependency(str(path))


def offer_notebook(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Put the stored notebook where the theme's download button points."""
    if context.get("ipynb_source"):
        stored = Path(app.env.doc2path(pagename)).with_suffix(".ipynb")
        if stored.is_file():
            shutil.copyfile(stored, Path(app.outdir) / "_sources" / f"{pagename}.ipynb")


def _inject(notebook: NotebookNode, stored: NotebookNode) -> None:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    others = [cell for cell in stored.cells if cell.cell_type == "code" and not is_setup(cell)]
    for cell, other in zip(cells, others, strict=False):
        if cell.source == other.source:
            cell.outputs = other.outputs
            cell.execution_count = other.execution_count
