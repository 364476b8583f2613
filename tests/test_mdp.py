"""Decision processes, trajectories, and exact values that three ways agree on."""

from __future__ import annotations

from dataclasses import replace

import gymnasium
import pytest
import torch

from alignlib.environments import assistant_mdp, from_gymnasium, text_mdp
from alignlib.errors import MDPError
from alignlib.exact import (
    action_values,
    best_policy,
    enumerate_trajectories,
    expected_return,
    gradient_by_autograd,
    gradient_by_dynamic_programming,
    gradient_by_enumeration,
    state_visits,
)
from alignlib.mdp import MDP, deterministic, rollout, uniform
from tests.small_mdps import random_logits, random_mdp

SMALL = [
    random_mdp(0),
    random_mdp(1, S=2, A=3, T=3, ends=False),
    random_mdp(2, S=4, A=2, T=4),
    random_mdp(3, T=1),
    assistant_mdp(),
    text_mdp("ab.", 3, lambda text: float(text.count("a")), end="."),
    text_mdp("ab", 3, lambda text: float(text == tuple("aba"))),
]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def assert_equal(a: torch.Tensor, b: torch.Tensor, tolerance: float = 1e-10) -> None:
    torch.testing.assert_close(a, b, atol=tolerance, rtol=0.0)


@pytest.mark.parametrize("mdp", SMALL)
def test_expected_return_by_enumeration_is_that_by_dynamic_programming(mdp: MDP) -> None:
    policy = random_logits(mdp).softmax(-1)
    every = enumerate_trajectories(mdp)
    p = every.probabilities(policy)
    assert_equal(p.sum(), torch.tensor(1.0, dtype=torch.float64))
    assert_equal((p * every.trajectories.returns).sum(), expected_return(mdp, policy))


@pytest.mark.parametrize("mdp", SMALL)
def test_the_gradient_is_the_same_three_ways_and_by_differences(mdp: MDP) -> None:
    logits = random_logits(mdp)
    exact = gradient_by_autograd(mdp, logits)
    assert_equal(gradient_by_enumeration(mdp, logits), exact)
    assert_equal(gradient_by_dynamic_programming(mdp, logits), exact)
    step = 1e-5
    for s in range(mdp.n_states):
        for a in range(mdp.n_actions):
            up, down = logits.clone(), logits.clone()
            up[s, a] += step
            down[s, a] -= step
            slope = expected_return(mdp, up.softmax(-1)) - expected_return(mdp, down.softmax(-1))
            assert_equal(slope / (2 * step), exact[s, a], 1e-8)


def test_a_policy_of_the_step_has_its_own_value() -> None:
    mdp = random_mdp(5)
    policy = torch.stack([random_logits(mdp, t).softmax(-1) for t in range(mdp.horizon)])
    every = enumerate_trajectories(mdp)
    by_enumeration = (every.probabilities(policy) * every.trajectories.returns).sum()
    assert_equal(by_enumeration, expected_return(mdp, policy))
    assert_equal(
        expected_return(mdp, policy[:1].expand_as(policy)), expected_return(mdp, policy[0])
    )


@pytest.mark.parametrize("mdp", SMALL)
def test_the_best_policy_is_better_than_every_deterministic_policy(mdp: MDP) -> None:
    best = expected_return(mdp, best_policy(mdp))
    for seed in range(200):
        shape = (mdp.horizon, mdp.n_states)
        actions = torch.randint(mdp.n_actions, shape, generator=seeded(seed))
        assert expected_return(mdp, deterministic(mdp, actions)) <= best + 1e-12


@pytest.mark.parametrize("mdp", SMALL)
def test_visits_are_what_enumeration_counts(mdp: MDP) -> None:
    policy = random_logits(mdp).softmax(-1)
    every = enumerate_trajectories(mdp)
    here = torch.nn.functional.one_hot(every.trajectories.states, mdp.n_states).double()
    assert_equal(
        torch.einsum("m,mts->ts", every.probabilities(policy), here), state_visits(mdp, policy)
    )


def test_action_values_of_the_last_step_are_the_rewards() -> None:
    mdp = random_mdp(0)
    assert_equal(action_values(mdp, uniform(mdp))[-1], mdp.reward)


@pytest.mark.parametrize("mdp", SMALL)
def test_rollouts_follow_the_distribution_of_trajectories(mdp: MDP) -> None:
    """Every trajectory as often as its probability says, within five standard errors."""
    policy, n = random_logits(mdp).softmax(-1), 20_000
    every = enumerate_trajectories(mdp)
    p = every.probabilities(policy)
    key = {
        (tuple(s), tuple(a)): row
        for row, (s, a) in enumerate(
            zip(
                every.trajectories.states.tolist(), every.trajectories.actions.tolist(), strict=True
            )
        )
    }
    drawn = rollout(mdp, policy, n, seeded())
    counts = torch.zeros(len(p), dtype=torch.float64)
    for s, a in zip(drawn.states.tolist(), drawn.actions.tolist(), strict=True):
        counts[key[tuple(s), tuple(a)]] += 1
    assert ((counts / n - p).abs() <= 5 * (p * (1 - p) / n).sqrt() + 5 / n).all()
    assert_equal(drawn.rewards, mdp.reward[drawn.states, drawn.actions])
    assert (drawn.rewards[~drawn.mask] == 0).all()


def test_rollouts_of_the_same_seed_are_the_same_and_no_global_number_is_drawn() -> None:
    mdp = random_mdp(0)
    before = torch.random.get_rng_state()
    first, second = (rollout(mdp, uniform(mdp), 50, seeded(3)) for _ in range(2))
    assert torch.equal(first.states, second.states)
    assert torch.equal(first.actions, second.actions)
    assert not torch.equal(first.states, rollout(mdp, uniform(mdp), 50, seeded(4)).states)
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_text_process_is_a_language_model() -> None:
    """J is the sum over all texts of p(text) r(text), p by the chain rule."""
    mdp = text_mdp("ab.", 3, lambda text: len(text) + 0.5 * text.count("a"), end=".")
    lm = random_logits(mdp).softmax(-1)  # (S, V), one row for each prefix
    prefix = {name: s for s, name in enumerate(mdp.state_names)}
    total = 0.0
    texts = [
        (a, b, c)[: 1 + next((t for t, token in enumerate((a, b, c)) if token == "."), 2)]
        for a in "ab."
        for b in "ab."
        for c in "ab."
    ]
    for text in set(texts):
        p = 1.0
        for t, token in enumerate(text):
            p *= lm[prefix[" ".join(text[:t]) or "(empty)"], "ab.".index(token)].item()
        total += p * (len(text) + 0.5 * text.count("a"))
    assert total == pytest.approx(expected_return(mdp, lm).item(), abs=1e-12)
    assert len(enumerate_trajectories(mdp).trajectories) == len(set(texts))


@pytest.mark.parametrize(
    ("env_id", "horizon", "best"),
    [("FrozenLake-v1", None, 0.7442), ("CliffWalking-v1", 50, -13.0), ("Taxi-v4", None, 7.93)],
)
def test_gymnasium_tables_have_their_known_best_return(
    env_id: str, horizon: int | None, best: float
) -> None:
    mdp = from_gymnasium(env_id, horizon)
    assert expected_return(mdp, best_policy(mdp)).item() == pytest.approx(best, abs=0.01)


@pytest.mark.parametrize(
    ("env_id", "options"), [("FrozenLake-v1", {}), ("FrozenLake-v1", {"is_slippery": False})]
)
def test_the_environment_itself_returns_what_the_table_says(
    env_id: str, options: dict[str, bool]
) -> None:
    """2,000 episodes of the real environment, within five standard errors of the exact J."""
    mdp = from_gymnasium(env_id, **options)
    policy = best_policy(mdp)[0]
    env = gymnasium.make(env_id, **options)
    earned = []
    state, _ = env.reset(seed=0)
    for _ in range(2000):
        total, over = 0.0, False
        while not over:
            state, reward, terminated, truncated, _ = env.step(int(policy[state].argmax()))
            total, over = total + float(reward), terminated or truncated
        earned.append(total)
        state, _ = env.reset()
    env.close()
    returns = torch.tensor(earned)
    exact = expected_return(mdp, policy).item()
    error = returns.std().item() / len(returns) ** 0.5
    assert abs(returns.mean().item() - exact) <= 5 * error + 1e-9


def test_a_process_with_a_gap_is_refused() -> None:
    mdp = random_mdp(0)
    with pytest.raises(MDPError, match="sum to"):
        replace(mdp, initial=mdp.initial * 0.5)
    with pytest.raises(MDPError, match="no probability"):
        replace(mdp, initial=torch.tensor([2.0, -1.0, 0.0], dtype=torch.float64))
    with pytest.raises(MDPError, match="shape"):
        replace(mdp, initial=mdp.initial[:-1])
    with pytest.raises(MDPError, match="float64"):
        replace(mdp, reward=mdp.reward.float())
    with pytest.raises(MDPError, match="bool"):
        replace(mdp, terminal=mdp.terminal.long())
    with pytest.raises(MDPError, match="horizon"):
        replace(mdp, horizon=0)
    with pytest.raises(MDPError, match="is left"):
        replace(mdp, terminal=torch.tensor([True, False, True]))
    with pytest.raises(MDPError, match="pays"):
        replace(mdp, reward=torch.ones_like(mdp.reward))
    with pytest.raises(MDPError, match="state_names"):
        replace(mdp, state_names=("one",))


def test_what_does_not_fit_is_refused() -> None:
    mdp = random_mdp(0)
    with pytest.raises(MDPError, match="at least 1"):
        rollout(mdp, uniform(mdp), 0, seeded())
    with pytest.raises(MDPError, match="shape"):
        expected_return(mdp, uniform(mdp)[:1])
    with pytest.raises(MDPError, match="sum to"):
        expected_return(mdp, uniform(mdp) * 0.9)
    with pytest.raises(MDPError, match="more than"):
        enumerate_trajectories(random_mdp(0, T=20))
    with pytest.raises(MDPError, match="no table"):
        from_gymnasium("CartPole-v1")
    with pytest.raises(MDPError, match="give a horizon"):
        from_gymnasium("CliffWalking-v1")
    with pytest.raises(MDPError, match="repeats"):
        text_mdp("aa", 2, lambda text: 0.0)
    with pytest.raises(MDPError, match="not in the vocabulary"):
        text_mdp("ab", 2, lambda text: 0.0, end="<end>")
