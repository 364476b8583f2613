"""Numbers that sampling and scoring are given, checked in one place."""

from __future__ import annotations

import math
import numbers
from typing import Any

from alignlib.errors import SamplingError


def is_whole(value: Any, least: int) -> bool:
    """Whether a value is a whole number (Python's or numpy's, no truth value) of at least that."""
    return (
        not isinstance(value, bool) and isinstance(value, numbers.Integral) and int(value) >= least
    )


def is_real(value: Any) -> bool:
    """Whether a value is a finite real number (Python's or numpy's, no truth value)."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:  # of a whole number that no float is near
        return False


def check_counts(**counts: Any) -> None:
    """Raise a :class:`SamplingError` where a count is no whole number of 1 or more."""
    for name, value in counts.items():
        if not is_whole(value, 1):
            raise SamplingError(f"{name} is {value!r}: give a whole number, 1 or more.")


def check_seed(seed: Any) -> None:
    """Raise a :class:`SamplingError` where a seed is no whole number of 0 or more."""
    if not is_whole(seed, 0):
        raise SamplingError(f"seed is {seed!r}: give a whole number, 0 or more.")


def check_distribution(temperature: Any, top_p: Any) -> None:
    """Raise a :class:`SamplingError` where temperature or top_p is no number of its range."""
    if not is_real(temperature) or temperature < 0.0:
        raise SamplingError(
            f"temperature is {temperature!r}: give 0 (always the most likely token) or more; 1 is "
            "the model's own distribution."
        )
    if not is_real(top_p) or not 0.0 < top_p <= 1.0:
        raise SamplingError(
            f"top_p is {top_p!r}: give a share above 0, up to 1 (keep every token)."
        )
