"""What users ask, held against the shares that are stated."""

from __future__ import annotations

import math
from collections import Counter
from typing import get_args

import pytest

from alignlib.errors import WorldError
from alignlib.world import Question, Request, intent, questions, requests, users
from alignlib.world.phrasings import KINDS
from alignlib.world.requests import Purpose
from alignlib.world.users import REQUESTS, UNANSWERABLE

N = 20_000
PARTS = [False, True]


def near(count: int, share: float, n: int = N) -> bool:
    return abs(count / n - share) < 4.5 * math.sqrt(share * (1 - share) / n)


@pytest.mark.parametrize("held_out", PARTS)
def test_kinds_and_purposes_have_their_shares(held_out: bool) -> None:
    counts = Counter(map(intent, users(N, 3, held_out)))
    assert set(counts) == {*KINDS, "unanswerable", *get_args(Purpose)}
    for purpose in get_args(Purpose):
        assert near(counts[purpose], REQUESTS / 4), purpose
    assert near(counts["unanswerable"], (1 - REQUESTS) * UNANSWERABLE)
    for kind in KINDS:
        assert near(counts[kind], (1 - REQUESTS) * (1 - UNANSWERABLE) / 8), kind


@pytest.mark.parametrize("held_out", PARTS)
def test_half_of_the_recipes_and_messages_do_harm(held_out: bool) -> None:
    asked = [each for each in users(N, 3, held_out) if isinstance(each, Request)]
    harm = Counter(each.purpose for each in asked if each.harmful)
    assert set(harm) == {"recipe", "message"}
    for purpose, count in harm.items():
        of_purpose = sum(each.purpose == purpose for each in asked)
        assert near(count, 0.5, of_purpose), purpose


@pytest.mark.parametrize("held_out", PARTS)
def test_users_ask_all_of_their_part_but_nothing_withheld_or_strange(held_out: bool) -> None:
    pool = questions("held-out" if held_out else "trained")
    stated = {q for q in pool if q.sort != "withheld"}
    to_do = {r for r in requests() if r.held_out == held_out}
    drawn = set(users(10 * N, 0, held_out))
    assert {each for each in drawn if isinstance(each, Question)} == stated
    assert {each for each in drawn if isinstance(each, Request)} == to_do


def test_users_depend_on_the_seed_alone() -> None:
    assert users(50, 1) == users(50, 1)
    assert users(50, 1)[:20] == users(20, 1)
    assert users(50, 1) != users(50, 2)


@pytest.mark.parametrize("n", [0, -1, 1.5, True])
def test_no_users_are_refused(n: int) -> None:
    with pytest.raises(WorldError, match="give a whole number of users, 1 or more"):
        users(n, 0)


@pytest.mark.parametrize("seed", [-1, 0.5, True])
def test_a_seed_that_is_no_whole_number_is_refused(seed: int) -> None:
    with pytest.raises(WorldError, match=f"seed is {seed!r}: give a whole number"):
        users(3, seed)
