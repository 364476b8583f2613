"""A playground for REINFORCE on two small worlds: chapter 5, eq. (reinforce-estimate)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from alignlib.environments import assistant_mdp
from alignlib.exact import best_policy, expected_return
from alignlib.explorables.explorable import Explorable
from alignlib.mdp import MDP

REPLIES = ("rude", "vague", "right")


def policy_gradient(
    rewards: Sequence[float] = (1.0, 2.0, 3.0),
    logits: Sequence[float] = (0.6, 0.2, -0.8),
    seed: int = 7,
) -> Explorable:
    """REINFORCE in the plane of a softmax policy: each sample's push, their mean, the gradient.

    There are two worlds: three replies with fixed rewards, and the assistant of chapter 5, which
    answers or asks back. A softmax's gradient sums to zero in each state, so both policies have
    two directions in which to move, and the page draws them to scale. Next to the estimate stand
    its exact variance, by enumeration, with the baseline of eq. (leave-one-out) and without, and
    the exact J.

    Args:
        rewards: (3,) the reward of each reply.
        logits: (3,) where the policy over the replies starts.
        seed: of the samples.

    Raises:
        ValueError: if there are not three rewards and three logits.
    """
    if len(rewards) != len(REPLIES) or len(logits) != len(REPLIES):
        raise ValueError(f"There are {len(rewards)} rewards and {len(logits)} logits; give 3.")
    replies = _world(
        "Three replies",
        _replies(rewards),
        torch.tensor([logits, (0.0, 0.0, 0.0)], dtype=torch.float64),
        axes=[[[0, -1, 1], [0, 0, 0]], [[2, -1, -1], [0, 0, 0]]],
        alpha=1.0,
        zoom=1,
    )
    assistant = _world(
        "Assistant: answer or ask back",
        assistant_mdp(),
        torch.tensor([[0.5, -0.5], [0.2, -0.3], [0.0, 0.0]], dtype=torch.float64),
        axes=[[[-1, 1], [0, 0], [0, 0]], [[0, 0], [1, -1], [0, 0]]],
        alpha=2.0,
        zoom=2,
    )
    return Explorable(
        name="policy_gradient",
        alternative=(
            "A policy-gradient playground: a softmax policy is a point in the plane of its logits, "
            "on a map of the expected return J. Sample N trajectories and see each one's push, "
            "their mean and the exact gradient as arrows; take steps and watch J; and compare the "
            "estimate's variance with the leave-one-out baseline and without. Two worlds: three "
            "replies with fixed rewards, and an assistant that answers or asks back. All numbers "
            "stand in tables too."
        ),
        data={"seed": seed, "worlds": [replies, assistant]},
    )


def _replies(rewards: Sequence[float]) -> MDP:
    """One state in which each reply ends the trajectory."""
    transition = torch.zeros(2, 3, 2, dtype=torch.float64)
    transition[:, :, 1] = 1.0
    return MDP(
        initial=torch.tensor([1.0, 0.0], dtype=torch.float64),
        transition=transition,
        reward=torch.tensor([list(rewards), [0.0, 0.0, 0.0]], dtype=torch.float64),
        horizon=1,
        terminal=torch.tensor([False, True]),
        state_names=("asked", "done"),
        action_names=REPLIES,
    )


def _world(
    title: str, mdp: MDP, logits: Tensor, axes: list[list[list[int]]], alpha: float, zoom: int
) -> dict[str, Any]:
    """What the page needs of a world; ``axes`` (2, S, A) span the logits that matter.

    A step has the size ``alpha`` at first; arrows are drawn ``zoom`` times as long as they are.
    """
    plane = torch.tensor(axes, dtype=torch.float64)
    plane = plane / plane.flatten(1).norm(dim=1)[:, None, None]
    return {
        "title": title,
        "states": mdp.state_names,
        "actions": mdp.action_names,
        "initial": mdp.initial.tolist(),
        "transition": mdp.transition.tolist(),
        "reward": mdp.reward.tolist(),
        "terminal": mdp.terminal.tolist(),
        "horizon": mdp.horizon,
        "best": expected_return(mdp, best_policy(mdp)).item(),
        "logits": logits.tolist(),
        "axes": plane.tolist(),
        "alpha": alpha,
        "zoom": zoom,
    }
