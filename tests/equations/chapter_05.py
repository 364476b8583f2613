"""Chapter 5: the policy gradient, each line of its derivation and each of its estimators."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import pytest
import torch
from torch import Tensor

from alignlib.exact import (
    EveryTrajectory,
    enumerate_trajectories,
    expected_return,
    gradient_by_dynamic_programming,
    gradient_by_enumeration,
)
from alignlib.mdp import MDP, Trajectories
from alignlib.policy_gradient import MeanOver, advantages, policy_gradient_loss
from tests.equations import checks
from tests.small_mdps import random_logits, random_mdp


@dataclass(frozen=True)
class World:
    """A process of which all M trajectories are listed, and a softmax policy in it."""

    mdp: MDP
    theta: Tensor  # (S, A)

    @cached_property
    def every(self) -> EveryTrajectory:
        return enumerate_trajectories(self.mdp)

    @property
    def tau(self) -> Trajectories:
        return self.every.trajectories

    @property
    def p(self) -> Tensor:  # (M,)
        return self.p_of(self.theta)

    @property
    def r(self) -> Tensor:  # (M,)
        return self.tau.returns

    def p_of(self, theta: Tensor) -> Tensor:
        return self.every.probabilities(theta.softmax(-1))

    def value(self, theta: Tensor) -> float:
        return expected_return(self.mdp, theta.softmax(-1)).item()

    @cached_property
    def slope(self) -> Tensor:
        """(S, A) the gradient of J by differences: no logarithm, no automatic differentiation."""
        return self.differences(lambda theta: torch.tensor(self.value(theta), dtype=torch.float64))

    def differences(self, function: Callable[[Tensor], Tensor], step: float = 1e-5) -> Tensor:
        """(..., S, A) the derivative of each of a function's numbers by each logit."""
        columns = []
        for index in range(self.theta.numel()):
            shift = torch.zeros(self.theta.numel(), dtype=torch.float64)
            shift[index] = step
            shift = shift.view_as(self.theta)
            columns.append((function(self.theta + shift) - function(self.theta - shift)) / 2 / step)
        slopes: Tensor = torch.stack(columns, -1).reshape(*columns[0].shape, *self.theta.shape)
        return slopes

    def jacobian(self, function: Callable[[Tensor], Tensor]) -> Tensor:
        found: Tensor = torch.autograd.functional.jacobian(function, self.theta)
        return found

    @cached_property
    def grad_p(self) -> Tensor:  # (M, S, A)
        return self.jacobian(self.p_of)

    @cached_property
    def grad_log_p(self) -> Tensor:  # (M, S, A)
        return self.jacobian(lambda theta: self.p_of(theta).log())

    @cached_property
    def scores(self) -> Tensor:
        """(M, T, S, A) the gradient of each log pi(a_t | s_t)."""
        return self.jacobian(lambda theta: self.tau.logprobs(theta.softmax(-1)))


@cache
def worlds() -> list[World]:
    mdps = [random_mdp(0, T=2), random_mdp(1, S=2, A=2, T=3, ends=False), random_mdp(4, T=3)]
    return [World(mdp, random_logits(mdp, seed)) for seed, mdp in enumerate(mdps)]


def assert_close(a: Tensor, b: Tensor, tolerance: float = 1e-8) -> None:
    torch.testing.assert_close(a, b, atol=tolerance, rtol=0.0, check_dtype=False)


def weighted(weight: Tensor, terms: Tensor) -> Tensor:
    """(S, A) the sum over trajectories."""
    return torch.einsum("m,msa->sa", weight, terms)


# J of a world.
Objective = Callable[[World], float]


@checks(
    "objective",
    right={
        "alignlib": lambda w: w.value(w.theta),
        "as printed": lambda w: float(w.p @ w.r),
    },
    wrong={
        "every trajectory alike": lambda w: w.r.mean().item(),
        "without p": lambda w: w.r.sum().item(),
        "without the dynamics": lambda w: float((w.p / w.every.dynamics) @ w.r),
        "log p": lambda w: float(w.p.log() @ w.r),
    },
)
def objective(implementation: Objective) -> None:
    """Against a forward pass: who is where, and earns what, at each step."""
    for w in worlds():
        policy, here, J = w.theta.softmax(-1), w.mdp.initial, 0.0
        for _ in range(w.mdp.horizon):
            J += float(here @ (policy * w.mdp.reward).sum(-1))
            here = torch.einsum("s,sa,sax->x", here, policy, w.mdp.transition)
        assert implementation(w) == pytest.approx(J, abs=1e-10)


# The gradient of J: (S, A).
Gradient = Callable[[World], Tensor]


def is_the_gradient(gradient: Gradient) -> None:
    """The slope of J, found by differences."""
    for w in worlds():
        assert_close(gradient(w), w.slope)


@checks(
    "gradient-sum",
    right={"as printed": lambda w: weighted(w.r, w.grad_p)},
    wrong={
        "without the return": lambda w: w.grad_p.sum(0),
        "the wrong way": lambda w: -weighted(w.r, w.grad_p),
        "a mean": lambda w: weighted(w.r, w.grad_p) / len(w.r),
        "without the last trajectory": lambda w: weighted(w.r[:-1], w.grad_p[:-1]),
        "weighted with p again": lambda w: weighted(w.p * w.r, w.grad_p),
    },
)
def gradient_sum(gradient: Gradient) -> None:
    is_the_gradient(gradient)


@checks(
    "log-derivative",
    right={"as printed": lambda w: w.p[:, None, None] * w.grad_log_p},
    wrong={
        "without p": lambda w: w.grad_log_p,
        "divided by p": lambda w: w.grad_log_p / w.p[:, None, None],
        "without the logarithm": lambda w: w.p[:, None, None] * w.grad_p,
        "log p for p": lambda w: w.p.log()[:, None, None] * w.grad_log_p,
    },
)
def log_derivative(gradients: Callable[[World], Tensor]) -> None:
    """(M, S, A): the slope of each trajectory's probability, by differences."""
    for w in worlds():
        assert_close(gradients(w), w.differences(w.p_of))


@checks(
    "gradient-expectation",
    right={"as printed": lambda w: weighted(w.p * w.r, w.grad_log_p)},
    wrong={
        "without the logarithm": lambda w: weighted(w.p * w.r, w.grad_p),
        "every trajectory alike": lambda w: weighted(w.r / len(w.r), w.grad_log_p),
        "without the return": lambda w: weighted(w.p, w.grad_log_p),
        "means multiplied": lambda w: weighted(w.p, w.grad_log_p) * float(w.p @ w.r),
    },
)
def gradient_expectation(gradient: Gradient) -> None:
    is_the_gradient(gradient)


def log_p_as_printed(w: World, *, first: int = 1, actions: int = 0, transitions: int = 1) -> Tensor:
    """(M,) the sum on the page, for worlds that do not end; each switch leaves out a part."""
    mdp, tau = w.mdp, w.tau
    values = first * mdp.initial[tau.states[:, 0]].log()
    values = values + tau.logprobs(w.theta.softmax(-1))[:, actions:].sum(-1)
    moves = mdp.transition[tau.states[:, :-1], tau.actions[:, :-1], tau.states[:, 1:]]
    return values + transitions * moves.log().sum(-1)


@checks(
    "log-trajectory",
    right={"alignlib": lambda w: w.p.log(), "as printed": log_p_as_printed},
    wrong={
        "without the first state": lambda w: log_p_as_printed(w, first=0),
        "without the first action": lambda w: log_p_as_printed(w, actions=1),
        "without the transitions": lambda w: log_p_as_printed(w, transitions=0),
        "transitions subtracted": lambda w: log_p_as_printed(w, transitions=-1),
    },
)
def log_trajectory(log_p: Callable[[World], Tensor]) -> None:
    """The product, factor by factor; and the transitions leave no trace in its gradient."""
    w = worlds()[1]
    policy, got = w.theta.softmax(-1), log_p(w)
    for row in range(len(w.tau)):
        s, a = w.tau.states[row].tolist(), w.tau.actions[row].tolist()
        p = w.mdp.initial[s[0]].item()
        for t in range(w.mdp.horizon):
            p *= policy[s[t], a[t]].item()
            p *= w.mdp.transition[s[t], a[t], s[t + 1]].item() if t + 1 < len(s) else 1.0
        assert got[row].exp().item() == pytest.approx(p, rel=1e-9)
    assert_close(w.grad_log_p, w.scores.sum(1))


@checks(
    "gradient-policy",
    right={
        "alignlib, enumerated": lambda w: gradient_by_enumeration(w.mdp, w.theta),
        "alignlib, backwards": lambda w: gradient_by_dynamic_programming(w.mdp, w.theta),
        "as printed": lambda w: weighted(w.p * w.r, w.scores.sum(1)),
    },
    wrong={
        "the last action only": lambda w: weighted(w.p * w.r, w.scores[:, -1]),
        "each action its own reward": lambda w: torch.einsum(
            "m,mt,mtsa->sa", w.p, w.tau.rewards, w.scores
        ),
        "a mean over steps": lambda w: weighted(w.p * w.r, w.scores.mean(1)),
        "downhill": lambda w: -weighted(w.p * w.r, w.scores.sum(1)),
    },
)
def gradient_policy(gradient: Gradient) -> None:
    is_the_gradient(gradient)


# An estimate of the gradient from the trajectories with these numbers.
Estimate = Callable[[World, list[int]], Tensor]


def by_alignlib(
    w: World,
    rows: list[int],
    *,
    mean_over: MeanOver = "trajectories",
    to_go: bool = False,
    baseline: Tensor | None = None,
) -> Tensor:
    leaf = w.theta.clone().requires_grad_()
    loss = policy_gradient_loss(
        w.tau.logprobs(leaf.softmax(-1))[rows],
        w.tau.rewards[rows],
        w.tau.mask[rows],
        credit="reward-to-go" if to_go else "whole return",
        baseline="none" if baseline is None else baseline,
        mean_over=mean_over,
    )
    (gradient,) = torch.autograd.grad(loss, leaf)
    return -gradient


def average(w: World, estimate: Callable[[list[int]], Tensor], N: int) -> Tensor:
    """(S, A) the estimate's expectation, over all N-tuples of trajectories."""
    total = torch.zeros_like(w.theta)
    for rows in itertools.product(range(len(w.p)), repeat=N):
        total += w.p[list(rows)].prod() * estimate(list(rows))
    return total


@checks(
    "reinforce-estimate",
    right={
        "alignlib": by_alignlib,
        "as printed": lambda w, rows: weighted(w.r[rows], w.scores[rows].sum(1)) / len(rows),
    },
    wrong={
        "without 1/N": lambda w, rows: by_alignlib(w, rows, mean_over="nothing"),
        "over all steps": lambda w, rows: by_alignlib(w, rows, mean_over="steps"),
        "downhill": lambda w, rows: -by_alignlib(w, rows),
        "the mean return for all": lambda w, rows: (
            weighted(w.r[rows].mean().expand(len(rows)), w.scores[rows].sum(1)) / len(rows)
        ),
        "the first trajectory only": lambda w, rows: by_alignlib(w, rows[:1]) / len(rows),
    },
)
def reinforce_estimate(estimate: Estimate) -> None:
    """On average over all pairs of trajectories, the gradient."""
    w = worlds()[0]
    for N in (1, 2):
        assert_close(average(w, lambda rows: estimate(w, rows), N), w.slope)


# The next parameters, from these, the step size and the gradient.
Step = Callable[[Tensor, float, Tensor], Tensor]


def by_optimizer(theta: Tensor, alpha: float, g: Tensor) -> Tensor:
    leaf = theta.clone().requires_grad_()
    leaf.grad = -g
    torch.optim.SGD([leaf], alpha).step()
    return leaf.detach()


@checks(
    "ascent",
    right={"as printed": lambda theta, alpha, g: theta + alpha * g, "torch": by_optimizer},
    wrong={
        "descent": lambda theta, alpha, g: theta - alpha * g,
        "without alpha": lambda theta, alpha, g: theta + g,
        "the gradient alone": lambda theta, alpha, g: alpha * g,
        "no step": lambda theta, alpha, g: theta,
    },
)
def ascent(step: Step) -> None:
    """A small step raises J by alpha times the gradient's squared length."""
    for w in worlds():
        for alpha in (1e-4, 1e-3):
            gain = w.value(step(w.theta, alpha, w.slope)) - w.value(w.theta)
            assert gain == pytest.approx(alpha * w.slope.square().sum().item(), rel=0.02)


# The loss, from log-probabilities and weights, both (N, T).
Loss = Callable[[Tensor, Tensor], Tensor]


def loss_by_alignlib(logprobs: Tensor, A: Tensor) -> Tensor:
    """With the weights as the baseline's negative, and no rewards."""
    mask = torch.ones_like(A, dtype=torch.bool)
    return policy_gradient_loss(logprobs, torch.zeros_like(A), mask, baseline=-A)


@checks(
    "surrogate",
    right={
        "alignlib": loss_by_alignlib,
        "as printed": lambda logprobs, A: -(A * logprobs).sum() / len(A),
    },
    wrong={
        "without the minus": lambda logprobs, A: (A * logprobs).sum() / len(A),
        "a mean over steps too": lambda logprobs, A: -(A * logprobs).mean(),
        "a sum": lambda logprobs, A: -(A * logprobs).sum(),
        "probabilities": lambda logprobs, A: -(A * logprobs.exp()).sum() / len(A),
        "means multiplied": lambda logprobs, A: -A.mean() * logprobs.sum() / len(A),
    },
)
def surrogate(loss: Loss) -> None:
    """Its gradient is minus the estimate, for weights of any kind."""
    w = worlds()[1]
    rows = [0, 3, 11]
    A = torch.randn(
        3, w.mdp.horizon, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )
    leaf = w.theta.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(w.tau.logprobs(leaf.softmax(-1))[rows], A), leaf)
    assert_close(-gradient, torch.einsum("nt,ntsa->sa", A, w.scores[rows]) / 3)


def credited(w: World, credit: Tensor) -> Tensor:
    """(S, A) the expectation with a weight (M, T) for each step."""
    return torch.einsum("m,mt,mtsa->sa", w.p, credit, w.scores)


def to_go(w: World) -> Tensor:
    return w.tau.rewards.flip(-1).cumsum(-1).flip(-1)


@checks(
    "reward-to-go",
    right={
        "alignlib": lambda w: average(w, lambda rows: by_alignlib(w, rows, to_go=True), 1),
        "as printed": lambda w: credited(w, to_go(w)),
    },
    wrong={
        "what was earned before": lambda w: credited(w, w.tau.rewards.cumsum(-1)),
        "from the next step on": lambda w: credited(w, to_go(w) - w.tau.rewards),
        "this step's only": lambda w: credited(w, w.tau.rewards),
        "twice": lambda w: credited(w, to_go(w) + w.r[:, None]),
    },
)
def reward_to_go(gradient: Gradient) -> None:
    is_the_gradient(gradient)


# The mean gradient of log pi in a state: (S, A) for the state s.
MeanScore = Callable[[Tensor, int], Tensor]


def score_of(theta: Tensor, s: int) -> Tensor:
    """(A, S, A) the gradient of log pi(a | s) for each action a."""
    found: Tensor = torch.autograd.functional.jacobian(lambda x: x.log_softmax(-1)[s], theta)
    return found


@checks(
    "zero-mean",
    right={
        "as printed": lambda theta, s: torch.einsum(
            "a,asb->sb", theta.softmax(-1)[s], score_of(theta, s)
        )
    },
    wrong={
        "every action alike": lambda theta, s: score_of(theta, s).mean(0),
        "of another state": lambda theta, s: torch.einsum(
            "a,asb->sb", theta.softmax(-1)[s - 1], score_of(theta, s)
        ),
        "one action's": lambda theta, s: score_of(theta, s)[0],
        "of pi's logarithm squared": lambda theta, s: torch.einsum(
            "a,asb->sb", theta.softmax(-1)[s] * theta.log_softmax(-1)[s], score_of(theta, s)
        ),
    },
)
def zero_mean(implementation: MeanScore) -> None:
    for w in worlds():
        for s in range(w.mdp.n_states):
            assert_close(implementation(w.theta, s), torch.zeros_like(w.theta), 1e-12)


# The estimate from one trajectory, with a baseline b (T, S).
WithBaseline = Callable[[World, int, Tensor], Tensor]


def seen(w: World, b: Tensor) -> Tensor:
    """(M, T) b_t(s_t) along every trajectory."""
    return b[torch.arange(w.mdp.horizon), w.tau.states]


def step_by_step(w: World, row: int, weights: Tensor) -> Tensor:
    return torch.einsum("t,tsa->sa", weights[row], w.scores[row])


@checks(
    "baseline",
    right={
        "alignlib": lambda w, row, b: by_alignlib(w, [row], to_go=True, baseline=seen(w, b)[[row]]),
        "as printed": lambda w, row, b: step_by_step(w, row, to_go(w) - seen(w, b)),
    },
    wrong={
        "left out": lambda w, row, b: step_by_step(w, row, to_go(w)),
        "added": lambda w, row, b: step_by_step(w, row, to_go(w) + seen(w, b)),
        "of the action too": lambda w, row, b: step_by_step(
            w, row, to_go(w) - seen(w, b) * (1 + w.tau.actions)
        ),
        "the wrong way round": lambda w, row, b: step_by_step(w, row, seen(w, b) - to_go(w)),
        "a factor": lambda w, row, b: step_by_step(w, row, to_go(w) * seen(w, b)),
    },
)
def baseline(estimate: WithBaseline) -> None:
    """It moves each estimate by what is subtracted, and their mean not at all."""
    for number, w in enumerate(worlds()):
        shape = (w.mdp.horizon, w.mdp.n_states)
        generator = torch.Generator().manual_seed(number)
        b = torch.randn(shape, dtype=torch.float64, generator=generator)
        every = torch.stack([estimate(w, row, b) for row in range(len(w.p))])
        assert_close(weighted(w.p, every), w.slope)
        moved = estimate(w, 0, b) - estimate(w, 0, torch.zeros_like(b))
        assert_close(moved, -step_by_step(w, 0, seen(w, b)))


# The baseline of each of N trajectories, from their returns (N,).
LeaveOneOut = Callable[[Tensor], Tensor]


def by_advantages(r: Tensor) -> Tensor:
    mask = torch.ones(len(r), 1, dtype=torch.bool)
    return r - advantages(r[:, None], mask, baseline="leave-one-out").squeeze(-1)


@checks(
    "leave-one-out",
    right={"alignlib": by_advantages, "as printed": lambda r: (r.sum() - r) / (len(r) - 1)},
    wrong={
        "its own left in": lambda r: r.mean().expand_as(r),
        "over N": lambda r: (r.sum() - r) / len(r),
        "the sum of the others": lambda r: r.sum() - r,
        "another one's left out": lambda r: ((r.sum() - r) / (len(r) - 1)).roll(1),
        "zero": torch.zeros_like,
    },
)
def leave_one_out(implementation: LeaveOneOut) -> None:
    generator = torch.Generator().manual_seed(0)
    for N in (2, 3, 8):
        r = torch.randn(N, dtype=torch.float64, generator=generator)
        got = implementation(r)
        for i in range(N):
            others = [r[j].item() for j in range(N) if j != i]
            assert got[i].item() == pytest.approx(sum(others) / len(others))
