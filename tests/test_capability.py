"""pass@k against every subset, and what the best of many prompts is worth on new questions."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from alignlib import best_prompt, pass_at_k, proportion
from alignlib.capability import pass_at_k_by_question
from alignlib.errors import MeasureError

TABLES = st.tuples(st.integers(1, 5), st.integers(1, 7)).flatmap(lambda n: arrays(np.bool_, n))


def row(right: int, N: int) -> np.ndarray:
    """(1, N) the samples of one question."""
    return np.arange(N)[None] < right


@pytest.mark.parametrize("N", [1, 2, 5, 6])
def test_pass_at_k_is_the_share_of_subsets_with_a_right_answer(N: int) -> None:
    for right, k in itertools.product(range(N + 1), range(1, N + 1)):
        samples = row(right, N)
        hits = [any(samples[0, list(some)]) for some in itertools.combinations(range(N), k)]
        assert pass_at_k_by_question(samples, k) == pytest.approx([np.mean(hits)])


@pytest.mark.parametrize("p", [0.02, 0.3, 0.9])
@pytest.mark.parametrize(("N", "k"), [(4, 1), (4, 4), (8, 3), (12, 8)])
def test_pass_at_k_is_unbiased(p: float, N: int, k: int) -> None:
    """Exactly: every number of right samples, weighted by its probability."""
    weights = stats.binom.pmf(np.arange(N + 1), N, p)
    values = [pass_at_k_by_question(row(right, N), k)[0] for right in range(N + 1)]
    assert weights @ values == pytest.approx(1 - (1 - p) ** k, abs=1e-12)


@pytest.mark.parametrize(("N", "k"), [(4, 4), (8, 3), (12, 8)])
def test_the_plug_in_estimate_of_pass_at_k_would_be_too_low(N: int, k: int) -> None:
    shares = np.arange(N + 1) / N
    for p in (0.1, 0.3):
        expected = stats.binom.pmf(np.arange(N + 1), N, p) @ (1 - (1 - shares) ** k)
        assert expected < 1 - (1 - p) ** k - 0.01


@given(table=TABLES, data=st.data())
def test_pass_at_k_is_the_formula_of_the_paper(table: np.ndarray, data: st.DataObject) -> None:
    N = table.shape[1]
    k = data.draw(st.integers(1, N))
    wrong = N - table.sum(axis=1)
    expected = [1 - math.comb(w, k) / math.comb(N, k) for w in wrong.tolist()]
    assert pass_at_k_by_question(table, k) == pytest.approx(expected, abs=1e-12)


@given(table=TABLES)
def test_more_tries_never_hurt_and_one_try_is_the_share_of_right_answers(table: np.ndarray) -> None:
    values = np.array([pass_at_k_by_question(table, k) for k in range(1, table.shape[1] + 1)])
    assert values[0] == pytest.approx(table.mean(axis=1))
    assert (np.diff(values, axis=0) >= -1e-12).all()
    assert values[-1].tolist() == table.any(axis=1).tolist()  # exactly 0 or 1


def test_many_samples_do_not_overflow() -> None:
    [value] = pass_at_k_by_question(row(100, 20_000), 500)
    expected = 1 - math.exp(sum(math.log(19_900 - i) - math.log(20_000 - i) for i in range(500)))
    assert value == pytest.approx(expected, abs=1e-9)


def test_questions_are_rows_and_count_alike() -> None:
    table = np.array([[1, 1, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0]])
    got = pass_at_k(table, 2)
    assert got.value == pytest.approx((1 + 0.5 + 0) / 3)
    assert got.n == 3
    assert 0 <= got.low < got.value < got.high <= 1


def test_pass_at_all_samples_is_a_proportion_of_questions() -> None:
    table = np.random.default_rng(0).random((20, 4)) < 0.3
    assert pass_at_k(table, 4) == proportion(table.any(axis=1))
    everything = pass_at_k(np.ones((20, 4)), 4)
    assert everything.value == 1.0
    assert everything.low < 0.9  # 20 questions don't prove that all can be answered


def test_pass_at_k_covers_the_true_value_about_as_often_as_it_says() -> None:
    """Questions with chances of their own, drawn anew each time, so its interval is over both."""
    rng = np.random.default_rng(0)
    true = 1 - stats.beta(1, 2).expect(lambda p: (1 - p) ** 3)
    covered = []
    for _ in range(100):
        chances = rng.beta(1, 2, size=(40, 1))
        interval = pass_at_k(rng.random((40, 6)) < chances, 3)
        covered.append(interval.low <= true <= interval.high)
    assert 0.87 <= np.mean(covered) <= 0.99


@pytest.mark.parametrize("k", [0, 5, -1, 1.5, None, True, "2"])
def test_a_k_that_can_not_be_drawn_is_named(k: Any) -> None:
    with pytest.raises(MeasureError, match=r"k is .* from 1 to the 4 samples"):
        pass_at_k(np.ones((3, 4)), k)


@pytest.mark.parametrize(
    "correct", [[], [1, 0, 1], [[]], [[0.5, 1.0]], [[math.nan, 1.0]], np.ones((2, 2, 2))]
)
def test_pass_at_k_refuses_what_is_no_table_of_truth_values(correct: Any) -> None:
    with pytest.raises(MeasureError, match="one row for each question"):
        pass_at_k(correct, 1)


def noise(n: int, prompts: int, seed: int) -> pd.DataFrame:
    """Prompts of which none is better than another: every score is a fair coin."""
    table = np.random.default_rng(seed).random((n, prompts)) < 0.5
    return pd.DataFrame(table, columns=[f"prompt {p}" for p in range(prompts)])


def test_the_best_of_equal_prompts_looks_good_only_where_it_was_chosen() -> None:
    found = [best_prompt(noise(30, 8, seed), splits=10, seed=seed) for seed in range(80)]
    honest = np.array([best.score.value for best in found])
    optimistic = np.array([best.optimistic for best in found])
    error = honest.std() / math.sqrt(len(honest))
    assert abs(honest.mean() - 0.5) < 3 * error < 0.04
    assert optimistic.mean() > 0.5 + 0.1
    whole = [noise(30, 8, seed).mean().max() for seed in range(80)]
    assert np.mean(whole) > 0.5 + 0.1  # the usual way to report: best of all, on all


def test_no_question_is_scored_by_a_prompt_that_it_helped_to_choose() -> None:
    scores = noise(9, 4, 0)
    before = best_prompt(scores, splits=20).counts
    heeded = []
    for question in scores.index:
        other = scores.copy()
        other.loc[question] = ~other.loc[question]
        after = best_prompt(other, splits=20).counts
        pd.testing.assert_series_equal(after.loc[question], before.loc[question])
        heeded.append(not after.equals(before))
    assert any(heeded)  # for the other half it does choose


def test_two_questions_that_prefer_different_prompts_by_hand() -> None:
    """Each is scored under what the other chose: 0. Each chose what is right for itself: 1."""
    best = best_prompt(pd.DataFrame({"a": [1, 0], "b": [0, 1]}), splits=7)
    assert (best.score.value, best.optimistic) == (0.0, 1.0)
    assert best.counts.to_numpy().tolist() == [[0, 7], [7, 0]]
    assert best.share_chosen == 0.5


def test_three_questions_by_hand() -> None:
    """Halves of 1 and 2, whichever it is: by one question or by two."""
    scores = pd.DataFrame({"a": [1.0, 0.0, 0.5], "b": [0.4, 0.8, 0.4]}, index=["x", "y", "z"])
    # Alone, x and z choose a, y chooses b; x and y choose b (1.2 : 1), x and z a, y and z b.
    # In each of three splits, equally likely, one is alone: by whom is each scored, then?
    chosen_by = {"x": ["y z: b", "y: b", "z: a"], "y": ["x: a", "x z: a", "z: a"]}
    chosen_by["z"] = ["x: a", "y: b", "x y: b"]
    best = best_prompt(scores, splits=3000)
    for question, choices in chosen_by.items():
        expected = np.mean([scores[choice[-1]][question] for choice in choices])
        assert best.unseen(scores)[question] == pytest.approx(expected, abs=0.03)


def test_a_better_prompt_is_found_and_scored_as_it_is() -> None:
    rng = np.random.default_rng(0)
    scores = pd.DataFrame(
        {"poor": rng.random(60) < 0.3, "good": rng.random(60) < 0.8, "fair": rng.random(60) < 0.5}
    )
    best = best_prompt(scores)
    assert best.name == "good"
    assert best.share_chosen == 1.0
    assert best.score == proportion(scores["good"])
    assert best.optimistic == pytest.approx(scores["good"].mean())


def test_one_prompt_is_the_best_and_equals_go_to_the_first() -> None:
    scores = pd.DataFrame({"only": [True, False, True, True, False]})
    best = best_prompt(scores)
    assert (best.name, best.share_chosen, best.score) == ("only", 1.0, proportion(scores["only"]))
    assert best_prompt(pd.DataFrame({"b": [1, 1], "a": [1, 1]})).name == "b"


def test_another_measure_can_be_taken_under_the_same_choices() -> None:
    scores = noise(12, 3, 1)
    best = best_prompt(scores, splits=10)
    assert best.unseen(scores).mean() == pytest.approx(best.score.value)
    assert best.unseen(1 - scores.astype(int)).mean() == pytest.approx(1 - best.score.value)
    assert (best.counts.sum(axis=1) == 10).all()
    for other in (scores.iloc[::-1], scores[["prompt 1", "prompt 0", "prompt 2"]], scores.iloc[:5]):
        with pytest.raises(MeasureError, match="same rows and columns"):
            best.unseen(other)


def test_the_seed_decides_the_splits_and_nothing_else() -> None:
    scores = noise(12, 3, 2)
    np.random.seed(0)
    one = best_prompt(scores, splits=5, seed=1)
    np.random.seed(7)
    assert best_prompt(scores, splits=5, seed=1) == one
    assert not best_prompt(scores, splits=5, seed=2).counts.equals(one.counts)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (pd.DataFrame({"a": [1]}), "at least two questions"),
        (pd.DataFrame(index=["x", "y"]), "one prompt"),
        (pd.DataFrame([[1, 0], [0, 1]], columns=["a", "a"]), "named once"),
        (pd.DataFrame({"a": [1, 0]}, index=["x", "x"]), "named once"),
        (pd.DataFrame({"a": [1, math.nan]}), "every question under every prompt"),
        (pd.DataFrame({"a": [1, 2]}), "between 0 and 1"),
        (pd.DataFrame({"a": ["yes", "no"]}), "shares or truth values"),
    ],
)
def test_scores_without_a_best_prompt_are_refused(scores: pd.DataFrame, message: str) -> None:
    with pytest.raises(MeasureError, match=message):
        best_prompt(scores)


@pytest.mark.parametrize("wrong", [{"splits": 0}, {"seed": -1}, {"confidence": 95}])
def test_arguments_out_of_range_are_named(wrong: dict[str, Any]) -> None:
    [name] = wrong
    with pytest.raises(MeasureError, match=name):
        best_prompt(noise(6, 2, 0), **wrong)
