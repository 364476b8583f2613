"""A page on paper, and the book as one PDF."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page
from pypdfium2 import PdfDocument

from book.latex import NAME, title_page
from book.latex_nodes import dataframe
from tests.book.conftest import ROOT

MILLIMETRE = 72 / 25.4
MARGIN = 17 * MILLIMETRE
"""What print.css leaves at the left and right."""

CHAPTERS = ["02-ask", "05-policy-gradient", "08-comparison", "exercises/ex2-ask", "notation"]


def opened(browser: Browser, site: Path, chapter: str, scheme: str = "light") -> Page:
    page = browser.new_context(color_scheme=scheme).new_page()  # type: ignore[arg-type]
    page.goto(f"{site.as_uri()}/chapters/{chapter}.html")
    page.evaluate("window.MathJax ? MathJax.startup.promise.then(() => true) : true")
    return page


def printed(page: Page) -> Any:
    return PdfDocument(page.pdf(format="A4", prefer_css_page_size=True))


def words(pdf: Any) -> str:
    """The text of all pages, without the spaces and line ends that a page may add or drop."""
    return joined("".join(page.get_textpage().get_text_range() for page in pdf))


def joined(text: str) -> str:
    return "".join(text.replace("\ufffe", "-").split())  # PDFium's mark of a hyphen at a line's end


@pytest.mark.browser
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_page_prints_whole(browser: Browser, site: Path, chapter: str) -> None:
    page = opened(browser, site, chapter)
    titles = page.locator("article :is(h1, h2)").all_inner_texts()
    pdf = printed(page)
    text = words(pdf)
    for title in (titles[0], titles[-1]):
        assert joined(title.rstrip("#")) in text
    for cell in page.locator("article .cell_input pre").all():
        for line in (cell.text_content() or "").splitlines():
            assert joined(line) in text
    assert 1 <= len(pdf) <= 40
    for furniture in ("OpeninColab", "Showthesource", "Hidethesource", "Skiptomaincontent"):
        assert furniture not in text
    assert joined("Ask, show or reward?") not in text or chapter == "08-comparison"
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_nothing_is_cut_off(browser: Browser, site: Path, chapter: str) -> None:
    page = opened(browser, site, chapter)
    for number, sheet in enumerate(printed(page), 1):
        text = sheet.get_textpage()
        width = sheet.get_width()
        assert width == pytest.approx(210 * MILLIMETRE, abs=1)
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            found = text.get_text_bounded(left, bottom, right, top)
            assert left >= MARGIN - 1, f"page {number}: {found!r}"
            assert right <= width - MARGIN + 1, f"page {number}: {found!r}"
    page.context.close()


@pytest.mark.browser
def test_a_dark_page_prints_light_and_stays_dark(browser: Browser, site: Path) -> None:
    dark = opened(browser, site, "02-ask", "dark")
    light = opened(browser, site, "02-ask", "light")
    folded = dark.locator("article details:not([open])").count()
    assert folded > 0
    pages = [printed(page)[0].render(scale=1).to_pil() for page in (dark, light)]
    assert pages[0].tobytes() == pages[1].tobytes()
    assert pages[0].convert("L").getpixel((5, 5)) == 255
    assert dark.evaluate("document.documentElement.dataset.theme") == "dark"
    assert dark.locator("article details:not([open])").count() == folded
    for page in (dark, light):
        page.context.close()


def test_a_table_keeps_its_cells_and_spans() -> None:
    html = """<table class="dataframe"><thead>
      <tr><th></th><th></th><th>share</th></tr><tr><th>way</th><th>seed</th><th></th></tr></thead>
      <tbody><tr><th rowspan="2">ask</th><th>0</th><td>0.5</td></tr>
      <tr><th>1</th><td>0.7</td></tr></tbody></table>"""
    soup = BeautifulSoup(html, "html.parser").table
    assert isinstance(soup, Tag)
    group = dataframe(soup)[0]
    assert group["cols"] == 3
    *_, head, body = group.children
    assert [[cell.astext() for cell in row] for row in head] == [["way", "seed", "share"]]
    assert [[cell.astext() for cell in row] for row in body] == [["ask", "0", "0.5"], ["1", "0.7"]]
    assert body[0][0]["morerows"] == 1


def test_the_title_page_draws_the_picture() -> None:
    picture = '<svg><path stroke="#2b8a92" d="M7.5 19.2L16.5 4.8"/></svg>'
    assert r"\draw[color=line] svg {M7.5 19.2L16.5 4.8};" in title_page(picture)
    hero = (ROOT / "book" / "assets" / "hero.svg").read_text()
    assert title_page(hero).count(r"\draw") == hero.count("<path")


def test_the_book_is_one_pdf(site: Path, tmp_path: Path) -> None:
    if "BOOK_PDF" not in os.environ:
        pytest.skip("Builds the whole book with LaTeX, for minutes; set BOOK_PDF=1 to run it.")
    if not all(map(shutil.which, ("latexmk", "xelatex"))):
        pytest.skip("No LaTeX: latexmk and xelatex are not both on the PATH.")
    command = "from jupyter_book.cli.main import main; main()"
    options = ["build", str(ROOT), "--builder", "pdflatex", "-W", "-n"]
    subprocess.run(
        [sys.executable, "-c", command, *options, "--path-output", str(tmp_path)],
        env={**os.environ, "LATEXMKOPTS": "-interaction=nonstopmode -halt-on-error"},
        check=True,
    )
    folder = tmp_path / "_build" / "latex"
    log = (folder / f"{NAME}.log").read_text(errors="replace")
    for fault in ("Missing character", r"Overfull \hbox", "undefined references"):
        assert fault not in log
    on_site = [
        number
        for page in site.glob("chapters/**/*.html")
        for number in re.findall(r'class="eqno">\(([\d.]+)\)', page.read_text())
    ]
    in_book = re.findall(r"\\tag\{([\d.]+)\}", (folder / f"{NAME}.tex").read_text())
    assert sorted(in_book) == sorted(on_site)
    pdf = PdfDocument(folder / f"{NAME}.pdf")
    assert 150 <= len(pdf) <= 400
    assert pdf.get_metadata_value("Title") == "Aligning language models: the basics"
    titles = [bookmark.get_title() for bookmark in pdf.get_toc()]
    for title in ("The course", "2 Ask: prompting", "Exercises", "Bibliography"):
        assert title in titles
