"""pass@k without bias: what a model can do, from c right answers among N."""

import math

import numpy as np

from alignlib.grading.exercise import Case, Exercise


def pass_at_k(N: int, c: int, k: int) -> float:
    """The chance that at least one of k tries is right.

    The k tries are drawn without replacement from N answers of which c are right.

    Args:
        N: answers that were sampled.
        c: those of them that are right, from 0 to N.
        k: tries, from 1 to N.

    Returns:
        A probability, from 0 to 1.
    """
    missed = 1.0
    for i in range(k):
        missed *= max(N - c - i, 0) / (N - i)
    return 1 - missed


def with_replacement(N: int, c: int, k: int) -> float:
    return 1 - (1 - c / N) ** k


def all_right(N: int, c: int, k: int) -> float:
    return math.comb(c, k) / math.comb(N, k)


def chance_of_missing(N: int, c: int, k: int) -> float:
    return math.comb(N - c, k) / math.comb(N, k)


def share_right(N: int, c: int, k: int) -> float:
    return c / N


def any_right(N: int, c: int, k: int) -> float:
    return float(c > 0)


def expected_number(N: int, c: int, k: int) -> float:
    return min(1.0, k * c / N)


def exactly_one(N: int, c: int, k: int) -> float:
    return c * math.comb(N - c, k - 1) / math.comb(N, k)


def overflowing(N: int, c: int, k: int) -> float:
    if N - c < k:
        return 1.0
    wrong, every = (
        np.prod(np.arange(N - c - k + 1, N - c + 1)),
        np.prod(np.arange(N - k + 1, N + 1)),
    )
    return float(1 - wrong / every)


def without_the_first(N: int, c: int, k: int) -> float:
    missed = 1.0
    for i in range(1, k):
        missed *= max(N - c - i, 0) / (N - i)
    return 1 - missed


def by_binomials(N: int, c: int, k: int) -> float:
    return 1 - math.comb(N - c, k) / math.comb(N, k)


def by_logarithms(N, c, k):
    if N - c < k:
        return np.float32(1.0)
    i = np.arange(N - c + 1, N + 1)
    return np.float32(1.0 - np.prod(1.0 - k / i))


def cases(*numbers: tuple[int, int, int]) -> list[Case]:
    return [Case(f"N = {N}, c = {c}, k = {k}", {"N": N, "c": c, "k": k}) for N, c, k in numbers]


def private(rng: np.random.Generator) -> list[Case]:
    drawn = []
    for largest in (8, 20, 20, 60):
        N = int(rng.integers(6, largest + 1))
        drawn.append((N, int(rng.integers(1, N // 2)), int(rng.integers(2, N // 2 + 1))))
    N = int(rng.integers(900, 1100))
    return cases(*drawn, (N, 3, N // 2), (N, 0, 7), (12, 2, 3), (9, 7, 4), (9, 9, 1))


EXERCISE = Exercise(
    number="2.1",
    answer=pass_at_k,
    points=3,
    minutes=15,
    difficulty=1,
    public=cases((5, 2, 1), (5, 2, 2), (32, 3, 8), (6, 4, 3), (6, 0, 2), (400, 2, 100)),
    private=private,
    besides="other numbers, among them no right answer, all right, and a thousand answers.",
    wrong={
        with_replacement: "This draws the k tries with replacement, as if each were a new sample. "
        "They are k different ones of the N answers: each try changes what is left.",
        all_right: "This is the chance that all k tries are right. One right try is enough.",
        chance_of_missing: "This is the chance that all k tries are wrong. You want the opposite.",
        share_right: "This is one try, whatever k is. How does the chance grow with k?",
        any_right: "This asks whether any of the N answers is right. Only k of them are tried.",
        expected_number: "This adds up the chances of the k tries, as if two could not both be "
        "right. Start from the chance that all are wrong.",
        exactly_one: "This is the chance that exactly one of the k tries is right. Two right ones "
        "count as well: at least one is asked for.",
        overflowing: "The products are right, and overflow for large N: 64-bit integers end at "
        "about 9e18. Multiply ratios instead of dividing products.",
        without_the_first: "One factor is missing: k tries are k factors, and the first is "
        "(N - c) / N.",
    },
    right=[by_binomials, by_logarithms],
)
