"""Training that goes wrong: what the model is left with, and what is said."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from alignlib import LM
from alignlib.errors import TrainingError
from tests.small_training import PAIRS, assert_at_rest, assert_same, fresh, train, weights

TOO_HIGH: dict[str, Any] = {"learning_rate": 1e30, "warmup": 0.0, "schedule": "constant"}


class Snapshots:
    """Takes the weights after every step, as a measure, and calls something after one of them."""

    def __init__(self, after: int = -1, then: Callable[[LM], None] | None = None) -> None:
        self.weights: list[dict[str, Tensor]] = []
        self.after, self.then = after, then

    def __call__(self, lm: LM) -> float:
        self.weights.append(weights(lm))
        if self.then is not None and len(self.weights) == self.after + 1:
            self.then(lm)
        return 0.0

    @property
    def settings(self) -> dict[str, Any]:
        return {"measures": {"snapshots": self}, "evaluate_every": 1}


def assert_finite(lm: LM) -> None:
    assert all(tensor.isfinite().all() for tensor in weights(lm).values())


@pytest.mark.parametrize("rank", [None, 2])
def test_a_rate_that_is_too_high_leaves_the_weights_as_they_were(
    llama: LM, rank: int | None
) -> None:
    lm = fresh(llama)
    with pytest.raises(TrainingError, match=r"loss of step 2 .* 1e\+30 .* after step 0"):
        train(lm, lora_rank=rank, **TOO_HIGH)
    assert_same(weights(lm), weights(llama))
    assert_at_rest(lm)
    train(lm)  # and it can be trained


def test_a_weight_that_is_no_number_is_undone(llama: LM) -> None:
    def damage(lm: LM) -> None:
        lm.model.get_parameter("lm_head.weight").data[3, 3] = math.inf

    snapshots = Snapshots(3, damage)
    lm = fresh(llama)
    with pytest.raises(TrainingError, match=r"loss of step 4 .* after step 2"):
        train(lm, **snapshots.settings)
    assert_same(weights(lm), snapshots.weights[2])
    assert_finite(lm)
    assert_at_rest(lm)
    undisturbed, other = Snapshots(), fresh(llama)
    train(other, **undisturbed.settings)
    assert_same(weights(lm), undisturbed.weights[2])


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_gradient_that_is_no_number_is_not_followed(llama: LM, value: float) -> None:
    lm, snapshots = fresh(llama), Snapshots()
    parameter = lm.model.get_parameter("model.embed_tokens.weight")

    def spoil(gradient: Tensor) -> Tensor:
        return gradient * value if len(snapshots.weights) == 4 else gradient

    handle = parameter.register_hook(spoil)
    with pytest.raises(TrainingError, match=r"gradient of step 4 .* after step 3"):
        train(lm, **snapshots.settings)
    handle.remove()
    assert_same(weights(lm), snapshots.weights[3])
    assert_finite(lm)
    assert_at_rest(lm)


def test_weights_from_a_checkpoint_that_have_no_loss_are_not_kept(
    llama: LM, tmp_path: Path
) -> None:
    """The step that broke them was written down before the next one's loss showed it."""
    for _ in range(2):
        lm = fresh(llama)
        with pytest.raises(TrainingError, match=r"loss of step 2 .* after step 0"):
            train(lm, checkpoint=tmp_path, checkpoint_every=1, **TOO_HIGH)
        assert_same(weights(lm), weights(llama))


@pytest.mark.parametrize("rank", [None, 2])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
@pytest.mark.parametrize("after", [0, 4])
def test_a_run_that_is_interrupted_keeps_what_is_learnt_so_far(
    dropping: LM, rank: int | None, error: type[BaseException], after: int
) -> None:
    def stop(lm: LM) -> None:
        raise error("stop")

    lm, whole, snapshots = fresh(dropping), fresh(dropping), Snapshots(after, stop)
    with pytest.raises(error, match="stop"):
        train(lm, lora_rank=rank, **snapshots.settings)
    assert_at_rest(lm)
    undisturbed = Snapshots()
    train(whole, lora_rank=rank, **undisturbed.settings)
    assert_same(snapshots.weights[-1], undisturbed.weights[after])
    if rank is None:
        assert_same(weights(lm), undisturbed.weights[after])
    assert any(
        not torch.equal(now, before)
        for now, before in zip(weights(lm).values(), weights(dropping).values(), strict=True)
    ) is (after > 0)


def test_a_run_that_is_interrupted_between_two_passes_keeps_the_step_before(llama: LM) -> None:
    lm, snapshots = fresh(llama), Snapshots()
    passes = iter(range(100))

    def interrupt(*_: object) -> None:
        if lm.model.training and next(passes) == 5:  # the second of two passes of the third step
            raise KeyboardInterrupt

    handle = lm.model.register_forward_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(lm, micro_batch_size=1, **snapshots.settings)
    handle.remove()
    assert len(snapshots.weights) == 3
    assert_same(weights(lm), snapshots.weights[2])
    assert_at_rest(lm)


def test_a_model_that_is_broken_from_the_start_is_said_to_be(llama: LM) -> None:
    lm = fresh(llama)
    lm.model.get_parameter("model.embed_tokens.weight").data[0, 0] = math.nan
    with pytest.raises(TrainingError, match="loss of step 1 is no number"):
        train(lm, [("a", "b")])
    assert_at_rest(lm)


def test_a_measure_that_is_no_number_is_written_down(llama: LM, tmp_path: Path) -> None:
    for _ in range(2):  # the second reads it back
        table = train(fresh(llama), measures={"none": lambda lm: math.nan}, checkpoint=tmp_path)
        assert [row["step"] for row in table.rows if math.isnan(row.get("none", 0))] == [0, 3, 6]


def test_pairs_are_read_before_anything_is_trained(llama: LM) -> None:
    lm = fresh(llama)
    with pytest.raises(TrainingError, match="pair 6 is empty"):
        train(lm, [*PAIRS, ("a", "")])
    assert_same(weights(lm), weights(llama))
