"""Chapter 4: returns, trajectories and their probabilities, and the expected return."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from alignlib.exact import action_values, enumerate_trajectories, expected_return
from alignlib.mdp import MDP, Trajectories, rollout
from tests.equations import checks
from tests.small_mdps import random_logits, random_mdp

# Processes that never end early, so that every trajectory has T steps, as on the page.
WORLDS = [random_mdp(seed, S=2 + seed % 2, A=2, T=3, ends=False) for seed in range(3)]
Steps = list[tuple[int, int]]


def policy_of(mdp: MDP) -> Tensor:
    return random_logits(mdp).softmax(-1)


def by_walking(mdp: MDP, policy: Tensor) -> Iterator[tuple[Steps, float, float]]:
    """Every trajectory with its probability and return, by following every branch by hand."""

    def walk(state: int, steps: Steps, p: float, r: float) -> Iterator[tuple[Steps, float, float]]:
        for a in range(mdp.n_actions):
            done = [*steps, (state, a)]
            p_a = p * policy[state, a].item()
            r_a = r + mdp.reward[state, a].item()
            if len(done) == mdp.horizon:
                yield done, p_a, r_a
                continue
            for after in range(mdp.n_states):
                yield from walk(after, done, p_a * mdp.transition[state, a, after].item(), r_a)

    for first in range(mdp.n_states):
        yield from walk(first, [], mdp.initial[first].item(), 0.0)


def as_trajectories(mdp: MDP, listed: list[Steps]) -> Trajectories:
    pairs = torch.tensor(listed)  # (M, T, 2)
    states, actions = pairs[..., 0], pairs[..., 1]
    mask = torch.ones_like(states, dtype=torch.bool)
    return Trajectories(states, actions, mdp.reward[states, actions], mask)


# r(tau) of M trajectories: (M,).
Return = Callable[[Trajectories], Tensor]


@checks(
    "return",
    right={"alignlib": lambda tau: tau.returns},
    wrong={
        "a mean": lambda tau: tau.rewards.mean(-1),
        "the last reward": lambda tau: tau.rewards[:, -1],
        "without the last": lambda tau: tau.rewards[:, :-1].sum(-1),
        "discounted": lambda tau: (tau.rewards * 0.9 ** torch.arange(3)).sum(-1),
        "a product": lambda tau: tau.rewards.prod(-1),
    },
)
def return_(implementation: Return) -> None:
    for mdp in WORLDS:
        steps, _, r = zip(*by_walking(mdp, policy_of(mdp)), strict=True)
        got = implementation(as_trajectories(mdp, list(steps)))
        assert got.tolist() == pytest.approx(list(r), abs=1e-12)


# p(tau) of one trajectory.
Probability = Callable[[MDP, Tensor, Steps], float]


def as_printed(
    mdp: MDP,
    policy: Tensor,
    steps: Steps,
    *,
    first: bool = True,
    actions: int = 3,
    transitions: bool = True,
    from_next: bool = False,
) -> float:
    """The product on the page; each switch leaves out or spoils a factor."""
    p = mdp.initial[steps[0][0]].item() if first else 1.0
    for s, a in steps[:actions]:
        p *= policy[s, a].item()
    for (s, a), (after, next_a) in itertools.pairwise(steps):
        if transitions:
            p *= mdp.transition[s, next_a if from_next else a, after].item()
    return p


def by_enumeration(mdp: MDP, policy: Tensor, steps: Steps) -> float:
    every = enumerate_trajectories(mdp)
    states, actions = torch.tensor(steps).T
    same = (every.trajectories.states == states) & (every.trajectories.actions == actions)
    (row,) = same.all(-1).nonzero().flatten().tolist()
    return every.probabilities(policy)[row].item()


@checks(
    "trajectory",
    right={"alignlib": by_enumeration, "as printed": as_printed},
    wrong={
        "without the first state": lambda m, pi, tau: as_printed(m, pi, tau, first=False),
        "without the last action": lambda m, pi, tau: as_printed(m, pi, tau, actions=2),
        "without the transitions": lambda m, pi, tau: as_printed(m, pi, tau, transitions=False),
        "action before state": lambda m, pi, tau: as_printed(m, pi, tau, from_next=True),
    },
)
def trajectory(probability: Probability) -> None:
    """By walking every branch; and together they are 1."""
    for mdp in WORLDS:
        policy = policy_of(mdp)
        total = 0.0
        for steps, p, _ in by_walking(mdp, policy):
            got = probability(mdp, policy, steps)
            assert got == pytest.approx(p, rel=1e-9)
            total += got
        assert total == pytest.approx(1.0)


# J of a policy.
ExpectedReturn = Callable[[MDP, Tensor], float]


def sum_as_printed(mdp: MDP, policy: Tensor) -> float:
    every = enumerate_trajectories(mdp)
    return float(every.probabilities(policy) @ every.trajectories.returns)


@checks(
    "expected-return",
    right={
        "alignlib": lambda mdp, policy: expected_return(mdp, policy).item(),
        "as printed": sum_as_printed,
    },
    wrong={
        "every trajectory alike": lambda mdp, policy: (
            enumerate_trajectories(mdp).trajectories.returns.mean().item()
        ),
        "the first step only": lambda mdp, policy: (
            mdp.initial @ (policy * mdp.reward).sum(-1)
        ).item(),
        "of the best policy": lambda mdp, policy: mdp.horizon * mdp.reward.max().item(),
        "without the policy": lambda mdp, policy: sum_as_printed(
            mdp, torch.full_like(policy, 1 / mdp.n_actions)
        ),
    },
)
def expected_return_(implementation: ExpectedReturn) -> None:
    for mdp in WORLDS:
        policy = policy_of(mdp)
        J = math.fsum(p * r for _, p, r in by_walking(mdp, policy))
        assert implementation(mdp, policy) == pytest.approx(J, abs=1e-10)


# Q_t(s, a): (T, S, A).
ActionValues = Callable[[MDP, Tensor], Tensor]


def backwards(
    mdp: MDP,
    policy: Tensor,
    *,
    greedy: bool = False,
    reward: float = 1.0,
    discount: float = 1.0,
    policy_now: bool = True,
) -> Tensor:
    """The recursion on the page; each switch spoils a part of it."""
    Q = torch.zeros(mdp.n_states, mdp.n_actions, dtype=torch.float64)
    found = []
    for _ in range(mdp.horizon):
        value = Q.max(-1).values if greedy else (policy * Q).sum(-1) if policy_now else Q.sum(-1)
        Q = reward * mdp.reward + discount * mdp.transition @ value
        found.append(Q)
    return torch.stack(found[::-1])


@checks(
    "bellman",
    right={"alignlib": action_values, "as printed": backwards},
    wrong={
        "the best action next": lambda mdp, pi: backwards(mdp, pi, greedy=True),
        "without the policy": lambda mdp, pi: backwards(mdp, pi, policy_now=False),
        "without the reward": lambda mdp, pi: backwards(mdp, pi, reward=0.0),
        "discounted": lambda mdp, pi: backwards(mdp, pi, discount=0.9),
        "forwards in time": lambda mdp, pi: backwards(mdp, pi).flip(0),
    },
)
def bellman(implementation: ActionValues) -> None:
    """What is earned on average from a step on, over the trajectories that pass there."""
    for mdp in WORLDS:
        policy = policy_of(mdp)
        Q = implementation(mdp, policy)
        walked = list(by_walking(mdp, policy))
        for t, s, a in itertools.product(
            range(mdp.horizon), range(mdp.n_states), range(mdp.n_actions)
        ):
            passing = [(steps, p) for steps, p, _ in walked if steps[t] == (s, a)]
            later = [sum(mdp.reward[x].item() for x in steps[t:]) for steps, _ in passing]
            weight = math.fsum(p for _, p in passing)
            mean = math.fsum(p * r for (_, p), r in zip(passing, later, strict=True)) / weight
            assert Q[t, s, a].item() == pytest.approx(mean, abs=1e-10)


# An estimate of J from the returns of N trajectories.
Estimator = Callable[[Tensor], float]


@checks(
    "monte-carlo",
    right={"the mean": lambda r: r.mean().item()},
    wrong={
        "a sum": lambda r: r.sum().item(),
        "a median": lambda r: r.median().item(),
        "the best": lambda r: r.max().item(),
        "n - 1": lambda r: (r.sum() / (len(r) - 1)).item(),
    },
)
def monte_carlo(estimator: Estimator) -> None:
    """Over all pairs of trajectories, it is right on average."""
    for mdp in WORLDS[:1]:
        policy = policy_of(mdp)
        listed = [(p, r) for _, p, r in by_walking(mdp, policy)]
        total = math.fsum(
            p * q * estimator(torch.tensor([r, s], dtype=torch.float64))
            for (p, r), (q, s) in itertools.product(listed, repeat=2)
        )
        assert total == pytest.approx(expected_return(mdp, policy).item(), abs=1e-9)


# The error from sigma and N.
Error = Callable[[float, int], float]


@checks(
    "standard-error",
    right={"as printed": lambda sigma, N: sigma / math.sqrt(N)},
    wrong={
        "over N": lambda sigma, N: sigma / N,
        "without N": lambda sigma, N: sigma,
        "the variance": lambda sigma, N: sigma**2 / N,
        "n - 1": lambda sigma, N: sigma / math.sqrt(max(N - 1, 0.5)),
    },
)
def standard_error(error: Error) -> None:
    """Exactly for one and two trajectories; for 25, over 4,000 estimates, to 5 %."""
    mdp = WORLDS[0]
    policy = policy_of(mdp)
    listed = [(p, r) for _, p, r in by_walking(mdp, policy)]
    J = math.fsum(p * r for p, r in listed)
    sigma = math.sqrt(math.fsum(p * (r - J) ** 2 for p, r in listed))
    assert error(sigma, 1) == pytest.approx(sigma)
    two = math.fsum(
        p * q * ((r + s) / 2 - J) ** 2 for (p, r), (q, s) in itertools.product(listed, repeat=2)
    )
    assert error(sigma, 2) == pytest.approx(math.sqrt(two))
    drawn = rollout(mdp, policy, 25 * 4000, torch.Generator().manual_seed(0))
    means = drawn.returns.view(4000, 25).mean(-1)
    assert error(sigma, 25) == pytest.approx((means - J).square().mean().sqrt().item(), rel=0.05)
