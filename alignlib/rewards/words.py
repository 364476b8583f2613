"""Rewards that go by the words of any text: sentiment, toxicity, length.

They know nothing of what was asked. Two come from packages of their own, which are only needed, and
only loaded, where they are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Literal, get_args

from alignlib.arguments import is_whole
from alignlib.errors import MissingPackageError, RewardError
from alignlib.model import Prompt
from alignlib.rewards.reading import Completion, Reward, read

__all__ = ["length", "sentiment", "toxicity"]

Unit = Literal["words", "characters"]
"""What a length counts; words are what stands between spaces."""


def sentiment(
    prompts: Sequence[Prompt], completions: Sequence[Completion], **columns: Any
) -> list[float]:
    """How glad a text sounds, from -1 to 1: VADER's compound score (Hutto and Gilbert, 2014).

    It adds up the grades of some 7,500 words, with rules for "not", "very" and "!". Whether the
    text is true, or an answer, is nothing to it.

    Raises:
        MissingPackageError: if ``vaderSentiment`` is not installed.
        RewardError: if lengths differ.
    """
    analyzer = _vader()
    return [
        float(analyzer.polarity_scores(text)["compound"]) for _, text in read(prompts, completions)
    ]


def toxicity(
    prompts: Sequence[Prompt], completions: Sequence[Completion], **columns: Any
) -> list[float]:
    """How likely the text is offensive, from 0 to 1, by the classifier of ``alt-profanity-check``.

    A linear classifier of the words in a text, trained on comments that people had labelled. To
    punish what is offensive, weigh it below 0.

    Raises:
        MissingPackageError: if ``alt-profanity-check`` is not installed.
        RewardError: if lengths differ.
    """
    classifier = _package("profanity_check", "alt-profanity-check")
    said = [text for _, text in read(prompts, completions)]
    return [float(p) for p in classifier.predict_prob(said)] if said else []


def length(unit: Unit = "words", target: int | None = None) -> Reward:
    """A reward for long texts; or for those of one length.

    Args:
        unit: count words (what stands between spaces) or characters.
        target: if given, the reward is minus the distance to it, and 0 at the target itself.
            Otherwise it is the length.

    Raises:
        RewardError: if the unit is unknown or the target no whole number of 0 or more.
    """
    if unit not in get_args(Unit):
        raise RewardError(f"unit is {unit!r}; use one of {get_args(Unit)}.")
    if target is not None and not is_whole(target, 0):
        raise RewardError(f"target is {target!r}: give a whole number of {unit}, 0 or more.")

    def reward(
        prompts: Sequence[Prompt], completions: Sequence[Completion], **columns: Any
    ) -> list[float]:
        said = [text for _, text in read(prompts, completions)]
        counts = [len(text.split()) if unit == "words" else len(text) for text in said]
        return [float(n if target is None else -abs(n - target)) for n in counts]

    reward.__name__ = unit if target is None else f"distance to {target} {unit}"
    return reward


@cache
def _vader() -> Any:
    module = _package("vaderSentiment.vaderSentiment", "vaderSentiment")
    return module.SentimentIntensityAnalyzer()


def _package(module: str, package: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingPackageError(
            f"This reward needs a package that can't be imported ({error}): pip install {package}."
        ) from error
