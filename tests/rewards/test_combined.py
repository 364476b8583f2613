"""Rewards added up, and side by side."""

from __future__ import annotations

from typing import Any

import pytest

from alignlib.errors import RewardError
from alignlib.rewards import length, politeness, rudeness, side_by_side, truth, weighted
from alignlib.world import questions

FRANCE = next(q for q in questions() if q.text == "What is the capital of France?")
SAID = ["Paris.", "Certainly! It is Paris.", "With pleasure. It is Rome.", "Rome, you fool."]
PROMPTS, ASKED = ["x"] * 4, [FRANCE] * 4


def test_a_weighted_sum_is_the_sum_of_weighted_rewards() -> None:
    reward = weighted(
        {"truth": (truth, 2.0), "polite": (politeness, 0.5), "rude": (rudeness, -1.0)}
    )
    assert reward(PROMPTS, SAID, asked=ASKED) == [2.0, 2.5, 0.5, -1.0]
    assert weighted({"words": (length(), -1)})(PROMPTS, SAID) == [-1.0, -4.0, -5.0, -3.0]
    assert reward.__name__ == "2 truth + 0.5 polite + -1 rude"  # type: ignore[attr-defined]


def test_side_by_side_keeps_them_apart() -> None:
    table = side_by_side({"true": truth, "polite": politeness}, PROMPTS, SAID, asked=ASKED)
    assert table.to_dict("list") == {"true": [1.0, 1.0, 0.0, 0.0], "polite": [0.0, 1.0, 1.0, 0.0]}


def test_what_can_t_be_added_up_is_refused() -> None:
    with pytest.raises(RewardError, match="nothing to add up"):
        weighted({})
    parts: list[Any] = [truth, (truth,), (truth, "much"), (truth, float("nan")), (truth, True)]
    for part in parts:
        with pytest.raises(RewardError, match="The part 'odd' is"):
            weighted({"odd": part})
