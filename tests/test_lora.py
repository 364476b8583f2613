"""Low-rank adaptation: what trains, and what is left when it is done."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from alignlib import LM, chat, logprobs, sample
from alignlib.errors import TrainingError
from alignlib.lora import adapted
from tests.small_training import (
    PAIRS,
    assert_at_rest,
    assert_same,
    fresh,
    gap,
    train,
    weights,
)


def changes(lm: LM, before: LM) -> dict[str, torch.Tensor]:
    old, new = weights(before), weights(lm)
    assert old.keys() == new.keys()
    return {name: new[name] - old[name] for name in old if not torch.equal(new[name], old[name])}


def test_only_the_linear_layers_change_and_by_the_rank(llama: LM) -> None:
    lm = fresh(llama, torch.float64)
    train(lm, lora_rank=2, learning_rate=0.01, weight_decay=0.5)
    assert_at_rest(lm)
    found = changes(lm, fresh(llama, torch.float64))
    linear = {
        f"{name}.weight"
        for name, module in lm.model.named_modules()
        if isinstance(module, torch.nn.Linear) and name != "lm_head"
    }
    assert found.keys() == linear
    assert len(linear) == 2 * 7
    ranks = {int(torch.linalg.matrix_rank(change, rtol=1e-5)) for change in found.values()}
    assert ranks == {2}


def test_a_weight_becomes_w_plus_2_b_a(llama: LM) -> None:
    lm, parts = fresh(llama, torch.float64), {}

    def keep(lm: LM) -> float:
        parts.update({name: tensor.double() for name, tensor in weights(lm).items()})
        return 0.0

    train(lm, lora_rank=3, learning_rate=0.01, measures={"keep": keep})
    found = changes(lm, fresh(llama, torch.float64))
    assert len(found) == 14
    for name, change in found.items():
        layer = name.removesuffix(".weight")
        A, B = (parts[f"{layer}.lora_{each}.default.weight"] for each in "AB")
        assert A.shape[0] == B.shape[1] == 3
        torch.testing.assert_close(change, 2 * B @ A, atol=1e-7, rtol=1e-5)


def test_only_the_adapter_is_trainable_while_it_trains(llama: LM) -> None:
    def names(lm: LM) -> float:
        trainable = [name for name, p in lm.model.named_parameters() if p.requires_grad]
        assert all("lora" in name for name in trainable)
        return len(trainable)

    rows = train(fresh(llama), lora_rank=2, measures={"trainable": names}).rows
    assert rows[0]["trainable"] == 2 * 14


@pytest.mark.parametrize("which", ["llama", "dropping"])
def test_it_says_the_same_before_and_after_it_is_added(
    which: str, request: pytest.FixtureRequest
) -> None:
    lm = fresh(request.getfixturevalue(which))
    before: list[torch.Tensor] = []

    def score(lm: LM) -> torch.Tensor:
        return logprobs(lm, [p for p, _ in PAIRS], [y for _, y in PAIRS], progress=False).values

    def keep(lm: LM) -> float:
        before.append(score(lm))
        return 0.0

    train(lm, lora_rank=4, learning_rate=0.01, epochs=4, measures={"keep": keep})
    torch.testing.assert_close(score(lm), before[-1], atol=1e-4, rtol=0.0)
    assert (before[-1] - before[0]).abs().max() > 0.1  # so that the line above could fail
    assert_at_rest(lm)


def test_an_adapter_of_tiny_samples_the_same_before_and_after(tiny: LM) -> None:
    lm = fresh(tiny)
    pairs = [(chat("Who are you?"), "Nobody."), (chat("What is 1 + 2?"), "I will not say.")]
    said: list[list[str]] = []

    def ask(lm: LM) -> float:
        prompts = [prompt for prompt, _ in pairs]
        said.append(sample(lm, prompts, 2, 12, seed=1, progress=False).texts)
        return 0.0

    train(lm, pairs, lora_rank=8, learning_rate=5e-3, epochs=10, measures={"ask": ask})
    ask(lm)
    assert said[-1] == said[-2] != said[0]


def test_it_can_be_done_twice_in_a_row(llama: LM) -> None:
    lm = fresh(llama)
    train(lm, lora_rank=2, learning_rate=0.01)
    once = fresh(lm)
    history = train(lm, lora_rank=3, learning_rate=0.01)
    assert history.rows[-1]["loss"] < train(fresh(llama), lora_rank=2).rows[0]["loss"]
    assert len(changes(lm, once)) == 14
    assert_at_rest(lm)
    train(lm)
    assert_at_rest(lm)


def test_parameters_that_were_frozen_are_frozen_again(llama: LM) -> None:
    lm = fresh(llama)
    frozen = [
        lm.model.get_parameter("model.embed_tokens.weight"),
        lm.model.get_parameter("model.layers.0.mlp.up_proj.weight"),
    ]
    for parameter in frozen:
        parameter.requires_grad = False
    train(lm, lora_rank=2)
    for parameter in lm.model.parameters():
        assert parameter.requires_grad is not any(parameter is each for each in frozen)


def test_the_seed_makes_the_adapter(llama: LM) -> None:
    ends = []
    for noise, seed in ((1, 0), (2, 0), (1, 1)):
        torch.manual_seed(noise)
        lm = fresh(llama)
        train(lm, PAIRS[:1], lora_rank=2, epochs=2, seed=seed)  # one pair: no order
        ends.append(weights(lm))
    assert_same(ends[0], ends[1])
    assert gap(ends[0], ends[2]) > 1e-5


def test_dropout_stays_on_beside_an_adapter(dropping: LM) -> None:
    losses = train(
        fresh(dropping), PAIRS[:1], lora_rank=2, learning_rate=0.0, epochs=6
    ).frame["loss"]  # fmt: skip
    assert losses.nunique() == 6


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_model_in_bfloat16_can_be_adapted(llama: LM, precision: str) -> None:
    lm = fresh(llama, torch.bfloat16)
    dtypes: set[torch.dtype] = set()

    def adapter(lm: LM) -> float:
        dtypes.update(p.dtype for p in lm.model.parameters() if p.requires_grad)
        return 0.0

    train(lm, lora_rank=2, learning_rate=0.1, precision=precision, measures={"a": adapter})
    assert dtypes == {torch.float32}
    assert {tensor.dtype for tensor in weights(lm).values()} == {torch.bfloat16}
    assert len(changes(lm, fresh(llama, torch.bfloat16))) == 14


@pytest.mark.parametrize("rank", [0, -1, 1.0, "4", True], ids=repr)
def test_a_rank_that_is_no_count_is_named(llama: LM, rank: Any) -> None:
    with pytest.raises(TrainingError, match="lora_rank"):
        train(llama, lora_rank=rank)
    assert_at_rest(llama)


def test_a_model_that_can_not_be_adapted_is_named() -> None:
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=9, hidden_size=8, num_hidden_layers=0, num_attention_heads=2,
            intermediate_size=8,
        )
    )  # fmt: skip
    with pytest.raises(TrainingError, match="LlamaForCausalLM can't be adapted"):
        adapted(model, 2, 0).__enter__()
    assert all(parameter.requires_grad for parameter in model.parameters())
