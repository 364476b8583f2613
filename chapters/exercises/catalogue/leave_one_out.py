"""Leave one out: each return against the mean of the others of its group."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def leave_one_out(returns: torch.Tensor) -> torch.Tensor:
    """The advantages of samples whose baseline is the mean return of the others in
    their group.

    A group is a set of trajectories that can be compared, such as the answers to
    one prompt. The baseline of a sample is the mean over the other samples of its
    group: never its own return, and never those of another group. Nothing is
    divided by a standard deviation.

    Args:
        returns: (G, K) float, the returns of G groups of K samples each; K is 2 or
            more.

    Returns:
        (G, K) float, in units of reward: each return less its baseline.
    """
    others = returns.sum(1, keepdim=True) - returns  # (G, K) what the others got together
    return returns - others / (returns.shape[1] - 1)


def own_return_included(returns):
    return returns - returns.mean(1, keepdim=True)


def divided_by_all(returns):
    others = returns.sum(1, keepdim=True) - returns
    return returns - others / returns.shape[1]


def sum_by_the_others(returns):
    return returns - returns.sum(1, keepdim=True) / (returns.shape[1] - 1)


def sum_of_the_others(returns):
    return returns - (returns.sum(1, keepdim=True) - returns)


def over_all_groups(returns):
    return returns - (returns.sum() - returns) / (returns.numel() - 1)


def over_groups(returns):
    return returns - (returns.sum(0, keepdim=True) - returns) / max(returns.shape[0] - 1, 1)


def wrong_sign(returns):
    return (returns.sum(1, keepdim=True) - returns) / (returns.shape[1] - 1) - returns


def baseline_only(returns):
    return (returns.sum(1, keepdim=True) - returns) / (returns.shape[1] - 1)


def no_baseline(returns):
    return returns.clone()


def standardised(returns):
    spread = returns.std(1, keepdim=True)
    return (returns - returns.mean(1, keepdim=True)) / (spread + 1e-8)


def standardised_by_k(returns):
    spread = returns.std(1, keepdim=True, correction=0)
    return (returns - returns.mean(1, keepdim=True)) / (spread + 1e-8)


def right_but_divided(returns):
    others = (returns.sum(1, keepdim=True) - returns) / (returns.shape[1] - 1)
    return (returns - others) / (returns.std(1, keepdim=True) + 1e-8)


def right_but_divided_by_k(returns):
    others = (returns.sum(1, keepdim=True) - returns) / (returns.shape[1] - 1)
    return (returns - others) / (returns.std(1, keepdim=True, correction=0) + 1e-8)


def against_the_next(returns):
    return returns - returns.roll(-1, 1)


def against_the_first(returns):
    return returns - returns[:, :1]


def against_the_best(returns):
    return returns - returns.max(1, keepdim=True).values


def by_loops(returns):
    advantages = torch.zeros_like(returns)
    for g in range(returns.shape[0]):
        for k in range(returns.shape[1]):
            others = torch.cat([returns[g, :k], returns[g, k + 1 :]])
            advantages[g, k] = returns[g, k] - others.mean()
    return advantages


def stretched(returns):
    K = returns.shape[1]
    return (returns - returns.mean(1, keepdim=True)) * (K / (K - 1))


def by_a_matrix(returns):
    K = returns.shape[1]
    weights = np.eye(K) - (1 - np.eye(K)) / (K - 1)
    return (returns.double().numpy() @ weights).tolist()


def case(label: str, returns, dtype=torch.float64) -> Case:
    return Case(label, {"returns": torch.tensor(returns, dtype=dtype)})


PUBLIC = [
    case("the worked example", [[1.0, 0.0, 0.5]]),
    case("groups of two", [[1.0, 3.0], [2.0, -2.0], [0.5, 0.25]]),
    case("right or wrong, four answers", [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0, 1.0]]),
    case("a group where all are right", [[1.0, 1.0, 1.0], [0.0, 1.0, 0.0]]),
    case("groups that differ much", [[10.0, 11.0, 12.5, 9.0], [-3.0, -5.0, 0.0, -4.5]]),
]


def private(rng: np.random.Generator) -> list[Case]:
    def normal(*shape: int) -> np.ndarray:
        return rng.normal(size=shape) + rng.normal(1.0, 2.0, size=(shape[0], 1))

    judged = (rng.random((6, 8)) < 0.4).astype(float)
    judged[0] = 1.0
    judged[1, 0], judged[1, 1:] = 1.0, 0.0
    return [
        case("other numbers", normal(3, 5)),
        case("one group", normal(1, 6)),
        case("many groups of two", normal(12, 2)),
        case("as many groups as samples", normal(4, 4)),
        case("right or wrong", judged),
        case("a bonus of 100 for all", 100 + normal(3, 4)),
        case("32 bits", normal(2, 16), torch.float32),
    ]


EXERCISE = Exercise(
    number="5.4",
    answer=leave_one_out,
    points=2,
    minutes=10,
    difficulty=1,
    public=PUBLIC,
    private=private,
    besides="other numbers and sizes, among them twelve groups, groups of 16, and a bonus for all.",
    wrong={
        own_return_included: "The baseline contains the sample's own return, so the estimate "
        "shrinks. Take the mean over the others only.",
        divided_by_all: "The sum over the others is divided by K. How many others are there?",
        sum_by_the_others: "The sum contains the sample's own return, but is divided by the number "
        "of the others. Leave it out of the sum too.",
        sum_of_the_others: "This subtracts the sum over the others. The baseline is their mean.",
        over_all_groups: "This compares with the samples of all groups. A baseline is the mean "
        "within a group: one prompt can be harder than another.",
        over_groups: "This leaves one out along the wrong axis, the groups. The samples of a group "
        "are compared with one another.",
        wrong_sign: "The sign is wrong: better than the others has to be positive.",
        baseline_only: "These are the baselines. The advantage is the return less its baseline.",
        no_baseline: "These are the returns themselves. Subtract the mean of the others.",
        standardised: "This subtracts the mean of the whole group and divides by its standard "
        "deviation. Here nothing is divided, and the sample itself is left out of the mean.",
        standardised_by_k: "This subtracts the mean of the whole group and divides by its standard "
        "deviation. Here nothing is divided, and the sample itself is left out of the mean.",
        right_but_divided: "The differences are right, and then divided by the group's standard "
        "deviation. Leave them in units of reward.",
        right_but_divided_by_k: "The differences are right, and then divided by the group's "
        "standard deviation. Leave them in units of reward.",
        against_the_next: "This compares each sample with one other. Compare it with the mean of "
        "all others in its group.",
        against_the_first: "This compares each sample with the first. Compare it with the mean of "
        "all others in its group.",
        against_the_best: "This compares each sample with the best of its group. Compare it with "
        "the mean of all others.",
    },
    right=[by_loops, stretched, by_a_matrix],
)
