"""Files of students, as they come: read within limits, and nobody lost."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from pathlib import Path

import pytest

from alignlib.errors import GradingError
from alignlib.grading import submissions as module
from alignlib.grading.notebooks import UnreadableError, code_cells, definers, needed
from alignlib.grading.submissions import collect, collect_one

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def packed(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def test_a_file_a_zip_and_a_folder_are_a_student_each(tmp_path: Path) -> None:
    (tmp_path / "ada.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "bob.zip").write_bytes(packed(**{"x/a.ipynb": NOTEBOOK, "b.IPYNB": NOTEBOOK}))
    (tmp_path / "cy").mkdir()
    (tmp_path / "cy/c.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "cy/more.zip").write_bytes(packed(**{"d.ipynb": NOTEBOOK}))
    found = {each.student: list(each.notebooks) for each in collect(tmp_path)}
    assert found == {
        "ada": ["ada.ipynb"],
        "bob": ["bob.zip/b.IPYNB", "bob.zip/x/a.ipynb"],
        "cy": ["c.ipynb", "more.zip/d.ipynb"],
    }


def test_a_file_and_a_zip_of_one_name_are_one_students(tmp_path: Path) -> None:
    (tmp_path / "ada.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "ada.zip").write_bytes(packed(**{"b.ipynb": NOTEBOOK}))
    (one,) = collect(tmp_path)
    assert list(one.notebooks) == ["ada.ipynb", "ada.zip/b.ipynb"]


def test_what_systems_leave_behind_is_nobodys(tmp_path: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "~$x.docx"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "__MACOSX").mkdir()
    data = packed(**{"a.ipynb": NOTEBOOK, "__MACOSX/._a.ipynb": b"", ".hidden": b""})
    (tmp_path / "ada.zip").write_bytes(data)
    (one,) = collect(tmp_path)
    assert list(one.notebooks) == ["ada.zip/a.ipynb"]
    assert not one.problems


def test_a_folder_of_one_student(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "notes.txt").write_text("hello")
    one = collect_one(tmp_path, "ada")
    assert (one.student, list(one.notebooks)) == ("ada", ["a.ipynb"])
    assert one.problems == ["notes.txt: not a notebook (.ipynb)"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ada.ipynb")
    (one,) = collect(tmp_path)
    assert one.problems == ["ada.ipynb: not a regular file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "ada.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "ada.ipynb").chmod(0)
    (one,) = collect(tmp_path)
    assert "can't be read" in one.problems[0]


def test_there_is_a_most_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 3)
    (tmp_path / "ada").mkdir()
    for number in range(9):
        (tmp_path / f"ada/{number}.ipynb").write_bytes(NOTEBOOK)
    (one,) = collect(tmp_path)
    assert list(one.notebooks) == ["0.ipynb", "1.ipynb", "2.ipynb"]
    assert one.problems == ["3.ipynb and all after it: more than 3 files; not taken"]


def test_folders_of_results_differ_where_names_do(tmp_path: Path) -> None:
    names = ["a/b", "a%2Fb", "..", "x" * 400, "x" * 401, "=1+1", "Zoë Ü", "a\nb"]
    folders = [module.Submission(name).folder for name in names]
    assert len(set(folders)) == len(names)
    assert all("/" not in folder and folder not in (".", "..") for folder in folders)
    for folder in folders:
        (tmp_path / folder).mkdir()


def test_the_digest_follows_what_was_handed_in() -> None:
    a, b, c = (module.Submission("ada") for _ in range(3))
    a.take("x", b"12")
    b.take("x1", b"2")
    c.take("x", b"12")
    assert a.digest == c.digest != b.digest


@pytest.mark.parametrize("name", ["nothing", "file.txt", "class.zip"])
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    if name != "nothing":
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(GradingError, match=r"no folder|Unpack it first|is a file"):
        collect(tmp_path / name)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GradingError, match="no submissions"):
        collect(tmp_path)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"null", b"\xff\xfe", b"[" * 100_000, b"1e999"]
)
def test_what_is_no_notebook_is_named(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        code_cells(data)


def test_an_old_notebook_is_to_be_saved_anew() -> None:
    with pytest.raises(UnreadableError, match="save it anew"):
        code_cells(b'{"nbformat": 3, "worksheets": [{"cells": []}]}')


def test_a_cells_source_is_a_text_or_its_lines() -> None:
    made = [
        {"cell_type": "code", "source": "x = 1"},
        {"cell_type": "markdown", "source": "y = 1"},
        {"cell_type": "code", "source": ["x = 1\n", "y = 2"]},
        {"cell_type": "code", "source": 3},
        {"cell_type": "code"},
        "no cell",
    ]
    data = json.dumps({"cells": made}).encode()
    assert code_cells(data) == ["x = 1", "x = 1\ny = 2"]
    assert code_cells(b"\xef\xbb\xbf" + data) == ["x = 1", "x = 1\ny = 2"], "a byte-order mark"


def test_definers_and_what_they_need() -> None:
    cells = [
        "import numpy as np",
        "import math as m\nx = y = 3",
        "def f(a):\n    return helper(a) + x",
        "def helper(a): return np.sum(a)",
        "f_other = lambda: 1",
        "def broken(:\n  pass",
        "%time z = 1",
        "for i in range(3): w = i",
    ]
    assert definers(cells, "f") == [2]
    assert definers(cells, "y") == [1]
    assert definers(cells, "broken") == [5]
    assert definers(cells, "w") == [7]
    assert needed(cells, "f") == {0, 1, 2, 3}
    assert needed(cells, "nothing") == set()


def test_cells_with_lines_for_the_shell_are_understood() -> None:
    cells = [
        "%matplotlib inline\nimport numpy as np",
        "!pip install x\nfiles = !ls\nimport math",
        "from torch import *",
        "def f(x): return np.sum(x) + math.pi",
        "if True:\n    %time y = f(1)",
    ]
    assert definers(cells, "np") == [0]
    assert definers(cells, "files") == [1]
    assert needed(cells, "f") == {0, 1, 2, 3}


def test_large_notebooks_are_read_in_a_moment() -> None:
    names = [f"name_{n}" for n in range(20_000)]
    cells = ["\n".join(f"{n} = 1" for n in names), "def f(): return [" + ", ".join(names) + "]"]
    began = time.process_time()
    assert needed(cells, "f") == {0, 1}
    assert time.process_time() - began < 5


def test_two_notebooks_of_one_name_are_both_taken(tmp_path: Path) -> None:
    (tmp_path / "ben").mkdir()
    (tmp_path / "ben/ben.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "ben.ipynb").write_bytes(NOTEBOOK)
    (one,) = collect(tmp_path)
    assert len(one.notebooks) == 2


def test_names_that_are_no_text_stay_apart(tmp_path: Path) -> None:
    for name in (b"m\xff.ipynb", b"m\xfe.ipynb"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(NOTEBOOK)
    assert len({each.student for each in collect(tmp_path)}) == 2


def test_hidden_folders_of_a_zip_are_nobodys(tmp_path: Path) -> None:
    hidden = {f"work/.git/objects/{n}": b"" for n in range(300)}
    copy = {"work/.ipynb_checkpoints/a-checkpoint.ipynb": NOTEBOOK}
    (tmp_path / "ada.zip").write_bytes(packed(**hidden, **copy, **{"work/a.ipynb": NOTEBOOK}))
    (one,) = collect(tmp_path)
    assert list(one.notebooks) == ["ada.zip/work/a.ipynb"]
    assert not one.problems


def test_a_broken_member_costs_only_itself(tmp_path: Path) -> None:
    data = bytearray(packed(**{"a.ipynb": b"x" * 999, "b.ipynb": NOTEBOOK}))
    place = data.index(b"xxx")
    data[place : place + 9] = b"corrupted"
    (tmp_path / "ada.zip").write_bytes(bytes(data))
    (one,) = collect(tmp_path)
    assert list(one.notebooks) == ["ada.zip/b.ipynb"]
    assert "can't be unpacked" in one.problems[0]


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_whose_unpacking_has_no_limit_is_refused(tmp_path: Path, how: int) -> None:
    with zipfile.ZipFile(tmp_path / "ada.zip", "w", how) as archive:
        archive.writestr("a.ipynb", NOTEBOOK)
    (one,) = collect(tmp_path)
    assert one.problems == ["ada.zip/a.ipynb: packed in an unusual way; not taken"]


def test_folders_may_be_nested_as_deep_as_they_like(tmp_path: Path) -> None:
    here = os.getcwd()
    (tmp_path / "ada").mkdir()
    os.chdir(tmp_path / "ada")
    try:
        for _ in range(100):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)
    (tmp_path / "bob.ipynb").write_bytes(NOTEBOOK)
    found = {each.student: each.problems for each in collect(tmp_path)}
    assert "nested too deeply" in found["ada"][0]
    assert not found["bob"]
