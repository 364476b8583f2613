"""How far judges agree, beyond what chance would give.

Fleiss' kappa (Fleiss, 1971, *Measuring nominal scale agreement among many raters*):
(P - P_e) / (1 - P_e), where P is the share of pairs of verdicts on the same item that agree, and
P_e that share if every judge drew at random from all verdicts of all judges. 1 is full agreement,
0 as much as by chance, and below 0 less than by chance: the judges contradict each other.

Left out: weights for near misses, and missing verdicts. Where almost all verdicts are the same, P_e
is near 1 and kappa can be near 0 although judges nearly always agree: look at the verdicts too.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.inter_rater import fleiss_kappa  # type: ignore[import-untyped]

from alignlib.errors import MeasureError
from alignlib.measure import Estimate, bootstrap

RESAMPLES = 2_000
"""Of the items, for an interval of kappa."""


def agreement(verdicts: pd.DataFrame, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Fleiss' kappa of all judges, with a percentile bootstrap interval over items.

    1 is full agreement, 0 as much as by chance, below 0 less than by chance.

    Args:
        verdicts: (n, judges) a category for each item and judge: texts, truth values, numbers.
        confidence: how often such an interval covers the true kappa, about.
        seed: of the 2,000 resamples of the items; those with one category only are left out.

    Raises:
        MeasureError: if there are fewer than two items or judges, a judge's name stands twice or a
            verdict is missing; if all verdicts are the same, where kappa is undefined; or if
            ``confidence`` is no share or ``seed`` no whole number.
    """
    given = _given(verdicts)
    return _estimate(given.sum(axis=1)[:, None], "the judges", confidence, seed)


def agreement_by_group(
    verdicts: pd.DataFrame,
    groups: Mapping[Any, str],
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[tuple[str, str], Estimate]:
    """Kappa within each group of judges and between every two groups.

    Within a group it is Fleiss' kappa of its judges. Between two groups it is the same kappa over
    pairs of one judge from each: two groups that each agree among themselves and contradict each
    other are near 1 within and below 0 between.

    Args:
        verdicts: (n, judges) as for :func:`alignlib.agreement`.
        groups: by judge, as the columns name them, the group.
        confidence, seed: as for :func:`alignlib.agreement`.

    Returns:
        By pair of groups, in their order in ``groups``: ``(a, a)`` within, ``(a, b)`` between. A
        group of one judge has no kappa within.

    Raises:
        MeasureError: as :func:`alignlib.agreement` does, also where the judges concerned gave but
            one category; if a judge has no group; or if there are fewer than two groups.
    """
    given = _given(verdicts)
    without = [str(judge) for judge in verdicts.columns if judge not in groups]
    if without:
        raise MeasureError(f"These judges have no group: {', '.join(without)}. Give each one.")
    of_judge = np.array([groups[judge] for judge in verdicts.columns])
    names = list(dict.fromkeys(group for judge, group in groups.items() if judge in verdicts))
    if len(names) < 2:
        raise MeasureError(
            f"All judges are in the group {names[0]!r}: give at least two groups, or use "
            "agreement for one."
        )
    members = {name: given[:, of_judge == name] for name in names}  # (n, judges, categories)
    found = {}
    for a, b in itertools.combinations_with_replacement(names, 2):
        first, second = members[a], members[b]
        if a != b:
            pairs = first[:, :, None] + second[:, None]  # (n, judges, judges, categories)
            table = pairs.reshape(len(given), -1, given.shape[-1])
            found[a, b] = _estimate(table, f"the groups {a!r} and {b!r}", confidence, seed)
        elif first.shape[1] > 1:
            table = first.sum(axis=1, keepdims=True)
            found[a, a] = _estimate(table, f"the group {a!r}", confidence, seed)
    return found


def _estimate(table: np.ndarray, judges: str, confidence: float, seed: int) -> Estimate:
    """Kappa of an (n, R, categories) table: R counts of verdicts for each item."""

    def kappa(items: np.ndarray) -> float:
        rows = table[items].reshape(-1, table.shape[-1])
        one_category = (rows.sum(axis=0) > 0).sum() == 1
        return float("nan") if one_category else float(fleiss_kappa(rows))

    n = len(table)
    value = kappa(np.arange(n))
    if np.isnan(value):
        raise MeasureError(
            f"All verdicts of {judges} are the same, where kappa is undefined: with one category "
            "agreement by chance is certain. Add items that they could judge otherwise."
        )
    low, high = bootstrap(
        lambda resamples: np.array([kappa(items) for items in resamples]),
        n,
        confidence=confidence,
        seed=seed,
        resamples=RESAMPLES,
    )
    return Estimate(value, low, high, n)


def _given(verdicts: pd.DataFrame) -> np.ndarray:
    """(n, judges, categories) 1 at the category that a judge gave to an item, else 0."""
    n, judges = verdicts.shape
    if n < 2 or judges < 2 or not verdicts.columns.is_unique:
        raise MeasureError(
            "Agreement needs at least two items as rows and two judges as columns, each judge "
            f"named once; got {n} and {judges}."
        )
    missing = verdicts.isna()
    if missing.to_numpy().any():
        who = ", ".join(map(str, verdicts.columns[missing.any()]))
        raise MeasureError(
            f"Verdicts are missing, of {who}: leave out those items (verdicts.dropna()) or those "
            "judges (verdicts.dropna(axis=1))."
        )
    codes, categories = pd.factorize(verdicts.to_numpy(dtype=object).ravel())
    one_hot: np.ndarray = np.eye(len(categories), dtype=int)[codes]
    return one_hot.reshape(n, judges, -1)
