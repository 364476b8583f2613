"""Measured numbers with their uncertainty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from alignlib.arguments import is_real, is_whole
from alignlib.errors import MeasureError

__all__ = ["Estimate", "mean", "mean_difference", "mean_share", "proportion"]

Column = np.ndarray[tuple[int], np.dtype[np.float64]]
"""(n,) numbers, one of each item."""


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


def mean(values: ArrayLike, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """The mean over items, with a percentile bootstrap interval.

    Values that are all the same give an interval without width, which says too much: for truth
    values use :func:`alignlib.proportion`, for shares :func:`alignlib.measure.mean_share`.

    Args:
        values: (n,) a score of each item, such as a question; n of 2 or more.
        confidence: how often such an interval covers the true mean.
        seed: of the 10,000 resamples of the items.

    Raises:
        MeasureError: if there are fewer than two items, or one is no finite number; or if
            ``confidence`` is no share or ``seed`` no whole number.
    """
    _check_confidence(confidence)
    _check_seed(seed)
    scores = _column(values)
    if len(scores) < 2:
        raise MeasureError("A mean with an interval needs at least 2 items; got 1.")
    value = float(scores.mean())
    if np.ptp(scores) == 0:
        return Estimate(value, value, value, len(scores))
    low, high = bootstrap(
        lambda items: scores[items].mean(axis=-1), len(scores), confidence=confidence, seed=seed
    )
    return Estimate(value, low, high, len(scores))


def mean_share(shares: ArrayLike, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """The mean of shares between 0 and 1, one of each item.

    With few items a bootstrap interval covers less often than it says: of 20, some 86 to 92 %.
    Where each is 0 or 1 it is a proportion, with Wilson's interval, so that even "all of them" has
    a width; otherwise the interval is :func:`alignlib.mean`'s.

    Args:
        shares: (n,) such as the share of a question's samples that are truthful.
        confidence, seed: of the interval.

    Raises:
        MeasureError: as :func:`alignlib.mean` does, or if one is below 0 or above 1.
    """
    _check_seed(seed)
    column = _column(shares)
    if column.min() < 0.0 or column.max() > 1.0:
        raise MeasureError(
            f"Shares lie between 0 and 1; these reach from {column.min():g} to {column.max():g}."
        )
    if np.isin(column, (0.0, 1.0)).all():
        return proportion(column, confidence)
    return mean(column, confidence=confidence, seed=seed)


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
    return mean(a - b, confidence=confidence, seed=seed)


def bootstrap(
    statistic: Callable[[np.ndarray], np.ndarray],
    n: int,
    *,
    confidence: float,
    seed: int,
    resamples: int = 10_000,
) -> tuple[float, float]:
    """The percentile interval of a statistic over resampled items.

    Resamples on which the statistic is NaN, such as a ratio to 0, are left out.

    Args:
        statistic: takes (R, n) numbers of items, the resamples, and gives (R,) values.
        n: how many items there are.
        confidence, seed, resamples: of the interval.

    Raises:
        MeasureError: if ``confidence`` is no share or ``seed`` no whole number.
    """
    _check_confidence(confidence)
    _check_seed(seed)
    rng = np.random.default_rng(seed)
    batch = max(1, 10_000_000 // n)  # so many numbers are held at once
    sizes = (min(batch, resamples - start) for start in range(0, resamples, batch))
    values = np.concatenate([statistic(rng.integers(n, size=(R, n))) for R in sizes])
    tail = (1.0 - confidence) / 2.0
    low, high = np.nanquantile(values, [tail, 1.0 - tail])
    return float(low), float(high)


def _check_confidence(confidence: float) -> None:
    if not is_real(confidence) or not 0.0 < confidence < 1.0:
        raise MeasureError(
            f"confidence is {confidence!r}: give a share between 0 and 1, such as 0.95."
        )


def _check_seed(seed: int) -> None:
    if not is_whole(seed, 0):
        raise MeasureError(f"seed is {seed!r}: give a whole number, 0 or more.")


def _column(values: ArrayLike) -> Column:
    column: Column = np.asarray(values, dtype=float).ravel()
    if not len(column) or not np.isfinite(column).all():
        raise MeasureError("There is nothing to measure: the values are empty or not finite.")
    return column
