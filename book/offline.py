"""No page loads anything from elsewhere: mathematics is served locally, the rest is left out."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

MATHJAX_PACKAGE = "sphinx-mathjax-offline"
"""A package on PyPI that carries MathJax; its name is not an identifier, so it is not imported."""

MATHJAX_SCRIPT = "tex-chtml.js"
MATHJAX_PARTS = ("a11y", "sre", "input/tex/extensions", "output/chtml/fonts")
"""What the script loads when a page needs it: speech, rare macros and fonts."""


def setup(app: Sphinx) -> None:
    app.connect("config-inited", configure)
    app.connect("build-finished", copy_mathjax)


def configure(app: Sphinx, config: Config) -> None:
    config.mathjax_path = f"mathjax/{MATHJAX_SCRIPT}"
    config.nb_ipywidgets_js = {}  # require.js and html-manager, from a CDN
    remove_thebe(app)


def remove_thebe(app: Sphinx) -> None:
    """Unhook sphinx-thebe, which Jupyter Book always loads and which throws on every page."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)
    styles = app.registry.css_files
    styles[:] = [style for style in styles if style[0] != "sphinx-thebe.css"]


def copy_mathjax(app: Sphinx, exception: Exception | None) -> None:
    """Copy MathJax into the site."""
    if exception is None and app.builder.format == "html":
        source, target = mathjax_folder(), Path(app.outdir) / "_static" / "mathjax"
        for part in MATHJAX_PARTS:
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
        shutil.copy(source / MATHJAX_SCRIPT, target)


def mathjax_folder() -> Path:
    """Where the installed MathJax is.

    Raises:
        ModuleNotFoundError: if the package is not installed.
    """
    spec = importlib.util.find_spec(MATHJAX_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"MathJax is missing; run: pip install {MATHJAX_PACKAGE}")
    return Path(spec.origin).parent / "static" / "mathjax"
