"""Small books to try the pipeline on, and the real site, built once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from book.notebook import Book, load_book
from book.project import load_project

ROOT = Path(__file__).parents[2]

CONFIG = """\
repository:
  url: https://github.com/someone/some-book
  branch: main
"""

FRONT = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""

REFERENCES = """\
@article{two, author = {Adams, Ann and M{\\"u}ller, Bo}, title = {A}, year = {2020}}
@article{three, author = {Ng, C. and Ito, D. and Roe, E.}, title = {B}, year = {2021},
  eprint = {2101.00001}}
"""

MakeBook = Callable[[dict[str, str]], Book]


def write_book(root: Path, pages: dict[str, str]) -> Book:
    """Write chapters (stem -> text below the front matter) and load them as a book.

    A page whose stem begins with a digit is a notebook.
    """
    chapters = root / "chapters"
    chapters.mkdir(exist_ok=True)
    (root / "_config.yml").write_text(CONFIG)
    (chapters / "references.bib").write_text(REFERENCES)
    for stem, text in pages.items():
        front = FRONT if stem[0].isdigit() else ""
        (chapters / f"{stem}.md").write_text(front + text)
    return load_book(load_project(root))


@pytest.fixture
def make_book(tmp_path: Path) -> MakeBook:
    """``write_book`` in the test's own folder."""
    return lambda pages: write_book(tmp_path, pages)


@pytest.fixture(scope="session")
def real_book() -> Book:
    """The course's own book."""
    return load_book(load_project(ROOT))


def build_site(root: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """Build a book's site from scratch, as the command does, with warnings as errors."""
    command = "from jupyter_book.cli.main import main; main()"
    options = ["build", str(root), "--all", "-W", "-n", "--keep-going", "--path-output", str(out)]
    return subprocess.run(
        [sys.executable, "-c", command, *options], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the course's own site, built once, whichever worker asks first."""
    shared = "PYTEST_XDIST_TESTRUNUID" in os.environ
    folder = tmp_path_factory.getbasetemp().parent if shared else tmp_path_factory.mktemp("site")
    built = folder / "_build" / "html"
    with FileLock(folder / "site.lock"):
        if not (folder / "site.done").exists():
            run = build_site(ROOT, folder)
            assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
            (folder / "site.done").touch()
    return built
