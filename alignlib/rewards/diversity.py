"""Judges who do not want the same: TinyWorld's two groups of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alignlib.arguments import is_real, is_whole
from alignlib.errors import RewardError
from alignlib.model import Prompt
from alignlib.rewards.combined import weighted
from alignlib.rewards.noise import check_share, slipping
from alignlib.rewards.reading import Asked, Completion, Reward, read_asked
from alignlib.world.groups import GROUPS, Group, Opinion
from alignlib.world.questions import Question
from alignlib.world.requests import Request

__all__ = ["approval", "vote"]


def approval(group: Group) -> Reward:
    """A reward: 1 where a group likes the answer, see :meth:`alignlib.world.groups.Group.approves`.

    It needs the column ``asked``: questions of fact or of value.
    """

    def reward(
        prompts: Sequence[Prompt],
        completions: Sequence[Completion],
        asked: Sequence[Asked | str] | None = None,
        **columns: Any,
    ) -> list[float]:
        rows = read_asked(reward.__name__, prompts, completions, asked)
        return [
            float(group.approves(_no_request(reward.__name__, item), text)) for item, text in rows
        ]

    reward.__name__ = f"approval of the {group.name}"
    return reward


def vote(
    groups: Sequence[Group] = GROUPS,
    weights: Mapping[str, float] | None = None,
    judges_per_group: int = 1,
    noise: float = 0.0,
    seed: int = 0,
) -> Reward:
    """A reward: the weighted share of a panel's judges who approve, from 0 to 1.

    Each judge thinks as the group does, but errs now and then, always about the same answers, as in
    :func:`alignlib.rewards.noise.noisy`. It needs the column ``asked``: questions of fact or of
    value.

    Args:
        groups: where the judges come from.
        weights: how much each group counts, by its name; by default its share of all people. Only
            their ratios matter.
        judges_per_group: how many judges come from each.
        noise: how often a judge errs.
        seed: of the errors.

    Raises:
        RewardError: if there is no group, a group has no weight, weights are below 0 or all 0, or a
            number is out of range.
    """
    if not is_whole(judges_per_group, 1) or not is_whole(seed, 0):
        raise RewardError(
            f"judges_per_group is {judges_per_group!r} and seed {seed!r}: give whole numbers, at "
            "least 1 and 0."
        )
    check_share("noise", noise)
    share = {group.name: group.share for group in groups} if weights is None else dict(weights)
    if not groups or set(share) != {group.name for group in groups}:
        raise RewardError(
            f"The weights are of {sorted(share)}, the groups {[group.name for group in groups]}: "
            "give at least one group, and one weight for each."
        )
    if not all(is_real(value) and value >= 0 for value in share.values()) or not any(
        share.values()
    ):
        raise RewardError(f"The weights are {share}: give numbers of 0 or more, not all 0.")
    total = sum(share.values()) * judges_per_group
    judges = weighted(
        {
            f"{group.name} {number}": (
                slipping(approval(group), noise, (int(seed), group.name, number)),
                share[group.name] / total,
            )
            for group in groups
            for number in range(1, judges_per_group + 1)
        }
    )

    def reward(
        prompts: Sequence[Prompt], completions: Sequence[Completion], **columns: Any
    ) -> list[float]:
        return judges(prompts, completions, **columns)

    reward.__name__ = f"vote of {' and '.join(share)}"
    return reward


def _no_request(name: str, item: Asked) -> Question | Opinion:
    if isinstance(item, Request):
        raise RewardError(
            f"{name!r} does not judge what was done about a request such as {item.text!r}: use "
            "rightness."
        )
    return item
