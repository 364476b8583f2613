"""What a model can do: right in some of many tries, and under the best of many prompts.

Both look for a right answer in more than one place, and both flatter when done carelessly. Among
enough tries a guess comes out right too, so :func:`pass_at_k` means little without its k and
without knowing how many answers are possible. The best of many prompts is partly the luckiest, so
:func:`best_prompt` scores it on questions that did not choose it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from alignlib.arguments import is_whole
from alignlib.errors import MeasureError
from alignlib.measure import Column, Estimate, mean_share

__all__ = ["BestPrompt", "best_prompt", "pass_at_k", "pass_at_k_by_question"]


def pass_at_k(correct: ArrayLike, k: int, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """The share of questions of which one in k sampled answers is right, averaged over questions.

    The interval is over questions: :func:`alignlib.measure.mean_share`'s.

    Args:
        correct: (n, N) of truth values, or zeros and ones: n questions, N samples of each.
        k: how many tries, from 1 to N.
        confidence, seed: of the interval.

    Raises:
        MeasureError: as :func:`pass_at_k_by_question` does; or if ``confidence`` is no share or
            ``seed`` no whole number.
    """
    return mean_share(pass_at_k_by_question(correct, k), confidence=confidence, seed=seed)


def pass_at_k_by_question(correct: ArrayLike, k: int) -> Column:
    """How likely at least one of k sampled answers is right, for each question.

    With c of N samples right it is 1 - C(N - c, k) / C(N, k), the share of all k-subsets of the
    samples that hold a right one: unbiased, where 1 - (1 - c/N)^k is too low on average (Chen et
    al., 2021, *Evaluating large language models trained on code*).

    Args:
        correct: (n, N) of truth values, or zeros and ones: n questions, N samples of each.
        k: how many tries, from 1 to N.

    Returns:
        (n,) probabilities.

    Raises:
        MeasureError: if ``correct`` has no such shape or values, or k is not from 1 to N.
    """
    table = np.asarray(correct, dtype=float)
    if table.ndim != 2 or not table.size or not np.isin(table, (0.0, 1.0)).all():
        raise MeasureError(
            "pass@k is taken of truth values, or zeros and ones, one row for each question and "
            f"one column for each sample; got the shape {table.shape}."
        )
    N = table.shape[1]
    if not is_whole(k, 1) or k > N:
        raise MeasureError(
            f"k is {k!r}: give a whole number from 1 to the {N} samples of each question, or "
            "draw more samples."
        )
    # C(N - c, k) / C(N, k) as a product of k factors, which can't overflow; 0 where c > N - k.
    wrong = N - table.sum(axis=1, keepdims=True)  # (n, 1)
    drawn = np.arange(k)  # how many were drawn before
    none_right: Column = (np.maximum(wrong - drawn, 0.0) / (N - drawn)).prod(axis=1)
    return 1.0 - none_right


@dataclass(frozen=True)
class BestPrompt:
    """The best of several prompts, measured on questions that did not choose it.

    Attributes:
        name: the prompt that was chosen most often; of equals the first.
        share_chosen: the share of unseen questions that were scored under it.
        score: the mean score on unseen questions. The interval is over questions; it takes the
            choices as they came out.
        optimistic: the mean score on the very questions that chose.
        counts: (n, prompts) how often each question was scored under each prompt, chosen by the
            half without it; each row sums to the number of splits.
    """

    name: str
    share_chosen: float
    score: Estimate
    optimistic: float
    counts: pd.DataFrame = field(repr=False, compare=False)

    def unseen(self, scores: pd.DataFrame) -> pd.Series:
        """Scores of the same questions and prompts under the choices that were made.

        Args:
            scores: (n, prompts) any measure, with the rows and columns of ``counts``.

        Returns:
            (n,) the mean over the splits, for each question.

        Raises:
            MeasureError: if the rows or columns are others.
        """
        counts = self.counts
        if not (scores.index.equals(counts.index) and scores.columns.equals(counts.columns)):
            raise MeasureError(
                "These scores are of other questions or prompts, or in another order, than those "
                "that the prompt was chosen by: give the same rows and columns."
            )
        return _under(counts, scores)


def best_prompt(
    scores: pd.DataFrame, *, splits: int = 100, confidence: float = 0.95, seed: int = 0
) -> BestPrompt:
    """Choose the best prompt on half of the questions, score it on the other half, and swap.

    Over many random splits, so every question is scored once a split, by a prompt that it did not
    help to choose. What is estimated is how good a prompt one gets by choosing among these on
    n/2 questions.

    Args:
        scores: (n, prompts) between 0 and 1; the index names the questions, the columns the
            prompts.
        splits: how many random splits.
        confidence: of the interval.
        seed: of the splits and of the interval.

    Raises:
        MeasureError: if there are fewer than two questions or no prompt, a name stands twice, a
            score is missing or no share; or if another argument is out of its range.
    """
    if not is_whole(splits, 1):
        raise MeasureError(f"splits is {splits!r}: give a whole number, 1 or more.")
    if not is_whole(seed, 0):
        raise MeasureError(f"seed is {seed!r}: give a whole number, 0 or more.")
    table = _table(scores)
    n = len(table)
    rng = np.random.default_rng(seed)
    seen, unseen = np.zeros_like(table), np.zeros_like(table)  # how often scored under each
    for _ in range(splits):
        first = rng.permutation(n) < n // 2  # (n,)
        for half in (first, ~first):
            chosen = table[half].mean(axis=0).argmax()
            seen[half, chosen] += 1
            unseen[~half, chosen] += 1
    counts = pd.DataFrame(unseen, index=scores.index, columns=scores.columns)
    share = counts.sum() / (n * splits)
    return BestPrompt(
        name=str(share.idxmax()),
        share_chosen=float(share.max()),
        score=mean_share(_under(counts, scores), confidence=confidence, seed=seed),
        optimistic=float((seen * table).sum() / (n * splits)),
        counts=counts,
    )


def _under(counts: pd.DataFrame, scores: pd.DataFrame) -> pd.Series:
    # Whole numbers, divided once: a mean of ones is exactly 1.
    return (counts * scores).sum(axis=1) / counts.sum(axis=1)


def _table(scores: pd.DataFrame) -> np.ndarray:
    """(n, prompts) the scores as numbers, once they can be compared."""
    n, prompts = scores.shape
    if n < 2 or prompts < 1 or not (scores.index.is_unique and scores.columns.is_unique):
        raise MeasureError(
            "The best prompt is chosen on half of the questions: give at least two questions as "
            f"rows and one prompt as a column, each named once; got {n} and {prompts}."
        )
    try:
        table = scores.to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise MeasureError(
            f"A score is no number: {error}. Give shares or truth values."
        ) from error
    if not ((table >= 0.0) & (table <= 1.0)).all():  # a NaN is refused too
        raise MeasureError(
            "A score is missing, or not between 0 and 1: ask every question under every prompt."
        )
    return table
