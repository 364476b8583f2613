"""What only HTML shows, as LaTeX can: tables, claims, and the numbers that the site has."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx.addnodes import start_of_file
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.texescape import escape
from sphinx_jupyterbook_latex.nodes import RootHeader

ONLY_HTML = ("hero-picture", "hero-buttons")
"""Classes of what has its use on the site only."""


def setup(app: Sphinx) -> None:
    for transform in (HtmlOutputs, OnlyHtml, Equations, Chapters, Bibliography):
        app.add_post_transform(transform)


class HtmlOutputs(SphinxPostTransform):
    """A table among the outputs becomes a table, a claim a box, an explorable its words."""

    default_priority = 3  # before MyST-NB chooses among an output's forms
    formats = ("latex",)

    def run(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(nodes.raw)):
            if node.get("format") != "html" or not isinstance(node.parent, nodes.Element):
                continue
            soup = BeautifulSoup(node.astext(), "html.parser")
            bundle = node.parent.parent
            if table := soup.find("table", class_="dataframe"):
                bundle.replace_self(dataframe(table))
            elif claim := soup.find("div", class_="claim"):
                bundle.replace_self(nodes.container("", text(claim), classes=["claim"]))
            elif words := soup.select_one("div.explorable > p"):
                bundle.replace_self(nodes.container("", text(words), classes=["explorable"]))


class OnlyHtml(SphinxPostTransform):
    """What only a screen can do: buttons go, cards become paragraphs, hidden code is shown."""

    default_priority = 3
    formats = ("latex",)

    def run(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(nodes.Element)):
            classes = set(node.get("classes", []))
            if classes & set(ONLY_HTML):
                node.parent.remove(node)
            elif "sd-container-fluid" in classes:
                node.replace_self([card(found) for found in node.findall(is_card)])
            elif "cell" in classes:
                node["classes"] = ["cell"]


class Equations(SphinxPostTransform):
    """Each numbered equation keeps the number that it has on the site."""

    default_priority = 3
    formats = ("latex",)

    def run(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(nodes.math_block)):
            if not node.get("label"):
                continue
            docname, name = node["docname"], node["label"]
            found = self.env.toc_fignumbers[docname]["displaymath"][f"equation-{name}"]
            number = ".".join(map(str, found))
            label = rf"\label{{equation:{docname}:{name}}}"
            body = rf"\begin{{split}}{node.astext()}\end{{split}}"
            equation = rf"\begin{{equation}}\tag{{{number}}}{label}{body}\end{{equation}}"
            node.replace_self(raw(equation))


class Chapters(SphinxPostTransform):
    """Only the chapters that have a number on the site get one; the landing page gets a title."""

    default_priority = 720  # after Jupyter Book has made parts of the table of contents
    formats = ("latex",)

    def run(self, **kwargs: Any) -> None:
        for node in self.document.findall(start_of_file):
            numbered = self.env.toc_secnumbers.get(node["docname"])
            node.insert(0, raw(r"\numberedchapters" if numbered else r"\unnumberedchapters"))
        for heading in list(self.document.findall(RootHeader)):
            heading.replace_self(raw(rf"\section*{{{escape(heading.astext())}}}"))


class Bibliography(SphinxPostTransform):
    """Entries without the labels that nothing refers to, as on the site."""

    default_priority = 740  # before Sphinx gathers the entries
    formats = ("latex",)

    def run(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(nodes.citation)):
            docname, ids = node["docname"], node["ids"]
            labels = "".join(rf"\label{{\detokenize{{{docname}:{name}}}}}" for name in ids)
            entry = [raw(r"\bibentry" + "{" + labels + "}"), *node.children[1:]]
            node.replace_self(entry)


def dataframe(table: Tag) -> nodes.table:
    """A pandas table as a table of the document."""
    head = [table_row(row) for row in table.select("thead tr")]
    body = [table_row(row) for row in table.select("tbody tr")]
    group = nodes.tgroup("", nodes.thead("", *one_row(head)), nodes.tbody("", *body))
    columns = sum(1 + entry.get("morecols", 0) for entry in group[0][0])
    group["cols"] = columns
    group[:0] = [nodes.colspec("", colwidth=1) for _ in range(columns)]
    return nodes.table("", group)


def table_row(row: Tag) -> nodes.row:
    """A row; a cell may span several columns or rows."""
    cells = nodes.row()
    for cell in row.find_all(["th", "td"]):
        spans = {"morecols": cell.get("colspan"), "morerows": cell.get("rowspan")}
        more = {name: int(str(span)) - 1 for name, span in spans.items() if span}
        cells += nodes.entry("", *([text(cell)] if cell.get_text(strip=True) else []), **more)
    return cells


def one_row(rows: list[nodes.row]) -> list[nodes.row]:
    """A heading in one row where the name of the index has a row of its own."""
    if len(rows) != 2 or len(rows[0]) != len(rows[1]):
        return rows
    pairs = list(zip(*rows, strict=True))
    if any(len(above) and len(below) for above, below in pairs):
        return rows
    return [nodes.row("", *((above if len(above) else below) for above, below in pairs))]


def is_card(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Element) and "sd-card-body" in node.get("classes", [])


def card(body: nodes.Element) -> nodes.paragraph:
    """A card of the landing page as a paragraph that begins with the card's title."""
    title, *paragraphs = body.children
    strong = nodes.strong("", f"{title.astext()}. ")
    return nodes.paragraph("", "", strong, *(part for p in paragraphs for part in p.children))


def text(tag: Tag) -> nodes.paragraph:
    """The text of a cell or claim, with what is bold in it."""
    paragraph = nodes.paragraph()
    for part in tag.children:
        if isinstance(part, Tag):
            kind = nodes.strong if part.name == "strong" else nodes.inline
            paragraph += kind("", part.get_text())
        else:
            paragraph += nodes.Text(str(part))
    return paragraph


def raw(latex: str) -> nodes.raw:
    return nodes.raw("", latex, format="latex")
