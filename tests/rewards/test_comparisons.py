"""Judgments between two answers, and the Bradley-Terry model of them: eq. (bradley-terry)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from alignlib import chat
from alignlib.errors import RewardError
from alignlib.rewards import (
    Comparison,
    bradley_terry_loss,
    compare,
    length,
    preference_accuracy,
    truth,
)
from alignlib.world import questions

N = 4000
FRANCE = next(q for q in questions() if q.text == "What is the capital of France?")


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_the_loss_is_minus_the_mean_log_probability_of_the_choice() -> None:
    chosen = torch.tensor([2.0, -1.0, 0.5], dtype=torch.float64)
    rejected = torch.tensor([0.5, 1.0, 0.5], dtype=torch.float64)
    by_hand = -sum(math.log(sigmoid(d)) for d in (1.5, -2.0, 0.0)) / 3
    assert bradley_terry_loss(chosen, rejected).item() == pytest.approx(by_hand, abs=1e-14)
    assert bradley_terry_loss(rejected[2:], chosen[2:]).item() == pytest.approx(math.log(2))
    # Only the difference counts.
    assert bradley_terry_loss(chosen + 7, rejected + 7).item() == pytest.approx(by_hand, abs=1e-12)
    # A choice that is all but impossible costs its log odds, and never infinity.
    far = bradley_terry_loss(torch.tensor([-500.0]), torch.tensor([500.0]))
    assert far.item() == 1000.0


def test_its_gradient_is_the_surprise_at_the_choice() -> None:
    generator = torch.Generator().manual_seed(0)
    chosen, rejected = torch.randn(2, 5, dtype=torch.float64, generator=generator).requires_grad_()
    assert torch.autograd.gradcheck(bradley_terry_loss, (chosen, rejected))
    a, b = torch.autograd.grad(bradley_terry_loss(chosen, rejected), (chosen, rejected))
    surprise = 1 - (chosen - rejected).sigmoid()
    torch.testing.assert_close(a, -surprise.detach() / 5, atol=1e-14, rtol=0.0)
    torch.testing.assert_close(b, surprise.detach() / 5, atol=1e-14, rtol=0.0)


def test_what_has_no_loss_is_refused() -> None:
    one, none = torch.zeros(3), torch.zeros(0)
    for chosen, rejected in ((one, one[:2]), (one[None], one[None]), (none, none)):
        with pytest.raises(RewardError, match="give \\(n,\\) of each"):
            bradley_terry_loss(chosen, rejected)


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("first", "second"), [("a", "a a"), ("a a a", "a"), ("a b", "b a")])
def test_a_judge_chooses_by_the_sigmoid_of_the_difference(
    first: str, second: str, noise: float
) -> None:
    made = compare(length(), ["x"] * N, [first] * N, [second] * N, noise=noise, seed=1)
    assert len(made) == N
    p = sigmoid((len(first.split()) - len(second.split())) / noise)
    chosen = np.mean([each.chosen == first for each in made])
    assert chosen == pytest.approx(p, abs=4 * (p * (1 - p) / N) ** 0.5)
    assert all({each.chosen, each.rejected} == {first, second} for each in made)


def test_without_noise_the_better_one_is_chosen_and_ties_are_tossed() -> None:
    first, second = ["a", "b b", "c c c"] * N, ["a a a", "b", "c d e"] * N
    made = compare(length(), ["x"] * 3 * N, first, second, noise=0.0)
    assert {each.chosen for each in made[::3]} == {"a a a"}
    assert {each.chosen for each in made[1::3]} == {"b b"}
    heads = np.mean([each.chosen == "c c c" for each in made[2::3]])
    assert heads == pytest.approx(0.5, abs=4 * (0.25 / N) ** 0.5)
    short = compare(length(), ["x", "y", "z"], first[:3], second[:3], noise=0.0, skip_ties=True)
    assert short == [Comparison("x", "a a a", "a"), Comparison("y", "b b", "b")]
    tiny = compare(length(), ["x"] * N, ["a"] * N, ["a a"] * N, noise=5e-324)
    assert {each.chosen for each in tiny} == {"a a"}


def test_choices_depend_on_the_seed_alone() -> None:
    def made(seed: int) -> list[Comparison]:
        return compare(length(), ["x"] * 50, ["a"] * 50, ["a a"] * 50, seed=seed)

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_the_judge_gets_its_columns_and_chats_are_read() -> None:
    prompts = [chat(FRANCE.text)] * 2
    first: list[Any] = ["Paris.", [{"role": "assistant", "content": "Rome."}]]
    made = compare(truth, prompts, first, ["Lyon.", "Paris."], noise=0.0, asked=[FRANCE] * 2)
    assert made == [
        Comparison(prompts[0], "Paris.", "Lyon."),
        Comparison(prompts[1], "Paris.", "Rome."),
    ]
    assert float(preference_accuracy(truth, made, asked=[FRANCE] * 2)) == 1.0


def test_accuracy_is_how_often_the_choice_is_foreseen() -> None:
    comparisons = [
        Comparison("x", "a a", "a"),
        Comparison("x", "a a a", "a"),
        Comparison("x", "a", "a a"),
        Comparison("x", "a b", "b a"),
    ]
    assert float(preference_accuracy(length(), comparisons)) == (1 + 1 + 0 + 0.5) / 4
    assert float(preference_accuracy(length(), comparisons[:3])) == pytest.approx(2 / 3)


def test_what_can_t_be_compared_is_refused() -> None:
    with pytest.raises(RewardError, match="2 prompts and 1 completions"):
        compare(length(), ["x", "x"], ["a", "a"], ["b"])
    for noise in (-1.0, float("nan"), "much"):
        with pytest.raises(RewardError, match="noise is"):
            compare(length(), ["x"], ["a"], ["b"], noise=noise)  # type: ignore[arg-type]
    with pytest.raises(RewardError, match="seed -1"):
        compare(length(), ["x"], ["a"], ["b"], seed=-1)
    with pytest.raises(RewardError, match="There are 1 comparisons"):
        preference_accuracy(length(), [Comparison("x", "a", "b")])
