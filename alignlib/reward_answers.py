"""Calling a reward function that may do anything, and looking at what it returns.

It becomes a gradient, so nothing is believed unseen: no NaN, no text, no list of another length.
"""

from __future__ import annotations

import itertools
import math
import numbers
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from alignlib.errors import RewardError
from alignlib.sampling import Samples

__all__ = ["RewardFunction"]

RewardFunction = Callable[..., Sequence[float | None]]
"""``f(prompts=..., completions=..., **columns)``: a number for each completion, as in TRL."""


def own(value: Any) -> Any:
    """A copy of a value as far as it is made of lists, tuples, sets, dicts and arrays.

    Other objects stay what they are: they can be large, or their identity can count.
    """
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple, set):
        return type(value)(map(own, value))
    if type(value) is dict:
        return {key: own(each) for key, each in value.items()}
    return value


def rewards_of(
    name: str, function: RewardFunction, given: Mapping[str, Any], drawn: Samples
) -> Tensor:
    """(N,) what a function says of N completions, in float64; NaN where it said None.

    Raises:
        RewardError: if it raises, or returns anything but N finite numbers and Nones.
    """
    if not len(drawn):
        return torch.zeros(0, dtype=torch.float64)
    try:
        returned = function(**given)
        rewards = _listed(returned, len(drawn) + 1)
    except Exception as error:  # it is the user's: it can fail in any way
        raise RewardError(
            f"The reward function {name!r} raised {type(error).__name__}: {error}. It was given "
            f"{len(drawn)} completions, the first {drawn.texts[0]!r}. It is called by name with "
            f"{', '.join(given)}: let it take **columns for those that it does not use."
        ) from error
    if rewards is None:
        raise RewardError(
            f"The reward function {name!r} returned {_said(returned)}: let it return a list of "
            f"{len(drawn)} numbers, one for each completion."
        )
    if len(rewards) != len(drawn):
        count = len(rewards) if len(rewards) < len(drawn) else f"more than {len(drawn)}"
        raise RewardError(
            f"The reward function {name!r} returned {count} rewards for {len(drawn)} "
            f"completions: the last it was given is {shown(drawn, len(drawn) - 1)}."
        )
    values = [_number(each) for each in rewards]
    for row, (number, reward) in enumerate(zip(values, rewards, strict=True)):
        if reward is not None and not math.isfinite(number):
            raise RewardError(
                f"The reward function {name!r} gave {_said(reward)} to {shown(drawn, row)}: let it "
                "give a finite number, or None where it does not apply."
            )
    return torch.tensor(values, dtype=torch.float64)


def shown(drawn: Samples, row: int) -> str:
    """A completion, for an error."""
    return f"completion {row}, {drawn.texts[row]!r}, of the prompt {drawn.prompts[row]!r}"


def _listed(returned: Any, most: int) -> list[Any] | None:
    """What a function returned as a list, which may be endless, up to some length."""
    if isinstance(returned, np.ndarray | Tensor):
        returned = returned.tolist()
    if isinstance(returned, str | bytes | Mapping) or not isinstance(returned, Iterable):
        return None
    return list(itertools.islice(returned, most))


def _number(reward: Any) -> float:
    """A reward as a number, NaN if it is none."""
    if isinstance(reward, Tensor) and reward.numel() == 1:
        reward = reward.item()
    try:
        return float(reward) if isinstance(reward, numbers.Real | np.bool_) else math.nan
    except Exception:  # too large for a float, or of a kind of the user's
        return math.nan


def _said(value: object) -> str:
    """A value in a few words, whatever it is."""
    try:
        return reprlib.repr(value)
    except Exception:
        return f"a {type(value).__name__}"
