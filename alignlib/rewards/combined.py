"""Several rewards at once: added up, or side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from alignlib.arguments import is_real
from alignlib.errors import RewardError
from alignlib.model import Prompt
from alignlib.rewards.reading import Completion, Reward, scores

__all__ = ["side_by_side", "weighted"]


def weighted(parts: Mapping[str, tuple[Reward, float]]) -> Reward:
    """The sum of rewards, each times its weight. A weight below 0 makes a punishment of it.

    Args:
        parts: by name, a reward and its weight.

    Raises:
        RewardError: if there is no part, or one is no pair of a reward and a finite number.
    """
    for name, part in parts.items():
        if not isinstance(part, tuple) or len(part) != 2 or not is_real(part[1]):
            raise RewardError(f"The part {name!r} is {part!r}: give (reward, weight).")
    if not parts:
        raise RewardError("There is nothing to add up: give at least one {name: (reward, weight)}.")
    rewards = {name: reward for name, (reward, _) in parts.items()}
    weights = pd.Series({name: float(weight) for name, (_, weight) in parts.items()})

    def total(
        prompts: Sequence[Prompt], completions: Sequence[Completion], **columns: Any
    ) -> list[float]:
        table = side_by_side(rewards, prompts, completions, **columns)
        return [float(value) for value in table @ weights]

    total.__name__ = " + ".join(f"{weight:g} {name}" for name, weight in weights.items())
    return total


def side_by_side(
    rewards: Mapping[str, Reward],
    prompts: Sequence[Prompt],
    completions: Sequence[Completion],
    **columns: Any,
) -> pd.DataFrame:
    """What each of several rewards gives to the same completions.

    Args:
        rewards: by name.
        prompts, completions, columns: as for every reward.

    Returns:
        (n, rewards) a column for each, under its name.

    Raises:
        RewardError: if a reward does not give a finite number for each completion.
    """
    return pd.DataFrame(
        {name: scores(reward, prompts, completions, columns) for name, reward in rewards.items()}
    )
