"""The page that a server shows for an address that is not there: 404.html, whole in itself."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from sphinx.application import Sphinx

from book.project import load_project

NAME = "404.html"


def setup(app: Sphinx) -> None:
    app.connect("build-finished", write_page)


def write_page(app: Sphinx, exception: Exception | None) -> None:
    """Write the page. It may be shown at any depth, so its links begin at the site's root."""
    if exception is None and app.builder.name == "html":
        text = Template((Path(__file__).parent / "templates" / NAME).read_text(encoding="utf8"))
        root = urlsplit(load_project(Path(app.srcdir)).site_url).path
        page = text.substitute(title=escape(app.config.html_title), root=escape(root))
        (Path(app.outdir) / NAME).write_text(page, encoding="utf8")
