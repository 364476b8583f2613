"""Below each chapter's title: open it in Colab, download the notebook, read the source."""

from __future__ import annotations

from html import escape
from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add_links, priority=950)  # after the theme's buttons


def add_links(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Add the links to the pages that have a notebook."""
    if not context.get("ipynb_source"):
        return
    sources = context["pathto"]("_sources", 1)
    links = [
        ("Open in Colab", _launch_url(context["header_buttons"], "Colab"), ""),
        ("Download the notebook", f"{sources}/{pagename}.ipynb", " download"),
        ("Read the source", f"{sources}/{context['sourcename']}", ""),
    ]
    items = "".join(
        f'<a href="{escape(url)}"{attribute}>{text}</a>' for text, url, attribute in links
    )
    bar = f'<p class="chapter-links">{items}</p>'
    context["body"] = context["body"].replace("</h1>", f"</h1>\n{bar}", 1)


def _launch_url(groups: list[dict[str, Any]], name: str) -> str:
    """The address of one of the theme's launch buttons."""
    buttons = [button for group in groups for button in group.get("buttons", [])]
    return next(str(button["url"]) for button in buttons if button.get("text") == name)
