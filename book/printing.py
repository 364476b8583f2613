"""A page on paper: its own style, and light with everything open while it prints."""

from __future__ import annotations

from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    app.add_css_file("print.css", priority=901, media="print")
    app.add_js_file("print.js", loading_method="defer")
