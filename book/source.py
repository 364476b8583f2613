"""Read a page of the book: its front matter and its cells, with the line where each begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from jupytext.myst import MystMetadataParsingError, myst_to_notebook
from nbformat import NotebookNode

from book.errors import SourceError
from book.exercises import Show, fill


@dataclass(frozen=True)
class Cell:
    """One cell of a page; ``line`` is the 1-based line of the .md where its text begins."""

    kind: Literal["markdown", "code"]
    source: str
    metadata: dict[str, Any]
    line: int

    @property
    def tags(self) -> list[str]:
        return list(self.metadata.get("tags", []))


@dataclass(frozen=True)
class Page:
    """One .md page of the book."""

    path: Path
    front: dict[str, Any]
    cells: tuple[Cell, ...]

    @property
    def stem(self) -> str:
        return self.path.stem

    @property
    def notebook_path(self) -> Path:
        return self.path.with_suffix(".ipynb")

    @property
    def is_notebook(self) -> bool:
        """Whether the page has code to execute, so a notebook stands beside it."""
        return "kernelspec" in self.front

    @property
    def number(self) -> int | None:
        """The chapter's number: 2 for ``02-ask.md``, None for a page without one."""
        return chapter_number(self.stem)

    @property
    def title(self) -> str:
        """The text of the first heading, or the stem."""
        for cell in self.cells:
            match = re.search(r"^#\s+(.+?)\s*$", cell.source, re.MULTILINE)
            if cell.kind == "markdown" and match:
                return plain_title(match[1])
        return self.stem


def plain_title(title: str) -> str:
    """A heading's text without its roles: ``{term}`policy``` is ``policy``."""
    return re.sub(r"\{[\w:+-]+\}`([^`<]*?)(?:\s*<[^>]*>)?`", r"\1", title)


def chapter_number(stem: str) -> int | None:
    """2 for ``02-ask``, None for ``glossary``."""
    match = re.match(r"(\d+)-", stem)
    return int(match[1]) if match else None


def read_cells(text: str, path: Path, show: Show = "stub") -> NotebookNode:
    """Parse a page's text into a notebook whose metadata has jupytext's ``source_map``.

    Raises:
        SourceError: if the front matter or a cell's options are not valid YAML, or an exercise is
            not in the catalogue.
    """
    try:
        notebook: NotebookNode = myst_to_notebook(text, add_source_map=True)
    except (MystMetadataParsingError, yaml.YAMLError) as error:
        raise SourceError(str(error), path) from error
    fill(notebook, notebook.metadata["source_map"], path, show)
    return notebook


def read_page(path: Path, show: Show = "stub") -> Page:
    """Read one .md page, with what it shows of its exercises' answers.

    Raises:
        SourceError: if it cannot be parsed, or has a raw cell.
    """
    notebook = read_cells(path.read_text(encoding="utf8"), path, show)
    front = dict(notebook.metadata)
    lines = front.pop("source_map")
    cells = []
    for cell, line in zip(notebook.cells, lines, strict=True):
        if cell.cell_type not in ("markdown", "code"):
            raise SourceError(f"a {cell.cell_type} cell; use markdown or code", path, line + 1)
        cells.append(Cell(cell.cell_type, cell.source, _plain(cell.metadata), line + 1))
    return Page(path, front, tuple(cells))


def _plain(value: Any) -> Any:
    """Notebook nodes as plain dicts, so that they compare and serialise as such."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
