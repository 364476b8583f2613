"""The pages' HTML: valid, with pictures that say what they show."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from book.accessibility import mend
from tests.node import ROOT, run_node

VALIDATOR = "html-validate/bin/html-validate.mjs"
CONFIG = ROOT / ".htmlvalidate.json"


def pages(site: Path) -> list[Path]:
    """The site's pages, without the redirection at its root."""
    return [*sorted(site.glob("chapters/**/*.html")), site / "search.html"]


def test_every_page_is_valid(site: Path) -> None:
    run = run_node(VALIDATOR, "--config", CONFIG, site / "chapters", *site.glob("*.html"))
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ("<p><div></div></p>", "close-order"),
        ('<p id="a"></p><p id="a"></p>', "no-dup-id"),
        ("<button></button>", "text-content"),
        ('<img src="a.png">', "h37"),
    ],
)
def test_faults_are_found(tmp_path: Path, html: str, rule: str) -> None:
    path = tmp_path / "page.html"
    head = '<!DOCTYPE html><html lang="en"><head><title>T</title></head>'
    path.write_text(f"{head}<body>{html}</body></html>")
    run = run_node(VALIDATOR, "--config", CONFIG, path)
    assert run.returncode != 0
    assert rule in run.stdout


def test_every_picture_says_what_it_shows(site: Path) -> None:
    for path in pages(site):
        html = BeautifulSoup(path.read_text(), "html.parser")
        texts = {str(i): str(i.get("alt", "")) for i in html.select("article img")}
        texts |= {
            str(svg)[:80]: str(svg.get("aria-label", "")) or str(svg.title and svg.title.string)
            for svg in html.select("article svg:not([aria-hidden])")
        }
        for picture, text in texts.items():
            assert len(text.split()) >= 4, f"{path.name}: {picture} says only {text!r}"
            assert "image/" not in text, f"{path.name}: {picture}"
            assert not text.endswith((".png", ".svg")), f"{path.name}: {picture}"


def test_headers_of_tables_say_what_they_head() -> None:
    html = mend(
        "<table><thead><tr><th></th><th>a</th><th colspan='2'>b</th></tr></thead>"
        "<tbody><tr><th rowspan='2' valign='top'>c</th><th>d</th><td>1</td></tr></tbody></table>"
    )
    page = BeautifulSoup(html, "html.parser")
    assert [str(cell.get("scope")) for cell in page.select("tr > *")] == [
        *("None", "col", "colgroup"),
        *("rowgroup", "row", "None"),
    ]
    assert [cell.name for cell in page.select("tr > *")] == ["td", "th", "th", "th", "th", "td"]
    assert "valign" not in html


@pytest.mark.parametrize(
    "html",
    [
        "<pre>a\n\n    b  &lt;c&gt;  <span> </span></pre>",
        '<p>\\(a &lt; b\\) &amp; “é” <img alt="" src="x.png"></p>',
        '<script type="application/json">{"a":"<b> \\u003c &"}</script>',
    ],
)
def test_what_has_no_fault_is_left_as_it_is(html: str) -> None:
    assert mend(html) == html
