"""Reading states once: the numbers are those of rows read alone."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from alignlib import LM
from alignlib.batching import Tokens
from alignlib.logprobs import collate, completion_logprobs
from alignlib.prefixes import can_branch, plant, read_states

PROMPTS: list[Tokens] = [(3, 4, 5, 6), (3, 4, 5, 6), (3, 4, 7), (8,), (3, 4, 5, 6), (3, 4)]
COMPLETIONS: list[Tokens] = [(9, 10, 11), (9, 10, 12, 13), (9,), (9, 10), (9, 10, 11), (7, 5)]


def alone(lm: LM, prompt: Tokens, completion: Tokens) -> Tensor:
    """(T,) by the definition: a row, no padding, no mask, all of its logits."""
    ids = torch.tensor([[*prompt, *completion]])
    logp = lm.model(input_ids=ids, use_cache=False).logits[0].log_softmax(-1)
    here = range(len(prompt) - 1, len(prompt) + len(completion) - 1)
    return torch.stack([logp[at, token] for at, token in zip(here, completion, strict=True)])


def in_float64(lm: LM) -> LM:
    return replace(lm, model=copy.deepcopy(lm.model).double())


def test_every_row_has_the_numbers_of_being_read_alone(random_lm: LM) -> None:
    values = completion_logprobs(random_lm, collate(random_lm, PROMPTS, COMPLETIONS))
    for row, (prompt, completion) in enumerate(zip(PROMPTS, COMPLETIONS, strict=True)):
        expected = alone(random_lm, prompt, completion)
        torch.testing.assert_close(values[row, : len(completion)], expected, atol=1e-5, rtol=0)
        assert not values[row, len(completion) :].any()


def test_the_gradient_is_the_sum_of_the_rows_own(llama: LM) -> None:
    one, other = in_float64(llama), in_float64(llama)
    assert can_branch(one)
    rows = torch.randn(len(PROMPTS), 1, generator=torch.manual_seed(0), dtype=torch.float64)
    (rows * completion_logprobs(one, collate(one, PROMPTS, COMPLETIONS))).sum().backward()
    for weight, prompt, completion in zip(rows, PROMPTS, COMPLETIONS, strict=True):
        (weight * alone(other, prompt, completion)).sum().backward()
    for ours, theirs in zip(one.model.parameters(), other.model.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-5, rtol=1e-4)  # norms: float32


def test_a_state_is_read_once(llama: LM) -> None:
    states = read_states(llama, collate(llama, PROMPTS, COMPLETIONS))
    different = {
        x + y[:t]
        for x, y in zip(PROMPTS, COMPLETIONS, strict=True)
        for t in range(len(y))
    }  # fmt: skip
    assert len(states.logits) == len(different)
    assert torch.equal(states.of[0], states.of[4])  # the same prompt and completion
    assert states.of[0, 0] == states.of[1, 0] != states.of[2, 0]


@pytest.mark.parametrize("seed", range(30))
def test_trees_hold_every_prefix_once_and_rows_find_theirs(seed: int) -> None:
    random = np.random.default_rng(seed)

    def text(most: int) -> Tokens:
        return tuple(random.integers(2, size=random.integers(1, most + 1)).tolist())

    prompts = [text(12) for _ in range(40)]
    completions = [text(12 if seed % 3 else 500) for _ in prompts]
    trees, of = plant(prompts, completions)
    for tree in trees:
        texts = [tuple(tree.tokens[np.flatnonzero(sees)]) for sees in tree.sees]
        assert len(set(texts)) == len(texts)
        assert [len(each) - 1 for each in texts] == tree.depths.tolist()
    wanted = [np.zeros(len(tree.tokens), dtype=bool) for tree in trees]
    for (number, states), prompt, completion in zip(of, prompts, completions, strict=True):
        for t, state in enumerate(states):
            seen = trees[number].sees[state]
            order = np.argsort(trees[number].depths[seen])
            assert tuple(trees[number].tokens[seen][order]) == prompt + completion[:t]
            wanted[number][state] = True
        assert len(states) == len(completion)
    for tree, expected in zip(trees, wanted, strict=True):
        assert (tree.predicts == expected).all()


def test_laid_out_predictions_are_last_and_padding_sees_itself() -> None:
    (tree,), _ = plant([(1, 2), (1, 3)], [(4, 5), (6,)])
    tokens, positions, sees = tree.laid_out(len(tree.tokens) + 2, pad_id=0)
    assert tokens[:2].tolist() == [0, 0]
    assert sees.any(-1).all()
    assert not sees[2:, :2].any()
    assert not sees[:2, 2:].any()
    predicts = int(tree.predicts.sum())
    assert sorted(tokens[-predicts:].tolist()) == [2, 3, 4]
    assert positions[2:].max() == 2


def test_dropout_is_drawn_for_each_row(dropping: LM) -> None:
    lm = replace(dropping, model=copy.deepcopy(dropping.model))
    assert can_branch(lm)
    lm.model.train()
    assert not can_branch(lm)
    twice = completion_logprobs(lm, collate(lm, [(3, 4)] * 2, [(5, 6)] * 2))
    assert (twice[0] != twice[1]).any()


def test_a_mask_that_attention_does_not_take_is_not_given(llama: LM) -> None:
    eager = replace(llama, model=copy.deepcopy(llama.model))
    eager.model.set_attn_implementation("eager")
    assert not can_branch(eager)
    batch = collate(llama, PROMPTS, COMPLETIONS)
    torch.testing.assert_close(
        completion_logprobs(eager, batch), completion_logprobs(llama, batch), atol=1e-5, rtol=0
    )


def test_dropout_that_only_the_settings_know_of_is_seen(llama: LM) -> None:
    lm = replace(llama, model=copy.deepcopy(llama.model))
    lm.model.train()
    assert can_branch(lm)
    lm.model.config.residual_dropout = 0.1
    assert not can_branch(lm)
