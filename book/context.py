"""What a conversion needs to know besides the text: the page, the book's labels and references."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from book.citations import Reference
from book.errors import ConversionError
from book.labels import Kind, Label, Labels
from book.project import Project
from book.source import Page


@dataclass(frozen=True)
class Context:
    """The page that is being converted, and the book around it."""

    page: Page
    project: Project
    labels: Labels
    references: Mapping[str, Reference]

    def fail(self, message: str, line: int) -> NoReturn:
        """Stop, naming the file and the line."""
        raise ConversionError(message, self.page.path, line)

    def label(self, name: str, kind: Kind | None, line: int) -> Label:
        """The label of that name, or an error if there is none of that kind."""
        label = self.labels.labels.get(name)
        if label is None or (kind is not None and label.kind != kind):
            self.fail(f"no {kind or 'label'} is labelled {name!r} in the book", line)
        return label

    def reference(self, key: str, line: int) -> Reference:
        """The entry of references.bib with that key."""
        if key not in self.references:
            self.fail(f"references.bib has no entry {key!r}", line)
        return self.references[key]

    def notebook_link(self, page: Page) -> str:
        """The way from this page's notebook to another page's."""
        return Path(os.path.relpath(page.notebook_path, self.page.path.parent)).as_posix()

    def linked_page(self, target: str, line: int) -> Page:
        """The page that a link to ``other.md`` or a role ``{doc}`` means."""
        stem = target.removesuffix(".md").rsplit("/", 1)[-1]
        if stem not in self.labels.pages:
            self.fail(f"there is no page {target!r} beside this one", line)
        return self.labels.pages[stem]
