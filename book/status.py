"""The directive ``{notebooks}``: a table of the notebooks and their last verified run."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from book.notebook import load_book
from book.project import load_project
from book.source import Page
from book.verification import FILE, Verification, digest, load_verifications


def setup(app: Sphinx) -> None:
    app.add_directive("notebooks", NotebooksDirective)


class NotebooksDirective(SphinxDirective):
    """The table; it has no arguments."""

    def run(self) -> list[nodes.Node]:
        book = load_book(load_project(Path(self.env.srcdir)))
        self.env.note_dependency(str(book.project.chapters / FILE))
        verified = load_verifications(book)
        lines = [
            "| Notebook | Last run | Cells | Time | Status |",
            "|---|---|--:|--:|---|",
        ]
        for page in book.notebooks():
            self.env.note_dependency(str(page.notebook_path))
            link = page.path.relative_to(book.project.chapters).as_posix()
            cells = row(verified.get(page.stem), page)
            lines.append(f"| [{page.title}]({link}) | {' | '.join(cells)} |")
        if verified:
            lines += ["", f"With {'; '.join(sorted({tools(run) for run in verified.values()}))}."]
        table = nodes.container()
        self.state.nested_parse(StringList(lines, "notebooks"), 0, table)
        for each in table.findall(nodes.table):
            each["classes"].append("notebooks")
        return list(table.children)


def row(run: Verification | None, page: Page) -> list[str]:
    """The cells of a notebook's row, after its name."""
    if run is None:
        return ["–", "–", "–", "not run yet"]
    if run.failed:
        status = f"{run.failed} of {run.cells} cells differ"
    else:
        status = "✓ verified" if run.outputs == digest(page) else "changed since"
    return [run.day, str(run.cells), _duration(run.seconds), status]


def tools(run: Verification) -> str:
    """What the run was made with."""
    return ", ".join([f"Python {run.python}", *(f"{n} {v}" for n, v in run.versions.items())])


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
