"""The log-derivative trick in a browser, against automatic differentiation."""

from __future__ import annotations

import pytest
import torch
from playwright.sync_api import Page, expect

from alignlib.explorables.log_derivative import log_derivative
from tests.explorables.conftest import OpenExplorable

REWARDS = torch.tensor([1.0, 3.0, 2.0], dtype=torch.float64)


def number(page: Page, key: str) -> float:
    return float(page.locator(f'data[data-key="{key}"]').get_attribute("value") or "nan")


def numbers(page: Page, key: str) -> torch.Tensor:
    return torch.tensor([number(page, f"{key}-{x}") for x in range(3)], dtype=torch.float64)


def probabilities(theta: torch.Tensor) -> torch.Tensor:
    return (theta * torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64)).softmax(-1)


@pytest.mark.browser
@pytest.mark.parametrize("theta", [-1.0, 0.3, 2.0])
def test_the_numbers_are_those_of_autograd(open_explorable: OpenExplorable, theta: float) -> None:
    page = open_explorable(log_derivative(theta=theta))
    at = torch.tensor(theta, dtype=torch.float64)
    p = probabilities(at)
    grad_p = torch.autograd.functional.jacobian(probabilities, at)
    grad_log_p = torch.autograd.functional.jacobian(lambda t: probabilities(t).log(), at)
    for key, exact in {
        "p": p,
        "gradP": grad_p,
        "score": grad_log_p,
        "weightedGradP": REWARDS * grad_p,
        "weightedScore": REWARDS * grad_log_p,
    }.items():
        torch.testing.assert_close(numbers(page, key), exact, atol=1e-12, rtol=0)
    grad_J = torch.autograd.functional.jacobian(lambda t: probabilities(t) @ REWARDS, at).item()
    for key in ("gradJ", "sumWeighted", "meanWeighted"):
        assert number(page, key) == pytest.approx(grad_J, abs=1e-12)
    assert number(page, "sumGradP") == pytest.approx(0, abs=1e-12)
    assert number(page, "meanScore") == pytest.approx(0, abs=1e-12)


@pytest.mark.browser
def test_draws_approach_the_gradient_by_keyboard_alone(open_explorable: OpenExplorable) -> None:
    page = open_explorable(log_derivative())
    status = page.locator("p[role=status]")
    page.get_by_role("button", name="Draw 1", exact=True).focus()
    page.keyboard.press("Enter")
    expect(status).to_contain_text("1 drawn")
    heights = numbers(page, "weightedScore")
    average = number(page, "average")
    assert (heights - average).abs().min() < 1e-12  # one draw is one of the heights
    page.keyboard.press("Tab")
    for _ in range(40):
        page.keyboard.press("Enter")
    expect(status).to_contain_text("4,001 drawn")
    p, grad_J = numbers(page, "p"), number(page, "gradJ")
    deviation = (p @ (heights - grad_J).square()).sqrt().item()
    assert number(page, "average") == pytest.approx(grad_J, abs=4 * deviation / 4001**0.5)


@pytest.mark.browser
def test_a_moved_theta_forgets_the_draws_and_reset_restores(
    open_explorable: OpenExplorable,
) -> None:
    page = open_explorable(log_derivative())
    before = numbers(page, "p")
    page.get_by_role("button", name="Draw 100").click()
    page.get_by_label("Parameter").focus()
    page.keyboard.press("ArrowRight")
    at = torch.tensor(-0.9, dtype=torch.float64)
    torch.testing.assert_close(numbers(page, "p"), probabilities(at), atol=1e-12, rtol=0)
    assert page.locator('data[data-key="average"]').count() == 0
    page.get_by_label("Weight").select_option("1")
    label = page.locator("svg").first.get_attribute("aria-label") or ""
    assert label.endswith("together 0.00.")  # the areas of the score alone
    expect(page.locator("p", has_text="the probabilities always sum to one")).to_be_visible()
    page.get_by_role("button", name="Draw 1", exact=True).click()
    score = numbers(page, "score")
    assert (score - number(page, "average")).abs().min() < 1e-12  # without the reward
    expect(page.locator("p[role=status]")).to_contain_text("exact 0.000")
    page.get_by_label("Weight").select_option("R")
    expect(page.locator("p[role=status]")).to_contain_text("The draws are gone")
    assert page.locator('data[data-key="average"]').count() == 0
    page.get_by_role("button", name="Reset").click()
    assert torch.equal(numbers(page, "p"), before)


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="2 rewards"):
        log_derivative(rewards=(1.0, 2.0))
    with pytest.raises(ValueError, match="theta is 7"):
        log_derivative(theta=7.0)
