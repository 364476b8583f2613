"""A loss, a gradient, a prediction or a weight is NaN or infinite."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from alignlib import LM, logprobs, sample
from alignlib.errors import PredictionError, TrainingError
from alignlib.reinforce import reinforce
from alignlib.unfinished import CHECKPOINT
from alignlib.world.pretraining import Settings, pretrain
from tests.faults.report import Fault
from tests.small_training import (
    Snapshots,
    assert_at_rest,
    assert_same,
    fresh,
    train,
    weights,
)

TOO_HIGH: dict[str, Any] = {"learning_rate": 1e30, "warmup": 0.0, "schedule": "constant"}
MUCH: dict[str, Any] = TOO_HIGH | {"learning_rate": 1e38}
"""So that whatever is predicted after the first step is no number."""


def rewarded(lm: LM, **settings: Any) -> None:
    usual: dict[str, Any] = {"steps": 3, "prompts_per_step": 2, "samples_per_prompt": 4,
                             "max_new_tokens": 6, "progress": False}  # fmt: skip
    reinforce(
        lm, ["the cat ", "x"], lambda completions, **_: [text.count("a") for text in completions],
        **(usual | settings),
    )  # fmt: skip


def answers(lm: LM) -> float:
    """A measure for which the model has to say something."""
    return float(sample(lm, ["the cat "], 2, 4, progress=False).mask.sum())


def assert_finite(lm: LM) -> None:
    assert all(tensor.isfinite().all() for tensor in weights(lm).values())


@pytest.mark.parametrize("rank", [None, 2])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_rate_that_is_too_high_leaves_the_weights_as_they_were(
    llama: LM, rank: int | None, dtype: torch.dtype, fault: Fault
) -> None:
    lm = fresh(llama, dtype)
    before = weights(lm)
    with pytest.raises(TrainingError, match=r"loss of step 2 .* 1e\+30 .* after step 0") as caught:
        train(lm, lora_rank=rank, **TOO_HIGH)
    assert_same(weights(lm), before)
    assert_at_rest(lm)
    train(lm)  # and it can be trained
    assert_finite(lm)
    fault(
        "finetune is given a learning rate that is far too high",
        happens=caught.value,
        kept="the latest weights whose loss was a number",
    )


@pytest.mark.parametrize("rank", [None, 2])
def test_predictions_that_a_step_has_broken_are_undone(
    llama: LM, rank: int | None, fault: Fault
) -> None:
    """Sampling comes before the loss, and is the first to see it."""
    lm = fresh(llama)
    with pytest.raises(TrainingError, match=r"predicts after step 1 .* after step 0") as caught:
        rewarded(lm, lora_rank=rank, **MUCH)
    assert isinstance(caught.value.__cause__, PredictionError)
    assert_same(weights(lm), weights(llama))
    assert_at_rest(lm)
    rewarded(lm)
    fault(
        "reinforce is given a learning rate that is far too high",
        happens=caught.value,
        kept="the latest weights whose loss was a number",
    )


@pytest.mark.parametrize("rank", [None, 2])
def test_the_last_step_is_looked_at_too(llama: LM, rank: int | None, fault: Fault) -> None:
    once = [("the cat ", "sat.")]
    said = r"loss after step 1, the last, is no number: .* after step 0"
    for run in (
        lambda lm: train(lm, once, epochs=1, lora_rank=rank, **MUCH),
        lambda lm: rewarded(lm, steps=1, lora_rank=rank, **MUCH),
    ):
        lm = fresh(llama)
        with pytest.raises(TrainingError, match=said) as caught:
            run(lm)
        assert_same(weights(lm), weights(llama))
        assert_at_rest(lm)
    fault(
        "The last step of a run, which no other follows, breaks the weights",
        happens=caught.value,
        kept="the weights before that step",
    )


def test_the_last_step_is_looked_at_without_a_trace(dropping: LM) -> None:
    """What is drawn for it moves no generator, and no measure sees it."""
    state = torch.random.get_rng_state()
    train(fresh(dropping), epochs=1)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_weight_that_is_no_number_is_undone(llama: LM, fault: Fault) -> None:
    def damage(lm: LM) -> None:
        lm.model.get_parameter("lm_head.weight").data[3, 3] = math.inf

    snapshots = Snapshots(3, damage)
    lm = fresh(llama)
    with pytest.raises(TrainingError, match=r"loss of step 4 .* after step 2") as caught:
        train(lm, **snapshots.settings)
    assert_same(weights(lm), snapshots.weights[2])
    assert_finite(lm)
    assert_at_rest(lm)
    undisturbed, other = Snapshots(), fresh(llama)
    train(other, **undisturbed.settings)
    assert_same(weights(lm), undisturbed.weights[2])
    fault(
        "A weight becomes infinite in the middle of a run",
        happens=caught.value,
        kept="the latest weights whose loss was a number",
    )


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_gradient_that_is_no_number_is_not_followed(
    llama: LM, value: float, fault: Fault
) -> None:
    lm, snapshots = fresh(llama), Snapshots()
    parameter = lm.model.get_parameter("model.embed_tokens.weight")

    def spoil(gradient: Tensor) -> Tensor:
        return gradient * value if len(snapshots.weights) == 4 else gradient

    handle = parameter.register_hook(spoil)
    with pytest.raises(TrainingError, match=r"gradient of step 4 .* after step 3") as caught:
        train(lm, **snapshots.settings)
    handle.remove()
    assert_same(weights(lm), snapshots.weights[3])
    assert_finite(lm)
    assert_at_rest(lm)
    fault(
        "A gradient is infinite or NaN while the loss is a number",
        happens=caught.value,
        kept="the weights before that step",
    )


@pytest.mark.parametrize("update", [2, 3])
def test_a_later_update_of_a_step_goes_back_to_before_the_step(llama: LM, update: int) -> None:
    """Where samples are learnt from several times, no step is left half done."""
    lm, snapshots = fresh(llama), Snapshots()
    backwards = iter(range(99))

    def spoil(gradient: Tensor) -> Tensor:
        return gradient * math.nan if next(backwards) == 2 * 3 + update - 1 else gradient

    handle = lm.model.get_parameter("model.norm.weight").register_hook(spoil)
    with pytest.raises(TrainingError, match=r"gradient of step 3 .* after step 2"):
        rewarded(lm, updates_per_step=3, learning_rate=1e-3, **snapshots.settings)
    handle.remove()
    assert_same(weights(lm), snapshots.weights[2])


def test_weights_from_a_checkpoint_that_have_no_loss_are_not_kept(
    llama: LM, tmp_path: Path, fault: Fault
) -> None:
    """The step that broke them was written down before the next one's loss showed it."""
    for _ in range(2):
        lm = fresh(llama)
        with pytest.raises(TrainingError, match=r"loss of step 2 .* after step 0") as caught:
            train(lm, checkpoint=tmp_path, checkpoint_every=1, **TOO_HIGH)
        assert_same(weights(lm), weights(llama))
    fault(
        "A run goes on from a checkpoint whose weights have no loss",
        happens=caught.value,
        kept="the weights that were given",
    )


@pytest.mark.parametrize("scale", [math.nan, math.inf, 1e30])
def test_a_model_that_is_broken_from_the_start_is_said_to_be(
    llama: LM, scale: float, fault: Fault
) -> None:
    lm = fresh(llama)
    lm.model.get_parameter("lm_head.weight").data *= scale
    lm.model.get_parameter("model.norm.weight").data *= scale
    before = {name: tensor.nan_to_num() for name, tensor in weights(lm).items()}
    with pytest.raises(TrainingError, match="loss of step 1 is no number") as caught:
        train(lm, [("a", "b")])
    with pytest.raises(PredictionError, match=r"not numbers \(NaN\).*load it in float32"):
        rewarded(lm)
    assert_same({name: each.nan_to_num() for name, each in weights(lm).items()}, before)
    assert_at_rest(lm)
    fault(
        "The model that is to be trained has weights that are infinite, NaN or far too large",
        happens=caught.value,
        kept="the model as it was given",
    )


def test_a_validation_that_is_no_number_ends_the_run(llama: LM, fault: Fault) -> None:
    lm = fresh(llama)
    with pytest.raises(TrainingError, match=r"predicts after step 1 .* after step 0") as caught:
        train(lm, validation=[("b", "c")], evaluate_every=1, **MUCH)
    assert "validation loss" in str(caught.value.__cause__)
    assert_same(weights(lm), weights(llama))
    assert_at_rest(lm)
    fault(
        "The validation loss becomes NaN",
        happens=caught.value,
        kept="the latest weights whose loss was a number",
    )
    lm.model.get_parameter("model.embed_tokens.weight").data[25] = math.nan  # of z
    with pytest.raises(PredictionError, match=r"validation loss .* is no number: its weights are"):
        train(lm, [("a", "b")], validation=[("z", "c")])
    assert_at_rest(lm)


def test_a_measure_that_samples_from_broken_weights_ends_the_run(llama: LM) -> None:
    lm = fresh(llama)
    with pytest.raises(TrainingError, match=r"predicts after step 1 .* after step 0"):
        train(lm, measures={"answers": answers}, evaluate_every=1, **MUCH)
    assert_same(weights(lm), weights(llama))
    assert_at_rest(lm)


def test_a_measure_that_is_no_number_is_written_down(
    llama: LM, tmp_path: Path, fault: Fault
) -> None:
    for _ in range(2):  # the second reads it back
        table = train(fresh(llama), measures={"none": lambda lm: math.nan}, checkpoint=tmp_path)
        assert [row["step"] for row in table.rows if math.isnan(row.get("none", 0))] == [0, 3, 6]
    fault(
        "A measure of the user's own is NaN",
        happens="it stands in the history as that, and in the checkpoint",
        kept="the run, which goes on",
    )


@pytest.mark.parametrize("temperature", [1.0, 0.0])
@pytest.mark.parametrize(
    ("dtype", "scale"), [(torch.float32, 1e38), (torch.float16, 1e4), (torch.float32, math.nan)]
)
def test_predictions_that_are_no_numbers_are_not_sampled_from(
    llama: LM, temperature: float, dtype: torch.dtype, scale: float, fault: Fault
) -> None:
    lm = fresh(llama, dtype)
    lm.model.get_parameter("lm_head.weight").data *= scale
    lm.model.get_parameter("model.norm.weight").data *= scale
    with pytest.raises(PredictionError, match="not numbers") as caught:
        sample(lm, ["a"], temperature=temperature)
    with pytest.raises(PredictionError, match="not numbers"):
        logprobs(lm, ["a"], ["b"], temperature=temperature)
    caught.value.args = (str(caught.value).replace(repr(llama.name), "the model"),)
    fault(
        "What a model predicts overflows or is NaN, and it is sampled from or scored with",
        happens=caught.value,
        kept="no text and no score comes of it",
    )


def test_pretraining_writes_no_weights_that_are_no_numbers(tmp_path: Path, fault: Fault) -> None:
    once = Settings(
        blocks=1, documents_per_block=4, tokens_per_batch=4096, hidden_size=16, layers=1, heads=2,
        intermediate_size=16, learning_rate=1e30,
    )  # fmt: skip
    with pytest.raises(
        TrainingError, match="loss of block 0, or a weight after it, is no number"
    ) as caught:
        pretrain(tmp_path, once, progress=False)  # of a single batch, whose loss is a number
    left = {path.name for path in tmp_path.iterdir()}
    assert not left & {"model.safetensors", "config.json", CHECKPOINT}
    fault(
        "alignlib pretrain breaks the weights with its last step",
        happens=caught.value,
        kept="no broken model and no broken checkpoint is written",
    )
