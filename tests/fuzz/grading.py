"""What the grader reads of students, and what it writes about them."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import tempfile
import warnings
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from markdown_it import MarkdownIt

from alignlib.grading.compare import difference, shown
from alignlib.grading.grading import Grades
from alignlib.grading.inside.codec import decode, encode, plain
from alignlib.grading.key import Measured
from alignlib.grading.marking import Mark, Marked
from alignlib.grading.notebooks import LARGEST, UnreadableError, code_cells, definers, needed
from alignlib.grading.public import FOLDER, public_check
from alignlib.grading.reports import (
    FORMULA,
    feedback_html,
    feedback_markdown,
    gradescope_text,
    scores_text,
)
from alignlib.grading.submissions import MOST_BYTES, Submission, collect
from alignlib.grading.summary import summary, wrong_text
from tests.fuzz.target import Target, bytes_of, json_bytes, json_of, json_with, text_of, texts

RIGHT: list[Any] = [0.5, 3, "a", None, [1.0, 2.0], [[1, 2], [3, 4]], {"a": 1.0}, ["a", [1]]]


def check_codec(data: bytes) -> None:
    """What is made up is refused or read; what is encoded comes back; nothing else is raised."""
    value = json_of(data)
    with contextlib.suppress(ValueError, TypeError, KeyError):
        read = plain(value)
        assert isinstance(shown(read), str)
        for right in RIGHT:
            assert isinstance(difference(right, read, 1e-6), str | None)
    if "$" not in text_of(data):
        # But for a number that no answer may be, and for texts that are no Unicode.
        with contextlib.suppress(OverflowError, UnicodeEncodeError):
            json.dumps(value, ensure_ascii=False).encode()
            travelled = json.loads(json.dumps(encode(value)))
            assert "$other" in json.dumps(travelled) or _same(decode(travelled), value)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, float) or isinstance(other, float):
        return one == float(other) or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and bool(one == other)


KEYS = [public_check(Path(str(path)).stem).key for path in FOLDER.iterdir() if "json" in str(path)]


def check_answers(data: bytes) -> None:
    """An answer that was made up is never right by accident of its form, nor stops the grader."""
    value = json_of(data)
    for key in KEYS:
        measured = Measured(key.style, key.measure, key.cases[:2])
        for reply in ({"answer": value}, value):
            assert len(measured.read([reply] * len(measured.cases))) == len(measured.cases)


def check_notebooks(data: bytes) -> None:
    """A file is the cells of a notebook, or an UnreadableError."""
    try:
        cells = code_cells(data)
    except UnreadableError:
        return
    assert all(cell.strip() for cell in cells)
    for name in ("f", "pass_at_k"):
        assert set(definers(cells, name)) <= needed(cells, name) <= set(range(len(cells)))


def check_cells(data: bytes) -> None:
    """Any source of a cell can be looked through."""
    cells = [text_of(data), "def f(): return g()"]
    assert 1 in needed(cells, "f")
    assert needed(cells, "f") == needed(cells, "f")


_PLACE = Path(tempfile.mkdtemp(prefix="fuzz-"))


def check_submissions(data: bytes) -> None:
    """Any zip: nobody is lost, nothing is written, and nothing is larger than it may be."""
    (_PLACE / "ada.zip").write_bytes(data)
    (_PLACE / "bob.ipynb").write_bytes(data)
    found = {each.student: each for each in collect(_PLACE)}
    assert {path.name for path in _PLACE.iterdir()} == {"ada.zip", "bob.ipynb"}
    assert set(found) == {"ada", "bob"}
    assert found["bob"].notebooks == {"bob.ipynb": data}
    for each in found.values():
        assert sum(map(len, each.notebooks.values())) <= MOST_BYTES
        assert all(len(content) <= LARGEST + 1 for content in each.notebooks.values())
        assert each.digest == each.digest


def _zip(members: list[tuple[str, bytes]], edits: list[tuple[int, int]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            with warnings.catch_warnings(action="ignore"):  # of two of one name
                archive.writestr(zipfile.ZipInfo(name), content)
    made = bytearray(file.getvalue())
    for place, value in edits:
        made[place % len(made)] = value
    return bytes(made)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(f"{tag} {attrs}")


def _marked(student: str, *words: str) -> Marked:
    reason, hint, detail, note = words
    marks = (Mark("f", 0, 3, reason, "a hint" if hint else None, detail), Mark("g", 1, 1, "right"))
    return Marked(student, marks, (note,), 1.0)


def _tags(marked: Marked) -> list[str]:
    tags = _Tags()
    tags.feed(feedback_html(marked, show_cases=True))
    return tags.found


def check_reports(data: bytes) -> None:
    """What a student wrote adds no tag to a page, no link to Markdown, no formula to a table."""
    text = text_of(data)
    marked = _marked(text, text, text, text, text)
    plain_words = "a" if text else ""
    assert _tags(marked) == _tags(_marked("a", *[plain_words] * 4))
    markdown = MarkdownIt("commonmark").parse(feedback_markdown(marked, show_cases=True))
    kinds = {token.type for part in markdown for token in (part, *(part.children or ()))}
    assert kinds <= {"heading_open", "heading_close", "inline", "text", "fence"} | {
        "paragraph_open", "paragraph_close",
    }  # fmt: skip
    assert json.loads(gradescope_text(marked, show_cases=True))["score"] == 1
    grades = Grades([marked], {text: text}, 0)
    for table in (scores_text(grades), wrong_text(grades)):
        rows = list(csv.reader(io.StringIO(table)))
        assert len({len(row) for row in rows}) == 1
        assert not any(cell.startswith(FORMULA) for row in rows for cell in row)
    assert all(c.isprintable() or c == "\n" for c in summary(grades))
    folder = Submission(text).folder
    assert folder.strip(". ")
    assert not set(folder) & set("/\\\0\n:")
    assert len(folder.encode()) <= 255


CODE = [
    "def f(", "def f():\n    return ", "g", "(", ")", "[", "{", "}", ":", "\n", "    ", "\t", "'''",
    "f'{", "lambda: ", "async ", "await ", "class ", "%time ", "!ls", "x = %time 1", "\\\n", ";",
    "from a import *", "global f\n", "nonlocal f\n", "import f.g as f", "f: int = 1", "del f",
    "match f:\n    case ", "@", "-" * 200, "(" * 150, "if 1:\n" * 3, "a." * 300, "x if y else ",
    "\x0c", "\ufeff", "\0", "# coding: latin-1\n", "yield ", "*", "**", ":=", "ſ", "\ud800",
]  # fmt: skip
HTML = [
    "<script>", "</td>", "<!--", "-->", "]]>", "&lt;", "&#x3c;", "'", '"', "`", "```", "~~~", "=",
    "+1", "@", "-", "\n", "\r", "\t", "\x00", "\x1b[2J", "\u2028", "\u202e", "[a](b)", "![a](b)",
    "<http://a>", "|", "#", "    ", "\\", "..", "/", "C:", "＝1", "%0a", "\ud800", " ",
]  # fmt: skip
ENCODED = (
    "$dict", "$array", "$tensor", "$generator", "$other", "shape", "dtype", "grad", "error", "type",
    "message", "answer", "draws", "again", "value", "gradients", "int64", "float64", "bool",
    {"$array": [1.0, 2.0], "shape": [2], "dtype": "float64"},
    {"$array": 1, "shape": [], "dtype": 0},
    {"$tensor": [1], "shape": [1], "dtype": "int64", "grad": False}, {"$dict": [["a", 1]]},
    {"$generator": 1}, {"$other": "a"}, math.inf, math.nan,
)  # fmt: skip
CELLS = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "code", "markdown", 3])},
    optional={"source": texts(CODE).map(text_of) | st.lists(texts(CODE).map(text_of)) | st.just(3)},
)
NOTEBOOKS = st.fixed_dictionaries({"cells": st.lists(CELLS, max_size=5)})
NAMES = st.sampled_from(
    ["a.ipynb", "../a.ipynb", "/a.ipynb", "b/", "c.zip", ".d.ipynb", "a\\b.ipynb"]
)
MEMBERS = st.lists(st.tuples(NAMES | st.text(min_size=1), st.binary(max_size=40)), max_size=4)
EDITS = st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), max_size=6)

TARGETS = {
    "codec": Target(check_codec, json_with(*ENCODED)),
    "answers": Target(check_answers, json_with(*ENCODED), 0.5),
    "notebooks": Target(check_notebooks, json_bytes(NOTEBOOKS) | json_with("cells", "source")),
    "cells": Target(check_cells, texts(CODE)),
    "submissions": Target(check_submissions, st.builds(_zip, MEMBERS, EDITS) | st.binary()),
    "reports": Target(check_reports, texts(HTML).map(lambda data: bytes_of(text_of(data)[:400]))),
}
