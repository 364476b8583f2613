"""Chapter 1: what a model does, what it can do, and how far judges agree."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from alignlib import agreement, pass_at_k
from alignlib.measure import mean_share
from tests.equations import checks

# The share of truthful answers: of n questions with N samples each, in a table of truth values.
Table = Sequence[Sequence[bool]]
Default = Callable[[Table], float]


def one_for_each_question(table: Table) -> float:
    return sum(row[0] for row in table) / len(table)


@checks(
    "default",
    right={
        "alignlib": lambda table: mean_share(np.mean(table, axis=1)).value,
        "as printed": lambda table: sum(map(sum, table)) / (len(table) * len(table[0])),
    },
    wrong={
        "a sum over samples": lambda table: sum(map(sum, table)) / len(table),
        "any sample": lambda table: sum(map(any, table)) / len(table),
        "every sample": lambda table: sum(map(all, table)) / len(table),
        "the first sample": one_for_each_question,
        "the share of false answers": lambda table: 1 - float(np.mean(table)),
    },
)
def default(share: Default) -> None:
    """Every table of two questions with three samples each, against counting."""
    for values in itertools.product([False, True], repeat=6):
        table = [list(values[:3]), list(values[3:])]
        assert share(table) == pytest.approx(values.count(True) / 6)


# pass@k of n questions, from a table (n, N) of truth values.
PassAtK = Callable[[Table, int], float]


def as_printed(table: Table, k: int) -> float:
    N = len(table[0])
    return float(
        sum(1 - Fraction(math.comb(N - sum(row), k), math.comb(N, k)) for row in table) / len(table)
    )


def plugged_in(table: Table, k: int) -> float:
    """The biased estimate that many use: the share right, as if it were the probability."""
    return float(np.mean([1 - (1 - np.mean(row)) ** k for row in table]))


def pooled(table: Table, k: int) -> float:
    """All questions thrown together."""
    flat = [each for row in table for each in row]
    return 1 - math.comb(len(flat) - sum(flat), k) / math.comb(len(flat), k)


@checks(
    "pass-at-k",
    right={"alignlib": lambda table, k: pass_at_k(table, k).value, "as printed": as_printed},
    wrong={
        "plugged in": plugged_in,
        "pooled over questions": pooled,
        "the first k samples": lambda table, k: float(np.mean([any(row[:k]) for row in table])),
        "all N samples": lambda table, k: float(np.mean([any(row) for row in table])),
        "none right": lambda table, k: 1 - as_printed(table, k),
        "k - 1": lambda table, k: as_printed(table, max(k - 1, 1)) if k > 1 else 0.0,
    },
)
def pass_at_k_enumerated(estimate: PassAtK) -> None:
    """The share of all subsets of k samples that hold a right one; and no bias, by enumeration."""
    N = 4
    for first, second in itertools.product(itertools.product([False, True], repeat=N), repeat=2):
        for k in range(1, N + 1):
            share = [
                np.mean([any(subset) for subset in itertools.combinations(row, k)])
                for row in (first, second)
            ]
            assert estimate([first, second], k) == pytest.approx(float(np.mean(share)))
    p, k = 0.3, 2
    expected = sum(
        p ** sum(row) * (1 - p) ** (N - sum(row)) * estimate([row, row], k)
        for row in itertools.product([False, True], repeat=N)
    )
    assert expected == pytest.approx(1 - (1 - p) ** k)


# Kappa of judges: items in rows, the judges' verdicts in columns.
Verdicts = Sequence[Sequence[str]]
Kappa = Callable[[Verdicts], float]


def share_agreeing(row: Sequence[str]) -> float:
    return float(np.mean([a == b for a, b in itertools.combinations(row, 2)]))


def kappa_as_printed(
    verdicts: Verdicts, *, with_itself: bool = False, chance: bool = True
) -> float:
    flat = [each for row in verdicts for each in row]
    by_chance = sum((flat.count(category) / len(flat)) ** 2 for category in set(flat))
    if with_itself:  # a judge paired with himself, too
        agree = np.mean(
            [np.mean([a == b for a, b in itertools.product(row, repeat=2)]) for row in verdicts]
        )
    else:
        agree = np.mean([share_agreeing(row) for row in verdicts])
    return float((agree - by_chance) / (1 - by_chance)) if chance else float(agree)


def chance_by_categories(verdicts: Verdicts) -> float:
    """As if every category were equally likely."""
    flat = [each for row in verdicts for each in row]
    agree, by_chance = np.mean([share_agreeing(row) for row in verdicts]), 1 / len(set(flat))
    return float((agree - by_chance) / (1 - by_chance))


@checks(
    "kappa",
    right={
        "alignlib": lambda verdicts: agreement(pd.DataFrame(verdicts)).value,
        "as printed": kappa_as_printed,
    },
    wrong={
        "agreement alone": lambda verdicts: kappa_as_printed(verdicts, chance=False),
        "a judge paired with himself": lambda v: kappa_as_printed(v, with_itself=True),
        "all categories equally likely": chance_by_categories,
        "only full agreement": lambda verdicts: float(
            np.mean([len(set(row)) == 1 for row in verdicts])
        ),
    },
)
def kappa(implementation: Kappa) -> None:
    """Hand-computed cases: full agreement, systematic disagreement, and a table in between."""
    assert implementation([["a", "a"], ["b", "b"]]) == pytest.approx(1.0)
    assert implementation([["a", "b"], ["b", "a"]]) == pytest.approx(-1.0)
    # Three judges whose pairs agree on 1, 1/3, 1/3 and all of the items: 2/3 on average.
    table = [["a", "a", "a"], ["a", "a", "b"], ["a", "b", "b"]]
    # "a" has 6 verdicts of 12, so by chance 1/2: (2/3 - 1/2) / (1 - 1/2).
    assert implementation([*table, ["b", "b", "b"]]) == pytest.approx(1 / 3)
    # "a" has 9 of 12, so by chance 10/16: (2/3 - 5/8) / (1 - 5/8).
    assert implementation([*table, ["a", "a", "a"]]) == pytest.approx(1 / 9)
