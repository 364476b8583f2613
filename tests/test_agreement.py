"""Kappa against its definition and against published tables, and where it is undefined."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alignlib import agreement, agreement_by_group
from alignlib.errors import MeasureError

# Each row an item: how many judges chose each category.
DIAGNOSES = """00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050
02031 00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"""
"""Fleiss (1971): 30 patients, 6 psychiatrists each, 5 diagnoses; kappa is printed as 0.430."""

FOURTEEN = "0000E 02642 00356 03920 22811 77000 32630 25322 65210 02237"
"""The worked example of Wikipedia's article, in hexadecimal: 10 items, 14 judges; 0.210."""

TABLES = st.tuples(st.integers(2, 6), st.integers(2, 5)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 2))
)


def from_counts(text: str) -> pd.DataFrame:
    """Verdicts with these counts; which judge gave which makes no difference to Fleiss' kappa."""
    return pd.DataFrame(
        [[c for c, n in zip("abcde", row, strict=True) for _ in range(int(n, 16))]
         for row in text.split()]
    )  # fmt: skip


def by_definition(table: np.ndarray, pairs: list[tuple[int, int]]) -> float:
    """Kappa over ordered pairs of judges: agreement observed, and between random verdicts."""
    agree = np.mean([table[:, a] == table[:, b] for a, b in pairs])
    drawn = np.concatenate([table[:, judge] for pair in pairs for judge in pair])
    chance = sum(np.mean(drawn == category) ** 2 for category in np.unique(drawn))
    return float((agree - chance) / (1 - chance))


@pytest.mark.parametrize(("counts", "kappa"), [(DIAGNOSES, 0.430), (FOURTEEN, 0.210)])
def test_published_tables(counts: str, kappa: float) -> None:
    got = agreement(from_counts(counts))
    assert got.value == pytest.approx(kappa, abs=0.0005)
    assert got.n == len(counts.split())
    assert got.low < got.value < got.high


@settings(max_examples=40)
@given(table=TABLES)
def test_kappa_is_its_definition(table: np.ndarray) -> None:
    assume(len(np.unique(table)) > 1)
    judges = range(table.shape[1])
    expected = by_definition(table, list(itertools.combinations(judges, 2)))
    verdicts = pd.DataFrame(table)
    got = agreement(verdicts)
    assert got.value == pytest.approx(expected)
    assert got.low <= got.high <= 1.0 + 1e-12
    renamed = agreement(verdicts.map(lambda category: "xyz"[category])[list(judges)[::-1]])
    assert renamed.value == pytest.approx(got.value)
    assert (renamed.low, renamed.high) == pytest.approx((got.low, got.high))


@settings(max_examples=40)
@given(table=TABLES, data=st.data())
def test_kappa_between_groups_is_its_definition(table: np.ndarray, data: st.DataObject) -> None:
    judges = range(table.shape[1])
    cut = data.draw(st.integers(1, table.shape[1] - 1))
    assume(len(np.unique(table[:, :cut])) > 1 and len(np.unique(table[:, cut:])) > 1)
    groups = dict(zip(judges, "a" * cut + "b" * 9, strict=False))
    got = agreement_by_group(pd.DataFrame(table), groups)
    a, b = list(judges)[:cut], list(judges)[cut:]
    expected = {("a", "b"): by_definition(table, list(itertools.product(a, b)))}
    for name, members in (("a", a), ("b", b)):
        if len(members) > 1:
            pairs = list(itertools.combinations(members, 2))
            expected[name, name] = by_definition(table, pairs)
    assert {pair: estimate.value for pair, estimate in got.items()} == pytest.approx(expected)


def test_full_agreement_is_1_and_contradiction_is_below_0() -> None:
    verdicts = pd.DataFrame({"one": ["yes", "no"] * 5})
    verdicts["same"] = verdicts["one"]
    verdicts["opposite"] = verdicts["one"].map({"yes": "no", "no": "yes"})
    assert agreement(verdicts[["one", "same"]]).value == 1.0
    contradiction = agreement(verdicts[["one", "opposite"]])
    assert contradiction.value == pytest.approx(-1.0)
    assert contradiction.high < 0
    # Three judges of two categories can't all contradict each other: -1/2 would be the least.
    assert agreement(verdicts).value == pytest.approx(-1 / 3)


def test_judges_who_guess_agree_as_by_chance_however_often_they_agree() -> None:
    """Nine in ten say yes, so they agree on 82 % of the items, and kappa is 0."""
    guesses = pd.DataFrame(np.random.default_rng(0).random((2000, 3)) < 0.9)
    assert (guesses[0] == guesses[1]).mean() > 0.8
    got = agreement(guesses)
    assert got.low <= 0.0 <= got.high
    assert abs(got.value) < 0.05


def test_the_interval_covers_the_true_kappa_about_as_often_as_it_says() -> None:
    """Three judges, each right with 0.8: pairs agree on 0.68, by chance on 0.5; kappa is 0.36."""
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(40):
        truth = rng.random((60, 1)) < 0.5
        interval = agreement(pd.DataFrame(truth ^ (rng.random((60, 3)) < 0.2)))
        covered.append(interval.low <= 0.36 <= interval.high)
    assert np.mean(covered) >= 0.85


def test_groups_that_agree_among_themselves_and_contradict_each_other() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random((40, 1)) < 0.5
    noisy = truth ^ (rng.random((40, 5)) < 0.05)
    noisy[:, 3:] ^= True  # the second group sees all of it the other way
    judges = ["a1", "a2", "a3", "b1", "b2"]
    verdicts = pd.DataFrame(noisy, columns=judges)
    got = agreement_by_group(verdicts, {judge: judge[0] for judge in judges})
    assert list(got) == [("a", "a"), ("a", "b"), ("b", "b")]
    assert got["a", "a"].low > 0.5
    assert got["b", "b"].low > 0.5
    assert got["a", "b"].high < -0.5
    assert got["a", "a"] == agreement(verdicts[["a1", "a2", "a3"]])


def test_groups_of_one_judge_have_agreement_between_and_none_within() -> None:
    verdicts = pd.DataFrame({"x": [1, 0, 1, 1, 0], "y": [1, 0, 0, 1, 0]})
    got = agreement_by_group(verdicts, {"y": "second", "x": "first", "absent": "third"})
    assert got == {("second", "first"): agreement(verdicts)}


def test_resamples_without_the_rare_category_are_left_out() -> None:
    verdicts = pd.DataFrame({"x": ["no"] * 9 + ["yes"], "y": ["no"] * 9 + ["yes"]})
    got = agreement(verdicts)  # a third of the resamples say nothing but no
    assert (got.value, got.low, got.high) == (1.0, 1.0, 1.0)


def test_categories_may_be_of_any_kind() -> None:
    mixed = pd.DataFrame({"x": ["a", 1, None, 2.5], "y": ["a", 2, True, 2.5]}).fillna("none")
    assert -1.0 <= agreement(mixed).value <= 1.0
    texts = pd.DataFrame({"x": ["a", "b", "a"], "y": ["a", "b", "b"]})
    assert agreement(texts.astype("category")) == agreement(texts)


def test_the_seed_decides_the_interval_and_nothing_else() -> None:
    verdicts = from_counts(FOURTEEN)
    np.random.seed(0)
    one = agreement(verdicts, seed=1)
    np.random.seed(7)
    assert agreement(verdicts, seed=1) == one
    other = agreement(verdicts, seed=2)
    assert other.value == one.value
    assert (other.low, other.high) == pytest.approx((one.low, one.high), abs=0.05)
    assert (other.low, other.high) != (one.low, one.high)


@pytest.mark.parametrize(
    ("verdicts", "message"),
    [
        (pd.DataFrame(), "two items .* two judges"),
        (pd.DataFrame({"x": [1, 0]}), "two judges"),
        (pd.DataFrame({"x": [1], "y": [0]}), "two items"),
        (pd.DataFrame([[1, 0], [1, 1]], columns=["x", "x"]), "named once"),
        (pd.DataFrame({"x": [1, 0], "y": [1, math.nan]}), r"missing, of y: .*dropna"),
        (pd.DataFrame({"x": [None, "a"], "y": ["a", "b"]}), "missing, of x:"),
        (pd.DataFrame({"x": ["a", "a"], "y": ["a", "a"]}), "kappa is undefined"),
    ],
)
def test_verdicts_without_a_kappa_are_refused(verdicts: pd.DataFrame, message: str) -> None:
    with pytest.raises(MeasureError, match=message):
        agreement(verdicts)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"x": "a", "y": "b"}, "no group: z"),
        ({"x": "a", "y": "a", "z": "a"}, "at least two groups"),
        ({"x": "a", "y": "b", "z": "b"}, "groups? 'b' .*the same"),
    ],
)
def test_groups_that_can_not_be_compared_are_refused(groups: dict[str, str], message: str) -> None:
    verdicts = pd.DataFrame({"x": [1, 0, 0], "y": [1, 1, 1], "z": [1, 1, 1]})
    with pytest.raises(MeasureError, match=message):
        agreement_by_group(verdicts, groups)


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"confidence": 95}])
def test_arguments_out_of_range_are_named(wrong: dict[str, Any]) -> None:
    [name] = wrong
    verdicts = pd.DataFrame({"x": [1, 0], "y": [1, 0]})
    with pytest.raises(MeasureError, match=name):
        agreement(verdicts, **wrong)
    with pytest.raises(MeasureError, match=name):
        agreement_by_group(verdicts, {"x": "a", "y": "b"}, **wrong)
