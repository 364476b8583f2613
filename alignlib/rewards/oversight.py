"""Judges who can't check everything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from alignlib.errors import RewardError
from alignlib.model import Prompt
from alignlib.rewards.judges import looks_right
from alignlib.rewards.reading import Asked, Completion, Reward, name_of, read_asked, scores
from alignlib.world.groups import Opinion
from alignlib.world.users import intent

__all__ = ["partial"]


def partial(
    reward: Reward,
    sees: Collection[str] | Callable[[Asked], bool],
    otherwise: Reward | None = None,
) -> Reward:
    """A judge who can check a part, and judges the rest by how it looks: chapter 1's overseer.

    It needs the column ``asked``.

    Args:
        reward: the judgment where the judge can check.
        sees: what can be checked: the kinds of questions and purposes of requests, such as
            ``{"sum", "opposite", "recipe"}`` (see :func:`alignlib.world.users.intent`), or whether
            something asked is.
        otherwise: the judgment of all else; by default
            :func:`alignlib.rewards.judges.looks_right`.

    Raises:
        RewardError: if ``sees`` is a single text.
    """
    if isinstance(sees, str):
        raise RewardError(f"sees is {sees!r}: give a set of kinds, such as {{{sees!r}}}.")
    seen = sees if callable(sees) else _of_kinds(frozenset(sees))
    rest = looks_right if otherwise is None else otherwise

    def judge(
        prompts: Sequence[Prompt],
        completions: Sequence[Completion],
        asked: Sequence[Asked | str] | None = None,
        **columns: Any,
    ) -> list[float]:
        items = [item for item, _ in read_asked(judge.__name__, prompts, completions, asked)]
        can_check = [bool(seen(item)) for item in items]
        given = [0.0] * len(items)
        for part, checked in ((reward, True), (rest, False)):
            rows = [row for row, can in enumerate(can_check) if can == checked]
            if not rows:
                continue
            those = _only({**columns, "asked": items}, rows, len(items))
            values = scores(
                part, [prompts[row] for row in rows], [completions[row] for row in rows], those
            )
            for row, value in zip(rows, values, strict=True):
                given[row] = value
        return given

    judge.__name__ = f"partial {name_of(reward)}"
    return judge


def _of_kinds(kinds: frozenset[str]) -> Callable[[Asked], bool]:
    return lambda item: not isinstance(item, Opinion) and intent(item) in kinds


def _only(columns: Mapping[str, Any], rows: Sequence[int], n: int) -> dict[str, Any]:
    """Some rows of every column; what is no list of one entry each (TRL's state) stays whole."""
    return {
        name: [column[row] for row in rows]
        if isinstance(column, Sequence | np.ndarray) and len(column) == n
        else column
        for name, column in columns.items()
    }
