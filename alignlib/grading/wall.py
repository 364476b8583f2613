"""What stands between a student's code and the machine: bubblewrap, or nothing.

Behind bubblewrap a process sees the system's and Python's files, which it can't write, an empty
``/tmp`` of its own in memory, no network, and no process but those it started, which end with it.
Everything else on the machine is not there: home, submissions, reports, exercises and this package.
"""

from __future__ import annotations

import functools
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alignlib.errors import GradingError

INSIDE = Path(__file__).parent / "inside"
PACKAGE = Path(__file__).parent.parent
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/localtime", "/etc/ssl/openssl.cnf")
START = "import sys; sys.path.insert(0, {folder!r}); from inside.runner import main; main()"
NOBODY = 65534
LIMITED = "Limits of time, of memory and of file size hold all the same."


@dataclass(frozen=True)
class Wall:
    """How a process is started.

    Attributes:
        bubblewrap: whether it is behind bubblewrap.
        hidden: folders that it must not see, wherever they are.
        disk_bytes: the size of its ``/tmp``.
    """

    bubblewrap: bool
    hidden: Sequence[Path] = ()
    disk_bytes: int = 256 * 2**20

    def command(self, folder: Path) -> list[str]:
        """The command that starts the runner; ``folder`` is its own where there is no wall."""
        python = [sys.executable, "-I", "-c"]
        if not self.bubblewrap:
            return [*python, START.format(folder=str(INSIDE.parent))]
        return [*_bubblewrap(), *self._view(), *python, START.format(folder="/grader")]

    def environment(self, folder: Path) -> dict[str, str]:
        """The variables that it has; none of the grader's."""
        home = "/tmp" if self.bubblewrap else str(folder)
        names = ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR")
        threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        kept = {
            k: v for k, v in os.environ.items() if k.startswith("OPENBLAS_") and k not in threads
        }
        return {
            **kept,
            **threads,
            **dict.fromkeys(names, home),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "MPLBACKEND": "agg",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def user(self, own: Path) -> dict[str, Any]:
        """Whose rights it has: where there is no wall, root's notebooks are nobody's."""
        if self.bubblewrap or not _as_nobody():
            return {}
        os.chown(own, NOBODY, NOBODY)
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def folder(self, own: Path) -> str:
        """Where the code runs, as it sees it."""
        return "/tmp" if self.bubblewrap else str(own)

    def _view(self) -> list[str]:
        shown = _shown()
        view = ["--size", str(self.disk_bytes), "--tmpfs", "/tmp"]  # first: Python may be below it
        for path in shown:
            view += _bind(path)
        for path in (*self.hidden, PACKAGE):
            if any(path.resolve().is_relative_to(each.resolve()) for each in shown):
                view += ["--tmpfs", str(path.resolve())]
        view += ["--ro-bind", str(INSIDE), "/grader/inside"]
        # Where root grades, the kernel's settings could be written; and memory has many doors.
        view += ["--ro-bind", "/proc/sys", "/proc/sys"]
        view += ["--size", str(2**26), "--tmpfs", "/dev/shm"]
        return [*view, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]


@functools.cache
def why_no_bubblewrap() -> str | None:
    """Why bubblewrap can't be used here; None if it can."""
    if sys.platform != "linux":
        return "bubblewrap is for Linux only; a virtual machine or a container with Linux has it."
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed; on Debian and Ubuntu: apt install bubblewrap."
    try:
        tried = subprocess.run(
            [*_bubblewrap(), "--ro-bind", "/", "/", "true"], capture_output=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start: {error}."
    if tried.returncode:
        said = tried.stderr.decode(errors="replace").strip()[:200]
        return f"bubblewrap can't make a sandbox here: {said}. It needs user namespaces."
    return None


def raise_wall(unprotected: bool, hidden: Sequence[Path]) -> Wall:
    """The wall for a run.

    Raises:
        GradingError: if bubblewrap can't be used and ``unprotected`` was not asked for.
    """
    why = why_no_bubblewrap()
    if why is not None and not unprotected:
        raise GradingError(f"{why} {unprotected_means()} To grade like that, say --unprotected.")
    if why is not None and os.geteuid() == 0 and not _as_nobody():
        raise GradingError(
            f"{why} The user 'nobody' can't start {sys.executable} either, so the notebooks would "
            "run as root. Use a Python that everybody can start, or another user than root."
        )
    return Wall(why is None, hidden)


def unprotected_means() -> str:
    """What notebooks can do without bubblewrap, in words."""
    if _as_nobody():
        return (
            "Without it the notebooks run as the user 'nobody': they can read what everybody can "
            "read, so take the exercises, the submissions and the reports away from others (chmod "
            f"-R go-rwx), reach the network, and leave processes behind. {LIMITED}"
        )
    return (
        "Without it the notebooks run with your rights: they can read and change your files, the "
        "exercises' answers and the reports among them, reach the network, and leave processes "
        f"behind. {LIMITED}"
    )


@functools.cache
def _as_nobody() -> bool:
    """Whether this is root, and the user 'nobody' can start this Python."""
    if os.geteuid() != 0:
        return False
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    try:
        ran = subprocess.run([sys.executable, "-I", "-c", ""], capture_output=True, **nobody)  # type: ignore[call-overload]
    except OSError:
        return False
    return bool(ran.returncode == 0)


def _bubblewrap() -> list[str]:
    return [
        *("bwrap", "--unshare-all", "--die-with-parent", "--new-session"),
        *("--cap-drop", "ALL", "--hostname", "grading", "--proc", "/proc", "--dev", "/dev"),
    ]


def _shown() -> list[Path]:
    """The system's folders and Python's, without those below another."""
    python = [sys.prefix, sys.base_prefix, *site.getsitepackages()]
    paths = [Path(path) for path in (*SYSTEM, *SYSTEM_FILES, *python) if os.path.lexists(path)]
    return [
        path
        for place, path in enumerate(paths)
        if path not in paths[:place] and not any(path.is_relative_to(p) for p in paths if p != path)
    ]


def _bind(path: Path) -> list[str]:
    if path.is_symlink():
        return ["--symlink", os.readlink(path), str(path)]
    return ["--ro-bind", str(path), str(path)]
