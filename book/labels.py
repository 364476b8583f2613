"""What the book's labels stand for: equations, figures, sections and pages, with their numbers.

The site and the notebooks take their numbers from the same rule: the chapter's number, then the
place among the chapter's labelled equations (or captioned figures).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from book.blocks import Directive, parse_blocks, parse_directive
from book.errors import SourceError
from book.source import Page, plain_title

Kind = Literal["equation", "figure", "section"]


@dataclass(frozen=True)
class Label:
    """A label's kind, the page that has it, its number (``2.1``) and its title or caption."""

    kind: Kind
    page: str
    number: str
    title: str


@dataclass(frozen=True)
class Labels:
    """The labels and the pages of the whole book."""

    labels: Mapping[str, Label]
    pages: Mapping[str, Page]

    def numbers(self, page: str, kind: Kind) -> list[str]:
        """The numbers of one kind on one page, in order."""
        found = self.labels.values()
        return [label.number for label in found if label.page == page and label.kind == kind]


def collect_labels(pages: list[Page]) -> Labels:
    """Find every label of the book."""
    labels: dict[str, Label] = {}
    for page in pages:
        counts = {"equation": 0, "figure": 0, "section": 0}
        try:
            found = list(_page_labels(page))
        except ValueError as error:
            raise SourceError(str(error), page.path) from error
        for kind, name, title in found:
            counts[kind] += 1
            prefix = "" if page.number is None else f"{page.number}."
            number = "" if kind == "section" else f"{prefix}{counts[kind]}"
            labels[name or f"{page.stem}-{kind}-{counts[kind]}"] = Label(
                kind, page.stem, number, title
            )
    return Labels(labels, {page.stem: page for page in pages})


def _page_labels(page: Page) -> Iterator[tuple[Kind, str, str]]:
    for cell in page.cells:
        if cell.kind == "markdown":
            yield from _text_labels(cell.source)
        else:
            figure = cell.metadata.get("mystnb", {}).get("figure")
            if figure and figure.get("caption"):
                yield "figure", str(figure.get("name", "")), str(figure["caption"]).strip()


def _text_labels(text: str) -> Iterator[tuple[Kind, str, str]]:
    lines = text.split("\n")
    for block in parse_blocks(text).leaves:
        if block.kind == "math_block_label":
            yield "equation", block.token.info, ""
        elif block.kind == "myst_target":
            yield "section", block.token.content, _heading_after(lines, block.end)
        elif block.kind == "directive":
            directive = parse_directive(block.token)
            if directive is not None:
                yield from _directive_labels(directive)


def _directive_labels(directive: Directive) -> Iterator[tuple[Kind, str, str]]:
    name = str(directive.options.get("name") or directive.options.get("label") or "")
    if directive.name == "math":
        if name:
            yield "equation", name, ""
    elif directive.name == "figure":
        if directive.body.strip():
            yield "figure", name, directive.body.split("\n\n")[0]
    elif directive.name not in ("code", "code-block"):
        if name:
            yield "section", name, directive.argument or directive.name.capitalize()
        yield from _text_labels(directive.body)


def _heading_after(lines: list[str], start: int) -> str:
    for line in lines[start:]:
        if line.strip():
            match = re.match(r"#+\s+(.+?)\s*$", line)
            return plain_title(match[1]) if match else ""
    return ""
