"""The package is installed with nothing else. No extra is there, or nothing can be written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from alignlib.grading.wall import why_no_bubblewrap
from tests.browser import needed
from tests.faults.report import Fault
from tests.supply import first_minute
from tests.supply.graph import installed, needed_by
from tests.supply.installation import build, make
from tests.supply.project import asked, project

READ_ONLY = (
    *("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--die-with-parent"),
    *("--unshare-user", "--uid", "65534", "--gid", "65534"),
)
"""The whole disk can't be written; ``/dev/shm`` stands for the folder of temporary files."""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    return make(folder / "env", build("wheel", folder))


def _run(
    command: Sequence[str | Path], home: Path, temporary: Path
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k.startswith(("OMP_", "OPENBLAS_"))}
    env = {
        **kept,
        "PATH": os.defpath,
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "HF_HUB_OFFLINE": "1",
        "LANG": "C.UTF-8",
    }
    return subprocess.run(command, env=env, cwd="/", capture_output=True, text=True, timeout=300)


def test_the_environment_holds_what_the_package_asks_for_and_nothing_else(python: Path) -> None:
    names = "from importlib import metadata; print(*(d.name for d in metadata.distributions()))"
    said = subprocess.run([python, "-c", names], capture_output=True, text=True, check=True).stdout
    brought = needed_by(asked(project())["package"]).keys() & installed().keys()
    assert {name.lower().replace("_", "-").replace(".", "-") for name in said.split()} == {
        *brought,
        "alignlib",
    }


def test_an_extra_that_is_not_installed_is_named_with_what_installs_it(
    python: Path, tmp_path: Path, fault: Fault
) -> None:
    ran = _run([python, "-B", first_minute.__file__], tmp_path, tmp_path)
    assert ran.returncode == 0, ran.stderr
    (said,) = (line for line in ran.stdout.splitlines() if "vaderSentiment" in line)
    helped = subprocess.run(
        [python.with_name("alignlib"), "--help"], capture_output=True, text=True
    )
    assert helped.returncode == 0, helped.stderr
    assert "usage: alignlib" in helped.stdout
    fault(
        "An extra is not installed, such as that of a reward",
        happens=said,
        kept="everything that needs no extra works",
    )


def test_everything_works_where_nothing_can_be_written(
    python: Path, tmp_path: Path, fault: Fault
) -> None:
    reason = why_no_bubblewrap()
    if reason is not None:
        needed(reason)
    before = sorted(python.parents[1].rglob("*"))
    touched = _run([*READ_ONLY, "touch", python.parents[1] / "new"], tmp_path, Path("/dev/shm"))
    assert "Read-only file system" in touched.stderr
    ran = _run([*READ_ONLY, python, first_minute.__file__], tmp_path, Path("/dev/shm"))
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert sorted(python.parents[1].rglob("*")) == before
    assert list(tmp_path.iterdir()) == []
    fault(
        "The package and the home folder are on a disk that can't be written",
        happens="models load and answer, exercises are checked and figures are shown",
        kept="the installation, to the file",
    )
