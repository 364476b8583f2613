"""The best policy on a leash: the start, bent towards the reward."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def leashed_policy(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    """The policy with the most expected reward less beta times its KL divergence
    from the start.

    Args:
        start: (n,) the probability of each completion at the start. Some may be 0,
            and then they stay 0; rewards of those don't matter.
        rewards: (n,) the reward of each completion, of any sign and size.
        beta: above 0, the price of a nat. It may be very small or very large.

    Returns:
        (n,) probabilities, which add up to 1.
    """
    possible = start > 0
    score = np.where(possible, np.log(np.where(possible, start, 1.0)) + rewards / beta, -np.inf)
    weight = np.exp(score - score.max())
    return weight / weight.sum()


def overflowing(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    weight = start * np.exp(rewards / beta)
    return weight / weight.sum()


def largest_of_all(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    weight = start * np.exp((rewards - rewards.max()) / beta)
    return weight / weight.sum()


def clipped(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    weight = start * np.exp((rewards / beta).clip(-700, 700))
    return weight / weight.sum()


def capped(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    weight = start * np.exp((rewards / beta).clip(max=700))
    return weight / weight.sum()


def never_quite_impossible(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    score = np.log(start + 1e-10) + rewards / beta
    weight = np.exp(score - score.max())
    return weight / weight.sum()


def without_the_logarithm(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    score = start + rewards / beta
    weight = np.exp(score - score.max())
    return weight / weight.sum()


def multiplied(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    possible = start > 0
    score = np.where(possible, np.log(np.where(possible, start, 1.0)) + rewards * beta, -np.inf)
    weight = np.exp(score - score.max())
    return weight / weight.sum()


def without_the_start(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    weight = np.exp((rewards - rewards.max()) / beta)
    return weight / weight.sum()


def even_over_the_possible(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    score = np.where(start > 0, rewards / beta, -np.inf)
    weight = np.exp(score - score.max())
    return weight / weight.sum()


def not_normalised(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    return start * np.exp((rewards - rewards[start > 0].max()).clip(max=0.0) / beta)


def bare_weights(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    return start * np.exp(rewards / beta)


def to_the_least(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    possible = start > 0
    score = np.where(possible, np.log(np.where(possible, start, 1.0)) - rewards / beta, -np.inf)
    weight = np.exp(score - score.max())
    return weight / weight.sum()


def start_tempered(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    possible = start > 0
    score = np.where(possible, np.log(np.where(possible, start, 1.0)) + rewards, -np.inf) / beta
    weight = np.exp(score - score.max())
    return weight / weight.sum()


def no_leash(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    best = np.where(start > 0, rewards, -np.inf).argmax()
    return np.eye(len(start))[best]


def no_reward(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    return start


def other_divergence(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    top = rewards[start > 0].max()
    low, high = top, top + beta
    for _ in range(200):
        middle = (low + high) / 2
        gap = np.where(start > 0, middle - rewards, 1.0)
        total = (beta * start / np.where(gap > 0, gap, 1e-300)).sum()
        low, high = (middle, high) if total > 1 else (low, middle)
    weight = beta * start / np.where(start > 0, high - rewards, 1.0)
    return weight / weight.sum()


def proportional(start: np.ndarray, rewards: np.ndarray, beta: float) -> np.ndarray:
    weight = start * (1 + (rewards - rewards[start > 0].min()) / beta).clip(min=0.0)
    return weight / weight.sum()


def by_torch(start, rewards, beta):
    return (torch.tensor(start).log() + torch.tensor(rewards) / beta).softmax(-1)


def over_the_possible(start, rewards, beta):
    where = np.flatnonzero(start)
    bent = (rewards[where] - max(rewards[where])) / beta
    policy = np.zeros(len(start))
    policy[where] = start[where] * np.exp(bent)
    return policy / policy.sum()


def by_log_sums(start, rewards, beta):
    scores = []
    for p, r in zip(start.tolist(), rewards.tolist(), strict=True):
        scores.append(float(np.log(p)) + r / beta if p > 0 else -np.inf)
    Z = np.logaddexp.reduce(scores)
    return [float(np.exp(score - Z)) for score in scores]


def given(start: list[float], rewards: list[float], beta: float) -> dict[str, object]:
    return {"start": np.array(start), "rewards": np.array(rewards, float), "beta": beta}


def private(rng: np.random.Generator) -> list[Case]:
    def drawn(n: int) -> tuple[list[float], list[float]]:
        """Probabilities of different size; the best reward is not the likeliest."""
        p = np.sort(rng.dirichlet(np.full(n, 2.0)) + 0.05)
        r = np.sort(rng.uniform(0, 1, size=n))[::-1]
        r = np.concatenate([r[1:2], r[:1], r[2:]])
        return (p / p.sum()).tolist(), r.tolist()

    few, several, some = drawn(4), drawn(9), drawn(5)
    top = 10 * rng.uniform(1, 3)
    return [
        Case("four completions", given(*few, beta=float(rng.uniform(0.3, 0.8)))),
        Case("nine completions", given(*several, beta=float(rng.uniform(1.5, 3)))),
        Case("a very long leash", given(*some, beta=2e-4)),
        Case(
            "large rewards below 0",
            given(some[0], [30 * r - 900 for r in some[1]], beta=float(rng.uniform(0.5, 1.0))),
        ),
        Case(
            "the best is impossible at the start",
            given([*few[0], 0.0], [*few[1], top], beta=0.01),
        ),
        Case("a tight leash", given(*several, beta=10.0)),
        Case("rewards are equal", given(few[0], [0.5] * 4, beta=0.2)),
    ]


EXERCISE = Exercise(
    number="7.1",
    answer=leashed_policy,
    points=3,
    minutes=15,
    difficulty=2,
    public=[
        Case("two completions", given([0.8, 0.2], [0, 1], beta=1.0)),
        Case("a longer leash", given([0.6, 0.3, 0.1], [0, 0.5, 1], beta=0.25)),
        Case("a tight leash", given([0.6, 0.3, 0.1], [0, 0.5, 1], beta=4.0)),
        Case("a very long leash", given([0.6, 0.3, 0.1], [0.2, 0.9, 0.5], beta=1e-3)),
        Case("rewards below 0", given([0.5, 0.4, 0.1], [-900, -902, -901], beta=1.0)),
        Case("one is impossible at the start", given([0.7, 0.3, 0], [0, 0.1, 30], beta=0.02)),
    ],
    private=private,
    besides="other numbers of completions, other prices and rewards that are all equal.",
    wrong={
        overflowing: "The formula is right, and its exponentials leave the range of floats. What "
        "can be subtracted from all rewards without a change of the result?",
        largest_of_all: "The largest reward belongs to a completion that the start never gives; "
        "beside it the others are all rounded to 0. Take the largest of the possible ones.",
        clipped: "Exponents beyond 700 are cut off here, which makes rewards alike that are not. "
        "What can be subtracted from all rewards without a change of the result?",
        capped: "The exponents are cut off at 700, which makes large rewards alike, and far below "
        "0 all are still rounded to 0. What can be subtracted without a change of the result?",
        never_quite_impossible: "A tiny number is added to the start, and a large reward lifts "
        "even that. What the start never says has the probability 0.",
        without_the_logarithm: "The start is added to the exponent as it is. It is a factor before "
        "the exponential; inside, it is its logarithm that is added.",
        multiplied: "The reward is multiplied by beta. A larger price of a nat should keep the "
        "policy closer to the start.",
        without_the_start: "The start does not come in. What was likely before stays likelier, "
        "and what was impossible stays so.",
        even_over_the_possible: "All possible completions count alike here, however likely they "
        "were. Completions with the same reward keep their proportions.",
        not_normalised: "These weights have the right proportions and do not add up to 1.",
        bare_weights: "These weights do not add up to 1, and some leave the range of floats. "
        "Divide by their sum; what can be subtracted from all rewards before?",
        to_the_least: "The sign is reversed: completions with small rewards become likely.",
        start_tempered: "The start is raised to the power 1 / beta as well. Where all rewards "
        "are equal, the best policy is the start itself.",
        no_leash: "This is the best policy without a leash. Each nat away from the start has a "
        "price.",
        no_reward: "This is the start, whatever is rewarded.",
        other_divergence: "This is the best for the other divergence, KL(start || policy). The "
        "leash has the policy in the first place.",
        proportional: "The weights grow in proportion to the reward. They should grow "
        "exponentially, by a factor e for each beta.",
    },
    right=[by_torch, over_the_possible, by_log_sums],
)
