"""Estimates: their formulas, how often their intervals cover, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from alignlib import Estimate, mean, mean_difference, proportion
from alignlib.errors import MeasureError
from alignlib.measure import bootstrap, mean_share

NORMAL_QUANTILE = {0.80: 1.2815515655, 0.95: 1.9599639845, 0.99: 2.5758293035}


def outcomes(successes: int, n: int) -> list[bool]:
    return [True] * successes + [False] * (n - successes)


@pytest.mark.parametrize("confidence", sorted(NORMAL_QUANTILE))
@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (0, 12), (7, 12), (12, 12), (31, 66)])
def test_proportion_is_wilsons_formula(successes: int, n: int, confidence: float) -> None:
    z, p = NORMAL_QUANTILE[confidence], successes / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    got = proportion(outcomes(successes, n), confidence)
    assert got.value == p
    assert got.low == pytest.approx(centre - half, abs=1e-9)
    assert got.high == pytest.approx(centre + half, abs=1e-9)
    assert got.n == n


@pytest.mark.parametrize("n", [10, 18, 48, 100])
def test_proportion_covers_the_true_share_as_often_as_it_says(n: int) -> None:
    """Exactly: every number of successes, weighted by its probability."""
    intervals = [proportion(outcomes(successes, n)) for successes in range(n + 1)]
    low = np.array([interval.low for interval in intervals])
    high = np.array([interval.high for interval in intervals])
    shares = np.arange(0.005, 1.0, 0.01)
    coverage = np.array(
        [
            stats.binom.pmf(np.arange(n + 1), n, share)[(low <= share) & (share <= high)].sum()
            for share in shares
        ]
    )
    assert 0.93 <= coverage.mean() <= 0.97
    assert coverage.min() >= 0.83  # Wilson's interval is known to dip near 0 and 1, never to fail


def test_proportion_takes_truth_values_and_zeros_and_ones_alike() -> None:
    expected = proportion([True, False, True])
    assert proportion([1, 0, 1]) == expected
    assert proportion(np.array([1.0, 0.0, 1.0])) == expected
    assert proportion(np.array([True, False, True])) == expected


@pytest.mark.parametrize("successes", [[], [2], [0.5, 1.0], [-1, 1], [math.nan, 1.0]])
def test_proportion_refuses_what_has_no_share(successes: list[float]) -> None:
    with pytest.raises(MeasureError):
        proportion(successes)


def test_mean_difference_is_of_pairs_first_minus_second() -> None:
    first, second = [3.0, 5.0, 9.0, 4.0], [1.0, 4.0, 3.0, 5.0]
    got = mean_difference(first, second)
    assert got.value == pytest.approx(2.0)
    assert got.n == 4
    assert -1.0 <= got.low < 2.0 < got.high <= 6.0  # within the differences themselves
    swapped = mean_difference(second, first)
    assert swapped.value == pytest.approx(-2.0)
    assert (swapped.low, swapped.high) == pytest.approx((-got.high, -got.low), abs=0.3)


def test_mean_difference_uses_the_pairing() -> None:
    """Scores that vary much between items and little between the two: only pairs can tell."""
    rng = np.random.default_rng(0)
    items = rng.normal(scale=100.0, size=50)
    got = mean_difference(items + 1.0 + rng.normal(scale=0.1, size=50), items)
    assert 0.9 < got.low < 1.0 < got.high < 1.1


def test_mean_difference_is_as_wide_as_the_normal_interval_on_many_items() -> None:
    rng = np.random.default_rng(0)
    differences = rng.normal(0.3, 1.0, size=400)
    got = mean_difference(differences, np.zeros(400))
    half = 1.96 * differences.std(ddof=1) / math.sqrt(400)
    assert got.low == pytest.approx(differences.mean() - half, abs=0.1 * half)
    assert got.high == pytest.approx(differences.mean() + half, abs=0.1 * half)
    wider = mean_difference(differences, np.zeros(400), confidence=0.99)
    assert wider.low < got.low < got.high < wider.high


def test_mean_difference_covers_the_true_difference_about_as_often_as_it_says() -> None:
    """Paired truth values of 30 items; the percentile bootstrap covers a little less than 95 %."""
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(150):
        first, second = rng.random(30) < 0.7, rng.random(30) < 0.4
        interval = mean_difference(first, second)
        covered.append(interval.low <= 0.7 - 0.4 <= interval.high)
    assert 0.88 <= np.mean(covered) <= 0.99


def test_constant_differences_have_no_width() -> None:
    assert mean_difference([2, 3, 4], [1, 2, 3]) == Estimate(1.0, 1.0, 1.0, 3)
    assert mean_difference([1, 0, 1], [1, 0, 1]) == Estimate(0.0, 0.0, 0.0, 3)


def test_the_seed_decides_the_interval_and_nothing_else() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.random(12), rng.random(12)
    np.random.seed(0)
    one = mean_difference(first, second, seed=1)
    np.random.seed(7)
    assert mean_difference(first, second, seed=1) == one
    other = mean_difference(first, second, seed=2)
    assert other != one
    assert other.value == one.value
    assert other.low == pytest.approx(one.low, abs=0.05)


@pytest.mark.parametrize(
    ("first", "second"),
    [([], []), ([1.0], [1.0]), ([1.0, 2.0], [1.0]), ([1.0, math.nan], [1.0, 2.0])],
    ids=["none", "one", "unequal", "not a number"],
)
def test_mean_difference_refuses_what_are_no_pairs(first: list[float], second: list[float]) -> None:
    with pytest.raises(MeasureError):
        mean_difference(first, second)


def test_an_estimate_shows_its_interval() -> None:
    estimate = Estimate(0.5, 0.25, 0.756, 4)
    assert str(estimate) == f"{estimate}" == "0.50 [0.25, 0.76]"
    assert f"{estimate:.1f}" == "0.5 [0.2, 0.8]"
    assert f"{estimate:+.3f}" == "+0.500 [+0.250, +0.756]"
    assert float(estimate) == 0.5


def test_series_of_other_items_are_refused_and_of_the_same_are_paired() -> None:
    first = pd.Series([1, 0, 1], index=["a", "b", "c"])
    assert mean_difference(first, first * 0).value == pytest.approx(2 / 3)
    with pytest.raises(MeasureError, match="same index"):
        mean_difference(first, first.sort_index(ascending=False))


@pytest.mark.parametrize("confidence", [0, 1, -1, 1.5, 95, math.nan, None, "x", True])
def test_a_confidence_that_is_no_share_is_named(confidence: Any) -> None:
    with pytest.raises(MeasureError, match="confidence"):
        proportion([1, 0, 1], confidence)
    with pytest.raises(MeasureError, match="confidence"):
        mean_difference([1, 0, 1], [0, 0, 1], confidence=confidence)


@pytest.mark.parametrize("seed", [-1, None, 3.5, "x", True])
def test_a_seed_that_is_no_whole_number_is_named(seed: Any) -> None:
    with pytest.raises(MeasureError, match="seed"):
        mean_difference([1, 0, 1], [0, 0, 1], seed=seed)


def test_mean_is_the_difference_from_nothing() -> None:
    values = np.random.default_rng(0).normal(3.0, 1.0, size=40)
    assert mean(values, seed=5) == mean_difference(values, np.zeros(40), seed=5)
    assert mean(values).value == pytest.approx(values.mean())
    assert mean([2.0, 2.0, 2.0]) == Estimate(2.0, 2.0, 2.0, 3)


def test_mean_covers_the_true_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(150):
        interval = mean(rng.beta(2, 3, size=30))
        covered.append(interval.low <= 0.4 <= interval.high)
    assert 0.88 <= np.mean(covered) <= 0.99


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan], [1.0, math.inf]])
def test_mean_refuses_what_has_no_interval(values: list[float]) -> None:
    with pytest.raises(MeasureError):
        mean(values)


def test_mean_of_shares_is_a_proportion_where_each_is_0_or_1() -> None:
    assert mean_share([1, 1, 0]) == proportion([1, 1, 0])
    assert mean_share([1.0, 1.0]).low < 0.5  # not a certainty without width
    assert mean_share([1.0, 0.5, 0.0], seed=1) == mean([1.0, 0.5, 0.0], seed=1)
    for outside in ([0.5, 1.1], [-0.1, 1.0]):
        with pytest.raises(MeasureError, match="between 0 and 1"):
            mean_share(outside)


def test_bootstrap_is_of_any_statistic_and_leaves_out_where_it_is_undefined() -> None:
    """The largest of 5 items, but where the first was not drawn."""
    values = np.arange(5.0)

    def largest(items: np.ndarray) -> np.ndarray:
        top: np.ndarray = values[items].max(axis=1)
        return np.where((items == 0).any(axis=1), top, math.nan)

    low, high = bootstrap(largest, 5, confidence=0.9, seed=0)
    assert 0.0 < low < high == 4.0


def test_bootstrap_is_the_same_in_many_batches() -> None:
    """Of 6,000 items 1,666 resamples are drawn at once."""
    values = np.random.default_rng(0).random(6_000)
    sizes = []

    def average(items: np.ndarray) -> np.ndarray:
        sizes.append(items.shape)
        return np.asarray(values[items].mean(axis=1))

    low, high = bootstrap(average, 6_000, confidence=0.95, seed=0, resamples=3_000)
    assert sizes == [(1_666, 6_000), (1_334, 6_000)]
    half = 1.96 * values.std() / math.sqrt(6_000)
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=half / 10)


@pytest.mark.parametrize("wrong", [{"confidence": 95}, {"seed": -1}])
def test_arguments_of_means_are_named(wrong: dict[str, Any]) -> None:
    [name] = wrong
    for measure in (mean, mean_share):
        for values in ([0.0, 1.0], [0.5, 0.5], [0.1, 0.7]):
            with pytest.raises(MeasureError, match=name):
                measure(values, **wrong)
