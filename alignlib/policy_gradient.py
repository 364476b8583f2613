"""The policy gradient as a loss: one function for Gymnasium and for text.

Implements eq. (reinforce-estimate) of chapter 5, its reward-to-go form, eq. (reward-to-go), and its
baselines, eq. (baseline) and eq. (leave-one-out). The loss's value means nothing; its gradient is
minus the estimate of the gradient of J, so that descent on the loss is ascent on J.

Left out: importance ratios and clipping (the data must come from the policy being differentiated),
entropy and KL terms, discounting, bootstrapped advantages, and dividing by a standard deviation.
"""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from alignlib.errors import PolicyGradientError

__all__ = [
    "Baseline",
    "Credit",
    "MeanOver",
    "advantages",
    "at_the_end",
    "policy_gradient_loss",
    "returns",
    "value_loss",
]

Credit = Literal["whole return", "reward-to-go"]
"""Which rewards an action is credited with: all of its trajectory, or those from its step on."""

Baseline = Literal["none", "mean", "leave-one-out"] | float | Tensor
"""What is subtracted from them; a tensor (N, T) holds a value for each step, such as a critic's."""

MeanOver = Literal["trajectories", "steps", "nothing"]
"""What the sum over all steps of all trajectories is divided by: N, the number of steps, or 1."""


def policy_gradient_loss(
    logprobs: Tensor,
    rewards: Tensor,
    mask: Tensor,
    *,
    credit: Credit = "reward-to-go",
    baseline: Baseline = "none",
    mean_over: MeanOver = "trajectories",
    group_size: int | None = None,
) -> Tensor:
    """A scalar whose gradient is minus the policy gradient estimate: eq. (surrogate) of chapter 5.

    Within a trajectory the terms are always *added*. What their sum is then divided by is
    ``mean_over``:

    - ``"trajectories"``: N. With no baseline, a constant one or a leave-one-out one, the expected
      gradient is exactly that of J.
    - ``"nothing"``: 1, the sum that the lecture writes. Its expectation is N times the gradient.
    - ``"steps"``: the number of True entries of the mask. Where all trajectories have the same
      length T this is the gradient divided by T. Where lengths differ it is biased, and for few
      trajectories the bias can change the direction; it tends to the gradient of J divided by the
      mean length as N grows.

    Args:
        logprobs: (N, T) log pi(a_t | s_t) in nats, with their graph.
        rewards: (N, T) the reward of each step; for a text, see :func:`at_the_end`.
        mask: (N, T) bool, True at real steps (or tokens, the end included).
        credit, baseline, group_size: as for :func:`advantages`.
        mean_over: see above.

    Raises:
        PolicyGradientError: if shapes or types do not fit, an option is unknown, or a
            log-probability at a real step is not finite.
    """
    if mean_over not in get_args(MeanOver):
        raise PolicyGradientError(f"mean_over is {mean_over!r}; use one of {get_args(MeanOver)}.")
    weights = advantages(rewards, mask, credit=credit, baseline=baseline, group_size=group_size)
    if logprobs.shape != mask.shape:
        raise PolicyGradientError(
            f"logprobs have the shape {tuple(logprobs.shape)}, the mask {tuple(mask.shape)}; give "
            "both as (N, T)."
        )
    if not torch.isfinite(logprobs[mask]).all():
        raise PolicyGradientError(
            "A log-probability at a real step is not finite: the action can't have been drawn "
            "from this policy. Score what was sampled, under the policy that sampled it."
        )
    total = torch.where(mask, logprobs * weights, 0.0).sum()
    count = {"trajectories": len(mask), "steps": int(mask.sum()), "nothing": 1}[mean_over]
    return -total / count


def advantages(
    rewards: Tensor,
    mask: Tensor,
    *,
    credit: Credit = "reward-to-go",
    baseline: Baseline = "none",
    group_size: int | None = None,
) -> Tensor:
    """(N, T) what each step's log-probability is weighted with; 0 where the mask is False.

    Args:
        rewards: (N, T) the reward of each step.
        mask: (N, T) bool, True at real steps.
        credit: ``"whole return"`` gives every step its trajectory's return; ``"reward-to-go"``
            only what was earned from that step on.
        baseline: subtracted at each step t; no gradient goes through it.
            ``"none"``: nothing. A number: that constant. ``"leave-one-out"``: the mean over the
            *other* trajectories, at the same step, where one that has ended counts as 0; no bias.
            ``"mean"``: the mean over all of them, this one included; the expected gradient
            is (N - 1) / N times the true one, with the group size for N where there are groups.
            A tensor that broadcasts to (N, T): those values. They must not depend on the action
            at t or on what follows it.
        group_size: take the last two means over groups of this many consecutive rows, such as the
            samples of one prompt; by default over all N rows.

    Raises:
        PolicyGradientError: if shapes or types do not fit, an option is unknown, or a group is
            too small to leave one out.
    """
    earned = returns(rewards, mask, credit)
    return torch.where(mask, earned - _baseline(earned, baseline, group_size), 0.0)


def returns(rewards: Tensor, mask: Tensor, credit: Credit = "reward-to-go") -> Tensor:
    """(N, T) the rewards that each step is credited with; 0 where the mask is False.

    Args:
        rewards: (N, T) the reward of each step.
        mask: (N, T) bool, True at real steps.
        credit: which rewards count for a step.

    Raises:
        PolicyGradientError: if shapes or types do not fit, or the credit is unknown.
    """
    if mask.dtype != torch.bool or mask.dim() != 2 or rewards.shape != mask.shape:
        raise PolicyGradientError(
            f"The rewards are {tuple(rewards.shape)} and the mask is {tuple(mask.shape)} of "
            f"{mask.dtype}; give both as (N, T), the mask as bool. For one reward per text use "
            "at_the_end(rewards, mask)."
        )
    if not mask.any():
        raise PolicyGradientError("The mask has no real step: there is nothing to learn from.")
    real = torch.where(mask, rewards, 0.0).detach()
    if credit == "whole return":
        return torch.where(mask, real.sum(-1, keepdim=True), 0.0)
    if credit == "reward-to-go":
        to_go = real.flip(-1).cumsum(-1).flip(-1)
        return torch.where(mask, to_go, 0.0)
    raise PolicyGradientError(f"credit is {credit!r}; use one of {get_args(Credit)}.")


def at_the_end(rewards: Tensor, mask: Tensor) -> Tensor:
    """(N, T) one reward per trajectory, put on its last real step, as a judge of texts gives it.

    Args:
        rewards: (N,) one for each trajectory.
        mask: (N, T) bool, True at real steps.

    Raises:
        PolicyGradientError: if there is not one reward for each row, or a row has no real step.
    """
    if mask.dim() != 2 or rewards.shape != mask.shape[:1]:
        raise PolicyGradientError(
            f"The rewards are {tuple(rewards.shape)} for a mask of {tuple(mask.shape)}; give (N,) "
            "and (N, T)."
        )
    if not mask.any(-1).all():
        raise PolicyGradientError("A row has no real step to put its reward on: leave it out.")
    steps = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, steps, -1).max(-1).values  # (N,)
    return torch.where(steps == last[:, None], rewards[:, None], 0.0)


def value_loss(values: Tensor, rewards: Tensor, mask: Tensor) -> Tensor:
    """A scalar, the squared error of a learnt baseline against the reward-to-go, mean over steps.

    Its best fit is the expected reward-to-go of each state. The steps that fitted a baseline must
    not be the ones it is subtracted from in the same update: use its values from before the fit.

    Args:
        values: (N, T) the baseline's values, with their graph.
        rewards: (N, T) the reward of each step.
        mask: (N, T) bool, True at real steps.

    Raises:
        PolicyGradientError: if shapes or types do not fit.
    """
    target = returns(rewards, mask, "reward-to-go")
    if values.shape != mask.shape:
        raise PolicyGradientError(
            f"The values are {tuple(values.shape)} for a mask of {tuple(mask.shape)}: give (N, T)."
        )
    return (values - target)[mask].square().mean()


def _baseline(earned: Tensor, baseline: Baseline, group_size: int | None) -> Tensor:
    """What is subtracted from ``earned`` (N, T): something that broadcasts to it."""
    if isinstance(baseline, Tensor):
        try:
            return baseline.detach().expand_as(earned)
        except RuntimeError as error:
            raise PolicyGradientError(
                f"The baseline is {tuple(baseline.shape)}; give values that broadcast to "
                f"{tuple(earned.shape)}."
            ) from error
    if isinstance(baseline, int | float):
        return torch.full_like(earned, baseline)
    if baseline == "none":
        return torch.zeros_like(earned)
    if baseline not in ("mean", "leave-one-out"):
        raise PolicyGradientError(
            f"baseline is {baseline!r}; use 'none', 'mean', 'leave-one-out', a number or a tensor."
        )
    N, T = earned.shape
    K = N if group_size is None else group_size
    if K < 1 or N % K:
        raise PolicyGradientError(f"{N} rows can't be split into groups of {K}.")
    groups = earned.reshape(N // K, K, T)
    total = groups.sum(1, keepdim=True)  # (N / K, 1, T)
    if baseline == "mean":
        return (total / K).expand_as(groups).reshape(N, T)
    if K < 2:
        raise PolicyGradientError("To leave one out, a group needs at least 2 trajectories.")
    return ((total - groups) / (K - 1)).reshape(N, T)
