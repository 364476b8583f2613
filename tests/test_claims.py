"""Claims: shown with their numbers where they hold, an error where they do not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from IPython.core.getipython import get_ipython

from alignlib import Estimate, claim, claims
from alignlib.claims import Claim
from alignlib.errors import AlignlibError, ClaimError


def test_a_claim_that_holds_is_printed_with_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """In a plain Python process, as this one is."""
    assert get_ipython() is None
    claim("{few:d} of {many:,} are {share:.1%}.", True, few=3, many=1200, share=0.0025)
    printed = capsys.readouterr()
    assert printed.out == "✓ Claim holds: 3 of 1,200 are 0.2%.\n"
    assert printed.err == ""


def test_a_claim_that_does_not_hold_says_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ClaimError, match=r"does not hold: Only 0\.2\."):
        claim("Only {share}.", 0.2 > 0.5, share=0.2)
    assert capsys.readouterr().out == ""
    assert issubclass(ClaimError, AssertionError)
    assert issubclass(ClaimError, AlignlibError)


def test_an_estimate_is_shown_with_its_interval(capsys: pytest.CaptureFixture[str]) -> None:
    share = Estimate(0.5, 0.25, 0.75, 4)
    claim("It is {share:.1f}, or {again}.", share.value > 0.4, share=share, again=share)
    assert "It is 0.5 [0.2, 0.8], or 0.50 [0.25, 0.75]." in capsys.readouterr().out


@pytest.mark.parametrize("holds", [np.bool_(True), np.float64(0.5) > 0.4, True])
def test_truth_values_of_numpy_are_truth_values(
    holds: bool | np.bool_, capsys: pytest.CaptureFixture[str]
) -> None:
    claim("{x}", holds, x=1)
    assert "✓" in capsys.readouterr().out
    with pytest.raises(ClaimError, match="does not hold"):
        claim("{x}", not holds, x=1)
    with pytest.raises(ClaimError, match="does not hold"):
        claim("{x}", np.bool_(False), x=1)


@pytest.mark.parametrize("holds", [1, 0, None, "yes", [True], np.array([True]), math.nan])
def test_what_is_no_truth_value_is_refused(holds: Any) -> None:
    with pytest.raises(ClaimError, match="must be True or False"):
        claim("{x}", holds, x=1)


@pytest.mark.parametrize(
    "unknown", [math.nan, np.float64("nan"), Estimate(math.nan, 0.0, 1.0, 3)], ids=repr
)
def test_nan_is_never_a_measured_number(unknown: Any) -> None:
    with pytest.raises(ClaimError, match=r"Not a number: share\b"):
        claim("{share:.2f} of {n}", True, share=unknown, n=3)


@pytest.mark.parametrize(
    ("statement", "numbers"),
    [
        ("Nothing is measured.", {}),
        ("{share}", {}),
        ("Nothing is measured.", {"share": 1}),
        ("{share}", {"share": 1, "other": 2}),
        ("{share} {other}", {"share": 1}),
        ("{}", {"share": 1}),
        ("{0}", {"share": 1}),
        ("{share.real}", {"share": 1}),
    ],
)
def test_sentence_and_numbers_go_together(statement: str, numbers: dict[str, Any]) -> None:
    with pytest.raises(ClaimError, match="name each number"):
        claim(statement, True, **numbers)


@pytest.mark.parametrize(
    ("statement", "number"), [("{x}", "many"), ("{x}", None), ("{x:d}", 0.5), ("{x}", [1, 2])]
)
def test_what_is_no_number_or_not_of_its_format_is_refused(statement: str, number: Any) -> None:
    with pytest.raises(ClaimError, match="can't show its numbers"):
        claim(statement, True, x=number)


def test_the_page_shows_the_sentence_as_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(claims, "display", shown.append)
    claim("{x} < 3 & <script>alert('hi')</script> {{braces}}", True, x=2)
    [seen] = shown
    assert isinstance(seen, Claim)
    assert repr(seen) == "✓ Claim holds: 2 < 3 & <script>alert('hi')</script> {braces}"
    assert seen._repr_html_() == (
        '<div class="claim claim-holds"><strong>✓ Claim holds.</strong> '
        "2 &lt; 3 &amp; &lt;script&gt;alert(&#x27;hi&#x27;)&lt;/script&gt; {braces}</div>"
    )


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("{x", 1.0),
        ("x}", 1.0),
        (3, 1.0),
        ("{x:{x.real}}", 1.0),
        ("{x:>{x}}", 1.0),
        ("{x}", "3.5"),
        ("{x}", 10**400),
        ("{x!z}", 1.0),
        ("{x:zz}", Estimate(0.5, 0.2, 0.8, 3)),
    ],
    ids=str,
)
def test_a_claim_that_can_not_be_read_is_a_claim_error(statement: Any, number: Any) -> None:
    with pytest.raises(ClaimError):
        claim(statement, True, x=number)


@pytest.mark.parametrize(
    "unknown", [Estimate(0.5, math.nan, 0.8, 3), Estimate(0.5, 0.2, math.nan, 3)]
)
def test_an_interval_without_an_end_is_not_a_number(unknown: Estimate) -> None:
    with pytest.raises(ClaimError, match="Not a number: x"):
        claim("{x}", True, x=unknown)
