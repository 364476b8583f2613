# mypy: allow-untyped-calls
"""Submissions that misbehave, each with the points that its honest part has earned.

Those made of cells stand in the notebook of chapter 2, whose other answers are right.
"""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.grading.notebooks import CATALOGUE, Expected, of_chapter, solved, text

CHAPTER = "ex2-ask"
VICTIM = "pass_at_k"
SIGNATURE = "def pass_at_k(n, c, k):\n    "
BINOMIALS = "return 1 - math.comb(n - c, k) / math.comb(n, k)"


@dataclass(frozen=True)
class Hostile:
    """Cells that misbehave.

    Attributes:
        lost: exercises that they lose; every other of the chapter has its points.
        says: what the notes or the reason of a lost exercise contain.
        answers: in place of right ones, by name.
        before, after: cells at the notebook's top and end.
    """

    lost: Sequence[str] = ()
    says: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    before: Sequence[str] = ()
    after: Sequence[str] = ()


def victim(body: str, says: str, before: str = "") -> Hostile:
    """An answer to ``pass_at_k`` that misbehaves when it is called."""
    return Hostile((VICTIM,), says, {VICTIM: before + SIGNATURE + body})


def forge(answer: str) -> str:
    """Code that makes the runner answer whatever is asked with this."""
    source = f'sys.modules["inside.runner"].answer = lambda *args: {{"answer": {answer}}}'
    return f"import sys\n{source}\n\n"


EQUAL = """\
class Equal:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __le__(self, other): return True
    def __sub__(self, other): return self
    def __abs__(self): return 0
    def __float__(self): return 0.7
    def __bool__(self): return True
    def __getattr__(self, name): return lambda *args, **kwargs: self

"""
PATCHES = """\
import builtins, json, sys
import torch, IPython
for name in ("abs", "all", "any", "sum", "max", "min", "round", "sorted", "zip"):
    setattr(builtins, name, lambda *args, **kwargs: True)
torch.allclose = torch.equal = lambda *args, **kwargs: True
np.isclose = np.allclose = lambda *args, **kwargs: np.True_
json.dumps = lambda *args, **kwargs: '{"id": 1, "answer": 1.0}'
"""
CHECKER = """\
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("inside"):
        module.encode = lambda value, *rest: 1.0
        module.answer = lambda *args: {"answer": 1.0, "passed": True, "points": 100}
        module.STYLES = {}
"""
HOOKS = """\
import sys
shell = get_ipython()
shell.run_cell = lambda *args, **kwargs: None
shell.display_formatter = shell.displayhook = shell.display_pub = None
sys.displayhook = sys.excepthook = print
"""
CHANNEL = """\
import os
for fd in range(3, 64):
    try:
        os.write(fd, b'{"id": 9, "answer": 1.0, "points": 100}\\n')
    except OSError:
        pass
"""
LATE = """\
import os, threading, time
threading.Thread(target=lambda: (time.sleep(0.02), os._exit(7)), daemon=True).start()
"""
REPORT = """\
import glob, os
for path in ["/tmp/scores.csv", "scores.csv", "../scores.csv", "/results/results.json"]:
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        open(path, "w").write("student,points\\nme,100\\n")
    except OSError as error:
        print(error)
print("SCORE: 100/100")
print('{"score": 100, "tests": [{"name": "pass_at_k", "score": 3, "status": "passed"}]}')
"""
BEHIND = """\
import subprocess
subprocess.Popen(["sleep", "4242"], start_new_session=True)
subprocess.Popen("nohup sleep 4242 &", shell=True, start_new_session=True)
"""
NETWORK = """\
import socket
socket.create_connection(("127.0.0.1", 22), timeout=1)
"""
SHELL = "%%bash\nrm -rf / --no-preserve-root 2>/dev/null\nkill -9 -1\n"
SEARCH = f"""\
import os, pathlib
here = pathlib.Path({str(CATALOGUE)!r})
found = [root for root, _, files in os.walk("/") if {{"pass_at_k.py", "scores.csv"}} & set(files)]
source = (here / "pass_at_k.py").read_text()
exec(source)
"""

CELLS: dict[str, Hostile] = {
    "an endless loop": Hostile(says="was left out: it was not done", before=["while True: pass"]),
    "a sleep": Hostile(
        says="was left out: it was not done", before=["import time; time.sleep(999)"]
    ),
    "stops itself": Hostile(
        says="was left out: it was not done",
        before=["import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"],
    ),
    "an answer that loops": victim("while True: pass", "it was not done after"),
    "an answer that catches everything": victim(
        "\n    while True:\n        try:\n            import time; time.sleep(9)\n"
        "        except BaseException: pass",
        "it was not done after",
    ),
    "a fork bomb": Hostile(says="was left out", before=["import os\nwhile True: os.fork()"]),
    "a bomb of threads": Hostile(
        before=[
            "import threading, time\nwhile True:\n"
            "    threading.Thread(target=time.sleep, args=(99,), daemon=True).start()"
        ],
    ),
    "a memory bomb": Hostile(
        before=["x = []\nwhile True: x.append(bytearray(b'x' * 10**8))"],
    ),
    "an answer that takes all memory": victim(
        "return len([bytearray(b'x' * 10**8) for _ in range(10**4)])", ""
    ),
    "a full disk": Hostile(
        before=["n = 0\nwhile True:\n    open(f'/tmp/{n}', 'wb').write(b'x' * 10**7); n += 1"],
    ),
    "huge output": Hostile(says="of output", before=["while True: print('x' * 10_000)"]),
    "leaves": Hostile(says="its process ended by itself", before=["import os; os._exit(0)"]),
    "an answer that leaves": victim("import os; os._exit(0)", "its process ended by itself"),
    "an answer that quits": victim("raise SystemExit(0)", "raises SystemExit"),
    "an answer that interrupts": victim("raise KeyboardInterrupt", ""),
    "is killed": Hostile(
        says="SIGKILL", before=["import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
    ),
    "crashes": Hostile(says="SIGSEGV", before=["import ctypes; ctypes.string_at(0)"]),
    "leaves a little later": Hostile(before=[LATE]),
    "leaves while another cell runs": Hostile(
        answers={VICTIM: f"import time as clock; clock.sleep(0.5)\n{SIGNATURE}{BINOMIALS}"},
        before=[LATE],
    ),
    "a slip of syntax": Hostile(
        (VICTIM,),
        "ended in an error: SyntaxError",
        {VICTIM: "def pass_at_k(n, c, k:\n    return 1"},
    ),
    "an error in a cell": Hostile(says="ZeroDivisionError", before=["1 / 0"]),
    "reads the answers": Hostile(
        (VICTIM,), "FileNotFoundError", {VICTIM: SEARCH + "\npass_at_k = pass_at_k\n"}
    ),
    "takes the course's own": Hostile(
        (VICTIM,), "is not there in grading", {VICTIM: "from alignlib import pass_at_k\n"}
    ),
    "patches what compares": Hostile(after=[PATCHES]),
    "patches the checker": Hostile(after=[CHECKER]),
    "patches the hooks": Hostile(after=[HOOKS]),
    "equal to everything": victim("return Equal()", "wrong on", EQUAL),
    "a number equal to everything": victim(
        "return Always(0.5)",
        "wrong on",
        "class Always(float):\n    def __eq__(self, other): return True\n"
        "    def __sub__(self, other): return 0.0\n    __hash__ = float.__hash__\n\n",
    ),
    "a name that tricks JSON": victim("return '1.0}\\n{\"id\": 99}'", "wrong on"),
    "an endless list": victim("x = []; x.append(x); return x", "wrong on"),
    "a huge answer": victim("return list(range(3_000_000))", "wrong on"),
    "a huge number": victim("return 10**5000", ""),
    "an error that has no text": victim(
        "raise Mute()", "raises Mute", "class Mute(Exception):\n    def __str__(self): 1 / 0\n\n"
    ),
    "recursion": victim("return pass_at_k(n, c, k)", "raises RecursionError"),
    "writes into the channel": Hostile(before=[CHANNEL]),
    "closes the channel": Hostile(before=["import os; os.closerange(3, 256)"]),
    "prints scores, overwrites reports": Hostile(before=[REPORT]),
    "leaves processes behind": Hostile(before=[BEHIND]),
    "opens a connection": Hostile(says="Error", before=[NETWORK]),
    "deletes all": Hostile(before=[SHELL]),
    "asks a question": Hostile(says="EOFError", before=["name = input('Your name? ')"]),
    "<script>alert(1)</script>": victim(
        "raise ValueError('<script>alert(1)</script> ``` [x](javascript:alert(1))')", "ValueError"
    ),
    "=HYPERLINK(1)": Hostile(),
    "loops, and has a line for the shell": Hostile(
        (VICTIM,),
        "it was not done after",
        {VICTIM: SIGNATURE + "while True: pass"},
        before=["%matplotlib inline\nimport math\nimport numpy as np"],
    ),
    "settings changed in place": Hostile(
        (VICTIM,),
        "it was not done after",
        {
            VICTIM: SIGNATURE + "while True: pass",
            "override_rate": "def override_rate(before, after):\n"
            "    before, after = np.asarray(before, bool), np.asarray(after, bool)\n"
            "    undone = SETTINGS['as']((before & ~after).sum())\n"
            "    return undone / before.sum() if before.any() else math.nan\n",
        },
        before=["SETTINGS = {}", "SETTINGS['as'] = float"],
    ),
    "defines by exec": Hostile(answers={VICTIM: f"exec({SIGNATURE + BINOMIALS!r})"}),
    "defines in a timed cell": Hostile(answers={VICTIM: f"%%time\n{SIGNATURE}{BINOMIALS}"}),
    "right as a long double": Hostile(
        answers={
            VICTIM: SIGNATURE + "missed, every = math.comb(n - c, k), math.comb(n, k)\n"
            "    return np.longdouble(1) - np.longdouble(missed / every)"
        }
    ),
    "right as a decimal": Hostile(
        answers={
            VICTIM: SIGNATURE + "from decimal import Decimal\n"
            "    return 1 - Decimal(math.comb(n - c, k)) / Decimal(math.comb(n, k))"
        }
    ),
    "cancels": victim("import asyncio; raise asyncio.CancelledError()", ""),
    "makes up a generator": victim("return 1", "wrong on", forge('{"$generator": 1}')),
    "makes up a number": victim("return 1", "wrong on", forge("10**30")),
    "makes up a deep list": victim("return 1", "wrong on", forge("eval('[' * 90 + ']' * 90)")),
    "makes up a shape": victim(
        "return 1",
        "wrong on",
        forge('{"$tensor": [1.0], "shape": [10**9, 10**9], "dtype": "float64", "grad": False}'),
    ),
    "makes up a long list": victim("return 1", "wrong on", forge("[0] * 2_000_000")),
}


def _order() -> str:
    """Answers that need a cell that stands below them."""
    notebook = solved(
        CHAPTER,
        {VICTIM: SIGNATURE + "return one() - math.comb(n - c, k) / math.comb(n, k)"},
        after=["def one(): return 1"],
    )
    return text(notebook)


def _without(name: str) -> str:
    notebook = solved(CHAPTER)
    notebook.cells = [c for c in notebook.cells if f"def {name}(" not in c.source]
    return text(notebook)


def _renamed() -> str:
    return text(solved(CHAPTER, {VICTIM: "def pass_at_K(n, c, k):\n    " + BINOMIALS}))


def _twice(last_is_right: bool) -> str:
    right, wrong = SIGNATURE + BINOMIALS, SIGNATURE + "return 0.0"
    first, last = (wrong, right) if last_is_right else (right, wrong)
    return text(solved(CHAPTER, {VICTIM: first}, after=[last]))


def _zip(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def _link_in_zip() -> bytes:
    info = zipfile.ZipInfo("link.ipynb")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return file.getvalue()


def write_files(folder: Path) -> dict[str, Expected]:
    """Write the hostile files; by student, which exercises are right, and what the notes say."""
    every = set(of_chapter(CHAPTER))
    good = text(solved(CHAPTER)).encode()
    nothing: set[str] = set()
    files: dict[str, tuple[str, bytes, set[str], str]] = {
        "corrupt": ("ipynb", good[: len(good) // 2], nothing, "no notebook, or was cut off"),
        "empty": ("ipynb", b"", nothing, "no notebook, or was cut off"),
        "other json": ("ipynb", b'{"cells": 3}', nothing, "save it anew"),
        "a list": ("ipynb", b"[1, 2]", nothing, "save it anew"),
        "deep": ("ipynb", b"[" * 200_000, nothing, ""),
        "binary": ("ipynb", bytes(range(256)) * 9, nothing, "UTF-8"),
        "an essay": ("pdf", b"%PDF-1.4", nothing, "not a notebook"),
        "large": ("ipynb", b" " * (11 * 2**20), nothing, "larger than 10 MB"),
        "zipped": ("zip", _zip(("work/ex2-ask.ipynb", good)), every, ""),
        "a zip bomb": (
            "zip",
            _zip(*((f"{n}.ipynb", bytes(9 * 2**20)) for n in range(14)), ("ok.ipynb", good)),
            nothing,
            "MB in all",
        ),
        "leads out": (
            "zip",
            _zip(("../../evil.ipynb", good), ("/abs.ipynb", good), ("in.ipynb", good)),
            every,
            "leads out of the zip",
        ),
        "a zip in a zip": (
            "zip",
            _zip(("in.zip", _zip(("a.ipynb", good)))),
            nothing,
            "zip in a zip",
        ),
        "a link in a zip": ("zip", _link_in_zip(), nothing, "a link"),
        "no zip": ("zip", b"PK\x03\x04 nonsense", nothing, "can't be unpacked"),
        "cells removed": ("ipynb", _without(VICTIM).encode(), every - {VICTIM}, ""),
        "renamed": ("ipynb", _renamed().encode(), every - {VICTIM}, ""),
        "twice, then right": ("ipynb", _twice(True).encode(), every, "the last counts"),
        "twice, then wrong": ("ipynb", _twice(False).encode(), every - {VICTIM}, "the last counts"),
        "out of order": ("ipynb", _order().encode(), every, ""),
        "no cells": (
            "ipynb",
            json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode(),
            nothing,
            "",
        ),
    }
    expected = {}
    for student, (ending, data, right, says) in files.items():
        (folder / f"{student}.{ending}").write_bytes(data)
        expected[student] = Expected(right, (says,))
    (folder / "links").mkdir()
    (folder / "links/passwd.ipynb").symlink_to("/etc/passwd")
    (folder / "links/other.ipynb").symlink_to(folder / "zipped.zip")
    (folder / "links/all").symlink_to("/")
    expected["links"] = Expected(nothing, ("a link, which is not followed",))
    (folder / "only a link.ipynb").symlink_to(folder / "cells removed.ipynb")
    expected["only a link"] = Expected(nothing, ("a link, which is not followed",))
    return expected


def write_cells(folder: Path) -> dict[str, Expected]:
    """Write the notebooks whose cells misbehave; the result is as of :func:`write_files`."""
    every = set(of_chapter(CHAPTER))
    expected = {}
    for number, (name, each) in enumerate(CELLS.items()):
        student = f"{name.replace('/', '-')} {number}"
        made = solved(CHAPTER, each.answers, before=each.before, after=each.after)
        (folder / f"{student}.ipynb").write_text(text(made), encoding="utf8")
        expected[student] = Expected(every - set(each.lost), (each.says,))
    return expected
