"""Runs that were stopped, and other runs' files. What is killed or damaged is in tests/faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from alignlib import LM
from alignlib.errors import TrainingError
from alignlib.history import History
from alignlib.unfinished import BEFORE, CHECKPOINT
from tests.faults.small_disk import contents
from tests.small_training import PAIRS, assert_at_rest, assert_same, fresh, gap, train, weights


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


class StoppedError(Exception):
    """What stands for a kill where a process of its own would show no more."""


def stop() -> None:
    raise StoppedError


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
    assert contents(folder) == {CHECKPOINT: stored}


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


def test_a_folder_is_made_and_may_be_a_text(llama: LM, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    run(fresh(llama), str(folder))  # type: ignore[arg-type]
    assert contents(folder).keys() == {BEFORE, CHECKPOINT}
