"""Whether a model says that it does not know when it should, and only then.

The simplest form of calibration: no probabilities, two kinds of error. They trade against each
other, so a model is judged by both: one that always answers never shows false modesty, and one
that never answers makes nothing up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from alignlib.errors import MeasureError
from alignlib.measure import Column, Estimate, mean_share


@dataclass(frozen=True)
class Calibration:
    """Both error rates; 0 is best for each.

    Attributes:
        makes_it_up: of the questions that it can't know, the share on which it does not say so.
        false_modesty: of the questions that it could know, the share on which it says that it does
            not know.
    """

    makes_it_up: Estimate
    false_modesty: Estimate


def calibration(
    knowable: ArrayLike,
    says_it_does_not_know: ArrayLike,
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> Calibration:
    """How often a model fails to say that it does not know, and how often it says so wrongly.

    Args:
        knowable: (n,) of truth values: whether the model could know the answer to a question.
            False where there is none, and where nothing that it was trained on tells.
        says_it_does_not_know: (n,) of truth values, or of shares of each question's samples; or
            (n, N) of truth values for N samples of each question.
        confidence: how often such an interval covers the true rate.
        seed: of the resamples of questions, where the interval needs them.

    Returns:
        Two rates with intervals over questions: Wilson's where all samples of each question agree,
        as one sample does; otherwise the bootstrap's (:func:`alignlib.measure.mean_share`).

    Raises:
        MeasureError: if the two are not of the same questions, or hold what is no truth value and
            no share; if no question is knowable, or all are; or if ``confidence`` is no share or
            ``seed`` no whole number.
    """
    return Calibration(
        makes_it_up(knowable, says_it_does_not_know, confidence=confidence, seed=seed),
        false_modesty(knowable, says_it_does_not_know, confidence=confidence, seed=seed),
    )


def makes_it_up(
    knowable: ArrayLike,
    says_it_does_not_know: ArrayLike,
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """The first rate of :func:`alignlib.calibration` alone, for which no question need be knowable.

    Args:
        knowable, says_it_does_not_know, confidence, seed: as there.

    Raises:
        MeasureError: as there, but not where no question is knowable.
    """
    known, says_so = _by_question(knowable, says_it_does_not_know)
    if known.all():
        raise MeasureError(
            "Every question is knowable, so whether the model makes things up can't be measured: "
            "add questions that have no answer, or take false_modesty alone."
        )
    return mean_share(1.0 - says_so[~known], confidence=confidence, seed=seed)


def false_modesty(
    knowable: ArrayLike,
    says_it_does_not_know: ArrayLike,
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """The second rate of :func:`alignlib.calibration` alone, for which all may be knowable.

    Args:
        knowable, says_it_does_not_know, confidence, seed: as there.

    Raises:
        MeasureError: as there, but not where every question is knowable.
    """
    known, says_so = _by_question(knowable, says_it_does_not_know)
    if not known.any():
        raise MeasureError(
            "No question is knowable, so false modesty can't be measured: add questions that have "
            "an answer, or take makes_it_up alone."
        )
    return mean_share(says_so[known], confidence=confidence, seed=seed)


def _by_question(
    knowable: ArrayLike, says_it_does_not_know: ArrayLike
) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], Column]:
    """(n,) whether each question is knowable, (n,) the share of its samples that say it is not."""
    known = np.asarray(knowable, dtype=float)
    says_so = np.asarray(says_it_does_not_know, dtype=float)
    if known.ndim != 1 or says_so.ndim not in (1, 2) or len(known) != len(says_so):
        raise MeasureError(
            "Give (n,) whether each question is knowable and, of the same questions, (n,) or "
            f"(n, N) whether the model says that it does not know; got the shapes {known.shape} "
            f"and {says_so.shape}."
        )
    if not known.size or not says_so.size:
        raise MeasureError("There is nothing to measure: give at least one question and answer.")
    if not np.isin(known, (0.0, 1.0)).all() or not ((says_so >= 0.0) & (says_so <= 1.0)).all():
        raise MeasureError("Calibration is taken of truth values, or of shares between 0 and 1.")
    return known.astype(bool), says_so.reshape(len(known), -1).mean(axis=1)
