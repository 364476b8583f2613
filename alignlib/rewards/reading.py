"""What every reward reads: prompts, completions as texts or as chats' replies, and columns.

The signature is TRL's: its trainers call ``reward(prompts=..., completions=..., **columns)``, where
the columns are those of the data set, repeated for each completion, and things of its own
(``completion_ids``, ``trainer_state``, ...), which our rewards pass over. Left out: rewards that
are None ("this one is not for me") and asynchronous ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, Protocol

import numpy as np
from torch import Tensor

from alignlib.arguments import is_real
from alignlib.errors import RewardError
from alignlib.model import Message, Prompt
from alignlib.world.groups import OPINIONS, Opinion
from alignlib.world.questions import Question, question_bank, questions
from alignlib.world.requests import Request, requests

__all__ = ["Asked", "Completion", "Reward", "texts"]

Completion = str | Sequence[Message]
"""A completion as a text, or as a chat's reply ``[{"role": "assistant", "content": text}]``."""

Asked = Question | Request | Opinion
"""What a prompt asks; in the column ``asked`` its text will do, if it is one of TinyWorld's."""


class Reward(Protocol):
    """Whatever can be called as ``reward(prompts, completions, **columns)``.

    Prompts and completions are two lists of the same length n, and each column is a list with
    something about each completion, such as ``asked``: the question that it answers. A column that
    a reward has no use for is passed over. What comes back is a list of n floats.
    """

    def __call__(
        self, prompts: Sequence[Prompt], completions: Sequence[Completion], **columns: Any
    ) -> list[float]: ...


def texts(completions: Sequence[Completion]) -> list[str]:
    """The texts of completions, each a text or a chat's reply of one message.

    Raises:
        RewardError: if completions are no list, or one is neither.
    """
    _check_list("completions", completions)
    return [_text(row, completion) for row, completion in enumerate(completions)]


def read(
    prompts: Sequence[Prompt], completions: Sequence[Completion]
) -> Iterator[tuple[Prompt, str]]:
    """Each prompt with its completion's text, after checking that there are as many."""
    _check_list("prompts", prompts)
    said = texts(completions)
    if len(prompts) != len(said):
        raise RewardError(
            f"There are {len(prompts)} prompts and {len(said)} completions: give each completion's "
            "prompt, once for each."
        )
    return zip(prompts, said, strict=True)


def read_asked(
    name: str,
    prompts: Sequence[Prompt],
    completions: Sequence[Completion],
    asked: Sequence[Asked | str] | None,
) -> Iterator[tuple[Asked, str]]:
    """What each completion answers, and its text; ``name`` is of the reward, for its errors."""
    said = [text for _, text in read(prompts, completions)]
    if asked is None:
        raise RewardError(
            f"The reward {name!r} needs the column 'asked': give asked=[...], the question or "
            "request that each completion answers."
        )
    _check_list("asked", asked)
    if len(asked) != len(said):
        raise RewardError(
            f"The column 'asked' has {len(asked)} entries for {len(said)} completions: give one "
            "for each."
        )
    return zip([_looked_up(each) for each in asked], said, strict=True)


def scores(
    reward: Reward,
    prompts: Sequence[Prompt],
    completions: Sequence[Completion],
    columns: Mapping[str, Any],
) -> list[float]:
    """What a reward gives, after checking that it is a finite number for each completion."""
    given: Any = reward(prompts, completions, **columns)
    if isinstance(given, np.ndarray | Tensor):
        given = given.tolist()
    if not isinstance(given, Sequence) or len(given) != len(completions):
        raise RewardError(
            f"The reward {name_of(reward)!r} gave {given!r} for {len(completions)} completions: "
            "let it give a list with a number for each."
        )
    for row, value in enumerate(given):
        if not isinstance(value, bool) and not is_real(value):
            raise RewardError(
                f"The reward {name_of(reward)!r} gave {value!r} for completion {row}: let it give "
                "a finite number."
            )
    return [float(value) for value in given]


def name_of(reward: Any) -> str:
    """A function's own name, also where some of its arguments are fixed; else its type's."""
    while isinstance(reward, partial):
        reward = reward.func
    return str(getattr(reward, "__name__", type(reward).__name__))


@cache
def _world() -> dict[str, Asked]:
    """All that TinyWorld asks, by its text."""
    every: tuple[Asked, ...] = (*question_bank(), *questions("held-out"), *questions())
    return {each.text: each for each in (*every, *requests(), *OPINIONS)}


def _looked_up(asked: Asked | str) -> Asked:
    if not isinstance(asked, str):
        if isinstance(asked, Asked):
            return asked
        raise RewardError(
            f"The column 'asked' holds {asked!r}: give a Question, a Request or an Opinion."
        )
    if asked not in _world():
        raise RewardError(
            f"TinyWorld does not ask {asked!r}: give a Question, a Request or an Opinion, not its "
            "text."
        )
    return _world()[asked]


def _text(row: int, completion: Any) -> str:
    if isinstance(completion, str):
        return completion
    one = isinstance(completion, Sequence) and len(completion) == 1
    message = completion[0] if one else None
    if (
        not isinstance(message, Mapping)
        or message.get("role", "assistant") != "assistant"
        or not isinstance(message.get("content"), str)
    ):
        raise RewardError(
            f"Completion {row} is {completion!r}: give a text, or one message "
            '[{"role": "assistant", "content": text}].'
        )
    return str(message["content"])


def _check_list(name: str, given: Any) -> None:
    """Raise a :class:`RewardError` where a list was meant and one of its items was given."""
    one = not isinstance(given, Sequence) or isinstance(given, str | bytes)
    if one or (len(given) > 0 and isinstance(given[0], Mapping)):
        raise RewardError(f"{name} come as a list, with one entry for each completion.")
