"""Judges who slip: the opposite judgment, now and then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import count
from typing import Any

from alignlib.arguments import is_real, is_whole
from alignlib.errors import RewardError
from alignlib.model import Prompt
from alignlib.rewards.reading import Completion, Reward, name_of, read, scores

__all__ = ["noisy"]


def noisy(reward: Reward, flip: float, seed: int = 0, fresh: bool = False) -> Reward:
    """A judge of 0 or 1 who errs: the opposite of ``reward``, now and then.

    Whether the judge errs is drawn from the seed, the prompt and the text alone. So the same answer
    to the same prompt is always judged the same, in whatever batch and order it comes, like by
    somebody with a fixed opinion of it. More samples of one answer do not average such an error
    out, and a policy can come to exploit it. Another seed is another judge. With ``fresh`` each
    judgment is drawn anew, as of somebody inattentive: on average the reward is then shrunk towards
    1/2, its order unchanged as long as ``flip`` is below 1/2.

    Args:
        reward: gives 0 or 1.
        flip: how often the judge errs, from 0 to 1.
        seed: of the errors.
        fresh: draw anew at each call, for each row. The result then depends on the calls before.

    Raises:
        RewardError: if ``flip`` or ``seed`` is out of range; when called, if the reward gives
            anything but 0 and 1.
    """
    if not is_whole(seed, 0):
        raise RewardError(f"seed is {seed!r}: give a whole number, 0 or more.")
    check_share("flip", flip)
    return slipping(reward, flip, (int(seed),), fresh)


def slipping(reward: Reward, flip: float, judge: tuple[Any, ...], fresh: bool = False) -> Reward:
    """A noisy judge who is known by anything that can be written as JSON, not only by a seed."""
    calls = count()

    def errs(
        prompts: Sequence[Prompt], completions: Sequence[Completion], **columns: Any
    ) -> list[float]:
        judged = scores(reward, prompts, completions, columns)
        call = next(calls) if fresh else None
        given = []
        for row, (prompt, text) in enumerate(read(prompts, completions)):
            if judged[row] not in (0.0, 1.0):
                raise RewardError(
                    f"{name_of(reward)!r} gave {judged[row]:g}; only judgments of 0 or 1 can be "
                    "flipped."
                )
            drawn = _uniform([judge, prompt, text, (call, row) if fresh else None])
            given.append(1.0 - judged[row] if drawn < flip else judged[row])
        return given

    errs.__name__ = f"noisy {name_of(reward)}"
    return errs


def check_share(name: str, value: Any) -> None:
    """Raise a :class:`RewardError` where a value is no share from 0 to 1."""
    if not is_real(value) or not 0 <= value <= 1:
        raise RewardError(f"{name} is {value!r}: give a share from 0 to 1.")


def _uniform(key: Any) -> float:
    """A number from 0 up to 1 that looks random and depends on the key alone."""
    digest = hashlib.sha256(json.dumps(key, default=dict, sort_keys=True).encode()).digest()
    return float(int.from_bytes(digest[:7], "big")) / 2**56
