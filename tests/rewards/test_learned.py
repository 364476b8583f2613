"""A reward learned from judgments: it finds the reward that the judge had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

import alignlib
from alignlib import chat, sample
from alignlib.errors import RewardError
from alignlib.rewards import (
    Comparison,
    Features,
    LearnedReward,
    compare,
    learn_reward,
    politeness,
    preference_accuracy,
)
from alignlib.rewards.learned import fit
from alignlib.world import questions, spread

TRUE = {"red": 1.5, "blue": -1.0, "green": 0.5, "grey": 0.0, "pink": -0.4, "gold": 0.9}
WEIGHTS = torch.tensor(list(TRUE.values()), dtype=torch.float64)
PAIRS = 6000


def count_colours(prompts: Sequence[Any], texts: Sequence[str]) -> torch.Tensor:
    rows = [[text.split().count(name) for name in TRUE] for text in texts]
    return torch.tensor(rows, dtype=torch.float64).reshape(len(texts), len(TRUE))


COLOURS = Features(tuple(TRUE), count_colours)
JUDGE = LearnedReward(COLOURS, WEIGHTS, None, 0)


def drawn(seed: int, n: int = PAIRS, noise: float = 1.0) -> list[Comparison]:
    """Judgments between texts of four colours."""
    rng = Random(seed)
    first, second = ([" ".join(rng.choices(list(TRUE), k=4)) for _ in range(n)] for _ in "ab")
    return compare(JUDGE, [f"prompt {i}" for i in range(n)], first, second, noise=noise, seed=seed)


@pytest.fixture(scope="module")
def learned() -> LearnedReward:
    return learn_reward(drawn(0), COLOURS)


def test_it_finds_the_judge_s_weights_as_closely_as_the_data_allow(learned: LearnedReward) -> None:
    """(w - w*)' H (w - w*) is chi-squared, H being the information in the comparisons.

    Every text has four words, so a constant added to all weights changes nothing: only what is
    orthogonal to that can be learned.
    """
    assert learned.n == 0.8 * PAIRS
    error = learned.weights - WEIGHTS
    error = error - error.mean()
    p = torch.tensor(
        [JUDGE(["x"], [c.chosen])[0] - JUDGE(["x"], [c.rejected])[0] for c in drawn(0)]
    )
    p = p.double().sigmoid()
    d = count_colours([], [c.chosen for c in drawn(0)])
    d = d - count_colours([], [c.rejected for c in drawn(0)])
    information = 0.8 * d.T @ (d * (p * (1 - p))[:, None])
    distance = float(error @ information @ error)
    low, high = stats.chi2(len(TRUE) - 1).interval(0.999)
    assert low < distance < high
    assert list(learned.by_feature.index) == sorted(TRUE, key=lambda name: -TRUE[name])


def calibration_error(reward: LearnedReward, test: list[Comparison]) -> float:
    """The largest distance between said and seen in ten bins, in standard errors."""
    gap = np.subtract(
        reward(["x"] * len(test), [c.chosen for c in test]),
        reward(["x"] * len(test), [c.rejected for c in test]),
    )
    # Each comparison seen from a side that is chosen without looking: the text that comes first.
    side = np.array([c.chosen < c.rejected for c in test])
    said = 1 / (1 + np.exp(-np.where(side, gap, -gap)))
    worst = 0.0
    for part in np.array_split(np.argsort(said), 10):
        p = said[part].mean()
        worst = max(worst, abs(side[part].mean() - p) / (p * (1 - p) / len(part)) ** 0.5)
    return float(worst)


def test_its_probabilities_are_calibrated(learned: LearnedReward) -> None:
    test = drawn(1)
    assert calibration_error(learned, test) < 4
    for factor in (0.5, 2.0, -1.0):  # and this test would notice if they were not
        assert calibration_error(replace(learned, weights=factor * learned.weights), test) > 8


def test_its_accuracy_is_of_what_was_held_out_and_that_of_the_judge(learned: LearnedReward) -> None:
    assert learned.accuracy is not None
    assert learned.accuracy.n == 0.2 * PAIRS
    best = preference_accuracy(JUDGE, drawn(1))
    assert learned.accuracy.low < float(best) < learned.accuracy.high
    assert float(best) < 0.9  # the judge's own chance bounds it


def test_prompts_are_not_on_both_sides() -> None:
    """What is only right for one prompt is not foreseen for another."""
    rng = Random(0)
    names = [f"p{i}" for i in range(40)]
    favourite = {name: rng.choice("ab") for name in names}
    comparisons = [
        Comparison(name, f"{name} {yes}", f"{name} {no}")
        for name in names * 10
        for yes in favourite[name]
        for no in {"a", "b"} - {yes}
    ]
    learned = learn_reward(comparisons)
    assert learned.accuracy is not None
    assert (learned.accuracy.n, learned.n) == (80, 320)
    assert float(preference_accuracy(learned, comparisons)) > 0.8  # learned by heart
    other = [learn_reward(comparisons, seed=seed).accuracy for seed in range(12)]
    assert 0.35 < np.mean([float(each) for each in other if each]) < 0.65


def test_the_weights_are_where_the_gradient_vanishes() -> None:
    """Of the sum of log losses plus l2 / 2 |w|^2, not of the mean."""
    generator = torch.Generator().manual_seed(0)
    for scale in (1e-3, 1.0, 1e2):
        d = scale * torch.randn(300, 20, dtype=torch.float64, generator=generator)
        for l2 in (0.1, 1.0, 30.0):
            w = fit(d, l2)
            pull = d.T @ (1 - (d @ w).sigmoid())
            assert (pull - l2 * w).abs().max() < 1e-3 * max(1.0, float(pull.abs().max()))


def test_weights_stay_finite_where_a_word_always_wins() -> None:
    always = torch.ones(50, 1, dtype=torch.float64)
    weak, strong = fit(always, 0.01), fit(always, 10.0)
    assert 0 < strong.item() < weak.item() < 20


def test_it_does_not_depend_on_the_order_of_the_comparisons(learned: LearnedReward) -> None:
    comparisons = drawn(0)
    assert torch.equal(learned.weights, learn_reward(comparisons, COLOURS).weights)
    all_of_them = learn_reward(comparisons, COLOURS, held_out=0.0)
    backwards = learn_reward(comparisons[::-1], COLOURS, held_out=0.0)
    assert all_of_them.accuracy is None
    assert all_of_them.n == PAIRS
    torch.testing.assert_close(all_of_them.weights, backwards.weights, atol=1e-6, rtol=0.0)


def test_it_is_a_reward() -> None:
    assert JUDGE(prompts=["x"], completions=["red gold"], trainer_state=None) == [1.5 + 0.9]
    assert JUDGE(["x"], [[{"role": "assistant", "content": "blue"}]]) == [-1.0]
    assert JUDGE([], []) == []


def test_it_learns_politeness_from_judgments_of_tiny_s_answers() -> None:
    lm = alignlib.load("tiny", device="cpu")
    prompts = [chat(q.text) for q in spread(questions(), known=200)]
    drawn = sample(lm, prompts, 2, 16, batch_size=200, progress=False)
    first, second = zip(*drawn.by_prompt, strict=True)
    judged = compare(politeness, prompts, first, second, noise=0.25)
    learned = learn_reward(judged[:150], held_out=0.0)
    clear = compare(politeness, prompts, first, second, noise=0.0, skip_ties=True)
    unseen = [each for each in clear if each.prompt in prompts[150:]]
    assert len(unseen) > 10
    assert float(preference_accuracy(learned, unseen)) > 0.9
    courteous = {"certainly", "certainly !", "of course", "with pleasure", "pleasure", "course"}
    assert set(learned.by_feature.index[:6]) & courteous


def test_what_can_t_be_learned_from_is_refused() -> None:
    some = drawn(0, n=20)
    with pytest.raises(RewardError, match="nothing to learn from"):
        learn_reward([])
    with pytest.raises(RewardError, match="nothing to learn from"):
        learn_reward(["a"])  # type: ignore[list-item]
    for l2 in (0.0, -1.0, float("nan")):
        with pytest.raises(RewardError, match="l2 is"):
            learn_reward(some, l2=l2)
    for held_out in (-0.1, 1.0, float("nan")):
        with pytest.raises(RewardError, match="held_out is"):
            learn_reward(some, held_out=held_out)
    with pytest.raises(RewardError, match="seed -1"):
        learn_reward(some, seed=-1)
    with pytest.raises(RewardError, match="give comparisons of more prompts"):
        learn_reward([replace(each, prompt="x") for each in some])
    with pytest.raises(RewardError, match="give comparisons of more prompts"):
        learn_reward(some, held_out=0.05)  # one is too few to measure
    with pytest.raises(RewardError, match="give comparisons of more prompts"):
        learn_reward(some, held_out=0.99)


def test_features_that_do_not_fit_are_refused() -> None:
    some = drawn(0, n=20)

    def constant(value: float, *shape: int) -> Features:
        return Features(("odd",), lambda prompts, texts: torch.full((len(texts), *shape), value))

    for value in (float("inf"), float("nan")):
        with pytest.raises(RewardError, match="No weights were found that fit"):
            learn_reward(some, constant(value, 1))
    for shape in ((), (2,), (1, 1)):
        with pytest.raises(RewardError, match="a row for each text"):
            learn_reward(some, constant(0.0, *shape))
    assert learn_reward(some, constant(1.0, 1)).weights.tolist() == [0.0]  # float32 will do
