"""A folder can't be written, or is not there. The home folder among them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from alignlib import LM, packaged
from alignlib.errors import TrainingError
from alignlib.world.pretraining import pretrain
from tests.faults.report import Fault
from tests.grading.conftest import bubblewrap
from tests.small_training import assert_at_rest, assert_same, fresh, train, weights

__all__ = ["bubblewrap"]  # a fixture
ROOT = Path(__file__).parents[2]
NOBODY = "12345"
"""A user whom the system does not know, so that nobody knows a home folder either."""

HOMES = {
    "read-only": "The home folder can't be written",
    "missing": "The home folder is not there",
    "unknown": "There is no home folder: HOME is not set, and the system does not know the user",
}


def first_hour(folder: Path, home: str) -> dict[str, str]:
    """What comes of what a reader does first, by a user without rights, on a read-only disk."""
    temporary = folder / "temporary"
    temporary.mkdir()
    (folder / "home").mkdir()
    env = {k: v for k, v in os.environ.items() if k.startswith(("OMP_", "PATH"))}
    env |= {"TMPDIR": str(temporary), "HF_HUB_OFFLINE": "1", "MPLBACKEND": "agg"}
    known = {"read-only": str(folder / "home"), "missing": "/nonexistent"}
    if home in known:
        env["HOME"] = known[home]
    command = [
        *("bwrap", "--unshare-user", "--uid", NOBODY, "--gid", NOBODY, "--die-with-parent"),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--bind", str(temporary), str(temporary)),
        *(sys.executable, "-m", "tests.faults.without_a_home", str(folder / "home" / "run")),
    ]
    ran = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    said: dict[str, str] = json.loads(ran.stdout.splitlines()[-1])
    return said


@pytest.mark.usefixtures("bubblewrap")
@pytest.mark.parametrize("home", HOMES)
def test_all_but_what_has_to_be_stored_works_without_a_home(
    tmp_path: Path, fault: Fault, home: str
) -> None:
    said = first_hour(tmp_path, home)
    assert said["sample"] == said["draw"] == ""
    assert said["checkpoint"].startswith(f"TrainingError: The folder {tmp_path}/home/run can't be")
    assert list((tmp_path / "home").iterdir()) == []
    if packaged.is_installed():
        assert said["smollm2"].startswith("CacheError: ")
        assert "ALIGNLIB_CACHE to a folder that you can write" in said["smollm2"]
    fault(
        HOMES[home],
        happens="tiny loads, answers, is trained and drawn; load('smollm2'), which has to store "
        "the converted model, raises a CacheError that says to set ALIGNLIB_CACHE",
        kept="nothing is written outside the folder of temporary files",
    )


def test_a_folder_that_can_not_be_written_is_named_before_training(
    llama: LM, tmp_path: Path, fault: Fault
) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "in it"):
        lm, steps = fresh(llama), list[int]()
        lm.model.register_forward_hook(lambda *_, steps=steps: steps.append(1))
        with pytest.raises(TrainingError, match=r"file.* can't be written") as caught:
            train(lm, checkpoint=folder)
        assert not steps
        assert_same(weights(lm), weights(llama))
        assert_at_rest(lm)
        with pytest.raises(TrainingError, match=r"file.* can't be written"):
            pretrain(folder, progress=False)
    fault(
        "The folder of a run can't be made",
        happens=caught.value,
        kept="the model: it is noticed before the first step",
    )
