"""What a policy is worth, exactly: expected returns, their gradients and the best policy.

Implements eq. (expected-return) of chapter 4 twice, by enumeration of all trajectories and by
dynamic programming, eq. (bellman); and the gradient of chapter 5 three times, by
eq. (gradient-policy), by the policy gradient theorem (Sutton et al., 2000) and by automatic
differentiation. They agree to 1e-10, which is how the book knows what an estimate should have been.

Left out: infinite horizons. Enumeration is for small processes only and says so when it is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from alignlib.errors import MDPError
from alignlib.mdp import MDP, Trajectories, policy_by_step

__all__ = [
    "EveryTrajectory",
    "action_values",
    "best_policy",
    "enumerate_trajectories",
    "expected_return",
    "gradient_by_autograd",
    "gradient_by_dynamic_programming",
    "gradient_by_enumeration",
    "state_visits",
]


@dataclass(frozen=True)
class EveryTrajectory:
    """Each trajectory that the process allows, once.

    Attributes:
        trajectories: the M trajectories.
        dynamics: (M,) the factors of p(tau) that are not the policy's: p(s_1) and p(s_t+1 | s_t,
            a_t) for t < T. No parameter of the policy is in them.
    """

    trajectories: Trajectories
    dynamics: Tensor

    def probabilities(self, policy: Tensor) -> Tensor:
        """(M,) p(tau), eq. (trajectory), of a policy of shape (S, A) or (T, S, A)."""
        chosen = self.trajectories.logprobs(policy)
        return self.dynamics * chosen.sum(-1).exp()


def enumerate_trajectories(mdp: MDP, limit: int = 200_000) -> EveryTrajectory:
    """List every trajectory whose dynamics are possible, whatever the policy.

    Raises:
        MDPError: if there are more than ``limit``.
    """
    states = mdp.initial.nonzero()  # (M, 1), grown by one column at each step
    actions = torch.zeros(len(states), 0, dtype=torch.long)
    dynamics = mdp.initial[states[:, 0]]
    for t in range(mdp.horizon):
        over = mdp.terminal[states[:, -1]]
        choices = torch.where(over, 1, mdp.n_actions)  # after the end there is one way to go on
        if int(choices.sum()) > limit:
            raise MDPError(
                f"There are more than {limit:,} trajectories: use a shorter horizon, or "
                "expected_return, which needs no enumeration."
            )
        rows = torch.arange(len(states)).repeat_interleave(choices)
        first = torch.cumsum(choices, 0) - choices
        chosen = torch.arange(len(rows)) - first[rows]
        states, dynamics = states[rows], dynamics[rows]
        actions = torch.cat([actions[rows], chosen[:, None]], 1)
        if t + 1 < mdp.horizon:
            following = mdp.transition[states[:, -1], chosen]  # (M, S)
            rows, after = following.nonzero(as_tuple=True)
            states = torch.cat([states[rows], after[:, None]], 1)
            actions, dynamics = actions[rows], dynamics[rows] * following[rows, after]
    found = Trajectories(states, actions, mdp.reward[states, actions], ~mdp.terminal[states])
    return EveryTrajectory(found, dynamics)


def action_values(mdp: MDP, policy: Tensor) -> Tensor:
    """(T, S, A) the expected return from step t on, after action a in state s: eq. (bellman).

    Args:
        policy: (S, A) or (T, S, A) probabilities; the result can be differentiated by them.
    """
    by_step = policy_by_step(mdp, policy)
    value = torch.zeros(mdp.n_states, dtype=torch.float64)  # V_{T+1} = 0
    values = []
    for t in reversed(range(mdp.horizon)):
        q = mdp.reward + mdp.transition @ value  # (S, A)
        value = (by_step[t] * q).sum(-1)  # (S,)
        values.append(q)
    return torch.stack(values[::-1])


def expected_return(mdp: MDP, policy: Tensor) -> Tensor:
    """J, a scalar, by dynamic programming: eq. (expected-return).

    Args:
        policy: (S, A) or (T, S, A) probabilities; J can be differentiated by them.
    """
    first = policy_by_step(mdp, policy)[0]
    return mdp.initial @ (first * action_values(mdp, policy)[0]).sum(-1)


def state_visits(mdp: MDP, policy: Tensor) -> Tensor:
    """(T, S) the probability of being in state s at step t."""
    by_step = policy_by_step(mdp, policy)
    visits = [mdp.initial]
    for t in range(mdp.horizon - 1):
        visits.append(torch.einsum("s,sa,sax->x", visits[-1], by_step[t], mdp.transition))
    return torch.stack(visits)


def best_policy(mdp: MDP) -> Tensor:
    """(T, S, A) a deterministic policy with the greatest expected return.

    It may depend on the step: near the horizon, what is left of the time matters. Where actions
    are equally good, it takes the first.
    """
    value = torch.zeros(mdp.n_states, dtype=torch.float64)
    policies = []
    for _ in range(mdp.horizon):
        q = mdp.reward + mdp.transition @ value
        value, best = q.max(-1)
        policies.append(torch.nn.functional.one_hot(best, mdp.n_actions).double())
    return torch.stack(policies[::-1])


def gradient_by_enumeration(mdp: MDP, logits: Tensor) -> Tensor:
    """(S, A) the gradient of J for the policy softmax(logits), eq. (gradient-policy), term by term.

    The gradient of log pi(a | s) by the logits of s is 1 at a, less the policy's probabilities.

    Args:
        logits: (S, A), one number for each action in each state.
    """
    every = enumerate_trajectories(mdp)
    tau = every.trajectories
    policy = logits.detach().softmax(-1)
    weight = every.probabilities(policy) * tau.returns  # (M,)
    here = torch.nn.functional.one_hot(tau.states, mdp.n_states).double()  # (M, T, S)
    taken = torch.nn.functional.one_hot(tau.actions, mdp.n_actions).double()  # (M, T, A)
    score = (taken - policy[tau.states]) * tau.mask[..., None]  # (M, T, A)
    return torch.einsum("m,mts,mta->sa", weight, here, score)


def gradient_by_dynamic_programming(mdp: MDP, logits: Tensor) -> Tensor:
    """(S, A) the same gradient by the policy gradient theorem, from visits and action values.

    Args:
        logits: (S, A), one number for each action in each state.
    """
    policy = logits.detach().softmax(-1)
    q = action_values(mdp, policy)  # (T, S, A)
    advantage = q - (policy * q).sum(-1, keepdim=True)
    return torch.einsum("ts,sa,tsa->sa", state_visits(mdp, policy), policy, advantage)


def gradient_by_autograd(mdp: MDP, logits: Tensor) -> Tensor:
    """(S, A) the same gradient, by differentiating the dynamic programme.

    Args:
        logits: (S, A), one number for each action in each state.
    """
    leaf = logits.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(expected_return(mdp, leaf.softmax(-1)), leaf)
    return gradient
