"""The API reference lists what the package makes public, and needs none of its dependencies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from book.api import public_names, reference, third_party_imports
from tests.book.conftest import ROOT

PACKAGE = ROOT / "alignlib"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with an exported function, a module with its own list, and a hidden one."""
    folder = tmp_path / "alignlib"
    (folder / "world").mkdir(parents=True)
    files = {
        "__init__.py": "from alignlib.one import first\n__all__ = ['first']\n",
        "one.py": "import os\nimport torch.nn\n\ndef first(): ...\n\ndef second(): ...\n",
        "two.py": "__all__ = ['Third', 'FourthError', 'FIVE']\nFIVE = 5\n"
        "class Third: ...\nclass FourthError(Exception): ...\n",
        "hidden.py": "from numpy import log\n",
        "world/__init__.py": "__all__ = ['six']\ndef six(): ...\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_names_come_from_the_exports_and_from_each_module_s_list(package: Path) -> None:
    assert public_names(package) == {
        "alignlib.one": [("first", "function")],
        "alignlib.two": [("FIVE", "data"), ("Third", "class"), ("FourthError", "exception")],
        "alignlib.world": [("six", "function")],
    }
    assert third_party_imports(package) == {"torch", "numpy"}


def test_the_reference_has_a_section_for_each_module(package: Path) -> None:
    text = reference(package)
    assert "## alignlib.two" in text
    assert ".. autoexception:: alignlib.two.FourthError" in text


def test_everything_that_the_package_exports_is_on_the_page(site: Path) -> None:
    page = (site / "chapters" / "api.html").read_text()
    names = public_names(PACKAGE)
    assert names
    for module, defined in names.items():
        for name, _ in defined:
            assert f'id="{module}.{name}"' in page


def test_the_book_s_code_needs_no_model() -> None:
    code = "import sys, book.__main__; print({'torch', 'transformers'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.stdout.strip() == "set()", run.stderr
