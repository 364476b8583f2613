"""Claims that are checked where they are made."""

from __future__ import annotations

import html
import math
import string
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython.display import display

from alignlib.errors import ClaimError
from alignlib.measure import Estimate


@dataclass(frozen=True)
class Claim:
    """A sentence with its measured numbers in it, shown with a mark that it was checked."""

    text: str

    def __repr__(self) -> str:
        return f"✓ Claim holds: {self.text}"

    def _repr_html_(self) -> str:
        return (
            '<div class="claim claim-holds"><strong>✓ Claim holds.</strong> '
            f"{html.escape(self.text)}</div>"
        )


def claim(statement: str, holds: bool | np.bool_, **numbers: Any) -> None:
    """State a claim with its measured numbers, and fail if it does not hold.

    >>> claim("Heads came up {share:.2f} of the time.", 0.4 < 0.55 < 0.6, share=0.55)
    ✓ Claim holds: Heads came up 0.55 of the time.

    Args:
        statement: a sentence with a ``{name}`` or ``{name:.2f}`` for every number.
        holds: the condition, computed from those numbers.
        numbers: the numbers by name; an :class:`alignlib.measure.Estimate` shows its interval.

    Raises:
        ClaimError: if the claim does not hold, if a number or an end of its interval is NaN or no
            number, if ``holds`` is no truth value, or if the sentence and the numbers do not go
            together.
    """
    try:
        parts = list(string.Formatter().parse(statement))
    except (TypeError, ValueError) as error:
        raise ClaimError(f"The claim {statement!r} can't be read: {error}.") from error
    if any("{" in (spec or "") for _, _, spec, _ in parts):
        raise ClaimError(f"The claim {statement!r} has braces in a format: write its digits out.")
    named = {field for _, field, _, _ in parts if field is not None}
    if not numbers or named != set(numbers):
        raise ClaimError(
            f"The claim {statement!r} names the numbers {sorted(named)} and was given "
            f"{sorted(numbers)}: name each number once in braces, and give each."
        )
    try:
        text = statement.format(**numbers)
        unknown = [name for name, number in numbers.items() if _is_unknown(number)]
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError) as error:
        raise ClaimError(f"The claim {statement!r} can't show its numbers: {error}.") from error
    if unknown:
        raise ClaimError(f"Not a number: {', '.join(unknown)}, in the claim: {text}")
    if not isinstance(holds, bool | np.bool_):
        raise ClaimError(f"Whether the claim holds must be True or False, not {holds!r}: {text}")
    if not holds:
        raise ClaimError(f"This does not hold: {text}")
    display(Claim(text))


def _is_unknown(number: Any) -> bool:
    """Whether a number, or an end of its interval, is NaN."""
    if isinstance(number, str | bytes):
        raise TypeError(f"{number!r} is no number")
    ends = (number.low, number.high) if isinstance(number, Estimate) else ()
    return any(math.isnan(float(part)) for part in (number, *ends))
