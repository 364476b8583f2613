"""A reward learned from judgments between answers: a linear score under the Bradley-Terry model.

Maximum likelihood for eq. (bradley-terry) of chapter 7 with r(x, y) = w . features(x, y):
minimise over w

    sum over comparisons of -log sigmoid(r(x, chosen) - r(x, rejected)) + (l2 / 2) |w|^2.

It is convex, with one minimum, so nothing depends on where the search starts. Left out: training
the language model that makes the features, an intercept (it cancels), and ensembles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from alignlib.arguments import is_real, is_whole
from alignlib.errors import RewardError
from alignlib.measure import Estimate
from alignlib.model import Prompt
from alignlib.rewards.comparisons import Comparison, bradley_terry_loss, preference_accuracy
from alignlib.rewards.features import Features, bag_of_words
from alignlib.rewards.reading import Completion, read

__all__ = ["LearnedReward", "learn_reward"]


@dataclass(frozen=True)
class LearnedReward:
    """A reward w . features(prompt, text): call it as any other.

    Only differences between answers to the same prompt mean something. They are log odds: of two
    answers whose rewards differ by 1 the higher one is chosen in 0.73 of all cases.

    Attributes:
        features: what it sees of an answer.
        weights: (F,) w.
        accuracy: how often it foresees a judgment that it was not learned from; None where none was
            held out. See :func:`alignlib.rewards.comparisons.preference_accuracy`.
        n: from how many comparisons it was learned.
    """

    features: Features = field(repr=False)
    weights: Tensor = field(repr=False)
    accuracy: Estimate | None
    n: int

    def __call__(
        self, prompts: Sequence[Prompt], completions: Sequence[Completion], **columns: Any
    ) -> list[float]:
        said = [text for _, text in read(prompts, completions)]
        return [float(value) for value in self.features.table(list(prompts), said) @ self.weights]

    @property
    def by_feature(self) -> pd.Series:
        """(F,) the weights by the features' names, from the highest to the lowest."""
        table = pd.Series(self.weights.numpy(), self.features.names, name="weight")
        return table.sort_values(ascending=False, kind="stable")


def learn_reward(
    comparisons: Sequence[Comparison],
    features: Features | None = None,
    *,
    l2: float = 1.0,
    held_out: float = 0.2,
    seed: int = 0,
) -> LearnedReward:
    """Learn a reward from judgments between answers.

    Args:
        comparisons: such as :func:`alignlib.rewards.comparisons.compare` makes.
        features: what the reward is to see of an answer; by default a
            :func:`alignlib.rewards.features.bag_of_words` of the answers learned from.
        l2: how strongly weights are pulled to 0: a Gaussian prior with the variance 1 / l2. The
            more comparisons there are, the less it counts.
        held_out: the share of the prompts whose comparisons are held out for the accuracy, so that
            no prompt is on both sides. (The same words may be.)
        seed: of which prompts those are.

    Raises:
        RewardError: if there are too few comparisons or prompts, or an argument is out of range.
    """
    if not is_real(l2) or l2 <= 0:
        raise RewardError(
            f"l2 is {l2!r}: give a number above 0. Without a pull to 0, weights grow without end "
            "where a word is always chosen."
        )
    train, test = _split(comparisons, held_out, seed)
    if features is None:
        features = bag_of_words([text for each in train for text in (each.chosen, each.rejected)])
    prompts = [each.prompt for each in train]
    difference = features.table(prompts, [each.chosen for each in train])
    difference = difference - features.table(prompts, [each.rejected for each in train])  # (n, F)
    weights = fit(difference, float(l2))
    learned = LearnedReward(features, weights, None, len(train))
    if not test:
        return learned
    return LearnedReward(features, weights, preference_accuracy(learned, test), len(train))


def fit(difference: Tensor, l2: float) -> Tensor:
    """(F,) the weights of greatest penalised likelihood.

    Args:
        difference: (n, F) float64, the features of the chosen answer minus those of the rejected.
        l2: as for :func:`alignlib.rewards.learned.learn_reward`.

    Raises:
        RewardError: if the features are no numbers, or too large to find the weights.
    """
    n, F = difference.shape
    weights = torch.zeros(F, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS(
        [weights],
        max_iter=1000,
        tolerance_grad=1e-9,
        tolerance_change=0.0,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        search.zero_grad()
        gain = difference @ weights  # (n,)
        value = bradley_terry_loss(gain, torch.zeros_like(gain)) + l2 / (2 * n) * weights @ weights
        value.backward()
        return value

    search.step(loss)
    loss()
    assert weights.grad is not None
    if not weights.grad.abs().max() < 1e-6:
        raise RewardError(
            "No weights were found that fit: are the features finite, and of a size near 1? Scale "
            "them, or pull harder (a larger l2)."
        )
    return weights.detach()


def _split(
    comparisons: Sequence[Comparison], held_out: float, seed: int
) -> tuple[list[Comparison], list[Comparison]]:
    """Comparisons to learn from, and those of other prompts."""
    if not is_real(held_out) or not 0 <= held_out < 1 or not is_whole(seed, 0):
        raise RewardError(
            f"held_out is {held_out!r} and seed {seed!r}: give a share from 0 up to 1, and a whole "
            "number, 0 or more."
        )
    if not comparisons or not all(isinstance(each, Comparison) for each in comparisons):
        raise RewardError("There is nothing to learn from: give a list of comparisons.")
    prompts = list(dict.fromkeys(_key(each) for each in comparisons))
    count = round(held_out * len(prompts))
    order = np.random.default_rng(seed).permutation(len(prompts))
    tested = {prompts[number] for number in order[:count]}
    train = [each for each in comparisons if _key(each) not in tested]
    test = [each for each in comparisons if _key(each) in tested]
    if not train or (held_out > 0 and len(test) < 2):
        raise RewardError(
            f"Of {len(comparisons)} comparisons of {len(prompts)} prompts, {len(test)} would be "
            "held out: give comparisons of more prompts, or held_out=0 to hold out none."
        )
    return train, test


def _key(each: Comparison) -> str:
    return repr(each.prompt)
