"""Sampling: the draws themselves, what decides them, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import alignlib
from alignlib import LM, Samples, logprobs, sample
from alignlib.batching import batches, common_beginning
from alignlib.errors import PromptError, SamplingError
from alignlib.logprobs import log_distribution
from tests.random_models import write_model


def same(a: Samples, b: Samples) -> bool:
    return a.texts == b.texts and torch.equal(a.tokens, b.tokens)


def test_the_seed_decides(llama: LM) -> None:
    assert same(
        sample(llama, ["a", "the cat"], 3, seed=1), sample(llama, ["a", "the cat"], 3, seed=1)
    )
    assert not same(sample(llama, ["a"], 3, seed=1), sample(llama, ["a"], 3, seed=2))


def test_the_global_generator_is_neither_used_nor_moved(llama: LM) -> None:
    torch.manual_seed(0)
    first = sample(llama, ["a"], 3)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    assert same(first, sample(llama, ["a"], 3))
    assert torch.equal(before, torch.get_rng_state())


def test_samples_of_one_prompt_differ(llama: LM) -> None:
    assert len(set(sample(llama, ["a"], 16).texts)) > 12


def test_a_prompt_listed_twice_goes_on_where_it_stopped(llama: LM) -> None:
    assert sample(llama, ["a"], 4).texts == sample(llama, ["a"] * 4, 1).texts


def test_order_and_neighbours_do_not_matter(llama: LM) -> None:
    ab = sample(llama, ["a cat", "b"], 2).by_prompt
    ba = sample(llama, ["b", "zzz", "a cat"], 2).by_prompt
    assert ab == [ba[2], ba[0]]


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_the_batch_size_does_not_matter(llama: LM, batch_size: int) -> None:
    prompts = ["a", "the cat", "the cat sat", "dogs"]
    assert same(sample(llama, prompts, 3), sample(llama, prompts, 3, batch_size=batch_size))


def test_a_longer_limit_only_adds(llama: LM) -> None:
    short, long = sample(llama, ["a", "b"], 3, 5), sample(llama, ["a", "b"], 3, 20)
    for few, many in zip(short.completions, long.completions, strict=True):
        assert many[: len(few)] == few


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (0.5, 1.0), (1.0, 0.6)])
def test_frequencies_are_the_probabilities(llama: LM, temperature: float, top_p: float) -> None:
    """The first token of 4,000 samples against the model's own distribution, by chi-square."""
    drawn = sample(llama, ["the"], 4000, 1, temperature=temperature, top_p=top_p, batch_size=4000)
    with torch.no_grad():
        logits = llama.model(torch.tensor([llama.encode("the")])).logits[0, -1]
    expected = 4000 * log_distribution(logits, temperature, top_p).exp()
    counts = torch.bincount(drawn.tokens[:, 0], minlength=len(expected))
    assert (counts[expected == 0] == 0).all()
    common = expected >= 5
    statistic = ((counts - expected) ** 2 / expected)[common].sum().item()
    freedom = int(common.sum()) - 1
    assert statistic < freedom + 4 * math.sqrt(2 * freedom)


def test_shapes_and_fields(llama: LM) -> None:
    drawn = sample(llama, ["a", "the cat"], 3, 7)
    assert len(drawn) == 6
    assert drawn.prompts == ["a"] * 3 + ["the cat"] * 3
    assert drawn.tokens.shape == drawn.mask.shape == drawn.logprobs.shape
    assert drawn.tokens.shape[1] <= 7
    assert [len(group) for group in drawn.by_prompt] == [3, 3]
    assert (drawn.tokens[~drawn.mask] == llama.pad_id).all()


def test_nothing_learns(llama: LM) -> None:
    drawn = sample(llama, ["a"])
    assert not drawn.logprobs.requires_grad
    assert all(parameter.grad is None for parameter in llama.model.parameters())


@pytest.mark.parametrize("temperature", [-0.1, math.nan, math.inf])
def test_a_bad_temperature_is_named(llama: LM, temperature: float) -> None:
    with pytest.raises(SamplingError, match="temperature"):
        sample(llama, ["a"], temperature=temperature)


@pytest.mark.parametrize("top_p", [0.0, -1.0, 1.1, math.nan])
def test_a_bad_top_p_is_named(llama: LM, top_p: float) -> None:
    with pytest.raises(SamplingError, match="top_p"):
        sample(llama, ["a"], top_p=top_p)


@pytest.mark.parametrize("name", ["samples_per_prompt", "max_new_tokens", "batch_size"])
def test_a_count_below_one_is_named(llama: LM, name: str) -> None:
    with pytest.raises(SamplingError, match=name):
        sample(llama, ["a"], **{name: 0})  # type: ignore[arg-type]


def test_a_negative_seed_is_named(llama: LM) -> None:
    with pytest.raises(SamplingError, match="seed"):
        sample(llama, ["a"], seed=-1)


@pytest.mark.parametrize(
    "arguments",
    [
        *({"samples_per_prompt": value} for value in (2.0, "3", None, True)),
        *({"max_new_tokens": value} for value in (2.5, math.nan)),
        *({"seed": value} for value in (3.0, None, "3", True)),
        *({"temperature": value} for value in ("1", None, True)),
        *({"top_p": value} for value in ("x", None, True)),
    ],
    ids=str,
)
def test_an_argument_of_another_type_is_named(llama: LM, arguments: dict[str, Any]) -> None:
    with pytest.raises(SamplingError, match=next(iter(arguments))):
        sample(llama, ["a"], **arguments)


def test_numbers_of_numpy_are_numbers(llama: LM) -> None:
    arguments: dict[str, Any] = {
        "samples_per_prompt": np.int64(2),
        "max_new_tokens": np.int32(3),
        "temperature": np.float32(1.0),
        "top_p": np.float64(1.0),
        "seed": np.int64(1),
    }
    assert same(sample(llama, ["a"], **arguments), sample(llama, ["a"], 2, 3, seed=1))


@pytest.fixture
def dropping(tmp_path: Path) -> LM:
    """A model with dropout, left in training mode, but for one module."""
    lm = alignlib.load(write_model(tmp_path, "gpt2"), device="cpu")
    lm.model.train()
    lm.model.lm_head.eval()
    return lm


def test_training_mode_changes_no_number_and_comes_back(dropping: LM) -> None:
    drawn = sample(dropping, ["a", "the cat"], 4, 20)
    scored = logprobs(dropping, drawn.prompts, drawn.completions)
    torch.testing.assert_close(scored.values, drawn.logprobs, atol=1e-4, rtol=0.0)
    off = [name for name, module in dropping.model.named_modules() if not module.training]
    assert off == ["lm_head"]
    dropping.model.eval()
    assert same(drawn, sample(dropping, ["a", "the cat"], 4, 20))


def test_training_mode_comes_back_after_an_error(dropping: LM) -> None:
    next(dropping.model.parameters()).data.fill_(math.nan)
    with pytest.raises(SamplingError, match="NaN"):
        sample(dropping, ["a"])
    assert dropping.model.training


@pytest.mark.parametrize("temperature", [1.0, 0.0])
def test_predictions_that_are_no_numbers_are_named(dropping: LM, temperature: float) -> None:
    next(dropping.model.parameters()).data.fill_(math.nan)
    with pytest.raises(SamplingError, match="not numbers"):
        sample(dropping, ["a"], temperature=temperature)
    with pytest.raises(SamplingError, match="not numbers"):
        logprobs(dropping, ["a"], ["b"], temperature=temperature)


def test_double_precision_is_kept(tmp_path: Path) -> None:
    lm = alignlib.load(write_model(tmp_path, "llama"), "cpu", "float64")
    drawn = sample(lm, ["a", "the cat"], 2, 5)
    scored = logprobs(lm, drawn.prompts, drawn.completions)
    assert drawn.logprobs.dtype == scored.values.dtype == torch.float64
    torch.testing.assert_close(scored.values, drawn.logprobs, atol=1e-12, rtol=0.0)


def letters() -> Iterator[str]:
    yield "a"


@pytest.mark.parametrize(
    "prompts",
    [{"a": 1}, {"a"}, letters(), pd.Series(["a"]), np.array(["a"]), None, 3, b"ab"],
    ids=lambda prompts: type(prompts).__name__,
)
def test_what_is_no_list_of_prompts_is_named(llama: LM, prompts: Any) -> None:
    with pytest.raises(PromptError, match=r"write list\(prompts\) or \[prompt\]"):
        sample(llama, prompts)
    with pytest.raises(PromptError, match=r"write list\(prompts\) or \[prompt\]"):
        logprobs(llama, prompts, ["a"])


def test_bad_lists_of_prompts_are_named(llama: LM) -> None:
    with pytest.raises(PromptError, match="empty"):
        sample(llama, [])
    with pytest.raises(PromptError, match="empty string"):
        sample(llama, ["a", ""])
    with pytest.raises(PromptError, match=r"\[prompt\]"):
        sample(llama, "hello")
    with pytest.raises(PromptError, match=r"\[prompt\]"):
        sample(llama, [{"role": "user", "content": "hello"}])  # type: ignore[list-item]


def test_what_does_not_fit_the_context_is_refused_not_cut(llama: LM) -> None:
    assert llama.context_length == 128
    sample(llama, ["a" * 124], 1, 4)
    with pytest.raises(PromptError, match=r"Prompt 1 has 125 tokens.*128"):
        sample(llama, ["a", "a" * 125], 1, 4)
    with pytest.raises(PromptError, match="200 tokens"):
        sample(llama, ["a" * 200], 1, 1)


def test_a_common_beginning_leaves_each_prompt_a_token() -> None:
    assert common_beginning([(1, 2, 3), (1, 2, 4)]) == 2
    assert common_beginning([(1, 2), (1, 2, 4)]) == 1
    assert common_beginning([(1, 2), (3,)]) == 0


def test_batches_hold_every_row_once_and_bring_beginnings_together() -> None:
    system_a, system_b = tuple(range(20)), tuple(range(50, 70))
    prompts = [
        start + (100 + i,) * (1 + i // 2) for i in range(8) for start in (system_a, system_b)
    ]
    plan = batches(prompts, 8)
    assert sorted(row for batch in plan for row in batch) == list(range(16))
    assert {len({prompts[row][0] for row in batch}) for batch in plan} == {1}
    lengths = [(1,) * n for n in (5, 1, 4, 2, 3)]
    assert batches(lengths, 2)[0] == [1, 3]
