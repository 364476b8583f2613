"""The theme's options and the book's own style, added to what Jupyter Book has set."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

ASSETS = Path(__file__).parent / "assets"


def setup(app: Sphinx) -> None:
    app.connect("config-inited", set_options)
    app.add_css_file("book.css", priority=900)


def set_options(app: Sphinx, config: Config) -> None:
    """Set theme options one by one: replacing the dictionary would lose Jupyter Book's."""
    config.html_static_path.append(str(ASSETS))
    config.html_context["default_mode"] = "auto"
    config.html_theme_options.update(
        logo={"text": config.html_title},
        navbar_persistent=[],  # the theme would show a second search field
        show_toc_level=2,
        use_fullscreen_button=False,
        use_source_button=True,
    )
