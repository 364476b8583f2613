"""How often two judges of one answer disagree, where not every judge judged every answer."""

import math

import numpy as np

from alignlib.grading.exercise import Case, Exercise


def disagreement(verdicts: np.ndarray) -> float:
    """The chance that two different judges of an answer give different verdicts.

    For each answer it is the share of pairs of judges who differ, of those pairs in
    which both judged it; then the mean over answers, each of which counts the same.
    Answers with fewer than two verdicts are left out.

    Args:
        verdicts: (judges, answers) floats: 1.0 for approval, 0.0 for disapproval,
            NaN where a judge gave no verdict.

    Returns:
        A number from 0 to 1; NaN if no answer has two verdicts.
    """
    shares = []
    for column in verdicts.T:
        given = column[~np.isnan(column)]
        if len(given) >= 2:
            approve, disapprove = (given == 1).sum(), (given == 0).sum()
            shares.append(approve * disapprove / math.comb(len(given), 2))
    return float(np.mean(shares)) if shares else math.nan


def all_pairs_in_one(verdicts: np.ndarray) -> float:
    n, approve = (~np.isnan(verdicts)).sum(0), np.nansum(verdicts, 0)
    return float((approve * (n - approve)).sum() / np.float64((n * (n - 1) / 2).sum()))


def drawn_with_replacement(verdicts: np.ndarray) -> float:
    enough = (~np.isnan(verdicts)).sum(0) >= 2
    p = np.nanmean(verdicts[:, enough], 0)
    return float((2 * p * (1 - p)).mean())


def missing_disapprove(verdicts: np.ndarray) -> float:
    n, approve = len(verdicts), np.nansum(verdicts, 0)
    return float((approve * (n - approve) / (n * (n - 1) / 2)).mean())


def missing_differ(verdicts: np.ndarray) -> float:
    differ = verdicts[:, None] != verdicts[None]
    above = np.triu_indices(len(verdicts), 1)
    return float(differ[above].mean())


def missing_agree(verdicts: np.ndarray) -> float:
    n, J, approve = (~np.isnan(verdicts)).sum(0), len(verdicts), np.nansum(verdicts, 0)
    differ = approve * (n - approve) / (J * (J - 1) / 2)
    return float(differ[n >= 2].mean())


def agreement(verdicts: np.ndarray) -> float:
    n, approve = (~np.isnan(verdicts)).sum(0), np.nansum(verdicts, 0)
    n, approve = n[n >= 2], approve[n >= 2]
    return float(1 - (approve * (n - approve) / (n * (n - 1) / 2)).mean())


def without_gaps(verdicts: np.ndarray) -> float:
    full = verdicts[:, ~np.isnan(verdicts).any(0)]
    J, approve = len(full), full.sum(0)
    return float((approve * (J - approve) / (J * (J - 1) / 2)).mean())


def pairs_of_answers(verdicts: np.ndarray) -> float:
    n, approve = (~np.isnan(verdicts)).sum(1), np.nansum(verdicts, 1)
    n, approve = n[n >= 2], approve[n >= 2]
    return float((approve * (n - approve) / (n * (n - 1) / 2)).mean())


def against_the_majority(verdicts: np.ndarray) -> float:
    enough = (~np.isnan(verdicts)).sum(0) >= 2
    p = np.nanmean(verdicts[:, enough], 0)
    return float(np.minimum(p, 1 - p).mean())


def not_unanimous(verdicts: np.ndarray) -> float:
    n, approve = (~np.isnan(verdicts)).sum(0), np.nansum(verdicts, 0)
    n, approve = n[n >= 2], approve[n >= 2]
    return float(((approve > 0) & (approve < n)).mean())


def lone_verdicts_agree(verdicts: np.ndarray) -> float:
    n, approve = (~np.isnan(verdicts)).sum(0), np.nansum(verdicts, 0)
    return float((approve * (n - approve) / np.maximum(n * (n - 1) / 2, 1)).mean())


def half_of_it(verdicts: np.ndarray) -> float:
    n, approve = (~np.isnan(verdicts)).sum(0), np.nansum(verdicts, 0)
    n, approve = n[n >= 2], approve[n >= 2]
    return float((approve * (n - approve) / (n * (n - 1))).mean())


def by_pair_of_judges(verdicts: np.ndarray) -> float:
    rates = []
    for b in range(len(verdicts)):
        for a in range(b):
            both = ~np.isnan(verdicts[a] + verdicts[b])
            if both.any():
                rates.append((verdicts[a, both] != verdicts[b, both]).mean())
    return float(np.mean(rates))


def as_if_by_chance(verdicts: np.ndarray) -> float:
    p = np.nanmean(verdicts)
    return float(2 * p * (1 - p))


def nothing(verdicts: np.ndarray) -> float:
    return 0.0


def zero_for_none(verdicts: np.ndarray) -> float:
    n, approve = (~np.isnan(verdicts)).sum(0), np.nansum(verdicts, 0)
    n, approve = n[n >= 2], approve[n >= 2]
    return float((approve * (n - approve) / (n * (n - 1) / 2)).mean()) if len(n) else 0.0


def by_variances(verdicts: np.ndarray) -> float:
    enough = (~np.isnan(verdicts)).sum(0) >= 2
    return float(2 * np.nanvar(verdicts[:, enough], 0, ddof=1).mean())


def by_loops(verdicts):
    shares = []
    for answer in verdicts.T.tolist():
        given = [verdict for verdict in answer if not math.isnan(verdict)]
        pairs = [(a, b) for i, a in enumerate(given) for b in given[:i]]
        if pairs:
            shares.append(sum(a != b for a, b in pairs) / len(pairs))
    return sum(shares) / len(shares) if shares else float("nan")


def by_tensors(verdicts):
    import torch

    v = torch.tensor(verdicts, dtype=torch.float32)
    both = ~torch.isnan(v[:, None] + v[None])
    both &= ~torch.eye(len(v), dtype=torch.bool)[:, :, None]
    differ = ((v[:, None] != v[None]) & both).sum((0, 1))
    pairs = both.sum((0, 1))
    return (differ[pairs > 0] / pairs[pairs > 0]).mean()


def table(judges: int, *columns: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(judges, answers) from (approve, disapprove) for each answer; the other judges gave none."""
    verdicts = np.full((judges, len(columns)), math.nan)
    for place, (approve, disapprove) in enumerate(columns):
        who = rng.permutation(judges)
        verdicts[who[:approve], place] = 1.0
        verdicts[who[approve : approve + disapprove], place] = 0.0
    return verdicts


def sparse(rng: np.random.Generator) -> np.ndarray:
    """Answers that all judges saw, mostly contested, and others that few saw, mostly not."""
    J = int(rng.integers(6, 9))
    full = [(J // 2, J - J // 2), (2, J - 2), (J - 3, 3)]
    few = [(3, 0), (0, 2), (2, 0), (1, 0), (0, 1), (3, 1), (1, 2), (1, 1)]
    columns = [*full, *few[: int(rng.integers(6, 9))]]
    return table(J, *[columns[i] for i in rng.permutation(len(columns))], rng=rng)


def private(rng: np.random.Generator) -> list[Case]:
    judges, answers = int(rng.integers(4, 7)), int(rng.integers(8, 15))
    complete = (rng.random((judges, answers)) < rng.random(answers)).astype(float)
    gaps = (rng.random((12, 40)) < rng.random(40)).astype(float)
    gaps[rng.random(gaps.shape) < 0.4] = math.nan
    return [
        Case("judges who judged everything", {"verdicts": complete}),
        Case("answers that few judged", {"verdicts": sparse(rng)}),
        Case("again, answers that few judged", {"verdicts": sparse(rng)}),
        Case("twelve judges, many answers", {"verdicts": gaps}),
        Case("three judges, no gaps", {"verdicts": table(3, (1, 2), (2, 1), (3, 0), rng=rng)}),
        Case("one answer", {"verdicts": table(9, (5, 2), rng=rng)}),
        Case("no answer with two verdicts", {"verdicts": table(3, (1, 0), (0, 1), rng=rng)}),
    ]


NAN = math.nan
EXERCISE = Exercise(
    number="1.1",
    answer=disagreement,
    points=3,
    minutes=15,
    difficulty=1,
    public=[
        Case(
            "three judges, two answers",
            {"verdicts": np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 1.0]])},
        ),
        Case(
            "two judges against two, on three answers",
            {
                "verdicts": np.array(
                    [[1.0, 0.0, 1.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 1.0, 1.0]]
                )
            },
        ),
        Case(
            "gaps: answers with two to five verdicts",
            {
                "verdicts": np.array(
                    [
                        [1.0, NAN, 1.0, 0.0],
                        [1.0, 0.0, NAN, 0.0],
                        [0.0, NAN, 0.0, NAN],
                        [1.0, 0.0, 1.0, NAN],
                        [0.0, 0.0, 0.0, NAN],
                    ]
                )
            },
        ),
        Case(
            "gaps: an answer with one verdict",
            {"verdicts": np.array([[1.0, NAN, 1.0], [0.0, 1.0, 1.0], [NAN, NAN, 0.0]])},
        ),
        Case(
            "no answer with two verdicts",
            {"verdicts": np.array([[1.0, NAN, NAN], [NAN, 0.0, 1.0]])},
        ),
    ],
    private=private,
    besides="other verdicts, more judges and answers, more gaps, and a single answer.",
    wrong={
        all_pairs_in_one: "You count the pairs of all answers together, so an answer with many "
        "verdicts weighs more. Take each answer's share first, then the mean over answers.",
        drawn_with_replacement: "Your second judge may be the first one again, and nobody "
        "differs from oneself. Draw two different judges.",
        missing_disapprove: "A missing verdict counts as a 0 here. No verdict is none: leave that "
        "judge out of the pairs for this answer.",
        missing_differ: "A missing verdict counts as different from every other: NaN differs even "
        "from itself. Leave such pairs out.",
        missing_agree: "You divide by the pairs of all judges, so a pair with a missing verdict "
        "counts as agreeing. Divide by the pairs in which both judged.",
        agreement: "This is the chance that two judges agree. You want the opposite.",
        without_gaps: "You leave out every answer that some judge did not judge. The others "
        "judged it: use what they said.",
        pairs_of_answers: "This compares one judge's verdicts on different answers. Compare the "
        "judges on one answer: judges are the rows, answers the columns.",
        against_the_majority: "This is the share of judges who are in the minority. Ask it of "
        "pairs: of how many pairs is one on each side?",
        not_unanimous: "This counts the answers on which any two judges differ. Of each answer, "
        "count the pairs that differ.",
        lone_verdicts_agree: "An answer with one verdict, or none, counts as full agreement here. "
        "It has no pairs: leave it out of the mean.",
        half_of_it: "This is half of it. Each pair is counted once above the fraction bar and "
        "twice below it.",
        by_pair_of_judges: "You take the mean over pairs of judges, so what a pair seldom judged "
        "together weighs more. Take a share for each answer first, then the mean over answers.",
        as_if_by_chance: "This is what two verdicts would do that are drawn from all answers. "
        "Compare two judges of the same answer.",
        zero_for_none: "Where no answer has two verdicts, nothing can be compared: that is NaN, "
        "and not 0.",
        nothing: "This is 0 whatever the judges say.",
    },
    right=[by_variances, by_loops, by_tensors],
)
