"""The policy-gradient playground in a browser, against alignlib's enumeration."""

from __future__ import annotations

import pytest
import torch
from playwright.sync_api import Page, expect
from torch import Tensor

from alignlib.environments import assistant_mdp
from alignlib.exact import enumerate_trajectories, expected_return, gradient_by_autograd
from alignlib.explorables.policy_gradient import policy_gradient
from alignlib.mdp import MDP
from alignlib.policy_gradient import advantages, policy_gradient_loss
from tests.explorables.conftest import OpenExplorable

WORLDS = policy_gradient().data["worlds"]


def mdp_of(world: int) -> MDP:
    """The process that the page has been given."""
    given = WORLDS[world]

    def double(name: str) -> Tensor:
        return torch.tensor(given[name], dtype=torch.float64)

    return MDP(
        initial=double("initial"),
        transition=double("transition"),
        reward=double("reward"),
        horizon=given["horizon"],
        terminal=torch.tensor(given["terminal"]),
    )


def number(page: Page, key: str) -> float:
    return float(page.locator(f'data[data-key="{key}"]').get_attribute("value") or "nan")


def vector(page: Page, key: str, mdp: MDP) -> Tensor:
    """(S, A), with 0 for the terminal state, which the page leaves out."""
    found = torch.zeros(mdp.n_states, mdp.n_actions, dtype=torch.float64)
    for s in range(mdp.n_states - 1):
        for a in range(mdp.n_actions):
            found[s, a] = number(page, f"{key}-{s * mdp.n_actions + a}")
    return found


def choose(page: Page, world: int, N: int, baseline: bool, to_go: bool) -> None:
    page.get_by_label("World").select_option(str(world))
    page.get_by_label("Samples N").select_option(str(N))
    page.get_by_role("checkbox", name="Baseline").set_checked(baseline)
    if world == 1:
        page.get_by_label("Reward-to-go").set_checked(to_go)


def exact_variance(mdp: MDP, logits: Tensor, N: int, baseline: bool, to_go: bool) -> float:
    """Of the package's estimate, over all N-tuples of trajectories."""
    every = enumerate_trajectories(mdp)
    tau, pi = every.trajectories, logits.softmax(-1)
    rows = torch.cartesian_prod(*[torch.arange(len(tau))] * N).flatten()  # (M^N * N,)
    weights = advantages(
        tau.rewards[rows],
        tau.mask[rows],
        credit="reward-to-go" if to_go else "whole return",
        baseline="leave-one-out" if baseline else "none",
        group_size=N,
    )
    here = torch.nn.functional.one_hot(tau.states[rows], mdp.n_states).double()
    taken = torch.nn.functional.one_hot(tau.actions[rows], mdp.n_actions).double()
    score = taken - pi[tau.states[rows]]  # (M^N * N, T, A)
    push = torch.einsum("nts,nta,nt->nsa", here, score, weights)
    g = push.unflatten(0, (-1, N)).mean(1).flatten(1)  # (M^N, S * A)
    p = every.probabilities(pi)[rows].unflatten(0, (-1, N)).prod(1)
    return float(p @ (g - p @ g).square().sum(-1))


def test_the_assistant_is_the_chapters() -> None:
    given, known = mdp_of(1), assistant_mdp()
    assert torch.equal(given.transition, known.transition)
    assert torch.equal(given.reward, known.reward)
    assert given.horizon == known.horizon


@pytest.mark.parametrize("world", [0, 1])
def test_the_plane_holds_every_gradient(world: int) -> None:
    axes = torch.tensor(WORLDS[world]["axes"], dtype=torch.float64).flatten(1)
    torch.testing.assert_close(axes @ axes.T, torch.eye(2, dtype=torch.float64))
    logits = torch.tensor(WORLDS[world]["logits"], dtype=torch.float64)
    gradient = gradient_by_autograd(mdp_of(world), logits).flatten()
    torch.testing.assert_close(axes.T @ (axes @ gradient), gradient, atol=1e-12, rtol=0)


@pytest.mark.browser
@pytest.mark.parametrize("world", [0, 1])
def test_exact_numbers_are_the_packages(open_explorable: OpenExplorable, world: int) -> None:
    page = open_explorable(policy_gradient())
    mdp = mdp_of(world)
    to_go = world == 1
    for N in (2, 4):
        choose(page, world, N, baseline=True, to_go=to_go)
        page.get_by_role("button", name="Step").click()  # away from where it starts
        theta = vector(page, "theta", mdp)
        pi = theta.softmax(-1)
        assert number(page, "J") == pytest.approx(expected_return(mdp, pi).item(), abs=1e-9)
        exact = gradient_by_autograd(mdp, theta)
        torch.testing.assert_close(vector(page, "exact", mdp), exact, atol=1e-9, rtol=0)
        for name, baseline in {"without": False, "with": True}.items():
            known = exact_variance(mdp, theta, N, baseline, to_go)
            assert number(page, f"variance-{name}") == pytest.approx(known, abs=1e-9)


@pytest.mark.browser
@pytest.mark.parametrize("baseline", [False, True])
@pytest.mark.parametrize("world", [0, 1])
def test_the_estimate_is_the_packages_and_a_step_follows_it(
    open_explorable: OpenExplorable, world: int, baseline: bool
) -> None:
    page = open_explorable(policy_gradient())
    mdp, given = mdp_of(world), WORLDS[world]
    choose(page, world, 8, baseline, to_go=world == 1)
    page.get_by_label("Step size").select_option("0.3")
    page.get_by_role("button", name="Sample").click()
    shown = page.locator("details th[scope=row]").all_text_contents()
    assert len(shown) == 8
    states = torch.full((8, mdp.horizon), mdp.n_states - 1)
    actions = torch.zeros(8, mdp.horizon, dtype=torch.long)
    for i, words in enumerate(shown):
        for t, step in enumerate(words.split(", ")):
            state, _, action = step.rpartition(": ")
            states[i, t] = given["states"].index(state) if state else 0
            actions[i, t] = given["actions"].index(action)
    theta = vector(page, "theta", mdp).requires_grad_()
    mask = ~mdp.terminal[states]
    loss = policy_gradient_loss(
        torch.where(mask, theta.log_softmax(-1)[states, actions], 0.0),
        mdp.reward[states, actions],
        mask,
        baseline="leave-one-out" if baseline else "none",
    )
    estimate = -torch.autograd.grad(loss, theta)[0]
    torch.testing.assert_close(vector(page, "estimate", mdp), estimate, atol=1e-9, rtol=0)
    page.get_by_role("button", name="Step").click()
    moved = vector(page, "theta", mdp)
    torch.testing.assert_close(moved, theta.detach() + 0.3 * estimate, atol=1e-9, rtol=0)


@pytest.mark.browser
def test_the_baseline_lowers_the_variance_by_keyboard_alone(
    open_explorable: OpenExplorable,
) -> None:
    page = open_explorable(policy_gradient())
    page.get_by_role("button", name="Estimate 200 times").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_contain_text("200 estimates")
    for name in ("without", "with"):
        seen, exact = number(page, f"seen-{name}"), number(page, f"variance-{name}")
        assert seen == pytest.approx(exact, rel=0.4)
    assert number(page, "seen-with") < 0.5 * number(page, "seen-without")
    page.get_by_role("button", name="Step").focus()
    page.keyboard.press("Enter")
    assert page.locator('data[data-key="seen-with"]').count() == 0  # they were of another policy


@pytest.mark.browser
def test_the_baseline_keeps_both_clouds_and_n_drops_them(open_explorable: OpenExplorable) -> None:
    page = open_explorable(policy_gradient())
    status = page.get_by_role("status")
    page.get_by_role("button", name="Estimate 200 times").click()
    mean = vector(page, "mean", mdp_of(0))
    dots = page.locator(".x-pg-plane .x-pg-without")
    expect(dots).to_have_count(201)  # and their mean
    page.get_by_role("checkbox", name="Baseline").check()
    expect(dots).to_have_count(201)
    expect(status).to_contain_text("200 estimates")
    exact = vector(page, "exact", mdp_of(0))
    with_baseline = vector(page, "mean", mdp_of(0))
    assert (with_baseline - exact).norm() < (mean - exact).norm()
    page.get_by_label("Samples N").select_option("16")
    expect(dots).to_have_count(0)
    expect(status).to_contain_text("16 new samples are drawn")
    page.get_by_label("World").select_option("1")
    expect(status).to_contain_text("step size α = 2 suits this world")


@pytest.mark.browser
def test_every_run_has_its_own_300_steps(open_explorable: OpenExplorable) -> None:
    page = open_explorable(policy_gradient())
    page.clock.install()
    for steps in (300, 600):
        page.get_by_role("button", name="Run").click()
        page.clock.run_for(1000)
        page.get_by_role("checkbox", name="Baseline").set_checked(steps == 300)
        expect(page.get_by_role("status")).to_have_text("Running.")
        page.clock.run_for(120_000)
        assert number(page, "steps") == steps
        expect(page.get_by_role("status")).to_contain_text("A run has 300 steps")


@pytest.mark.browser
def test_run_pauses_and_reset_repeats(open_explorable: OpenExplorable) -> None:
    page = open_explorable(policy_gradient())
    start = number(page, "J")
    page.get_by_role("button", name="Step").click()
    first = number(page, "J")
    page.get_by_role("button", name="Run").click()
    page.wait_for_function("Number(document.querySelector('[data-key=steps]').value) >= 3")
    page.get_by_role("button", name="Pause").click()
    steps = number(page, "steps")
    page.wait_for_timeout(700)
    assert number(page, "steps") == steps
    page.get_by_role("button", name="Reset").click()
    assert number(page, "J") == start
    page.get_by_role("button", name="Step").click()
    assert number(page, "J") == first


@pytest.mark.browser
def test_less_motion_jumps_twenty_steps(open_explorable: OpenExplorable) -> None:
    page = open_explorable(policy_gradient(), reduced_motion="reduce")
    before = number(page, "J")
    page.get_by_role("button", name="Run 20 steps").click()
    assert number(page, "steps") == 20
    assert number(page, "J") > before


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="2 rewards"):
        policy_gradient(rewards=(1.0, 2.0))
