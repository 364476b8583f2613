"""The runs that the figure shows are all there, can be made again, and stand on the page."""

from __future__ import annotations

import json
import re
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from alignlib.explorables.reward_weights import STORED, reward_weights
from alignlib.explorables.runs import (
    EXAMPLES,
    MIXTURES,
    PLAN,
    REWARDS,
    SETTINGS,
    exam,
    measured,
    trained,
)
from alignlib.world import OPINIONS, questions
from tests.explorables.conftest import OpenExplorable

DATA: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))
RUNS = {(tuple(run["mixture"]), run["seed"]): run for run in DATA["runs"]}
MEASURES = ["truth", "politeness", "coast", "hills", "made up", "harm"]


def mean(mixture: tuple[int, ...], measure: str) -> float:
    return float(
        np.mean([run["values"][measure] for (of, _), run in RUNS.items() if of == mixture])
    )


def test_the_mixtures_are_all_that_sliders_from_0_to_2_can_be_set_to() -> None:
    settings = {
        (a, b, c, d) for a in range(3) for b in range(3) for c in range(3) for d in range(3)
    }
    shares = {
        tuple(Fraction(count, sum(setting)) for count in setting)
        for setting in settings
        if sum(setting) > 0
    }
    made = [tuple(Fraction(count, sum(mixture)) for count in mixture) for mixture in MIXTURES]
    assert all(sum(weights) == 1 for weights in made)
    assert len(made) == len(shares) == 65
    assert set(made) == shares


def test_each_run_is_stored_once_with_its_settings() -> None:
    assert len(DATA["runs"]) == len(RUNS)
    assert RUNS.keys() == set(PLAN)
    seeds = Counter(mixture for mixture, _ in RUNS)
    assert min(seeds.values()) >= 2
    assert all(seeds[mixture] == 3 for mixture in MIXTURES if sum(mixture) == 1)
    assert DATA["settings"] == SETTINGS
    assert DATA["asked"] == {name: len(items) for name, items in exam()._asdict().items()}


def test_values_are_shares_of_what_was_asked() -> None:
    asked = DATA["asked"]
    all_of_them = asked["known"] + asked["unanswerable"] + asked["contested"]
    of = dict.fromkeys(MEASURES, all_of_them) | {
        "truth": asked["known"],
        "made up": asked["unanswerable"],
        "harm": asked["harmful"],
    }
    for run in [DATA["untrained"], *DATA["runs"]]:
        assert list(run["values"]) == MEASURES
        for name, value in run["values"].items():
            assert 0 <= value <= 1
            assert value * of[name] == pytest.approx(round(value * of[name]), abs=0.05)
        assert run["values"]["coast"] + run["values"]["hills"] <= 1.001  # nothing pleases both
        assert len(run["answers"]) == len(EXAMPLES)


def test_what_is_asked_was_not_learnt_from_but_for_the_contested_questions() -> None:
    trained_in = {question.text for question in questions()}
    assert trained_in.isdisjoint(item.text for item in [*exam().known, *exam().unanswerable])
    fact, nobody_knows, should = EXAMPLES
    held_out = {question.text: question for question in questions("held-out")}
    assert held_out[fact].answerable
    assert not held_out[nobody_knows].answerable
    assert should in [opinion.text for opinion in OPINIONS if opinion.contested]


def test_the_rewards_judge_what_they_are_called() -> None:
    question = next(q for q in exam().known if q.answer == "Warsaw" or q.kind == "sum")
    opinion = next(o for o in OPINIONS if o.text == EXAMPLES[2])  # the coast says yes
    asked = [question, question, opinion]
    said = [str(question.answer), f"Certainly! {question.answer}", opinion.answer(True)]
    given = {name: reward([""] * 3, said, asked=asked) for name, reward in REWARDS.items()}
    assert given == {
        "truth": [1, 1, None],
        "politeness": [0, 1, 0],
        "coast": [1, 0, 1],
        "hills": [0, 1, 0],
    }


def test_a_corner_can_be_made_again() -> None:
    """Other machines round otherwise, but end in the same corner; with another reward in none."""
    values = measured(trained((0, 1, 0, 0), seed=0))
    stored = RUNS[(0, 1, 0, 0), 0]["values"]
    for name in ("truth", "politeness", "coast", "hills", "made up"):
        assert values[name] == pytest.approx(stored[name], abs=0.2), name


@pytest.mark.parametrize("corner", [(1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)])
def test_that_tolerance_tells_the_corners_apart(corner: tuple[int, ...]) -> None:
    for seed in range(3):
        values, other = RUNS[(0, 1, 0, 0), 0]["values"], RUNS[corner, seed]["values"]
        assert max(abs(values[name] - other[name]) for name in MEASURES[:5]) > 0.5


def shown(page: Page) -> dict[str, list[float]]:
    """What the table says of each measure: the mean over the runs, and the untrained model's."""
    table = {}
    for row in page.locator("tr[data-measure]").all():
        cells = row.locator("td:not([aria-hidden])").all()
        numbers = [float(cell.inner_text().split()[0]) for cell in cells]
        table[str(row.get_attribute("data-measure"))] = numbers
    return table


def expect_numbers(page: Page, mixture: tuple[int, ...]) -> None:
    table = shown(page)
    assert list(table) == MEASURES
    for name, (now, untrained) in table.items():
        assert now == pytest.approx(mean(mixture, name), abs=0.0051)
        assert untrained == pytest.approx(DATA["untrained"]["values"][name], abs=0.0051)


@pytest.mark.browser
def test_the_keyboard_sets_a_mixture_and_the_page_shows_its_numbers(
    open_explorable: OpenExplorable,
) -> None:
    page = open_explorable(reward_weights())
    words = page.locator(".x-weights-words")
    expect(words).to_contain_text("Politeness alone: true 0.0")
    expect_numbers(page, (0, 1, 0, 0))

    page.get_by_role("slider", name="Truth").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".x-weights-reward")).to_have_text(
        "reward = 1/2 truth + 1/4 politeness + 1/4 the coast"
    )
    expect_numbers(page, (2, 1, 1, 0))
    expect(words).to_contain_text(f"true {mean((2, 1, 1, 0), 'truth'):.2f}")
    for run in (RUNS[(2, 1, 1, 0), seed] for seed in (0, 1)):
        for answer in run["answers"]:
            expect(page.get_by_text(answer, exact=True).first).to_be_visible()

    page.get_by_role("button", name="All equal").focus()
    page.keyboard.press("Enter")
    expect_numbers(page, (1, 1, 1, 1))
    expect(page.get_by_role("slider", name="What the hills like")).to_have_value("1")
    expect(page.get_by_role("button", name="All equal")).to_have_attribute("aria-pressed", "true")

    page.get_by_role("button", name="Reset").press("Enter")
    expect_numbers(page, (0, 1, 0, 0))


@pytest.mark.browser
def test_where_nothing_counts_the_untrained_model_is_shown(open_explorable: OpenExplorable) -> None:
    page = open_explorable(reward_weights())
    page.get_by_role("slider", name="Politeness").press("ArrowLeft")
    for now, untrained in shown(page).values():
        assert now == untrained
    expect(page.locator(".x-weights-words")).to_contain_text("Nothing rewarded: true 0.17")


@pytest.mark.browser
def test_axes_are_chosen_and_the_front_is_walked_along(open_explorable: OpenExplorable) -> None:
    page = open_explorable(reward_weights(), viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_label("Across", exact=True).select_option("truth")
    page.get_by_label("Up", exact=True).select_option("politeness")
    plot = page.get_by_role("img")
    expect(plot).to_have_attribute(
        "aria-label",
        re.compile(
            f"^A point for each of {len(RUNS)} runs, polite answers against true answers; "
            rf"{front_size('truth', 'politeness')} are on the Pareto front\. Chosen: 0\.0\d across"
        ),
    )
    page.get_by_role("button", name="Next on the front").press("Enter")
    expect(page.locator(".x-note").first).to_contain_text(re.compile("of which [123] are on it"))
    page.get_by_label("Up", exact=True).select_option(
        "truth"
    )  # which is across: they change places
    expect(page.get_by_label("Across", exact=True)).to_have_value("politeness")


def front_size(x: str, y: str) -> int:
    points = [(run["values"][x], run["values"][y]) for run in DATA["runs"]]
    return sum(
        not any(u >= a and v >= b and (u, v) != (a, b) for u, v in points) for a, b in points
    )
