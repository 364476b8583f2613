"""The whole book as one PDF: what LaTeX needs that the site does not.

``jupyter-book build . --builder pdflatex`` writes it. The look is in ``latex.tex``;
``latex_nodes`` turns what only HTML shows into what LaTeX can.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from book import latex_nodes

ASSETS = Path(__file__).parent / "assets"
LOOK = Path(__file__).with_suffix(".tex")
NAME = "aligning-language-models"
"""The file's name, without its ending."""

PATH = re.compile(r'<path stroke="#(?P<color>\w{6})" d="(?P<line>[^"]+)"/>')


def setup(app: Sphinx) -> None:
    app.connect("config-inited", configure, priority=900)  # after Jupyter Book's own
    app.connect("builder-inited", prepare, priority=900)
    latex_nodes.setup(app)


def configure(app: Sphinx, config: Config) -> None:
    """Sphinx's own class in place of Jupyter Book's, which needs gigabytes of fonts."""
    config.latex_theme = "manual"
    config.latex_documents = [
        (config.root_doc, f"{NAME}.tex", config.html_title, "", "manual", False)
    ]
    config.latex_show_urls = "no"
    config.latex_use_xindy = False
    config.latex_domain_indices = False
    config.latex_table_style = ["booktabs"]
    config.jblatex_show_tocs = False
    config.jblatex_load_imgconverter = False
    config.latex_elements = elements()


def prepare(app: Sphinx) -> None:
    """Undo what Jupyter Book sets for LaTeX, and colour code as on the site."""
    if app.builder.format == "latex":
        app.config.numfig_secnum_depth = 1  # (2.1), (2.2) in chapter 2, not by section
        app.config.pygments_style = "a11y-high-contrast-light"


def elements() -> dict[str, Any]:
    """The parts of the LaTeX file that are not the book's text."""
    return {
        "papersize": "a4paper",
        "pointsize": "10pt",
        "extraclassoptions": "oneside,openany",
        "fncychap": "",
        "makeindex": "",
        "printindex": "",
        "fontpkg": "",
        "fvset": r"\fvset{fontsize=\footnotesize}",
        "geometry": r"\usepackage[a4paper,hmargin=26mm,top=28mm,bottom=28mm]{geometry}",
        "tableofcontents": r"\sphinxtableofcontents\bookpreface{About this course}",
        "preamble": LOOK.read_text(encoding="utf8"),
        "maketitle": title_page((ASSETS / "hero.svg").read_text(encoding="utf8")),
    }


def title_page(picture: str) -> str:
    """The title page, with the lines of the site's picture drawn by TikZ."""
    lines = "".join(
        rf"\definecolor{{line}}{{HTML}}{{{path['color'].upper()}}}"
        rf"\draw[color=line] svg {{{path['line']}}};" + "\n"
        for path in PATH.finditer(picture)
    )
    return rf"\booktitle{{{lines}}}"
