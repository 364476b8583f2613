"""When each notebook was last run again and compared with its stored outputs, and with what.

``make test`` leaves pytest's report of that run; ``python -m book verified`` takes it into
``chapters/verified.json``, which the site shows.
"""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from book.errors import BookError
from book.execute import write_atomically
from book.notebook import Book, read_notebook
from book.source import Page

FILE = "verified.json"
PACKAGES = ("torch", "transformers")


@dataclass(frozen=True)
class Verification:
    """One notebook's run: its day, how many cells it has and how many failed, and how long it took.

    ``outputs`` is a digest of the code and outputs that were verified.
    """

    day: str
    cells: int
    failed: int
    seconds: float
    python: str
    versions: dict[str, str]
    outputs: str


def digest(page: Page) -> str:
    """A digest of the page's stored code and outputs, which prose doesn't change."""
    cells = [
        (cell.source, cell.outputs)
        for cell in read_notebook(page.notebook_path).cells
        if cell.cell_type == "code"
    ]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()[:16]


def load_verifications(book: Book) -> dict[str, Verification]:
    """By the page's stem, what is on record."""
    path = book.project.chapters / FILE
    if not path.is_file():
        return {}
    stored = json.loads(path.read_text(encoding="utf8"))
    return {stem: Verification(**values) for stem, values in stored.items()}


def record(report: Path, book: Book) -> dict[str, Verification]:
    """Take pytest's report (``--junitxml``) of an nbval run into the record; others are kept.

    Raises:
        BookError: if there is no such report, or it has no notebook of the book.
    """
    if not report.is_file():
        raise BookError("there is no such report; `make test` writes it", report)
    suite = ElementTree.parse(report).getroot()[0]
    day = suite.attrib["timestamp"].partition("T")[0]
    versions = {name: version(name) for name in PACKAGES}
    found = {}
    for page in book.notebooks():
        place = page.notebook_path.relative_to(book.project.root).as_posix().replace("/", ".")
        cases = [case for case in suite if case.get("classname") == place]
        if cases:
            found[page.stem] = Verification(
                day=day,
                cells=len(cases),
                failed=sum(len(case) > 0 for case in cases),
                seconds=round(sum(float(case.attrib["time"]) for case in cases), 1),
                python=platform.python_version(),
                versions=versions,
                outputs=digest(page),
            )
    if not found:
        raise BookError("has no notebook of this book", report)
    known = {**load_verifications(book), **found}
    stems = [page.stem for page in book.notebooks() if page.stem in known]
    text = json.dumps({stem: asdict(known[stem]) for stem in stems}, indent=1)
    write_atomically(book.project.chapters / FILE, text + "\n")
    return found
