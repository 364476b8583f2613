"""Log-probabilities: the distribution they are of, gradients, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from alignlib import LM, logprobs
from alignlib.errors import PromptError, SamplingError
from alignlib.logprobs import collate, completion_logprobs, log_distribution, token_logprobs

LOGITS = torch.tensor([2.0, 1.0, 0.0, -1.0], dtype=torch.float64)


def test_temperature_divides_the_logits() -> None:
    expected = torch.softmax(LOGITS / 0.5, -1)
    torch.testing.assert_close(log_distribution(LOGITS, 0.5).exp(), expected)


def test_temperature_zero_is_a_point_mass_on_the_first_largest() -> None:
    tied = torch.tensor([0.0, 3.0, 3.0])
    assert log_distribution(tied, 0.0).exp().tolist() == [0.0, 1.0, 0.0]


def test_top_p_keeps_the_fewest_tokens_that_reach_it() -> None:
    p = torch.tensor([0.5, 0.3, 0.15, 0.05], dtype=torch.float64)
    for top_p, kept in [(0.4, 1), (0.51, 2), (0.79, 2), (0.81, 3), (0.97, 4)]:
        got = log_distribution(p.log(), 1.0, top_p).exp()
        expected = torch.where(torch.arange(4) < kept, p, 0.0)
        torch.testing.assert_close(got, expected / expected.sum())


def test_the_short_way_equals_the_long_way() -> None:
    logits = torch.randn(3, 5, 7, generator=torch.Generator().manual_seed(0)) * 5
    tokens = torch.arange(15).reshape(3, 5) % 7
    expected = logits.log_softmax(-1).gather(-1, tokens[..., None]).squeeze(-1)
    torch.testing.assert_close(token_logprobs(logits, tokens), expected)


def test_half_precision_is_scored_in_single() -> None:
    logits = torch.randn(4, 9, generator=torch.Generator().manual_seed(0)).bfloat16()
    assert token_logprobs(logits, torch.zeros(4, dtype=torch.long)).dtype == torch.float32


def test_text_and_its_tokens_score_alike(llama: LM) -> None:
    text = "sat on the mat."
    ids = llama.tokenizer(text, add_special_tokens=False).input_ids
    by_text, by_ids = logprobs(llama, ["the cat "], [text]), logprobs(llama, ["the cat "], [ids])
    assert torch.equal(by_text.values, by_ids.values)
    assert by_text.mask.sum() == len(text)


def test_probabilities_of_all_completions_sum_to_one(llama: LM) -> None:
    V = llama.model.config.vocab_size
    pairs = [[first, second] for first in range(V) for second in range(V)]
    scored = logprobs(llama, ["cat"] * len(pairs), pairs, batch_size=300)
    assert scored.sequence.double().exp().sum().item() == pytest.approx(1.0, abs=1e-5)


def test_order_is_kept(llama: LM) -> None:
    completions = [[1] * 9, [2], [3, 4, 5]]
    together = logprobs(llama, ["a long prompt", "b", "cc"], completions, batch_size=1)
    assert together.mask.sum(-1).tolist() == [9, 1, 3]
    assert together.tokens[2, :3].tolist() == [3, 4, 5]


def test_gradients_flow_and_padding_takes_none(llama: LM) -> None:
    batch = collate(llama, [[1, 2, 3], [4]], [[5, 6], [7]])
    values = completion_logprobs(llama, batch)
    values.sum().backward()
    assert values[1, 1] == 0.0
    together = [p.grad.clone() for p in llama.model.parameters() if p.grad is not None]
    llama.model.zero_grad()
    for prompt, completion in (([1, 2, 3], [5, 6]), ([4], [7])):
        completion_logprobs(llama, collate(llama, [prompt], [completion])).sum().backward()
    apart = [p.grad for p in llama.model.parameters() if p.grad is not None]
    llama.model.zero_grad()
    assert together
    for one, other in zip(together, apart, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_bad_pairs_are_named(llama: LM) -> None:
    with pytest.raises(PromptError, match="2 prompts and 1 completions"):
        logprobs(llama, ["a", "b"], ["c"])
    with pytest.raises(PromptError, match="nothing to score"):
        logprobs(llama, ["a"], [""])
    with pytest.raises(PromptError, match="empty"):
        logprobs(llama, [], [])
    with pytest.raises(PromptError, match="cut off"):
        logprobs(llama, ["a"], ["b" * 128])
    with pytest.raises(SamplingError, match="temperature"):
        logprobs(llama, ["a"], ["b"], temperature=math.nan)


@pytest.mark.parametrize("completions", ["cd", None, {"c": 1}, 3])
def test_what_is_no_list_of_completions_is_named(llama: LM, completions: Any) -> None:
    with pytest.raises(PromptError, match="Completions come as a list"):
        logprobs(llama, ["a", "b"], completions)


@pytest.mark.parametrize("completion", [[1.7], [1.0], ["a"], None, 3, [[1]]], ids=str)
def test_what_is_no_completion_is_named(llama: LM, completion: Any) -> None:
    with pytest.raises(PromptError, match="A completion is a text or a list"):
        logprobs(llama, ["a"], [completion])


@pytest.mark.parametrize("token", [-1, 30, 2**70])
def test_a_token_outside_the_vocabulary_is_named(llama: LM, token: int) -> None:
    assert llama.model.config.vocab_size == 30
    with pytest.raises(PromptError, match=r"not in the vocabulary.*0 to 29"):
        logprobs(llama, ["a"], [[1, token]])


def test_tokens_of_numpy_and_torch_are_tokens(llama: LM) -> None:
    plain = logprobs(llama, ["a"], [[1, 2]])
    for completion in (np.array([1, 2]), torch.tensor([1, 2]), (1, 2)):
        given = logprobs(llama, ["a"], [completion])  # type: ignore[list-item]
        assert torch.equal(given.values, plain.values)


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, None, True])
def test_a_batch_size_that_is_no_count_is_named(llama: LM, batch_size: Any) -> None:
    with pytest.raises(SamplingError, match="batch_size"):
        logprobs(llama, ["a"], ["b"], batch_size=batch_size)
