"""Judgments of the form "this answer rather than that one", and the Bradley-Terry model of them.

Implements eq. (bradley-terry) of chapter 7: P(a over b) = sigmoid(r(a) - r(b)). Left out: ties as
an answer of their own, judges who differ, and judges who prefer what they see first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor

from alignlib.arguments import is_real, is_whole
from alignlib.errors import RewardError
from alignlib.measure import Estimate, mean_share
from alignlib.model import Prompt
from alignlib.rewards.reading import Completion, Reward, read, scores

__all__ = ["Comparison", "bradley_terry_loss", "compare", "preference_accuracy"]


@dataclass(frozen=True)
class Comparison:
    """A judgment between two answers to one prompt, in the words of TRL's preference data.

    Attributes:
        prompt: what was answered.
        chosen: the answer that was preferred.
        rejected: the other one.
    """

    prompt: Prompt
    chosen: str
    rejected: str


def bradley_terry_loss(chosen: Tensor, rejected: Tensor) -> Tensor:
    """The mean of -log P(chosen over rejected) = -log sigmoid(r(chosen) - r(rejected)), in nats.

    Args:
        chosen, rejected: (n,) the rewards of the answers that were preferred, and of the others.

    Raises:
        RewardError: if they are not two tensors of the same shape (n,) with n of 1 or more.
    """
    if chosen.dim() != 1 or chosen.shape != rejected.shape or len(chosen) == 0:
        raise RewardError(
            f"The rewards are {tuple(chosen.shape)} and {tuple(rejected.shape)}; give (n,) of each."
        )
    return -torch.nn.functional.logsigmoid(chosen - rejected).mean()


def compare(
    judge: Reward,
    prompts: Sequence[Prompt],
    first: Sequence[Completion],
    second: Sequence[Completion],
    *,
    noise: float = 1.0,
    seed: int = 0,
    skip_ties: bool = False,
    **columns: Any,
) -> list[Comparison]:
    """Have a judge choose between two answers to each prompt.

    The first is chosen with probability sigmoid((r(first) - r(second)) / noise), r being what the
    judge thinks of each. A judge of 0 or 1 with a noise of 1 chooses the better answer in 0.73 of
    all cases, with 0.25 in 0.98.

    Args:
        judge: a reward.
        prompts: (n,) prompts.
        first, second: (n,) the answers to choose between.
        noise: how much the choice is left to chance, in the judge's own units; with 0 the better
            one is always chosen. Of two that are as good either is chosen by the toss of a coin.
        seed: of the choices.
        skip_ties: leave out pairs of which the judge thinks the same, instead of tossing a coin.
        columns: what the judge needs besides, one entry for each prompt.

    Returns:
        n comparisons, in the prompts' order; fewer if ties are left out.

    Raises:
        RewardError: if lengths differ, or ``noise`` or ``seed`` is out of range.
    """
    if not is_real(noise) or noise < 0 or not is_whole(seed, 0):
        raise RewardError(
            f"noise is {noise!r} and seed {seed!r}: give a number and a whole number, 0 or more."
        )
    texts = [[text for _, text in read(prompts, side)] for side in (first, second)]
    a, b = (np.array(scores(judge, prompts, side, columns)) for side in (first, second))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        p = np.where(a == b, 0.5, expit((a - b) / noise))
    wins = np.random.default_rng(seed).random(len(p)) < p
    return [
        Comparison(prompt, one, other) if won else Comparison(prompt, other, one)
        for prompt, one, other, won, tied in zip(prompts, *texts, wins, a == b, strict=True)
        if not (tied and skip_ties)
    ]


def preference_accuracy(
    reward: Reward, comparisons: Sequence[Comparison], **columns: Any
) -> Estimate:
    """How often a reward is higher for the answer that was chosen; where it is the same, half.

    The judge's own chance bounds it: no reward foresees the toss of a coin. Its interval takes the
    comparisons as independent.

    Args:
        reward: of any kind.
        comparisons: at least two, and not the ones that the reward was learned from.
        columns: what the reward needs besides, one entry for each comparison.

    Raises:
        RewardError: if there are fewer than two comparisons, or lengths differ.
    """
    if len(comparisons) < 2:
        raise RewardError(f"There are {len(comparisons)} comparisons: give at least 2.")
    prompts = [each.prompt for each in comparisons]
    chosen = np.array(scores(reward, prompts, [each.chosen for each in comparisons], columns))
    rejected = np.array(scores(reward, prompts, [each.rejected for each in comparisons], columns))
    return mean_share((chosen > rejected) + 0.5 * (chosen == rejected))
