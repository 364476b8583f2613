"""How far apart prompts truly are: the spread of their scores, less what chance adds to it."""

import numpy as np

from alignlib.grading.exercise import Case, Exercise


def prompt_spread(right: np.ndarray) -> float:
    """The variance of the prompts' true rates of right answers, as estimated from
    scores.

    It is the variance of the observed rates over the prompts, less what chance adds
    to it. Both are estimated without bias, as the text says. Where the difference
    is negative, the result is 0.

    Args:
        right: (prompts, n) of 0 and 1: whether each answer is right; at least two
            prompts and two questions of each. Two prompts' answers in the same
            column are to different questions.

    Returns:
        A variance, at least 0.
    """
    rates, n = right.mean(axis=1), right.shape[1]
    by_chance = (rates * (1 - rates) / (n - 1)).mean()
    return max(float(rates.var(ddof=1) - by_chance), 0.0)


def as_observed(right: np.ndarray) -> float:
    return float(right.mean(1).var(ddof=1))


def by_number_of_prompts(right: np.ndarray) -> float:
    rates, n = right.mean(1), right.shape[1]
    return max(float(rates.var() - (rates * (1 - rates) / (n - 1)).mean()), 0.0)


def by_number_of_questions(right: np.ndarray) -> float:
    rates, n = right.mean(1), right.shape[1]
    return max(float(rates.var(ddof=1) - (rates * (1 - rates) / n).mean()), 0.0)


def both_by_the_number(right: np.ndarray) -> float:
    rates, n = right.mean(1), right.shape[1]
    return max(float(rates.var() - (rates * (1 - rates) / n).mean()), 0.0)


def chance_of_one_answer(right: np.ndarray) -> float:
    rates = right.mean(1)
    return max(float(rates.var(ddof=1) - (rates * (1 - rates)).mean()), 0.0)


def chance_summed(right: np.ndarray) -> float:
    rates, n = right.mean(1), right.shape[1]
    return max(float(rates.var(ddof=1) - (rates * (1 - rates) / (n - 1)).sum()), 0.0)


def chance_at_the_mean_rate(right: np.ndarray) -> float:
    rates, n = right.mean(1), right.shape[1]
    p = rates.mean()
    return max(float(rates.var(ddof=1) - p * (1 - p) / (n - 1)), 0.0)


def below_zero(right: np.ndarray) -> float:
    rates, n = right.mean(1), right.shape[1]
    return float(rates.var(ddof=1) - (rates * (1 - rates) / (n - 1)).mean())


def folded(right: np.ndarray) -> float:
    rates, n = right.mean(1), right.shape[1]
    return abs(float(rates.var(ddof=1) - (rates * (1 - rates) / (n - 1)).mean()))


def standard_deviation(right: np.ndarray) -> float:
    rates, n = right.mean(1), right.shape[1]
    return max(float(rates.var(ddof=1) - (rates * (1 - rates) / (n - 1)).mean()), 0.0) ** 0.5


def wrong_axis(right: np.ndarray) -> float:
    rates, n = right.mean(0), right.shape[0]
    return max(float(rates.var(ddof=1) - (rates * (1 - rates) / (n - 1)).mean()), 0.0)


def chance_added(right: np.ndarray) -> float:
    rates, n = right.mean(1), right.shape[1]
    return float(rates.var(ddof=1) + (rates * (1 - rates) / (n - 1)).mean())


def chance_alone(right: np.ndarray) -> float:
    rates, n = right.mean(1), right.shape[1]
    return float((rates * (1 - rates) / (n - 1)).mean())


def best_less_worst(right: np.ndarray) -> float:
    rates = right.mean(1)
    return float(rates.max() - rates.min())


def same_questions(right: np.ndarray) -> float:
    prompts, n = right.shape
    rates = right.mean(1)
    left = right - rates[:, None] - right.mean(0) + right.mean()
    return max(float(rates.var(ddof=1) - (left**2).sum() / ((prompts - 1) * (n - 1) * n)), 0.0)


def by_sample_variances(right: np.ndarray) -> float:
    noise = right.var(axis=1, ddof=1) / right.shape[1]
    return float(np.maximum(right.mean(axis=1).var(ddof=1) - noise.mean(), 0))


def by_loops(right):
    rates = [sum(row) / len(row) for row in right.tolist()]
    mean = sum(rates) / len(rates)
    observed = sum((p - mean) ** 2 for p in rates) / (len(rates) - 1)
    noise = sum(p * (1 - p) for p in rates) / len(rates) / (right.shape[1] - 1)
    return observed - noise if observed > noise else 0


def by_tensors(right):
    import torch

    scores = torch.tensor(right, dtype=torch.float64)
    variance = scores.mean(1).var() - scores.var(1).mean() / scores.shape[1]
    return variance.clamp(min=0.0)


def asked(rng: np.random.Generator, n: int, counts: list[int]) -> dict[str, np.ndarray]:
    """(prompts, n) with so many right answers of each prompt, at random questions."""
    rows = [rng.permutation([1] * count + [0] * (n - count)) for count in counts]
    return {"right": np.array(rows)}


def private(rng: np.random.Generator) -> list[Case]:
    def apart(n: int, prompts: int) -> dict[str, np.ndarray]:
        counts = np.linspace(1, n, prompts).round().astype(int) - rng.integers(0, 2, prompts)
        return asked(rng, n, rng.permutation(np.clip(counts, 0, n)).tolist())

    n, many = int(rng.integers(5, 8)), int(rng.integers(150, 250))
    chance = (rng.random((9, 20)) < 0.4).astype(int)
    return [
        Case("prompts far apart, few questions", apart(n, 5)),
        Case("seven prompts, nine questions", apart(9, 7)),
        Case("two prompts", asked(rng, 12, [3, int(rng.integers(8, 11))])),
        Case("two questions", asked(rng, 2, [2, 0, 0, 1, 2, 2])),
        Case("many questions", apart(many, 4)),
        Case("prompts of the same rate", asked(rng, 15, [int(rng.integers(5, 11))] * 6)),
        Case("what chance does to nine prompts of the same true rate", {"right": chance}),
        Case("always right or always wrong", asked(rng, 6, [6, 0, 0, 6, 6])),
    ]


def case(label: str, *rows: str) -> Case:
    return Case(label, {"right": np.array([[int(each) for each in row] for row in rows])})


EXERCISE = Exercise(
    number="2.2",
    answer=prompt_spread,
    points=3,
    minutes=15,
    difficulty=1,
    public=[
        case("two prompts, four questions", "1111", "0011"),
        case("five prompts far apart", "101111", "010000", "110010", "111111", "001000"),
        case("three prompts, ten questions", "1110111111", "1010101100", "0000100010"),
        case("prompts of the same rate", "110010", "011100", "101010", "010011"),
        case("always right or always wrong", "111", "000", "111"),
    ],
    private=private,
    besides="other prompts and questions, among them two questions, and hundreds.",
    wrong={
        as_observed: "This is the spread as observed. Prompts of the same true rate would show "
        "some, too: subtract what chance adds.",
        by_number_of_prompts: "The rates' distances from their own mean are too small, as it is "
        "computed from them. Divide by the number of prompts less 1 (`ddof=1`).",
        by_number_of_questions: "p (1 - p) / n is too small on average, as p comes from the same "
        "n answers. Divide by n - 1.",
        both_by_the_number: "Both variances are too small on average. Divide by the number of "
        "prompts less 1 in the first, and by n - 1 in the second.",
        chance_of_one_answer: "You subtract the variance of a single answer. A rate is a mean of n "
        "answers and varies less.",
        chance_summed: "You subtract the sum of the prompts' chance variances. Take their mean.",
        chance_at_the_mean_rate: "You compute the chance part once, at the mean rate. A prompt "
        "near 0 or 1 varies less by chance: compute it for each prompt, then take the mean.",
        below_zero: "A variance can't be negative. Where chance explains more than there is, "
        "return 0.",
        folded: "Where chance explains more than there is, the difference is negative. That stands "
        "for no spread, 0, and not for as much the other way.",
        standard_deviation: "This is a standard deviation. The variance is asked for.",
        wrong_axis: "You compare the questions. Prompts are the rows: the mean is over a row.",
        chance_added: "You add what chance contributes. It is in the observed spread already: "
        "subtract it.",
        chance_alone: "This is the part that chance explains. Subtract it from the variance of "
        "the observed rates.",
        best_less_worst: "This is the distance of the best prompt from the worst, which grows with "
        "the number of prompts by luck alone. The variance is asked for.",
        same_questions: "You subtract the columns' means, as if every prompt had been asked the "
        "same questions. Here each prompt has its own, so a column means nothing.",
    },
    right=[by_sample_variances, by_loops, by_tensors],
)
