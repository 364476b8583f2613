"""Demonstrations as tokens: a prompt, and the completion that is right for it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alignlib.arguments import is_whole
from alignlib.errors import TrainingError
from alignlib.model import LM, Prompt

__all__ = ["Encoded", "Pair", "encode_pairs"]

Pair = tuple[Prompt, str]
"""A prompt (a chat, or raw text) and the completion that it should get."""


@dataclass(frozen=True)
class Encoded:
    """A pair's tokens; the completion ends with the end of text, unless it was cut."""

    prompt: list[int]
    completion: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.completion)


def encode_pairs(lm: LM, pairs: Sequence[Pair], max_length: int | None = None) -> list[Encoded]:
    """The tokens of every pair, with one end of text behind each completion.

    Args:
        lm: the model.
        pairs: prompts with their completions.
        max_length: cut completions so that a pair has no more tokens than this, and warn how many
            were cut. By default nothing is cut.

    Raises:
        TrainingError: if there is no pair, one is no pair of a prompt and a text, a completion is
            empty, the model has no end of text, a pair is longer than the context and
            ``max_length`` is not given, or ``max_length`` leaves nothing of a completion.
        PromptError: if a prompt can't be given to the model.
    """
    given: Any = pairs
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        raise TrainingError(
            "There is nothing to show: give a list of at least one (prompt, completion)."
        )
    if max_length is not None and not is_whole(max_length, 1):
        raise TrainingError(f"max_length is {max_length!r}: give a whole number, 1 or more.")
    end = _end_of_text(lm)
    made = []
    for number, pair in enumerate(pairs):
        prompt, completion = _checked(number, pair)
        tokens = lm.encode_completion(completion)
        made.append(Encoded(lm.encode(prompt), tokens if tokens[-1:] == [end] else [*tokens, end]))
    _check_context(lm, made, max_length)
    return made if max_length is None else _cut(made, max_length)


def _checked(number: int, pair: Any) -> Pair:
    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
        raise TrainingError(f"Pair {number} is no (prompt, completion): {pair!r}.")
    prompt, completion = pair
    if not isinstance(completion, str):
        raise TrainingError(f"The completion of pair {number} is no text: {completion!r}.")
    if not completion:
        raise TrainingError(
            f"The completion of pair {number} is empty: it would teach the model to say nothing. "
            f"Leave the pair out, or say what is right. Its prompt: {prompt!r}"
        )
    return prompt, completion


def _end_of_text(lm: LM) -> int:
    """The token that ends a completion: the tokenizer's own, which ends a turn of a chat."""
    end = lm.tokenizer.eos_token_id
    if end in lm.eos_ids:
        return int(end)
    if not lm.eos_ids:
        raise TrainingError(
            f"{lm.name!r} has no token that ends a text, so it can't learn where to stop: choose a "
            "model whose tokenizer has an eos_token."
        )
    return lm.eos_ids[0]


def _check_context(lm: LM, made: Sequence[Encoded], max_length: int | None) -> None:
    context = lm.context_length
    if context is None or (max_length is not None and max_length <= context):
        return
    longest = max(range(len(made)), key=lambda number: len(made[number]))
    over = [len(each) - context for each in made if len(each) > context]
    if over:
        raise TrainingError(
            f"{len(over)} of {len(made)} pairs are longer than the {context} tokens that "
            f"{lm.name!r} can read, by {sum(over)} tokens in all; pair {longest} is the longest, "
            f"with {len(made[longest])}. Shorten them, or say max_length={context} to have their "
            "completions cut."
        )


def _cut(made: Sequence[Encoded], max_length: int) -> list[Encoded]:
    """Cut the ends of completions off, and say so."""
    for number, each in enumerate(made):
        if len(each.prompt) >= max_length:
            raise TrainingError(
                f"The prompt of pair {number} has {len(each.prompt)} tokens: max_length="
                f"{max_length} leaves nothing of its completion. Shorten it, or leave the pair out."
            )
    over = [len(each) - max_length for each in made if len(each) > max_length]
    if over:
        warnings.warn(
            f"{len(over)} of {len(made)} pairs are longer than {max_length} tokens: {sum(over)} "
            "tokens were cut off the ends of their completions, the ends of text among them, so "
            "the model is not shown where these stop.",
            stacklevel=4,
        )
    return [Encoded(each.prompt, each.completion[: max_length - len(each.prompt)]) for each in made]
