"""Runs that were stopped: killed processes, full disks, damaged files, and other runs' files."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from torch import Tensor

import alignlib
from alignlib import LM
from alignlib.errors import TrainingError
from alignlib.history import History
from alignlib.unfinished import CHECKPOINT
from tests.small_training import PAIRS, assert_at_rest, assert_same, fresh, gap, train, weights

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["alignlib", "peft"])


class Size:
    """A measure that counts how often it is taken, and can do something the n-th time."""

    def __init__(self, at: int = -1, then: Any = None) -> None:
        self.calls, self.at, self.then = 0, at, then

    def __call__(self, lm: LM) -> float:
        self.calls += 1
        if self.calls == self.at:
            self.then()
        return float(torch.stack([p.detach().norm() for p in lm.model.parameters()]).sum())


def run(lm: LM, folder: Path | None, size: Size | None = None, **settings: Any) -> History:
    """Six steps with a measure after each and a checkpoint after each second."""
    usual: dict[str, Any] = {"measures": {"size": size or Size()}, "evaluate_every": 1,
                             "checkpoint_every": 2, "learning_rate": 0.01}  # fmt: skip
    return train(lm, checkpoint=folder, **(usual | settings))


def table(history: History) -> pd.DataFrame:
    return history.frame.drop(columns="seconds")


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class StoppedError(Exception):
    """What stands for a kill where a process of its own would show no more."""


def stop() -> None:
    raise StoppedError


def run_and_die(model: str, folder: Path, where: str, rank: int | None) -> None:
    """In a process of its own: killed in the fifth step, or while its checkpoint is written."""
    if where == "writing":
        checkpoints = iter(range(9))

        def replace(draft: Path, file: Path) -> None:
            if next(checkpoints) == 1:  # the second, written whole and not yet renamed
                kill()
            os.rename(draft, file)

        os.replace = replace  # type: ignore[assignment]
    size = Size(6, kill) if where == "measuring" else Size()  # the first is before the first step
    run(alignlib.load(model, device="cpu"), folder, size, lora_rank=rank)


@pytest.mark.parametrize(
    ("which", "rank", "where"),
    [
        ("llama", None, "measuring"),
        ("llama", 2, "measuring"),
        ("dropping", None, "writing"),
        ("dropping", 2, "measuring"),
    ],
)
def test_a_killed_run_goes_on_to_the_same_weights_bit_for_bit(
    which: str, rank: int | None, where: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    lm: LM = request.getfixturevalue(which)
    through = fresh(lm)
    expected = run(through, None, lora_rank=rank)
    arguments = (lm.name, tmp_path, where, rank)
    process = PROCESSES.Process(target=run_and_die, args=arguments, daemon=True)
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL
    left = {path.suffix for path in tmp_path.iterdir()}
    assert left == ({".safetensors", ".draft"} if where == "writing" else {".safetensors"})

    rest, size = fresh(lm), Size()
    history = run(rest, tmp_path, size, lora_rank=rank)
    assert size.calls == (4 if where == "writing" else 2)  # steps 3 to 6, or 5 and 6
    assert_same(weights(rest), weights(through))
    assert table(history).equals(table(expected))
    assert_at_rest(rest)
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]


@pytest.mark.parametrize("rank", [None, 2])
def test_a_finished_run_is_not_trained_again(llama: LM, tmp_path: Path, rank: int | None) -> None:
    through, again, size = fresh(llama), fresh(llama), Size()
    expected = run(through, tmp_path, lora_rank=rank, checkpoint_every=4)  # and after the sixth
    stored = (tmp_path / CHECKPOINT).read_bytes()
    history = run(again, tmp_path, size, lora_rank=rank)
    assert size.calls == 0
    assert history.rows == expected.rows
    assert_same(weights(again), weights(through))
    assert gap(weights(again), weights(llama)) > 1e-3
    assert_at_rest(again)
    assert (tmp_path / CHECKPOINT).read_bytes() == stored


def test_the_model_of_a_stopped_run_can_go_on_itself(llama: LM, tmp_path: Path) -> None:
    through, lm = fresh(llama), fresh(llama)
    run(through, None)
    with pytest.raises(StoppedError):
        run(lm, tmp_path, Size(6, stop))
    run(lm, tmp_path)
    assert_same(weights(lm), weights(through))


def test_a_model_that_an_adapter_was_added_to_has_to_be_loaded_anew(
    llama: LM, tmp_path: Path
) -> None:
    through, lm = fresh(llama), fresh(llama)
    run(through, None, lora_rank=2)
    with pytest.raises(StoppedError):
        run(lm, tmp_path, Size(6, stop), lora_rank=2)
    kept = weights(lm)
    with pytest.raises(TrainingError, match="load a model anew that was trained since"):
        run(lm, tmp_path, lora_rank=2)
    assert_same(weights(lm), kept)
    anew = fresh(llama)
    run(anew, tmp_path, lora_rank=2)
    assert_same(weights(anew), weights(through))


@pytest.fixture(scope="module")
def stopped(llama: LM, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The checkpoint after the fourth of six steps."""
    folder = tmp_path_factory.mktemp("stopped")
    with pytest.raises(StoppedError):
        run(fresh(llama), folder, Size(6, stop))
    return (folder / CHECKPOINT).read_bytes()


def assert_refused(lm: LM, folder: Path, stored: bytes, match: str, **other: Any) -> None:
    (folder / CHECKPOINT).write_bytes(stored)
    before, size = weights(lm), Size()
    with pytest.raises(TrainingError, match=match) as caught:
        run(lm, folder, size, **other)
    assert str(folder / CHECKPOINT) in str(caught.value)
    assert size.calls == 0
    assert_same(weights(lm), before)
    assert_at_rest(lm)
    assert (folder / CHECKPOINT).read_bytes() == stored
    assert [path.name for path in folder.iterdir()] == [CHECKPOINT]


@pytest.mark.parametrize(
    "other",
    [
        {"epochs": 3},
        {"batch_size": 3},
        {"micro_batch_size": 1},
        {"learning_rate": 0.02},
        {"warmup": 0.2},
        {"schedule": "constant"},
        {"weight_decay": 0.1},
        {"max_gradient_norm": 2.0},
        {"lora_rank": 2},
        {"precision": "bfloat16"},
        {"seed": 1},
        {"pairs": PAIRS[::-1]},
        {"pairs": [*PAIRS[:-1], ("say it. ", "yes.")]},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_run_with_other_settings_is_refused(
    llama: LM, tmp_path: Path, stopped: bytes, other: dict[str, Any]
) -> None:
    assert_refused(fresh(llama), tmp_path, stopped, "other settings", **other)


def test_a_run_of_another_model_is_refused(
    llama: LM, dropping: LM, tmp_path: Path, stopped: bytes
) -> None:
    assert_refused(fresh(dropping), tmp_path, stopped, "of another model")
    half = fresh(llama, torch.bfloat16)
    assert_refused(half, tmp_path, stopped, "of another model")


def test_frozen_weights_have_to_be_the_same(llama: LM, tmp_path: Path) -> None:
    def frozen(change: float) -> LM:
        lm = fresh(llama)
        weight = lm.model.get_parameter("model.embed_tokens.weight")
        weight.requires_grad = False
        weight[3, 3] += change
        return lm

    through, again, other = frozen(0.0), frozen(0.0), frozen(0.5)
    run(through, tmp_path / "a")
    run(again, tmp_path / "a")
    assert_same(weights(through), weights(again))
    with pytest.raises(TrainingError, match="of another model"):
        run(other, tmp_path / "a")


@pytest.mark.parametrize("damage", ["empty", "cut", "no checkpoint", "no history"])
def test_a_damaged_file_is_named(llama: LM, tmp_path: Path, stopped: bytes, damage: str) -> None:
    stored = {
        "empty": b"",
        "cut": stopped[: len(stopped) // 2],
        "no checkpoint": b"hello" * 9,
        "no history": stopped.replace(b'"rows"', b'"wors"', 1),
    }[damage]
    assert stored != stopped
    assert_refused(fresh(llama), tmp_path, stored, "can't be read.*Delete the file")


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The system refuses to let any file of this process grow over a size, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("rank", [None, 2])
def test_a_full_disk_leaves_the_checkpoint_before(
    llama: LM, tmp_path: Path, rank: int | None
) -> None:
    through, lm, rest = fresh(llama), fresh(llama), fresh(llama)
    after: list[dict[str, Tensor]] = []
    expected = run(through, None, lora_rank=rank)
    with pytest.raises(StoppedError):
        run(fresh(llama), tmp_path, Size(4, stop), lora_rank=rank)
    stored = (tmp_path / CHECKPOINT).read_bytes()

    def keep(lm: LM) -> float:
        after.append(weights(lm))
        return 0.0

    with files_of_at_most(1000), pytest.raises(TrainingError) as caught:
        run(lm, tmp_path, lora_rank=rank, measures={"keep": keep})
    assert f"The folder {tmp_path} can't be written" in str(caught.value)
    assert "on a disk with room; a checkpoint that is there is kept" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]
    assert (tmp_path / CHECKPOINT).read_bytes() == stored
    assert len(after) == 2  # after steps 3 and 4
    if rank is None:
        assert_same(weights(lm), after[-1])
    assert_at_rest(lm)

    history = run(rest, tmp_path, lora_rank=rank)
    assert_same(weights(rest), weights(through))
    assert table(history).equals(table(expected))


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_so_does_a_disk_that_is_found_full_late(
    llama: LM, tmp_path: Path, stopped: bytes, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / CHECKPOINT).write_bytes(stopped)
    monkeypatch.setattr(f"alignlib.unfinished.os.{call}", full)
    with pytest.raises(TrainingError, match="No space left on device"):
        run(fresh(llama), tmp_path)
    assert (tmp_path / CHECKPOINT).read_bytes() == stopped
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]


def test_a_folder_that_can_not_be_written_is_named_before_training(
    llama: LM, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "in it"):
        size, lm = Size(), fresh(llama)
        with pytest.raises(TrainingError, match=r"file.* can't be written"):
            run(lm, folder, size)
        assert size.calls == 0
        assert_same(weights(lm), weights(llama))
        assert_at_rest(lm)


def test_a_folder_is_made_and_may_be_a_text(llama: LM, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    run(fresh(llama), str(folder))  # type: ignore[arg-type]
    assert [path.name for path in folder.iterdir()] == [CHECKPOINT]
