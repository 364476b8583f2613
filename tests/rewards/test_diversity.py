"""Judges who do not want the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from alignlib.errors import RewardError
from alignlib.rewards import Asked, approval, vote
from alignlib.world import GROUPS, OPINIONS, Opinion, Question, questions, requests, spread

N = 4000
ONES = ["?"] * N
TEXTS = [f"answer {number}" for number in range(N)]


def share(n: float, p: float) -> Any:
    """A share p, as far as n draws can tell."""
    return pytest.approx(p, abs=4 * (p * (1 - p) / n) ** 0.5)


QUESTIONS = spread(questions(), known=40, unanswerable=12)


def test_a_group_approves_as_it_does() -> None:
    asked: list[Asked] = [*OPINIONS, *OPINIONS, *QUESTIONS, *QUESTIONS]
    said = [o.answer(yes) for yes in (True, False) for o in OPINIONS]
    said += [y for tone in ("", "Certainly! ") for q in QUESTIONS for y in [f"{tone}{q.answer}."]]
    items: list[Opinion | Question] = [*OPINIONS, *OPINIONS, *QUESTIONS, *QUESTIONS]
    for group in GROUPS:
        given = approval(group)(["x"] * len(said), said, asked=asked)
        assert given == [group.approves(i, y) for i, y in zip(items, said, strict=True)]
        assert 0 < sum(given) < len(given)
    assert [approval(group).__name__ for group in GROUPS] == [  # type: ignore[attr-defined]
        "approval of the coast",
        "approval of the hills",
    ]


def test_what_was_done_about_a_request_is_refused() -> None:
    with pytest.raises(RewardError, match="'approval of the hills' does not judge what was done"):
        approval(GROUPS[1])(["x"], ["y"], asked=[requests()[0]])


SHOES = OPINIONS[1]  # only the hills say yes


def test_a_vote_weighs_the_groups() -> None:
    asked, said = [SHOES, SHOES, OPINIONS[0], SHOES], ["Yes.", "No.", "Yes.", "It depends."]

    def given(**options: Any) -> Any:
        return pytest.approx(vote(**options)(["x"] * 4, said, asked=asked))

    assert vote().__name__ == "vote of coast and hills"  # type: ignore[attr-defined]
    assert given() == [0.3, 0.7, 1.0, 0.0]
    assert given(judges_per_group=5) == [0.3, 0.7, 1.0, 0.0]
    assert given(weights={"coast": 1, "hills": 1}) == [0.5, 0.5, 1.0, 0.0]
    assert given(weights={"hills": 3, "coast": 1}) == [0.75, 0.25, 1.0, 0.0]
    assert given(weights={"coast": 0, "hills": 2}) == [1.0, 0.0, 1.0, 0.0]
    assert given(groups=GROUPS[1:]) == [1.0, 0.0, 1.0, 0.0]


def test_judges_of_a_vote_err_each_alone_and_always_alike() -> None:
    asked = [SHOES] * N
    said = [f"Yes. {text}" for text in TEXTS]
    one = vote(GROUPS[1:], noise=0.1, seed=4)
    assert np.mean(one(ONES, said, asked=asked)) == share(N, 0.9)
    three = vote(GROUPS[1:], judges_per_group=3, noise=0.1, seed=4)
    given = three(ONES, said, asked=asked)
    assert given == three(ONES, said, asked=asked)
    for votes, p in ((3, 0.9**3), (2, 3 * 0.9**2 * 0.1), (1, 3 * 0.9 * 0.1**2), (0, 0.1**3)):
        assert np.mean(np.isclose(given, votes / 3)) == share(N, p)
    assert given != vote(GROUPS[1:], judges_per_group=3, noise=0.1, seed=5)(ONES, said, asked=asked)
    # Judges of different groups err alone, too: both say the opposite as often as chance has it.
    both = vote(weights={"coast": 1, "hills": 1}, noise=0.1)
    gift = both(ONES, said, asked=[OPINIONS[0]] * N)
    assert np.mean(np.isclose(gift, 0.0)) == share(N, 0.01)


def test_what_makes_no_vote_is_refused() -> None:
    for weights in ({"coast": 1.0}, {"coast": 1.0, "hills": 1.0, "sea": 1.0}, {}):
        with pytest.raises(RewardError, match="one weight for each"):
            vote(weights=weights)
    with pytest.raises(RewardError, match="at least one group"):
        vote(groups=[])
    for value in (-1.0, float("nan"), "much"):
        with pytest.raises(RewardError, match="not all 0"):
            vote(weights={"coast": 1.0, "hills": value})  # type: ignore[dict-item]
    with pytest.raises(RewardError, match="not all 0"):
        vote(weights={"coast": 0.0, "hills": 0.0})
    with pytest.raises(RewardError, match="judges_per_group is 0"):
        vote(judges_per_group=0)
    with pytest.raises(RewardError, match="seed -1"):
        vote(seed=-1)
    with pytest.raises(RewardError, match="noise is 2"):
        vote(noise=2)
