"""The pages beside the chapters: what was verified, what a shared link shows, and 404."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from book.__main__ import main
from book.benchmarks import results
from book.errors import BookError
from book.execute import execute_page
from book.notebook import Book, read_notebook
from book.social import LENGTH, SIZE
from book.status import row
from book.verification import digest, load_verifications, record
from tests.book.conftest import MakeBook

REPORT = """\
<testsuites><testsuite timestamp="2026-01-02T03:04:05+00:00">
<testcase classname="chapters.02-ask.ipynb" name="Cell 0" time="0.5" />
<testcase classname="chapters.02-ask.ipynb" name="Cell 1" time="61.0">{failure}</testcase>
</testsuite></testsuites>
"""
CHAPTER = "# Ask\n\n```{code-cell}\n1 + 1\n```\n\nFine.\n"


@pytest.fixture
def book(make_book: MakeBook) -> Book:
    book = make_book({"02-ask": CHAPTER, "03-show": CHAPTER, "index": "# Home\n"})
    for stem in ("02-ask", "03-show"):
        execute_page(book.labels.pages[stem], book)
    return book


def _report(tmp_path: Path, failure: str = "") -> Path:
    path = tmp_path / "report.xml"
    path.write_text(REPORT.format(failure=failure))
    return path


def test_a_run_is_put_on_record(book: Book, tmp_path: Path) -> None:
    record(_report(tmp_path), book)
    (run,) = load_verifications(book).values()
    assert (run.day, run.cells, run.failed, run.seconds) == ("2026-01-02", 2, 0, 61.5)
    asked, shown = book.labels.pages["02-ask"], book.labels.pages["03-show"]
    assert row(run, asked) == ["2026-01-02", "2", "1 min 2 s", "✓ verified"]
    assert row(None, shown)[-1] == "not run yet"


def test_a_failed_cell_and_a_changed_output_are_not_verified(book: Book, tmp_path: Path) -> None:
    page = book.labels.pages["02-ask"]
    failed = record(_report(tmp_path, "<failure>2 != 3</failure>"), book)["02-ask"]
    assert row(failed, page)[-1] == "1 of 2 cells differ"
    passed = record(_report(tmp_path), book)["02-ask"]
    before = digest(page)
    notebook = json.loads(page.notebook_path.read_text())
    notebook["cells"][1]["source"] = "other prose"
    page.notebook_path.write_text(json.dumps(notebook))
    assert digest(page) == before
    notebook["cells"][-2]["outputs"] = []
    page.notebook_path.write_text(json.dumps(notebook))
    assert digest(page) != before
    assert row(passed, page)[-1] == "changed since"


def test_a_report_that_is_none_is_refused(book: Book, tmp_path: Path) -> None:
    with pytest.raises(BookError, match="no such report"):
        record(tmp_path / "nowhere.xml", book)
    path = tmp_path / "other.xml"
    path.write_text('<testsuites><testsuite timestamp="2026-01-02T03:04:05"/></testsuites>')
    with pytest.raises(BookError, match="no notebook of this book"):
        record(path, book)
    assert main(["--root", str(tmp_path), "verified", str(path)]) == 1


def test_the_status_page_lists_every_notebook(site: Path, real_book: Book) -> None:
    page = BeautifulSoup((site / "chapters" / "notebooks.html").read_text(), "html.parser")
    links = [a["href"] for a in page.select("article table td a")]
    folder = real_book.project.chapters
    places = [p.path.relative_to(folder).with_suffix(".html") for p in real_book.notebooks()]
    assert links == [place.as_posix() for place in places]
    states = [row.select("td")[-1].get_text(strip=True) for row in page.select("tbody tr")]
    assert set(states) <= {"✓ verified", "changed since", "not run yet"}


def test_the_page_on_speed_has_every_goal_that_was_judged(site: Path, real_book: Book) -> None:
    page = BeautifulSoup((site / "chapters" / "speed.html").read_text(), "html.parser")
    shown = {row.select("td")[0].get_text() for row in page.select("tbody tr")}
    judged = {goal.goal for result in results(real_book.project.root) for goal in result.goals}
    assert judged
    assert judged <= shown
    scale = BeautifulSoup((site / "chapters" / "scale.html").read_text(), "html.parser")
    assert len(scale.select("tbody tr")) >= 11


def test_what_is_verified_is_what_is_stored(real_book: Book) -> None:
    for stem, run in load_verifications(real_book).items():
        page = real_book.labels.pages[stem]
        assert run.cells == sum(
            cell.cell_type == "code" for cell in read_notebook(page.notebook_path).cells
        ), f"{stem} has other cells than the run on record"


def test_a_shared_link_has_a_title_words_and_a_picture(site: Path, real_book: Book) -> None:
    described = set()
    for page in real_book.labels.pages.values():
        path = page.path.relative_to(real_book.project.root).with_suffix(".html")
        html = BeautifulSoup((site / path).read_text(), "html.parser")
        tags = {str(tag["property"]): str(tag["content"]) for tag in html.select("meta[property]")}
        assert page.title.replace("'", "’") in tags["og:title"].replace("'", "’")
        assert 0 < len(tags["og:description"]) <= LENGTH + 2
        assert tags["og:url"] == f"{real_book.project.site_url}{path.as_posix()}"
        picture = tags["og:image"].removeprefix(real_book.project.site_url)
        assert (site / picture).is_file()
        described.add(html.select_one("meta[name=description]")["content"])  # type: ignore[index]
    assert len(described) == len(real_book.labels.pages), "two pages have the same description"


def test_the_shared_picture_has_its_size(site: Path) -> None:
    head = (site / "_static" / "social.png").read_bytes()[:24]
    assert struct.unpack(">II", head[16:24]) == SIZE


def test_the_page_for_a_wrong_address_needs_nothing_else(site: Path, real_book: Book) -> None:
    html = (site / "404.html").read_text()
    page = BeautifulSoup(html, "html.parser")
    assert not page.select("script, link, img")
    root = re.sub(r"https?://[^/]+", "", real_book.project.site_url)
    (home,) = page.select("a")
    assert home["href"] == root
    form = page.select_one("form")
    assert form is not None
    assert form["action"] == f"{root}search.html"
