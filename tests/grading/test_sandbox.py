"""What a student's code can and can't do, tried from inside."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

import alignlib
from alignlib.errors import GradingError
from alignlib.grading import wall as module
from alignlib.grading.inside.codec import encode
from alignlib.grading.session import Limits, Session, StoppedError
from alignlib.grading.wall import Wall, raise_wall, unprotected_means, why_no_bubblewrap
from tests.grading.notebooks import CATALOGUE, ROOT

SECONDS = 30.0


def session(wall: Wall, limits: Limits | None = None) -> Session:
    return Session(wall, limits or Limits(), ("numpy",), threading.Event())


@pytest.fixture(scope="module")
def wall(bubblewrap: None) -> Wall:
    return raise_wall(False, [])


@pytest.fixture(scope="module")
def inside(wall: Wall) -> Iterator[Session]:
    with session(wall) as running:
        yield running


def raised(running: Session, source: str) -> str:
    return str(running.run(source, SECONDS).get("error", {}).get("type"))


@pytest.mark.parametrize(
    "path",
    [CATALOGUE, ROOT / "README.md", Path(alignlib.__file__), Path("/etc/passwd")],
    ids=lambda path: path.name,
)
def test_the_rest_of_the_machine_is_not_there(inside: Session, path: Path) -> None:
    assert path.exists()
    assert raised(inside, f"import os; os.stat({str(path)!r})") == "FileNotFoundError"


@pytest.mark.parametrize("folder", ["/usr", sys.prefix, "/grader/inside"])
def test_nothing_can_be_written_but_tmp(inside: Session, folder: str) -> None:
    assert raised(inside, f"open({folder + '/x'!r}, 'w')") == "OSError"
    assert raised(inside, "open('/tmp/x', 'w').write('x')") == "None"


def test_the_kernels_settings_cannot_be_written(inside: Session) -> None:
    source = """
import os
written = []
for root, folders, files in os.walk("/proc"):
    if root == "/proc":
        folders[:] = [f for f in folders if not f.isdigit() and f not in ("self", "thread-self")]
    for name in files:
        try:
            os.close(os.open(os.path.join(root, name), os.O_WRONLY))
            written.append(os.path.join(root, name))
        except OSError:
            pass
assert not [path for path in written if "/pressure/" not in path], written
"""
    assert inside.run(source, SECONDS) == {}


def test_memory_has_no_back_door(wall: Wall) -> None:
    with session(wall) as running:
        for folder in ("/", "/dev", "/grader", "/dev/mqueue"):
            assert raised(running, f"open({folder + '/x'!r}, 'w')") in (
                "OSError",
                "FileNotFoundError",
            )
        source = "for n in range(99): open(f'/dev/shm/{n}', 'wb').write(b'x' * 10**7)"
        assert raised(running, source) == "OSError"


def test_there_is_no_network(inside: Session) -> None:
    source = "import socket; socket.create_connection(('127.0.0.1', 22), timeout=2)"
    assert raised(inside, source) in ("ConnectionRefusedError", "OSError")
    assert raised(inside, "assert len(socket.if_nameindex()) <= 1") == "None"
    source = "socket.create_connection(('192.0.2.1', 80), timeout=2)"
    assert raised(inside, source) == "OSError"


def test_it_sees_only_its_own_processes(inside: Session) -> None:
    source = "assert len([n for n in os.listdir('/proc') if n.isdigit()]) < 8"
    assert raised(inside, f"import os; {source}") == "None"


def test_the_environment_is_not_the_graders(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIGNLIB_SEED", "a secret")
    with session(wall) as running:
        assert raised(running, "import os; assert 'ALIGNLIB_SEED' not in os.environ") == "None"
        assert (
            raised(running, "assert 'a secret' not in open('/proc/self/environ').read()") == "None"
        )


def test_the_course_is_a_check_that_says_nothing(inside: Session) -> None:
    assert (
        raised(inside, "from alignlib.grading import check\nassert check('x', 1) is False")
        == "None"
    )
    assert raised(inside, "from alignlib import pass_at_k") == "ImportError"
    assert raised(inside, "import alignlib.capability") == "ModuleNotFoundError"
    source = "import importlib.util\nassert importlib.util.find_spec('alignlib') is not None"
    assert raised(inside, source) == "None"


def test_it_is_a_notebooks_python(inside: Session) -> None:
    assert raised(inside, "import asyncio\nawait asyncio.sleep(0)") == "None"
    assert raised(inside, "%time 1\n!true\nget_ipython()") == "None"
    assert raised(inside, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()") == "None"


def test_a_value_travels_through(inside: Session) -> None:
    assert raised(inside, "def double(x): return 2 * x") == "None"
    inputs = encode({"x": [1, 2.5]})
    assert inside.call("double", "value", inputs, SECONDS) == {"answer": [1, 2.5, 1, 2.5]}
    assert inside.call("triple", "value", inputs, SECONDS) == {"missing": True}
    assert inside.call("get_ipython", "value", encode({}), SECONDS)["answer"]["$other"]


def test_hidden_folders_are_empty_even_where_python_is(bubblewrap: None) -> None:
    """An instructor may keep the exercises below a folder that the sandbox shows."""
    below = Path(sys.prefix) / "share/exercises-of-a-test"
    below.mkdir(parents=True, exist_ok=True)
    try:
        (below / "answer.py").write_text("secret")
        with session(Wall(True, [below])) as running:
            assert raised(running, f"import os; assert not os.listdir({str(below)!r})") == "None"
    finally:
        (below / "answer.py").unlink()
        below.rmdir()


def test_limits_stop_it(wall: Wall) -> None:
    limits = Limits(memory_bytes=2**29, output_bytes=2**16)
    for source, says in (
        ("while True: pass", "not done after"),
        ("x = [bytearray(b'x' * 10**8) for _ in range(99)]", "GB of memory"),
        ("print('x' * 10**6)", "of output"),
        ("import os; os._exit(3)", "ended by itself, with the code 3"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
    ):
        with session(wall, limits) as running, pytest.raises(StoppedError, match=says):
            running.run(source, 2)


def test_what_it_started_ends_with_it(wall: Wall) -> None:
    with session(wall) as running:
        source = "import subprocess\nsubprocess.Popen(['sleep', '7171'], start_new_session=True)"
        assert raised(running, source) == "None"
    time.sleep(0.2)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert "sleep 7171" not in listed


def test_a_cancelled_session_ends_at_once(wall: Wall) -> None:
    cancelled = threading.Event()
    with Session(wall, Limits(), ("numpy",), cancelled) as running:
        threading.Timer(0.3, cancelled.set).start()
        began = time.monotonic()
        with pytest.raises(CancelledError):
            running.run("import time; time.sleep(60)", 60)
    assert time.monotonic() - began < 10


def test_without_bubblewrap_it_says_so_and_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "why_no_bubblewrap", lambda: "bubblewrap is not installed.")
    with pytest.raises(GradingError, match=r"not installed.*network.*--unprotected"):
        raise_wall(False, [])
    monkeypatch.setattr(module, "_as_nobody", lambda: True)
    assert not raise_wall(True, []).bubblewrap
    assert "network" in unprotected_means()


def test_without_bubblewrap_nothing_runs_as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "why_no_bubblewrap", lambda: "bubblewrap is not installed.")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(module, "_as_nobody", lambda: False)
    with pytest.raises(GradingError, match="would run as root"):
        raise_wall(True, [])


def test_where_it_is_missing_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    why_no_bubblewrap.cache_clear()
    try:
        assert "apt install bubblewrap" in str(why_no_bubblewrap())
    finally:
        why_no_bubblewrap.cache_clear()


def test_without_bubblewrap_time_and_memory_are_limited_all_the_same() -> None:
    with session(Wall(False)) as running:
        assert raised(running, "open('x', 'w').write('x')") == "None"
        assert running.run("def one(): return 1", SECONDS) == {}
        assert running.call("one", "value", encode({}), SECONDS) == {"answer": 1}
        assert raised(running, "from alignlib import pass_at_k") == "ImportError"
    with pytest.raises(StoppedError, match="not done"), session(Wall(False)) as running:
        running.run("while True: pass", 1)
