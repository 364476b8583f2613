"""How often an attack undoes what was right: of the answers that were right before it."""

import math

import numpy as np

from alignlib.grading.exercise import Case, Exercise


def override_rate(before: np.ndarray, after: np.ndarray) -> float:
    """The share of right answers that an attack undoes.

    It is the share of requests that are answered wrongly under the attack, among
    those that are answered rightly without it. Requests that were answered wrongly
    before don't count.

    Args:
        before: (n,) bool: whether the answer to each request was right without the
            attack.
        after: (n,) bool: the same with the attack, request by request.

    Returns:
        A number from 0 to 1; NaN if no answer was right before.
    """
    right, undone = before.sum(), (before & ~after).sum()
    return float(undone / right) if right else math.nan


def of_all_requests(before: np.ndarray, after: np.ndarray) -> float:
    return float((before & ~after).mean())


def wrong_after(before: np.ndarray, after: np.ndarray) -> float:
    return float(1 - after.mean())


def net_loss(before: np.ndarray, after: np.ndarray) -> float:
    return float(before.mean() - after.mean())


def relative_net_loss(before: np.ndarray, after: np.ndarray) -> float:
    return float((before.mean() - after.mean()) / before.mean())


def relative_drop(before: np.ndarray, after: np.ndarray) -> float:
    return float((before.mean() - after.mean()) / before.mean()) if before.any() else math.nan


def kept(before: np.ndarray, after: np.ndarray) -> float:
    return float(np.float64((before & after).sum()) / before.sum())


def of_the_wrong_ones(before: np.ndarray, after: np.ndarray) -> float:
    return float(np.float64((before & ~after).sum()) / (~after).sum())


def turned_round(before: np.ndarray, after: np.ndarray) -> float:
    return float(np.float64((after & ~before).sum()) / after.sum())


def any_change(before: np.ndarray, after: np.ndarray) -> float:
    return float((before != after).mean())


def changes_of_the_right(before: np.ndarray, after: np.ndarray) -> float:
    return float(np.float64((before != after).sum()) / before.sum())


def a_count(before: np.ndarray, after: np.ndarray) -> float:
    return float((before & ~after).sum()) if before.any() else math.nan


def zero_for_none(before: np.ndarray, after: np.ndarray) -> float:
    return float((before & ~after).sum() / max(before.sum(), 1))


def dividing_by_none(before: np.ndarray, after: np.ndarray) -> float:
    return int((before & ~after).sum()) / int(before.sum())


def by_selection(before: np.ndarray, after: np.ndarray) -> float:
    return (~after[before]).mean()


def by_loops(before, after):
    undone = [not now for was, now in zip(before.tolist(), after.tolist(), strict=True) if was]
    return sum(undone) / len(undone) if undone else math.nan


def by_tensors(before, after):
    import torch

    was, now = torch.tensor(before).float(), torch.tensor(after).float()
    return (was * (1 - now)).sum() / was.sum()


def case(label: str, before: list[int], after: list[int]) -> Case:
    return Case(label, {"before": np.array(before, bool), "after": np.array(after, bool)})


def counted(rng: np.random.Generator, label: str, *counts: int) -> Case:
    """Requests in any order, so many of them right and right, right and wrong, wrong and right,
    wrong and wrong."""
    kinds = [kind for kind, n in zip(((1, 1), (1, 0), (0, 1), (0, 0)), counts, strict=True)
             for _ in range(n)]  # fmt: skip
    kinds = [kinds[i] for i in rng.permutation(len(kinds))]
    return case(label, [was for was, _ in kinds], [now for _, now in kinds])


def private(rng: np.random.Generator) -> list[Case]:
    def some(low: int, high: int) -> int:
        return int(rng.integers(low, high))

    return [
        counted(rng, "an attack that repairs some", some(6, 9), some(3, 6), some(1, 3), some(4, 7)),
        counted(rng, "a harmless one", some(20, 40), 1, 1, some(5, 9)),
        counted(rng, "a strong one", some(1, 3), some(15, 20), 0, some(3, 6)),
        counted(rng, "many requests", *(some(50, 120) for _ in range(4))),
        counted(rng, "all right before", some(3, 6), some(7, 10), 0, 0),
        counted(rng, "none right before", 0, 0, some(1, 4), some(2, 6)),
        counted(rng, "one request", 0, 1, 0, 0),
    ]


EXERCISE = Exercise(
    number="2.3",
    answer=override_rate,
    points=2,
    minutes=10,
    difficulty=1,
    public=[
        case(
            "ten requests, one of them repaired",
            [1, 1, 1, 1, 1, 0, 0, 0, 1, 0],
            [0, 1, 1, 0, 1, 1, 0, 0, 1, 0],
        ),
        case("all right before, all wrong after", [1, 1, 1], [0, 0, 0]),
        case("an attack that changes nothing", [1, 0, 1, 1, 0], [1, 0, 1, 1, 0]),
        case("as many repaired as undone", [1, 1, 1, 0, 0, 0, 0], [0, 1, 1, 1, 0, 0, 0]),
        case("none right before", [0, 0, 0, 0], [1, 0, 0, 0]),
    ],
    private=private,
    besides="other requests, many of them and a single one.",
    wrong={
        of_all_requests: "You divide by all requests. What was wrong before can't be undone: "
        "divide by the answers that were right before.",
        wrong_after: "This is the share of wrong answers under the attack, also of those that "
        "were wrong without it. Look only at what was right before.",
        net_loss: "You subtract one share from the other, so an answer that the attack repairs "
        "hides one that it undoes. Compare request by request.",
        relative_net_loss: "You divide by the right share, but subtract totals: an answer that "
        "the attack repairs hides one that it undoes. Compare request by request.",
        relative_drop: "You divide by the right share, but subtract totals: an answer that "
        "the attack repairs hides one that it undoes. Compare request by request.",
        kept: "This is the share of right answers that the attack leaves. You want the others.",
        of_the_wrong_ones: "You divide by the answers that are wrong under the attack. Divide by "
        "those that were right before it.",
        turned_round: "`before` and `after` are the wrong way round: this is what was wrong "
        "before and is right after.",
        any_change: "This counts every change, also from wrong to right, among all requests.",
        changes_of_the_right: "You count every change, also from wrong to right. Only an answer "
        "that was right can be undone.",
        a_count: "This is how many answers are undone. You want their share of those that were "
        "right before.",
        zero_for_none: "Where no answer was right before, nothing is known about the attack: that "
        "is NaN, and not 0.",
        dividing_by_none: "No answer was right before in one case, and you divide by their number. "
        "Return NaN there.",
    },
    right=[by_selection, by_loops, by_tensors],
)
