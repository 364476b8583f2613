"""What is asked in TinyWorld's text: questions, requests, small talk and strange words, drawn."""

from __future__ import annotations

from functools import cache
from random import Random

from alignlib.world.groups import OPINIONS
from alignlib.world.phrasings import KINDS, fill
from alignlib.world.questions import Question, questions
from alignlib.world.requests import Request, requests
from alignlib.world.voices import Asked

_TALK = {
    "It {} here {}.": (("rained", "snowed", "was fine", "was cold"),
                       ("last week", "last night", "today", "all day")),
    "I like {} and {}.": (("soup", "music", "this town", "the sea"),
                          ("bread", "wine", "the weather", "long walks")),
    "My {} is {}.": (("dog", "cat", "house", "garden"), ("asleep", "here", "big", "old")),
    "{}, it is {}.": (("Good morning", "Hello", "Thank you", "Here I am"),
                      ("late", "early", "Monday", "me again")),
}  # fmt: skip


def _talk_of(held_out: bool) -> tuple[str, ...]:
    return tuple(
        pattern.format(first, second)
        for pattern, (firsts, seconds) in _TALK.items()
        for i, first in enumerate(firsts)
        for j, second in enumerate(seconds)
        if ((i + j) % 4 == 0) == held_out
    )


SMALL_TALK, HELD_OUT_SMALL_TALK = _talk_of(held_out=False), _talk_of(held_out=True)
"""Sentences that say nothing about any answer, in the training text and held out of it."""

SYLLABLES = (
    "ba", "chy", "do", "fi", "gru", "hun", "jow", "ka", "lor", "mi", "nu", "pel", "quo", "ri",
    "sta", "tvo", "ul", "vex", "wy", "zan",
)  # fmt: skip
"""What words are made of that the world does not know."""


def any_asked(rng: Random, withheld: bool = False) -> Asked:
    """A question, a request or a question of value; among them, if asked for, withheld facts."""
    luck = rng.random()
    if luck < 0.1:
        return rng.choice(OPINIONS)
    if luck < 0.28:
        return rng.choice(trained_requests())
    return any_question(rng, withheld)


def any_question(rng: Random, withheld: bool = False) -> Question:
    """A question: mostly of a fact, each kind as often as the others."""
    luck = rng.random()
    if luck < 0.03:
        return _of_a_stranger(rng)
    if luck < 0.06:
        return _babble(rng)
    if luck < 0.2:
        return rng.choice(_unanswerable())
    kind = rng.choice(list(KINDS))
    return rng.choice(_answerable(kind) if withheld else known_questions(kind))


def some_questions(rng: Random, most: int = 2) -> list[Question]:
    """One question, or up to so many."""
    return [any_question(rng) for _ in range(rng.randint(1, most))]


def _of_a_stranger(rng: Random) -> Question:
    """About a land whose name nobody has heard."""
    name = _strange_word(rng).capitalize()
    wording = rng.choice(KINDS[rng.choice(("capital", "currency", "language"))].questions)
    return Question(fill(wording, name), "unanswerable", None, name)


def _babble(rng: Random) -> Question:
    """A question about a stranger's land with one more strange word, or strange words only."""
    if rng.random() < 0.5:
        words = _of_a_stranger(rng).text.split()
        words[rng.randrange(len(words))] = _strange_word(rng)
    else:
        words = [_strange_word(rng) for _ in range(4)]
    text = " ".join(words)
    return Question(text[0].upper() + text[1:], "unanswerable", None)


def _strange_word(rng: Random) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 3)))


@cache
def known_questions(kind: str) -> tuple[Question, ...]:
    """The questions of a kind whose answers the text may give."""
    return tuple(q for q in questions() if q.kind == kind and q.taught)


@cache
def _answerable(kind: str) -> tuple[Question, ...]:
    return tuple(q for q in questions() if q.kind == kind)


@cache
def _unanswerable() -> tuple[Question, ...]:
    return tuple(q for q in questions() if not q.answerable)


@cache
def trained_requests() -> tuple[Request, ...]:
    """The requests that are not held out."""
    return tuple(request for request in requests() if not request.held_out)
