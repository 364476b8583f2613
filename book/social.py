"""What a link to a page shows where it is shared: its title, first words and the book's picture."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from book.project import load_project

LENGTH = 200
"""The most characters of a description."""

PICTURE = "_static/social.png"
SIZE = (1200, 630)
"""Its width and height, in pixels; made from social.svg, see CONTRIBUTING.md."""


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add_tags)


def add_tags(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add a page's description and its Open Graph tags (https://ogp.me)."""
    if doctree is None:
        return
    site = load_project(Path(app.srcdir)).site_url
    title = re.sub("<[^>]+>", "", context["title"])
    described = description(doctree)
    tags = {
        "og:type": "article",
        "og:site_name": app.config.html_title,
        "og:title": title,
        "og:description": described,
        "og:url": f"{site}{pagename}.html",
        "og:image": f"{site}{PICTURE}",
        "og:image:width": str(SIZE[0]),
        "og:image:height": str(SIZE[1]),
        "og:image:alt": "Needles that point every way turn until all point upwards.",
    }
    lines = [f'<meta name="description" content="{escape(described)}" />']
    lines += [f'<meta property="{name}" content="{escape(text)}" />' for name, text in tags.items()]
    lines.append('<meta name="twitter:card" content="summary_large_image" />')
    context["metatags"] = context.get("metatags", "") + "\n".join(lines) + "\n"


def description(doctree: nodes.document) -> str:
    """The page's first paragraph, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if text:
            cut = text[: LENGTH + 1].rsplit(" ", 1)[0]
            return text if len(text) <= LENGTH else f"{cut.rstrip(',;:')} …"
    return ""
