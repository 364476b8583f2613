"""Measured numbers with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from alignlib.arguments import is_real, is_whole
from alignlib.errors import MeasureError


@dataclass(frozen=True)
class Estimate:
    """A measured value with a confidence interval.

    Attributes:
        value: the estimate itself.
        low, high: the ends of the interval.
        n: how many observations it rests on.
    """

    value: float
    low: float
    high: float
    n: int

    def __float__(self) -> float:
        return self.value

    def __format__(self, spec: str) -> str:
        spec = spec or ".2f"
        return f"{self.value:{spec}} [{self.low:{spec}}, {self.high:{spec}}]"

    def __str__(self) -> str:
        return format(self)


def proportion(successes: ArrayLike, confidence: float = 0.95) -> Estimate:
    """The share of successes, with Wilson's interval: eq. (wilson) of chapter 2.

    Args:
        successes: (n,) of truth values, or zeros and ones.
        confidence: how often such an interval covers the true share.

    Raises:
        MeasureError: if there are none, or one is neither 0 nor 1, or ``confidence`` is no share.
    """
    _check_confidence(confidence)
    outcomes = _column(successes)
    if not np.isin(outcomes, (0.0, 1.0)).all():
        raise MeasureError("A proportion is taken of truth values, or of zeros and ones.")
    counted = stats.binomtest(int(outcomes.sum()), len(outcomes))
    interval = counted.proportion_ci(confidence, method="wilson")
    return Estimate(
        float(outcomes.mean()), float(interval.low), float(interval.high), len(outcomes)
    )


def mean_difference(
    first: ArrayLike, second: ArrayLike, *, confidence: float = 0.95, seed: int = 0
) -> Estimate:
    """The mean of first - second over paired items, with a percentile bootstrap interval.

    Args:
        first, second: (n,) scores of the same n items, such as questions, in the same order; two
            pandas Series must have the same index.
        confidence: how often such an interval covers the true difference.
        seed: of the 10,000 resamples of the items.

    Raises:
        MeasureError: if there are fewer than two items, not as many of one as of the other, or
            items that differ; or if ``confidence`` is no share or ``seed`` no whole number.
    """
    _check_confidence(confidence)
    if not is_whole(seed, 0):
        raise MeasureError(f"seed is {seed!r}: give a whole number, 0 or more.")
    series = [scores for scores in (first, second) if isinstance(scores, pd.Series)]
    if len(series) == 2 and not series[0].index.equals(series[1].index):
        raise MeasureError(
            "The two Series name different items, or the same in another order: give both the "
            "same index, such as the questions."
        )
    a, b = _column(first), _column(second)
    if len(a) != len(b) or len(a) < 2:
        raise MeasureError(
            f"Paired scores of the same items are needed, at least 2; got {len(a)} and {len(b)}."
        )
    differences = a - b
    value = float(differences.mean())
    if np.ptp(differences) == 0:
        return Estimate(value, value, value, len(a))
    interval = stats.bootstrap(
        (differences,),
        np.mean,
        n_resamples=10_000,
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Estimate(value, float(interval.low), float(interval.high), len(a))


def _check_confidence(confidence: float) -> None:
    if not is_real(confidence) or not 0.0 < confidence < 1.0:
        raise MeasureError(
            f"confidence is {confidence!r}: give a share between 0 and 1, such as 0.95."
        )


def _column(values: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    column: np.ndarray[tuple[int], np.dtype[np.float64]] = np.asarray(values, dtype=float).ravel()
    if not len(column) or not np.isfinite(column).all():
        raise MeasureError("There is nothing to measure: the values are empty or not finite.")
    return column
