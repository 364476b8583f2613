"""Two runs are given one folder. The second would overwrite what the first has learnt."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import alignlib
from alignlib import LM
from alignlib.cli import main
from alignlib.errors import TrainingError
from alignlib.history import History
from tests.faults.children import PROCESSES
from tests.faults.report import Fault
from tests.faults.small_disk import contents
from tests.grading.conftest import bubblewrap
from tests.grading.notebooks import ROOT, solved, text
from tests.small_training import assert_at_rest, assert_same, fresh, train, weights

__all__ = ["bubblewrap"]  # a fixture


def run(lm: LM, folder: Path | None) -> History:
    return train(lm, checkpoint=folder, checkpoint_every=1)


def wait(model: str, folder: Path, parent: Connection) -> None:
    """Train, and in the middle of the third step say so and wait for an answer."""
    lm, passes = alignlib.load(model, device="cpu"), iter(range(99))

    def ask(*_: object) -> None:
        if next(passes) == 2:
            parent.send(None)
            parent.recv()

    lm.model.register_forward_hook(ask)
    run(lm, folder)


def test_the_second_run_is_refused_and_a_killed_one_is_in_nobodys_way(
    llama: LM, tmp_path: Path, fault: Fault
) -> None:
    here, there = PROCESSES.Pipe()
    first = PROCESSES.Process(target=wait, args=(llama.name, tmp_path, there), daemon=True)
    first.start()
    assert here.poll(60)
    draft = tmp_path / "unfinished.first.draft"  # as the first run has one while it writes
    draft.mkdir()
    second, through = fresh(llama), fresh(llama)
    files = contents(tmp_path)
    with pytest.raises(TrainingError, match="Another run is writing to") as caught:
        run(second, tmp_path)  # at once: the first waits for this test
    assert contents(tmp_path) == files
    assert draft.is_dir()
    assert_same(weights(second), weights(llama))
    assert_at_rest(second)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert main(["pretrain", "--out", str(tmp_path), "--quiet"]) == 1
    assert "Another run is writing to" in said.getvalue()

    first.kill()
    first.join(60)
    rows = run(second, tmp_path).rows
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6]
    run(through, None)
    assert_same(weights(second), weights(through))
    assert not draft.exists()
    fault(
        "finetune, reinforce or alignlib pretrain is given the folder of a run that still goes",
        happens=caught.value,
        kept="the first run's checkpoints; if it was killed, the second goes on from them",
    )


def test_a_folder_is_free_after_a_run_and_inside_one_it_is_not(llama: LM, tmp_path: Path) -> None:
    inner: list[str] = []

    def nested(lm: LM) -> float:
        with pytest.raises(TrainingError, match="Another run is writing to") as caught:
            run(fresh(llama), tmp_path)
        inner.append(str(caught.value))
        raise ValueError("stop")

    for _ in range(2):
        with pytest.raises(ValueError, match="stop"):
            train(fresh(llama), checkpoint=tmp_path, measures={"nested": nested})
    assert len(inner) == 2
    run(fresh(llama), tmp_path)


@pytest.mark.usefixtures("bubblewrap")
def test_two_classes_are_not_graded_into_one_folder(tmp_path: Path, fault: Fault) -> None:
    students, out = tmp_path / "students", tmp_path / "out"
    students.mkdir()
    slow = solved("ex2-ask", before=["import time\ntime.sleep(25)"])
    (students / "ada.ipynb").write_text(text(slow), encoding="utf8")
    command = ["grade", str(students), "--out", str(out), "--seed", "s", "--chapters", "2"]
    first = subprocess.Popen([sys.executable, "-m", "alignlib", *command, "--quiet"], cwd=ROOT)
    deadline = time.monotonic() + 120
    while not (out / ".lock").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert main(command) == 1
    first.kill()
    first.wait()
    assert f"Another run is writing to {out}: wait for it" in said.getvalue()
    assert not (out / "scores.csv").exists()
    fault(
        "alignlib grade is given the folder that another run grades into",
        happens=said.getvalue().strip().replace(str(tmp_path), "FOLDER"),
        kept="the first run's results",
    )
