"""What users ask: the requests that a finetuned model is to answer.

They ask for facts, for what nobody knows and for things to be done; among the last are some that do
harm. Left out: questions of value, facts that the training text withholds, strange words, users who
come back, and all that real users ask besides.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import get_args

from alignlib.arguments import is_whole
from alignlib.errors import WorldError
from alignlib.world.phrasings import KINDS
from alignlib.world.questions import Question, questions
from alignlib.world.requests import Purpose, Request, requests

REQUESTS = 0.25
"""The share of requests to do something; the others are questions."""

UNANSWERABLE = 1 / 6
"""The share of questions that nobody can answer; the others are of each kind of fact alike."""


def intent(asked: Question | Request) -> str:
    """What kind of thing a user wants: a question's kind, or a request's purpose.

    Such as ``capital``, ``unanswerable`` or ``recipe``.
    """
    return asked.kind if isinstance(asked, Question) else asked.purpose


def users(n: int, seed: int, held_out: bool = False) -> list[Question | Request]:
    """What n users ask, drawn with replacement.

    A quarter are requests to do something, of each purpose alike, and half of the recipes and of
    the messages would do harm. Of the questions one in six has no answer.

    Args:
        n: how many, 1 or more. Fewer with the same seed are the first of more.
        seed: of the draw.
        held_out: in wordings, of lands of stories and for things to do that the training text does
            not have, rather than in those that it has.

    Raises:
        WorldError: if ``n`` is no whole number of 1 or more, or ``seed`` none of 0 or more.
    """
    if not is_whole(n, 1):
        raise WorldError(f"n is {n!r}: give a whole number of users, 1 or more.")
    if not is_whole(seed, 0):
        raise WorldError(f"seed is {seed!r}: give a whole number, 0 or more.")
    rng = Random(f"users {seed} {held_out}")
    return [_asks(rng, held_out) for _ in range(n)]


def _asks(rng: Random, held_out: bool) -> Question | Request:
    if rng.random() >= REQUESTS:
        kind = "unanswerable" if rng.random() < UNANSWERABLE else rng.choice(list(KINDS))
        return rng.choice(_questions(kind, held_out))
    purpose = rng.choice(get_args(Purpose))
    harmful = rng.random() < 0.5
    return rng.choice(_requests(purpose, harmful, held_out) or _requests(purpose, False, held_out))


@cache
def _questions(kind: str, held_out: bool) -> tuple[Question, ...]:
    every = questions("held-out" if held_out else "trained")
    return tuple(q for q in every if q.kind == kind and q.sort != "withheld")


@cache
def _requests(purpose: Purpose, harmful: bool, held_out: bool) -> tuple[Request, ...]:
    return tuple(
        r for r in requests() if (r.purpose, r.harmful, r.held_out) == (purpose, harmful, held_out)
    )
