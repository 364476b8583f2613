"""Every link leads somewhere: on the site, in the notebooks and in the repository's pages."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from bs4 import BeautifulSoup

from book.notebook import Book, read_notebook
from tests.book.conftest import ROOT
from tests.book.test_html import pages

OUTSIDE = re.compile(r"[a-z]+:|//")
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def parsed(site: Path) -> dict[Path, BeautifulSoup]:
    """Every page of the site."""
    paths = [*pages(site), site / "404.html"]
    return {path: BeautifulSoup(path.read_text(), "html.parser") for path in paths}


@pytest.fixture(scope="module")
def places(parsed: dict[Path, BeautifulSoup]) -> dict[Path, list[str]]:
    """By page, what its anchors are called."""
    return {
        path.resolve(): [str(tag["id"]) for tag in page.select("[id]")]
        for path, page in parsed.items()
    }


def test_no_two_places_on_a_page_have_the_same_name(places: dict[Path, list[str]]) -> None:
    for path, names in places.items():
        twice = [name for name, count in Counter(names).items() if count > 1]
        assert twice == [], path.name


def test_every_link_on_the_site_leads_somewhere(
    site: Path, parsed: dict[Path, BeautifulSoup], places: dict[Path, list[str]]
) -> None:
    followed, dead = 0, []
    for path, page in parsed.items():
        if path.name == "404.html":  # its links begin at the root of a server
            continue
        for tag in page.select("a[href], link[href], script[src], img[src]"):
            link = str(tag.get("href") or tag.get("src"))
            if OUTSIDE.match(link):
                continue
            address, anchor = urldefrag(link)
            place = (path.parent / unquote(address.partition("?")[0])).resolve()
            target = place if address else path.resolve()
            followed += 1
            if not target.is_file() or (
                anchor and target.suffix == ".html" and unquote(anchor) not in places[target]
            ):
                dead.append(f"{path.relative_to(site)}: {link}")
    assert followed > 1000
    assert dead == []


def test_every_link_in_a_notebook_leads_to_a_file(real_book: Book) -> None:
    followed, dead = 0, []
    for page in real_book.notebooks():
        for cell in read_notebook(page.notebook_path).cells:
            if cell.cell_type != "markdown":
                continue
            for link in LINK.findall(cell.source):
                address = urldefrag(link).url
                if OUTSIDE.match(link) or not address:
                    continue
                followed += 1
                if not (page.notebook_path.parent / unquote(address)).is_file():
                    dead.append(f"{page.notebook_path.name}: {link}")
    assert followed > 30
    assert dead == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_link_in_the_repository_s_pages_leads_to_a_file(name: str) -> None:
    links = [link for link in LINK.findall((ROOT / name).read_text()) if not OUTSIDE.match(link)]
    assert [link for link in links if not (ROOT / urldefrag(link).url).exists()] == []
