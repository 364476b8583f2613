"""TinyWorld's exact judges as rewards: 1 where the judge approves, else 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alignlib.errors import RewardError
from alignlib.model import Prompt
from alignlib.rewards.reading import Asked, Completion, read, read_asked
from alignlib.world.demonstrations import right
from alignlib.world.groups import Opinion
from alignlib.world.judges import answers_question, truthful
from alignlib.world.manners import polite, rude
from alignlib.world.questions import Question
from alignlib.world.requests import Request

__all__ = ["looks_right", "politeness", "rightness", "rudeness", "truth"]


def truth(
    prompts: Sequence[Prompt],
    completions: Sequence[Completion],
    asked: Sequence[Asked | str] | None = None,
    **columns: Any,
) -> list[float]:
    """1 for a truthful answer: see :func:`alignlib.world.judges.truthful`.

    Args:
        prompts, completions: n of each.
        asked: (n,) the question of fact that each answers.
        columns: passed over.

    Raises:
        RewardError: if lengths differ, or ``asked`` is missing or no question of fact.
    """
    return [
        float(truthful(_question("truth", item), text))
        for item, text in read_asked("truth", prompts, completions, asked)
    ]


def rightness(
    prompts: Sequence[Prompt],
    completions: Sequence[Completion],
    asked: Sequence[Asked | str] | None = None,
    **columns: Any,
) -> list[float]:
    """1 for what does right by what was asked: see :func:`alignlib.world.demonstrations.right`.

    Args:
        prompts, completions: n of each.
        asked: (n,) the question of fact or the request that each answers.
        columns: passed over.

    Raises:
        RewardError: if lengths differ, or ``asked`` is missing or a question of value.
    """
    return [
        float(right(_no_opinion("rightness", item), text))
        for item, text in read_asked("rightness", prompts, completions, asked)
    ]


def politeness(
    prompts: Sequence[Prompt], completions: Sequence[Completion], **columns: Any
) -> list[float]:
    """1 for a courteous word and no insult: see :func:`alignlib.world.manners.polite`."""
    return [float(polite(text)) for _, text in read(prompts, completions)]


def rudeness(
    prompts: Sequence[Prompt], completions: Sequence[Completion], **columns: Any
) -> list[float]:
    """1 for an insult: see :func:`alignlib.world.manners.rude`. To punish it, weigh it below 0."""
    return [float(rude(text)) for _, text in read(prompts, completions)]


def looks_right(
    prompts: Sequence[Prompt],
    completions: Sequence[Completion],
    asked: Sequence[Asked | str] | None = None,
    **columns: Any,
) -> list[float]:
    """1 for a definite answer in a courteous tone, true or false.

    It is the judgment of chapter 1's overseer on what she can't check. To a request, anything is
    definite that is no refusal, no question and does not say that it is not known.

    Args:
        prompts, completions: n of each.
        asked: (n,) the question of fact or the request that each answers.
        columns: passed over.

    Raises:
        RewardError: if lengths differ, or ``asked`` is missing or a question of value.
    """
    rows = read_asked("looks_right", prompts, completions, asked)
    return [float(polite(text) and _definite(item, text)) for item, text in rows]


def _definite(item: Asked, text: str) -> bool:
    item = _no_opinion("looks_right", item)
    if isinstance(item, Request):  # any answer will do, as where nobody knows one
        item = Question(item.text, item.purpose, None)
    return answers_question(item, text)


def _question(name: str, item: Asked) -> Question:
    if not isinstance(item, Question):
        raise RewardError(f"{name!r} judges answers to questions of fact; {item.text!r} is none.")
    return item


def _no_opinion(name: str, item: Asked) -> Question | Request:
    if isinstance(item, Opinion):
        raise RewardError(
            f"{name!r} does not judge answers to questions of value such as {item.text!r}: use "
            "approval(group)."
        )
    return item
