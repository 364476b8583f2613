"""Whether two values are equal within a tolerance, and where they differ, in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from alignlib.grading.inside.codec import Other


def difference(right: Any, given: Any, tolerance: float) -> str | None:
    """How an answer differs from the right one; None if it does not.

    A list, an array and a tensor of the same shape are the same, and so are a number and an array
    of no dimension. Numbers may differ by the tolerance, relative to the largest number of the
    right answer, so an answer of zeros is never near enough. NaN equals NaN.

    Args:
        right: numbers, texts, None, NumPy arrays, and lists and dicts of them.
        given: the same, or anything else that was read from an answer.
        tolerance: relative; at least 0.
    """
    if isinstance(given, Other):
        return f"it is a {given.type}, where {_kind(right)} expected"
    if isinstance(right, dict):
        return _dicts(right, given, tolerance)
    if right is None or isinstance(right, str):
        equal = type(right) is type(given) and right == given
        return None if equal else f"it is {shown(given)}, and {shown(right)} is right"
    wanted = _numbers(right)
    if wanted is None or _holds_arrays(right):
        return _lists(right, given, tolerance)
    return _arrays(wanted, _numbers(given), given, tolerance)


def shown(value: Any) -> str:
    """A value in a line: numbers with five digits, long arrays cut short."""
    if isinstance(value, Other):
        return f"a {value.type}"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else f"{value[:57]}...")
    if isinstance(value, bool | None):
        return str(value)
    if isinstance(value, dict):
        parts = [f"{key}: {shown(item)}" for key, item in list(value.items())[:6]]
        return "{" + ", ".join(parts) + "}"
    array = _numbers(value)
    if array is None:
        text = "[" + ", ".join(shown(item) for item in value[:6]) + "]"
        return text if len(text) <= 160 else f"{text[:157]}..."
    if array.ndim == 0:
        return f"{array.item():.5g}" if array.dtype.kind == "f" else str(array.item())
    text = np.array2string(array, precision=4, threshold=12, edgeitems=3, separator=", ")
    return " ".join(text.split())


def _holds_arrays(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, np.ndarray) for item in value)


def _dicts(right: dict[Any, Any], given: Any, tolerance: float) -> str | None:
    if not isinstance(given, dict) or set(given) != set(right):
        return f"it is {shown(given)}, and {shown(right)} is right"
    for key, item in right.items():
        found = difference(item, given[key], tolerance)
        if found:
            return f"{key}: {found}"
    return None


def _lists(right: list[Any], given: Any, tolerance: float) -> str | None:
    if isinstance(given, np.ndarray) and given.ndim:
        given = list(given)
    if not isinstance(given, list) or len(given) != len(right):
        return f"it is {shown(given)}, and {shown(right)} is right"
    for place, (item, other) in enumerate(zip(right, given, strict=True)):
        found = difference(item, other, tolerance)
        if found:
            return f"item {place + 1} of {len(right)}: {found}"
    return None


def _arrays(right: np.ndarray, given: np.ndarray | None, raw: Any, tolerance: float) -> str | None:
    if given is None:
        return f"it is {shown(raw)}, where {_kind(right)} expected"
    if given.shape != right.shape:
        if not given.shape or not right.shape:
            return f"it is {shown(given)}, and {shown(right)} is right"
        return f"its shape is {given.shape}, and {right.shape} is right"
    finite = np.abs(right[np.isfinite(right)])
    slack = tolerance * max(float(finite.max()) if finite.size else 0.0, 1e-3)
    close = np.isclose(given, right, rtol=0.0, atol=slack, equal_nan=True)
    if close.all():
        return None
    if right.ndim == 0 or right.size <= 12:
        return f"it is {shown(given)}, and {shown(right)} is right"
    where = tuple(int(index) for index in np.argwhere(~close)[0])
    index = ", ".join(map(str, where))
    return f"at [{index}] it is {shown(given[where])}, and {shown(right[where])} is right"


def _numbers(value: Any) -> np.ndarray | None:
    """A number, an array or a full nested list of numbers as an array; None for anything else."""
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value)
    if isinstance(value, int | float):
        try:
            return np.asarray(value, float if isinstance(value, float) else None)
        except OverflowError:
            return None
    if not isinstance(value, list):
        return None
    try:
        made = np.array(value)
    except (ValueError, OverflowError):  # of different lengths
        return None
    return made if made.dtype.kind in "biuf" else None


def _kind(value: Any) -> str:
    if value is None:
        return "None was"
    if isinstance(value, str):
        return "a text was"
    if isinstance(value, dict):
        return f"a dict with {', '.join(map(str, value))} was"
    array = _numbers(value)
    if array is None:
        return f"a list of {len(value)} was"
    return "a number was" if array.ndim == 0 else f"numbers of shape {array.shape} were"
