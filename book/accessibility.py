"""Pages that everybody can use: mends what the theme's and the other extensions' HTML lacks.

``templates/layout.html``, which ``book.light`` registers, passes the whole body of a page through
:func:`mend`, so a rule holds for the article and for what the theme puts around it.
"""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from bs4.dammit import EntitySubstitution
from bs4.formatter import HTMLFormatter
from sphinx.application import Sphinx
from sphinx.config import Config

FORMATTER = HTMLFormatter(EntitySubstitution.substitute_xml, void_element_close_prefix="")
DIALOGS = {
    "pst-search-dialog": "Search",
    "pst-primary-sidebar-modal": "Chapters",
    "pst-secondary-sidebar-modal": "On this page",
}
BLOCKS = ["p", "ul", "ol", "dl", "div", "table", "pre"]


def setup(app: Sphinx) -> None:
    app.connect("config-inited", configure)
    app.connect("builder-inited", add_filter)
    app.add_js_file("keyboard.js", loading_method="defer")


def configure(app: Sphinx, config: Config) -> None:
    """A formula is no stop of the Tab key; MathJax's menu has a switch for it."""
    config.mathjax3_config = {"options": {"menuOptions": {"settings": {"inTabOrder": False}}}}


def add_filter(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.builder.templates.environment.filters["mended"] = mend


def mend(html: str) -> str:
    """The HTML of a page's body with every rule applied."""
    page = BeautifulSoup(html, "html.parser")
    for rule in (landmarks, buttons, summaries, tables, signatures, citations, paragraphs):
        rule(page)
    return page.decode(formatter=FORMATTER)


def landmarks(page: BeautifulSoup) -> None:
    """The title is in the page's header, dialogs have names, the sidebar's own link is marked."""
    for main in page.select("main[role]"):
        del main["role"]
    for empty in page.select("header#pst-header"):
        empty.name = "div"
    for logo in page.select(".sidebar-primary-item:has(> .navbar-brand)"):
        logo.name = "header"
    for dialog in page.select("dialog"):
        dialog["aria-label"] = DIALOGS[str(dialog["id"])]
    for link in page.select(".bd-docs-nav a.current"):
        link["aria-current"] = "page"


def buttons(page: BeautifulSoup) -> None:
    """A button is called what is written on it, or else what its tooltip says, without its icon."""
    for toggle in page.select(".primary-toggle, .secondary-toggle"):
        toggle["title"] = "Chapters" if "primary-toggle" in toggle["class"] else "On this page"
    for mode in page.select(".theme-switch-button"):
        mode["data-bs-title"] = "Colour mode"
        mode.insert(0, _hidden(page, "Colour mode:"))
        for icon in mode.select("i"):  # of which the one of the present mode is shown
            shown = page.new_tag("span", attrs={"class": "theme-switch"})
            shown["data-mode"] = icon["data-mode"]
            icon["class"] = " ".join(name for name in icon["class"] if name != "theme-switch")
            icon.wrap(shown).append(_hidden(page, str(icon.attrs.pop("title"))))
    for icon in page.select(":is(i, span)[class*='fa-']"):
        icon["aria-hidden"] = "true"
    for button in page.select("button"):
        button.attrs.setdefault("type", "button")
        if button.get_text(strip=True):
            button.attrs.pop("aria-label", None)
        elif "title" in button.attrs:
            button["aria-label"] = button["title"]


def _hidden(page: BeautifulSoup, text: str) -> Tag:
    """Text for screen readers."""
    return page.new_tag("span", attrs={"class": "visually-hidden"}, string=text)


def summaries(page: BeautifulSoup) -> None:
    """A folded cell is called what its summary says, and a summary holds no paragraphs."""
    for summary in page.select("summary"):
        summary.attrs.pop("aria-label", None)
        for paragraph in summary.select("p"):
            paragraph.name = "span"


def tables(page: BeautifulSoup) -> None:
    """Headers say what they head, an empty one is no header, and tables bring no style."""
    for style in page.select("div > style"):
        style.decompose()
    for cell in page.select("th"):
        cell.attrs.pop("valign", None)
        if not cell.get_text(strip=True):
            cell.name = "td"
            continue
        direction, span = ("col", "colspan") if cell.find_parent("thead") else ("row", "rowspan")
        cell["scope"] = f"{direction}group" if cell.get(span, "1") != "1" else direction


def signatures(page: BeautifulSoup) -> None:
    """The parameters in a signature are a list; a description list needs terms."""
    for parameters in page.select("dt.sig dl"):
        parameters.name = "ul"
        for parameter in parameters.find_all("dd", recursive=False):
            parameter.name = "li"


def citations(page: BeautifulSoup) -> None:
    """The bibliography is a list; its entries' role is deprecated."""
    for citation in page.select(".citation-list, .citation-list > .citation"):
        citation.name = "li" if citation.attrs.pop("role") == "doc-biblioentry" else "ul"


def paragraphs(page: BeautifulSoup) -> None:
    """A paragraph holds no other blocks, as napoleon's parameters with a list do."""
    for paragraph in page.select("p"):
        if paragraph.find(BLOCKS):
            paragraph.name = "div"
