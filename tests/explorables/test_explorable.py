"""What every explorable has in common: it is shown, in words too, and axe finds nothing wrong."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from alignlib import explorables
from tests.explorables.conftest import OpenExplorable, axe_faults

NAMES = [name for name in explorables.__all__ if name != "Explorable"]
FIRST = {
    "log_derivative": "Draw 100",
    "next_tokens": "Most probable",
    "policy_gradient": "Step",
    "reward_weights": "Truth only",
}
"""A button that changes what is shown."""
FINGER = 44
"""The least height of what a finger presses, in CSS pixels."""


@pytest.mark.parametrize("name", NAMES)
def test_it_has_words_beside_the_widget(name: str) -> None:
    figure = getattr(explorables, name)()
    bundle, _ = figure._repr_mimebundle_()
    assert len(figure.alternative.split()) > 20
    assert bundle["text/plain"] == figure.alternative
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert f'data-explorable="{name}"' in bundle["text/html"]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(name: str, scheme: str, open_explorable: OpenExplorable) -> None:
    page = open_explorable(
        getattr(explorables, name)(), color_scheme=scheme, viewport={"width": 390, "height": 800}
    )
    assert axe_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_a_finger_can_operate_it(name: str, open_explorable: OpenExplorable) -> None:
    page = open_explorable(
        getattr(explorables, name)(), has_touch=True, viewport={"width": 390, "height": 800}
    )
    figure = page.locator(".x-root")
    sizes = {each.inner_text(): each.bounding_box() for each in figure.locator("button").all()}
    assert [text for text, box in sizes.items() if box and box["height"] < FINGER] == []
    if name == "answers":  # which answers what is chosen
        figure.get_by_label("Example").select_option(index=2)
        expect(figure).to_contain_text("Canberra", timeout=20_000)
        return
    before = figure.inner_text()
    figure.get_by_role("button", name=FIRST[name], exact=True).tap()
    expect(figure).not_to_have_text(before, use_inner_text=True)


@pytest.mark.browser
def test_data_can_not_end_its_script(open_explorable: OpenExplorable) -> None:
    page = open_explorable(explorables.log_derivative(outcomes=("</script>", "maybe", "yes")))
    assert "</script>" in page.inner_text(".x-root")


@pytest.mark.browser
def test_without_its_script_the_words_stay(open_explorable: OpenExplorable) -> None:
    figure = explorables.log_derivative()
    page = open_explorable(figure, java_script_enabled=False, wait=False)
    assert figure.alternative in page.inner_text("main")
