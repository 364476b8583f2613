"""Every estimator against the exact gradient: its expectation by enumeration, never by sampling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

from alignlib.environments import assistant_mdp, text_mdp
from alignlib.errors import PolicyGradientError
from alignlib.exact import (
    EveryTrajectory,
    action_values,
    enumerate_trajectories,
    expected_return,
    gradient_by_autograd,
)
from alignlib.mdp import MDP, Trajectories
from alignlib.policy_gradient import (
    advantages,
    at_the_end,
    policy_gradient_loss,
    returns,
    value_loss,
)
from tests.small_mdps import random_logits, random_mdp

MDPS = {
    "ends early": random_mdp(0, T=2),
    "never ends": random_mdp(1, S=2, A=2, T=2, ends=False),
    "assistant": assistant_mdp(),
    "text": text_mdp("ab.", 2, lambda text: 1.0 + text.count("a") - len(text), end="."),
}
CREDITS = ("whole return", "reward-to-go")


def pick(tau: Trajectories, rows: tuple[int, ...]) -> Trajectories:
    index = torch.tensor(rows)
    return Trajectories(tau.states[index], tau.actions[index], tau.rewards[index], tau.mask[index])


def moments(
    mdp: MDP,
    logits: Tensor,
    N: int,
    baseline: Callable[[Trajectories], Any] = lambda tau: "none",
    **options: Any,
) -> tuple[Tensor, float]:
    """The estimate's exact expectation, and its variance summed over the parameters.

    Over all N-tuples of trajectories, weighted with their probability.
    """
    every: EveryTrajectory = enumerate_trajectories(mdp)
    p = every.probabilities(logits.softmax(-1))
    mean, square = torch.zeros_like(logits), 0.0
    for rows in product(range(len(p)), repeat=N):
        tau = pick(every.trajectories, rows)
        leaf = logits.clone().requires_grad_()
        loss = policy_gradient_loss(
            tau.logprobs(leaf.softmax(-1)), tau.rewards, tau.mask, baseline=baseline(tau), **options
        )
        (gradient,) = torch.autograd.grad(-loss, leaf)
        weight = p[list(rows)].prod()
        mean += weight * gradient
        square += float(weight * gradient.square().sum())
    return mean, square - float(mean.square().sum())


def constantly(value: float) -> Callable[[Trajectories], float]:
    return lambda tau: value


def assert_equal(a: Tensor, b: Tensor) -> None:
    torch.testing.assert_close(a, b, atol=1e-10, rtol=0.0)


@pytest.mark.parametrize("credit", CREDITS)
@pytest.mark.parametrize("name", MDPS)
@pytest.mark.parametrize("N", [1, 2])
def test_over_trajectories_the_estimate_is_exact(name: str, credit: str, N: int) -> None:
    mdp = MDPS[name]
    logits = random_logits(mdp)
    mean, _ = moments(mdp, logits, N, credit=credit)
    assert_equal(mean, gradient_by_autograd(mdp, logits))


@pytest.mark.parametrize("credit", CREDITS)
@pytest.mark.parametrize("name", MDPS)
def test_a_constant_baseline_changes_no_expectation(name: str, credit: str) -> None:
    mdp = MDPS[name]
    logits = random_logits(mdp)
    for constant in (-2.0, 0.7, 100.0):
        mean, _ = moments(mdp, logits, 1, constantly(constant), credit=credit)
        assert_equal(mean, gradient_by_autograd(mdp, logits))


@pytest.mark.parametrize("credit", CREDITS)
@pytest.mark.parametrize("name", MDPS)
def test_a_baseline_of_state_and_step_changes_no_expectation(name: str, credit: str) -> None:
    mdp = MDPS[name]
    logits = random_logits(mdp)
    table = torch.randn(mdp.horizon, mdp.n_states, dtype=torch.float64, generator=seeded())
    steps = torch.arange(mdp.horizon)
    mean, _ = moments(mdp, logits, 1, lambda tau: table[steps, tau.states], credit=credit)
    assert_equal(mean, gradient_by_autograd(mdp, logits))


def test_a_baseline_of_the_action_is_biased() -> None:
    """The warning in the docstring is real: such a baseline takes part of the signal away."""
    mdp = MDPS["assistant"]
    logits = random_logits(mdp)
    mean, _ = moments(mdp, logits, 1, lambda tau: tau.rewards)
    assert (mean - gradient_by_autograd(mdp, logits)).abs().max() > 0.01


@pytest.mark.parametrize("credit", CREDITS)
@pytest.mark.parametrize(
    ("name", "N"), [*((name, 2) for name in MDPS), ("assistant", 3), ("text", 3)]
)
def test_leave_one_out_is_exact_and_the_plain_mean_shrinks(name: str, credit: str, N: int) -> None:
    mdp = MDPS[name]
    logits = random_logits(mdp)
    exact = gradient_by_autograd(mdp, logits)
    mean, _ = moments(mdp, logits, N, lambda tau: "leave-one-out", credit=credit)
    assert_equal(mean, exact)
    mean, _ = moments(mdp, logits, N, lambda tau: "mean", credit=credit)
    assert_equal(mean, exact * (N - 1) / N)


@pytest.mark.parametrize("name", MDPS)
def test_the_sum_is_n_times_the_gradient(name: str) -> None:
    mdp = MDPS[name]
    logits = random_logits(mdp)
    for N in (1, 2):
        mean, _ = moments(mdp, logits, N, mean_over="nothing")
        assert_equal(mean, N * gradient_by_autograd(mdp, logits))


def test_over_steps_the_estimate_is_scaled_or_biased() -> None:
    """Divided by T where all lengths are T; another direction where they differ."""
    same = MDPS["never ends"]
    logits = random_logits(same)
    mean, _ = moments(same, logits, 2, mean_over="steps")
    assert_equal(mean, gradient_by_autograd(same, logits) / same.horizon)
    varies = MDPS["assistant"]
    logits = random_logits(varies)
    exact = gradient_by_autograd(varies, logits).flatten()
    cosines = []
    for N in (1, 2, 3):
        mean, _ = moments(varies, logits, N, mean_over="steps")
        cosines.append(torch.cosine_similarity(mean.flatten(), exact, dim=0).item())
    assert cosines[0] < 0.999
    assert cosines == sorted(cosines)


def test_the_mean_gradient_of_log_pi_is_zero() -> None:
    mdp = MDPS["ends early"]
    logits = random_logits(mdp)
    every = enumerate_trajectories(mdp)
    leaf = logits.clone().requires_grad_()
    chosen = every.trajectories.logprobs(leaf.softmax(-1))
    p = every.probabilities(logits.softmax(-1))
    for t in range(mdp.horizon):
        (gradient,) = torch.autograd.grad(p @ chosen[:, t], leaf, retain_graph=True)
        assert_equal(gradient, torch.zeros_like(logits))


@pytest.mark.parametrize("seed", range(8))
def test_the_best_constant_has_the_least_variance_of_all_constants(seed: int) -> None:
    """The variance is a parabola in b, lowest at E[|g|^2 r] / E[|g|^2] (Greensmith et al.)."""
    mdp = random_mdp(seed, T=2)
    logits = random_logits(mdp, seed)
    every = enumerate_trajectories(mdp)
    tau, p = every.trajectories, every.probabilities(logits.softmax(-1))
    squared = []
    for row in range(len(tau)):
        leaf = logits.clone().requires_grad_()
        (score,) = torch.autograd.grad(tau.logprobs(leaf.softmax(-1))[row].sum(), leaf)
        squared.append(score.square().sum())
    weight = p * torch.stack(squared)
    best = float((weight @ tau.returns) / weight.sum())
    variances = [
        moments(mdp, logits, 1, constantly(b), credit="whole return")[1]
        for b in (best, best - 0.5, best + 0.5, 0.0, float(p @ tau.returns))
    ]
    assert all(variances[0] <= other + 1e-12 for other in variances[1:])
    assert variances[1] == pytest.approx(variances[2], rel=1e-9)
    assert variances[1] > variances[0]


def test_the_variance_falls_with_samples_and_mostly_with_credit() -> None:
    """1 / N is a theorem. That reward-to-go helps is not: here is where it does not."""
    mdp = MDPS["assistant"]
    logits = torch.zeros(mdp.n_states, mdp.n_actions, dtype=torch.float64)
    for credit in CREDITS:
        one, two = (moments(mdp, logits, N, credit=credit)[1] for N in (1, 2))
        assert two == pytest.approx(one / 2, rel=1e-9)
    assert moments(mdp, logits, 1)[1] > moments(mdp, logits, 1, credit="whole return")[1]
    falls = []
    for seed in range(10):
        mdp = random_mdp(seed, S=2, A=2, T=3, ends=False)
        logits = random_logits(mdp, seed)
        falls.append(moments(mdp, logits, 1)[1] < moments(mdp, logits, 1, credit="whole return")[1])
    assert sum(falls) >= 7


@pytest.mark.parametrize("seed", range(5))
def test_the_value_as_baseline_has_less_variance_than_none(seed: int) -> None:
    mdp = replace(random_mdp(seed, S=2, A=2, T=2, ends=False), horizon=2)
    mdp = replace(mdp, reward=mdp.reward + 3.0)  # far from 0, where a baseline matters
    logits = random_logits(mdp, seed)
    policy = logits.softmax(-1)
    value = (policy * action_values(mdp, policy)).sum(-1)  # (T, S)
    steps = torch.arange(mdp.horizon)
    mean, variance = moments(mdp, logits, 1, lambda tau: value[steps, tau.states])
    assert_equal(mean, gradient_by_autograd(mdp, logits))
    assert variance < moments(mdp, logits, 1)[1]


def test_it_holds_for_parameters_that_states_share() -> None:
    """A policy that is no table: a small network, differentiated through the dynamic programme."""
    mdp = MDPS["text"]
    inputs = torch.randn(mdp.n_states, 3, dtype=torch.float64, generator=seeded())
    weight = torch.randn(3, mdp.n_actions, dtype=torch.float64, generator=seeded(1))
    weight.requires_grad_()
    policy = (inputs.tanh() @ weight).softmax(-1)
    (exact,) = torch.autograd.grad(expected_return(mdp, policy), weight, retain_graph=True)
    every = enumerate_trajectories(mdp)
    p = every.probabilities(policy.detach())
    tau = every.trajectories
    mean = torch.zeros_like(exact)
    for row in range(len(p)):
        one = pick(tau, (row,))
        loss = policy_gradient_loss(one.logprobs(policy), one.rewards, one.mask)
        mean -= p[row] * torch.autograd.grad(loss, weight, retain_graph=True)[0]
    assert_equal(mean, exact)


def test_returns_by_hand() -> None:
    rewards = torch.tensor([[1.0, 2.0, 4.0], [8.0, 16.0, 99.0]])
    mask = torch.tensor([[True, True, True], [True, True, False]])
    assert returns(rewards, mask, "whole return").tolist() == [[7, 7, 7], [24, 24, 0]]
    assert returns(rewards, mask, "reward-to-go").tolist() == [[7, 6, 4], [24, 16, 0]]


def test_leave_one_out_by_hand_and_in_groups() -> None:
    rewards = torch.tensor([[1.0], [2.0], [6.0], [0.0], [10.0], [20.0]])
    mask = torch.ones(6, 1, dtype=torch.bool)
    got = advantages(rewards, mask, baseline="leave-one-out", group_size=3)
    assert got.flatten().tolist() == [1 - 4, 2 - 3.5, 6 - 1.5, 0 - 15, 10 - 10, 20 - 5]
    plain = advantages(rewards, mask, baseline="mean", group_size=3)
    torch.testing.assert_close(got, plain * 3 / 2)


def test_one_reward_for_a_text_stands_on_its_last_token() -> None:
    mask = torch.tensor([[True, True, False], [True, True, True]])
    got = at_the_end(torch.tensor([5.0, 7.0]), mask)
    assert got.tolist() == [[0, 5, 0], [0, 0, 7]]
    same = [returns(got, mask, credit) for credit in ("whole return", "reward-to-go")]
    assert torch.equal(*same)


def test_padding_changes_nothing() -> None:
    logprobs = torch.tensor([[-1.0, -2.0, float("nan")]], requires_grad=True)
    rewards = torch.tensor([[1.0, 2.0, float("nan")]])
    mask = torch.tensor([[True, True, False]])
    for mean_over in ("trajectories", "steps", "nothing"):
        padded = policy_gradient_loss(logprobs, rewards, mask, mean_over=mean_over)
        short = policy_gradient_loss(
            logprobs[:, :2], rewards[:, :2], mask[:, :2], mean_over=mean_over
        )
        assert padded.item() == short.item()
    padded.backward()
    assert logprobs.grad is not None
    assert logprobs.grad.tolist() == [[-3.0, -2.0, 0.0]]


def test_no_gradient_goes_through_rewards_or_baseline() -> None:
    rewards = torch.ones(2, 2, requires_grad=True)
    values = torch.ones(2, 2, requires_grad=True)
    logprobs = torch.full((2, 2), -1.0, requires_grad=True)
    mask = torch.ones(2, 2, dtype=torch.bool)
    policy_gradient_loss(logprobs, rewards, mask, baseline=values).backward()
    assert rewards.grad is None
    assert values.grad is None
    assert logprobs.grad is not None


def test_the_learnt_baseline_is_fitted_to_the_reward_to_go() -> None:
    rewards = torch.tensor([[1.0, 2.0, 9.0]])
    mask = torch.tensor([[True, True, False]])
    values = torch.zeros(1, 3, requires_grad=True)
    loss = value_loss(values, rewards, mask)
    assert loss.item() == (3**2 + 2**2) / 2
    loss.backward()
    assert values.grad is not None
    assert values.grad.tolist() == [[-3.0, -2.0, 0.0]]


def test_what_does_not_fit_is_refused() -> None:
    x = torch.zeros(2, 3)
    mask = torch.ones(2, 3, dtype=torch.bool)
    cases: list[tuple[str, Callable[[], Any]]] = [
        ("mask is", lambda: returns(x, x)),
        ("at_the_end", lambda: returns(x[:, 0], mask)),
        ("no real step", lambda: returns(x, ~mask)),
        ("credit is", lambda: returns(x, mask, "to go")),  # type: ignore[arg-type]
        ("baseline is", lambda: advantages(x, mask, baseline="loo")),  # type: ignore[arg-type]
        ("broadcast", lambda: advantages(x, mask, baseline=torch.zeros(5))),
        ("groups of", lambda: advantages(x, mask, baseline="mean", group_size=4)),
        ("at least 2", lambda: advantages(x[:1], mask[:1], baseline="leave-one-out")),
        ("mean_over", lambda: policy_gradient_loss(x, x, mask, mean_over="tokens")),  # type: ignore[arg-type]
        ("logprobs have", lambda: policy_gradient_loss(x[:, :2], x, mask)),
        ("not finite", lambda: policy_gradient_loss(x.log(), x, mask)),
        ("rewards are", lambda: at_the_end(x, mask)),
        ("leave it out", lambda: at_the_end(x[:, 0], mask & (x > 0))),
        ("values are", lambda: value_loss(x[:, :2], x, mask)),
    ]
    for message, call in cases:
        with pytest.raises(PolicyGradientError, match=message):
            call()


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
