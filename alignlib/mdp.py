"""Finite decision processes: what the agent meets, and the trajectories it makes.

Implements eq. (return) and eq. (trajectory) of chapter 4: an initial distribution, a transition
function, a reward r(s, a), a horizon of T steps, and trajectories s_1, a_1, ..., s_T, a_T.

Left out: discounting (every return is a plain sum over at most T steps), rewards that depend on the
next state (they are replaced by their mean, which leaves every expected return as it is), and
anything that is not seen by the agent.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from alignlib.errors import MDPError

__all__ = ["MDP", "Trajectories", "deterministic", "policy_by_step", "rollout", "uniform"]

TOLERANCE = 1e-9
"""How far a distribution's sum may be from 1."""


@dataclass(frozen=True)
class MDP:
    """A finite Markov decision process with S states, A actions and a horizon.

    Everything is float64: the book holds estimates against exact values to 1e-10.

    Attributes:
        initial: (S,) the distribution of the first state.
        transition: (S, A, S) p(s' | s, a).
        reward: (S, A) the reward r(s, a).
        horizon: T, the most steps that a trajectory has.
        terminal: (S,) bool, True where a trajectory is over; nothing is done or earned there.
        state_names, action_names: for people; by default their numbers.

    Raises:
        MDPError: if shapes do not fit, a distribution is none, or a terminal state is left or
            pays a reward.
    """

    initial: Tensor
    transition: Tensor
    reward: Tensor
    horizon: int
    terminal: Tensor
    state_names: tuple[str, ...] = ()
    action_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        S, A = self.n_states, self.n_actions
        shapes = {
            "initial": (self.initial, (S,)),
            "transition": (self.transition, (S, A, S)),
            "reward": (self.reward, (S, A)),
            "terminal": (self.terminal, (S,)),
        }
        for name, (tensor, shape) in shapes.items():
            if tuple(tensor.shape) != shape:
                raise MDPError(
                    f"{name} has the shape {tuple(tensor.shape)}; give it {shape}, for the "
                    f"{S} states and {A} actions of the reward."
                )
        for name in ("initial", "transition", "reward"):
            dtype = shapes[name][0].dtype
            if dtype != torch.float64:
                raise MDPError(f"{name} is {dtype}; give it as float64.")
        if self.terminal.dtype != torch.bool:
            raise MDPError(f"terminal is {self.terminal.dtype}; give it as bool.")
        _check_distributions("initial", self.initial)
        _check_distributions("transition", self.transition)
        if self.horizon < 1:
            raise MDPError(f"The horizon is {self.horizon}; give at least 1 step.")
        stays = torch.eye(S, dtype=torch.float64)[:, None].expand(S, A, S)[self.terminal]
        if not torch.equal(self.transition[self.terminal], stays):
            raise MDPError("A terminal state is left: let all its actions lead back to it.")
        if self.reward[self.terminal].any():
            raise MDPError(
                "A terminal state pays a reward: give it with the action that leads there."
            )
        for name, names, count in (
            ("state_names", self.state_names, S),
            ("action_names", self.action_names, A),
        ):
            if names and len(names) != count:
                raise MDPError(f"There are {len(names)} {name} for {count}.")

    @property
    def n_states(self) -> int:
        """S, the number of states."""
        return self.reward.shape[0]

    @property
    def n_actions(self) -> int:
        """A, the number of actions."""
        return self.reward.shape[1]

    def state(self, number: int) -> str:
        """The name of a state."""
        return self.state_names[number] if self.state_names else str(number)

    def action(self, number: int) -> str:
        """The name of an action."""
        return self.action_names[number] if self.action_names else str(number)


@dataclass(frozen=True)
class Trajectories:
    """N trajectories, filled up to T steps where they ended earlier.

    Attributes:
        states: (N, T) s_t; after the end, the terminal state.
        actions: (N, T) a_t; after the end, 0.
        rewards: (N, T) r(s_t, a_t); after the end, 0.
        mask: (N, T) bool, True at the steps before the end.
    """

    states: Tensor
    actions: Tensor
    rewards: Tensor
    mask: Tensor

    def __len__(self) -> int:
        return len(self.states)

    @property
    def returns(self) -> Tensor:
        """(N,) r(tau), the sum of the rewards: eq. (return)."""
        return self.rewards.sum(-1)

    def logprobs(self, policy: Tensor) -> Tensor:
        """(N, T) log pi(a_t | s_t), 0 where the mask is False.

        Args:
            policy: (S, A) or (T, S, A) probabilities.
        """
        steps = torch.arange(self.states.shape[1]) if policy.dim() == 3 else None
        chosen = (
            policy[self.states, self.actions]
            if steps is None
            else policy[steps, self.states, self.actions]
        )
        return torch.where(self.mask, chosen, 1.0).log()


def uniform(mdp: MDP) -> Tensor:
    """(S, A) the policy that takes every action with the same probability."""
    return torch.full((mdp.n_states, mdp.n_actions), 1 / mdp.n_actions, dtype=torch.float64)


def deterministic(mdp: MDP, actions: Tensor) -> Tensor:
    """A deterministic policy as probabilities, all on the chosen action.

    Args:
        actions: (S,) or (T, S) the number of the action to take in each state.

    Returns:
        (S, A) or (T, S, A) of zeros and ones.
    """
    return torch.nn.functional.one_hot(actions, mdp.n_actions).double()


def policy_by_step(mdp: MDP, policy: Tensor) -> Tensor:
    """(T, S, A) the policy at each step, from (S, A), the same at every step, or (T, S, A).

    Raises:
        MDPError: if it is neither, or holds no distributions over the actions.
    """
    shape = (mdp.horizon, mdp.n_states, mdp.n_actions)
    if tuple(policy.shape) not in (shape, shape[1:]):
        raise MDPError(
            f"The policy has the shape {tuple(policy.shape)}; give probabilities of shape "
            f"{shape[1:]}, or {shape} if it depends on the step."
        )
    _check_distributions("policy", policy.detach())
    return policy.expand(shape)


@torch.no_grad()
def rollout(mdp: MDP, policy: Tensor, n: int, generator: torch.Generator) -> Trajectories:
    """Run the policy n times, all runs side by side.

    Args:
        mdp: the process.
        policy: (S, A) or (T, S, A) probabilities of the actions.
        n: how many trajectories.
        generator: of the random numbers, ``torch.Generator().manual_seed(0)``.

    Returns:
        N = n trajectories of T = ``mdp.horizon`` steps.

    Raises:
        MDPError: if n is less than 1, or the policy does not fit.
    """
    if n < 1:
        raise MDPError(f"{n} trajectories were asked for; ask for at least 1.")
    by_step = policy_by_step(mdp, policy)
    state = torch.multinomial(mdp.initial, n, replacement=True, generator=generator)  # (N,)
    states = torch.empty(n, mdp.horizon, dtype=torch.long)
    actions = torch.zeros(n, mdp.horizon, dtype=torch.long)
    for t in range(mdp.horizon):
        states[:, t] = state
        running = ~mdp.terminal[state]
        if not running.any():
            states[:, t:] = state[:, None]
            break
        drawn = _draw(by_step[t, state], generator)
        actions[:, t] = torch.where(running, drawn, 0)
        state = _draw(mdp.transition[state, actions[:, t]], generator)
    return Trajectories(states, actions, mdp.reward[states, actions], ~mdp.terminal[states])


def _draw(probabilities: Tensor, generator: torch.Generator) -> Tensor:
    """(N,) one draw from each row of (N, K) probabilities."""
    return torch.multinomial(probabilities, 1, generator=generator).squeeze(-1)


def _check_distributions(name: str, probabilities: Tensor) -> None:
    sums = probabilities.sum(-1)
    if not torch.isfinite(probabilities).all() or (probabilities < 0).any():
        raise MDPError(f"{name} has an entry that is no probability: give numbers from 0 to 1.")
    if ((sums - 1).abs() > TOLERANCE).any():
        worst = sums.flatten()[(sums - 1).abs().argmax()].item()
        raise MDPError(f"{name} has probabilities that sum to {worst:.4g}; make every sum 1.")
