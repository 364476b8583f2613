"""The two errors of not knowing: which questions each is of, and their intervals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignlib import calibration, false_modesty, makes_it_up, mean, proportion
from alignlib.errors import MeasureError

KNOWABLE = [True, True, True, True, False, False]
SAYS_SO = [False, True, False, False, True, False]


def test_each_error_is_a_share_of_its_own_questions() -> None:
    got = calibration(KNOWABLE, SAYS_SO)
    assert got.false_modesty == proportion([False, True, False, False])
    assert got.makes_it_up == proportion([False, True])
    assert got.false_modesty.n == 4
    assert got.makes_it_up.n == 2


@pytest.mark.parametrize(
    ("says_so", "makes_up", "modest"),
    [(KNOWABLE, 1, 1), ([not k for k in KNOWABLE], 0, 0), ([0] * 6, 1, 0), ([1] * 6, 0, 1)],
    ids=["the wrong way round", "perfect", "always answers", "never answers"],
)
def test_the_four_extremes(says_so: list[bool], makes_up: float, modest: float) -> None:
    got = calibration(KNOWABLE, says_so)
    assert (got.makes_it_up.value, got.false_modesty.value) == (makes_up, modest)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_rates_are_counts_and_saying_the_opposite_turns_them_over(
    rows: list[tuple[bool, bool]],
) -> None:
    rows = [*rows, (True, False), (False, False)]
    knowable, says_so = np.array(rows).T
    got, opposite = calibration(knowable, says_so), calibration(knowable, ~says_so)
    made_up = sum(not k and not s for k, s in rows)
    modest = sum(k and s for k, s in rows)
    assert got.makes_it_up.value == pytest.approx(made_up / sum(not k for k, _ in rows))
    assert got.false_modesty.value == pytest.approx(modest / sum(k for k, _ in rows))
    assert opposite.makes_it_up.value == pytest.approx(1 - got.makes_it_up.value)
    assert opposite.false_modesty.value == pytest.approx(1 - got.false_modesty.value)


def test_many_samples_of_a_question_are_no_many_questions() -> None:
    says_so = np.random.default_rng(0).random((6, 8)) < 0.5
    got = calibration(KNOWABLE, says_so, seed=3)
    assert got.false_modesty == mean(says_so[:4].mean(axis=1), seed=3)
    assert got.makes_it_up == mean(1 - says_so[4:].mean(axis=1), seed=3)
    assert (got.makes_it_up.n, got.false_modesty.n) == (2, 4)
    assert calibration(KNOWABLE, says_so.mean(axis=1), seed=3) == got  # shares do as well
    repeated = np.repeat(np.array(SAYS_SO)[:, None], 8, axis=1)
    assert calibration(KNOWABLE, repeated) == calibration(KNOWABLE, SAYS_SO)


def test_one_rate_can_be_taken_where_the_other_can_not() -> None:
    assert false_modesty([1, 1], [0, 1]) == proportion([0, 1])
    assert makes_it_up([0, 0], [0, 1]) == proportion([1, 0])
    for measure in (makes_it_up, calibration):
        with pytest.raises(MeasureError, match="add questions that have no answer"):
            measure([1, 1], [0, 1])
    for measure in (false_modesty, calibration):
        with pytest.raises(MeasureError, match="add questions that have an answer"):
            measure([0, 0], [0, 1])


def test_the_confidence_reaches_both_rates() -> None:
    narrow, wide = (calibration(KNOWABLE, SAYS_SO, confidence=c) for c in (0.5, 0.99))
    assert wide.makes_it_up.low < narrow.makes_it_up.low
    assert wide.false_modesty.high > narrow.false_modesty.high
    with pytest.raises(MeasureError, match="confidence"):
        calibration(KNOWABLE, SAYS_SO, confidence=95)
    with pytest.raises(MeasureError, match="seed"):
        calibration(KNOWABLE, SAYS_SO, seed=-1)


@pytest.mark.parametrize(
    ("knowable", "says_so", "message"),
    [
        ([], [], "nothing to measure"),
        ([1, 0], np.ones((2, 0)), "nothing to measure"),
        ([1, 0], [1, 0, 1], r"shapes \(2,\) and \(3,\)"),
        ([[1, 0]], [[1, 0]], "shapes"),
        ([1, 0], np.ones((2, 2, 2)), "shapes"),
        ([1, 0.5], [1, 0], "truth values"),
        ([1, 0], [1, 2], "truth values"),
        ([1, 0], [1, math.nan], "truth values"),
        ([1, math.nan], [1, 0], "truth values"),
    ],
)
def test_what_is_not_of_the_same_questions_is_refused(
    knowable: Any, says_so: Any, message: str
) -> None:
    with pytest.raises(MeasureError, match=message):
        calibration(knowable, says_so)
