"""What students hand in is hostile. It is text and data to the grader, never code of its own."""

from __future__ import annotations

import csv
import json
import os
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Page

from alignlib.cli import main
from alignlib.grading.notebooks import LARGEST, definers, needed
from alignlib.grading.reports import FORMULA
from alignlib.grading.submissions import MOST_BYTES, MOST_ENTRIES, collect
from alignlib.grading.wall import why_no_bubblewrap
from tests.browser import needed as missing
from tests.faults.hostile_zips import EMPTY, claiming, crowded, encrypted, packed
from tests.faults.report import Fault
from tests.grading.notebooks import CATALOGUE

OUT = [
    "../evil.ipynb", "../../evil.ipynb", "a/../../evil.ipynb", "/evil.ipynb", "//evil.ipynb",
    "..\\evil.ipynb", "\\evil.ipynb", "a\\..\\..\\evil.ipynb",
]  # fmt: skip
ODD = [
    "line\nbreak.ipynb", "re\rturn.ipynb", "bell\x07.ipynb", "\x1b[31mred.ipynb",
    "a" * 5_000 + ".ipynb", "a.ipynb/", ".", "..", "a//b.ipynb", "",
    "\u202egpj.ipynb", "../evil\u2215.ipynb".replace("../", "．．／"), "é.ipynb", "e\u0301.ipynb",
    "CON.ipynb", "C:\\a.ipynb", "C:a.ipynb", " .ipynb", "=1+1.ipynb",
]  # fmt: skip


def everything(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


def test_names_that_lead_out_of_a_zip_are_not_taken(fault: Fault, tmp_path: Path) -> None:
    inside = tmp_path / "outer/class"
    inside.mkdir(parents=True)
    data = packed(*((name, EMPTY) for name in OUT), ("good.ipynb", EMPTY))
    (inside / "ada.zip").write_bytes(data)
    before = everything(tmp_path)
    (one,) = collect(inside)
    assert list(one.notebooks) == ["ada.zip/good.ipynb"]
    assert len(one.problems) == len(OUT)
    assert all("leads out of the zip" in problem for problem in one.problems)
    assert everything(tmp_path) == before
    assert not Path("/evil.ipynb").exists()
    fault(
        "Names in a student's zip lead out of it: with .., absolute, with backslashes",
        happens="they are not taken, and the feedback says why",
        kept="nothing was written; the notebooks beside them are graded",
    )


def test_odd_names_are_names_and_nothing_else(fault: Fault, tmp_path: Path) -> None:
    inside = tmp_path / "class"
    inside.mkdir()
    (inside / "ada.zip").write_bytes(packed(*((name, EMPTY) for name in ODD)))
    before = everything(tmp_path)
    (one,) = collect(inside)
    assert len(one.notebooks) >= len(ODD) - 6
    assert everything(tmp_path) == before
    with pytest.warns(UserWarning, match="Duplicate name"):
        (inside / "ada.zip").write_bytes(packed(*[("same.ipynb", EMPTY)] * 3))
    (one,) = collect(inside)
    assert len(one.notebooks) == 3
    fault(
        "Names in a student's zip have line ends, control characters, 5,000 letters, or twins",
        happens="the notebooks are taken; reports show each name in one line",
        kept="nothing was written, no notebook is lost",
    )


def test_zips_that_are_far_larger_inside_are_left(fault: Fault, tmp_path: Path) -> None:
    bomb = packed(*((f"{n}.ipynb", bytes(LARGEST)) for n in range(20)))
    assert len(bomb) < MOST_BYTES / 100
    zips = {
        "a bomb": bomb,
        "crowded": crowded(200_000),
        "claims a GB": claiming(2**30),
        "claims nothing": claiming(0),
        "encrypted": encrypted(),
        "nested": packed(("in.zip", bomb)),
        "good": packed(("a.ipynb", EMPTY)),
    }
    for name, data in zips.items():
        (tmp_path / f"{name}.zip").write_bytes(data)
    tracemalloc.start()
    found = {each.student: each for each in collect(tmp_path)}
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2 * MOST_BYTES
    assert sum(map(len, found["a bomb"].notebooks.values())) <= MOST_BYTES
    says = {
        "a bomb": "more than 100 MB in all",
        "crowded": f"more than {MOST_ENTRIES:,} files",
        "claims a GB": "larger than 10 MB unpacked",
        "claims nothing": "",
        "encrypted": "encrypted",
        "nested": "a zip in a zip",
    }
    for name, words in says.items():
        assert words in " ".join(found[name].problems), name
        assert found[name].notebooks == {} or name in ("a bomb", "claims nothing"), name
    assert found["good"].notebooks == {"good.zip/a.ipynb": EMPTY}
    fault(
        "A student's zip unpacks to gigabytes, lists 200,000 files, or is encrypted or nested",
        happens="the rest of it is not taken, and the feedback says why",
        kept="every other student's notebooks",
    )


def test_a_cell_of_megabytes_is_not_taken_apart(fault: Fault) -> None:
    cells = ["a=1\n" * 2_000_000 + "def f(): return g()", "def g(): return 1"]
    tracemalloc.start()
    assert definers(cells, "f") == [0]
    assert needed(cells, "f") == {0}
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2 * len(cells[0])
    fault(
        "A cell of a notebook has two million lines",
        happens="it is run like any other, and not looked through",
        kept="the grader's memory, of which it would have taken gigabytes",
    )


SCRIPT = (
    "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
    "<svg onload='window.ran = 1'></svg><details open ontoggle='window.ran = 1'></details>"
    "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>"
    "<style>@import 'http://127.0.0.1:9/x';</style><a href='javascript:window.ran = 1'>a</a>"
    "</code></td></table></title></textarea>--><script>window.ran = 1</script>"
    '" onmouseover="window.ran = 1" x="\n\n```\n\n~~~\n<script>window.ran = 1</script>\n'
    "[link](javascript:window.ran=1) ![x](http://127.0.0.1:9/x) <javascript:window.ran=1>"
)


def notebook(*sources: str) -> bytes:
    """A notebook with scripts wherever a viewer might run them, and cells that end in them."""
    html = {"text/html": SCRIPT, "image/svg+xml": SCRIPT, "application/javascript": "window.ran=1"}
    output = {"output_type": "display_data", "data": html, "metadata": {SCRIPT: SCRIPT}}
    cells: list[Mapping[str, Any]] = [
        {
            "cell_type": "markdown",
            "source": SCRIPT,
            "metadata": {SCRIPT: SCRIPT},
            "attachments": {SCRIPT: {"image/svg+xml": SCRIPT}},
        },
        *(
            {
                "cell_type": "code", "source": source, "metadata": {"tags": [SCRIPT]},
                "execution_count": None, "outputs": [output],
            }
            for source in sources
        ),
    ]  # fmt: skip
    about = {"kernelspec": {"name": SCRIPT, "display_name": SCRIPT}}
    made = {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made).encode()


NAMES = ("=cmd|'C calc'!A0", "+1", "-1+1", "@SUM(1)", "＝1+1", "\t=1+1", "\r\n=1", '"=1', "'=1")


def hand_in(folder: Path) -> None:
    """A class of scripts: in names, in cells' errors, and in what functions return."""
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.ipynb").write_bytes(EMPTY)
    (folder / "<img src=x onerror='window.ran = 1'>.ipynb").write_bytes(
        notebook(
            f"raise type({SCRIPT!r}, (Exception,), {{}})({SCRIPT!r})",
            f"def pass_at_k(n, c, k): return {SCRIPT!r}",
            f"def prompt_spread(*given): raise ValueError({SCRIPT!r})",
            f"def override_rate(*given): return {{{SCRIPT!r}: {SCRIPT!r}}}",
        )
    )
    (folder / "<svg onload='window.ran = 1'>.zip").write_bytes(packed((SCRIPT, b""), ("a", b"")))
    (folder / "\x1b]0;title\x07\x1b[2J.ipynb").write_bytes(b"{")


def ran(page: Page, folder: Path, html: str) -> bool:
    """Whether anything in a page has run, been asked for, or could be clicked to run."""
    file = folder / "looked-at.html"
    file.write_text(html, encoding="utf8")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())  # a document of its own, with a policy of its own
    asked.remove(file.as_uri())
    for element in page.locator("a, summary").all():
        element.click(timeout=1_000, force=True, no_wait_after=True)
    page.mouse.move(200, 200)
    page.wait_for_timeout(200)
    return bool(asked) or page.evaluate("window.ran === 1")


@pytest.fixture
def page(browser: Browser) -> Page:
    return browser.new_context().new_page()


@pytest.mark.browser
def test_the_scripts_do_run_where_nothing_is_escaped(page: Page, tmp_path: Path) -> None:
    for part in (SCRIPT, "<img src=x onerror='window.ran = 1'>", "<svg onload='window.ran = 1'>"):
        assert ran(page, tmp_path, f"<!DOCTYPE html><title>x</title><body>{part}"), part


@pytest.mark.browser
def test_scripts_in_submissions_do_not_run_in_feedback(
    fault: Fault, page: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if why := why_no_bubblewrap():
        missing(why)
    hand_in(tmp_path / "in")
    out = tmp_path / "out"
    options = ["--exercises", str(CATALOGUE), "--chapters", "2", "--show-cases", "--seed", "s"]
    assert main(["grade", str(tmp_path / "in"), "--out", str(out), *options]) == 0
    folders = sorted(path for path in (out / "students").iterdir())
    assert len(folders) == len(NAMES) + 3
    seen = ""
    for folder in folders:
        html = (folder / "feedback.html").read_text(encoding="utf8")
        assert not ran(page, tmp_path, html), folder
        seen += page.inner_text("body")
        policy = html.replace("Content-Security-Policy", "X-None")  # escaping is enough by itself
        assert policy != html
        assert not ran(page, tmp_path, policy), folder
        markdown = (folder / "feedback.md").read_text(encoding="utf8")
        shown = MarkdownIt("commonmark").enable("table").render(markdown)
        assert not ran(page, tmp_path, shown), folder
        json.loads((folder / "results.json").read_text(encoding="utf8"))
    for part in ("<script>window.ran = 1</script>", "<img src=x onerror=", "<svg onload="):
        assert part in seen, "what students wrote is shown, as text"
    for name in ("scores", "wrong", "mistakes"):
        with (out / f"{name}.csv").open(newline="", encoding="utf8") as file:
            for row in csv.reader(file):
                assert not any(cell.startswith(FORMULA) for cell in row), row
    said = capsys.readouterr().out
    assert "No notebook could be read of:" in said
    assert not any(ord(c) < 32 and c != "\n" for c in said)
    fault(
        "Scripts stand in names, cells, outputs, errors and returned values of a submission",
        happens="feedback shows them as text; Chromium runs none, also without the page's policy",
        kept="the feedback of every student",
    )
    fault(
        "Names of students are formulas, or control a terminal",
        happens="tables of points hold them as text, and so does the summary",
        kept="no table has a cell that a spreadsheet computes",
    )


def test_a_pipe_or_device_among_submissions_is_not_waited_for(fault: Fault, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ada.ipynb")
    (tmp_path / "bob.ipynb").symlink_to("/dev/zero")
    (tmp_path / "cy").mkdir()
    (tmp_path / "cy/all").symlink_to("/")
    (tmp_path / "dee.ipynb").write_bytes(EMPTY)
    found = {each.student: each for each in collect(tmp_path)}
    assert [name for name, each in found.items() if each.notebooks] == ["dee"]
    assert all(found[name].problems for name in ("ada", "bob", "cy"))
    fault(
        "A submission is a pipe, or a link out of its folder",
        happens="it is not taken, and the feedback says why",
        kept="every other student's notebooks",
    )
