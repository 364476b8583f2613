"""A page loads only what it uses: the main page is well under a megabyte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

TEMPLATES = Path(__file__).parent / "templates"


def setup(app: Sphinx) -> None:
    app.connect("config-inited", add_templates)
    app.connect("html-page-context", leave_out_mathjax, priority=990)


def add_templates(app: Sphinx, config: Config) -> None:
    """Our ``layout.html`` is the theme's, less the scripts that no page needs."""
    config.templates_path.append(str(TEMPLATES))


def leave_out_mathjax(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Leave MathJax, a megabyte, to the pages that have mathematics."""
    if 'class="math' not in context.get("body", "") and "\\(" not in context.get("body", ""):
        context["script_files"] = [
            script for script in context["script_files"] if "mathjax" not in str(script).lower()
        ]
