"""Reward-to-go: what was earned from each step on, for trajectories of different lengths."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def rewards_to_go(rewards: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The rewards from each step on, that step's own included, without a discount.

    Rows are filled up to T steps. After the end of a trajectory ``rewards`` holds
    finite numbers without a meaning: they do not count, and the result there is 0.

    Args:
        rewards: (N, T) float, the reward of each step of N trajectories.
        mask: (N, T) bool, True at the steps of a trajectory and False after its
            end. Each row begins with True.

    Returns:
        (N, T) float, in units of reward.
    """
    real = torch.where(mask, rewards, 0.0)
    return real.flip(-1).cumsum(-1).flip(-1)


def whole_return(rewards, mask):
    return (rewards * mask).sum(1, keepdim=True) * mask


def return_so_far(rewards, mask):
    return (rewards * mask).cumsum(1) * mask


def from_the_next_step(rewards, mask):
    real = rewards * mask
    return (real.sum(1, keepdim=True) - real.cumsum(1)) * mask


def no_mask(rewards, mask):
    return rewards.flip(1).cumsum(1).flip(1)


def mask_too_late(rewards, mask):
    return rewards.flip(1).cumsum(1).flip(1) * mask


def not_turned_back(rewards, mask):
    return (rewards * mask).flip(1).cumsum(1)


def masked_but_not_turned_back(rewards, mask):
    return (rewards * mask).flip(1).cumsum(1) * mask


def over_trajectories(rewards, mask):
    return (rewards * mask).flip(0).cumsum(0).flip(0) * mask


def across_trajectories(rewards, mask):
    real = rewards * mask
    return real.flatten().flip(0).cumsum(0).flip(0).reshape(real.shape) * mask


def no_sum(rewards, mask):
    return rewards * mask


def mean_to_go(rewards, mask):
    to_go = (rewards * mask).flip(1).cumsum(1).flip(1)
    left = mask.long().flip(1).cumsum(1).flip(1)
    return to_go / left.clamp(min=1)


def discounted(rewards, mask):
    real, to_go = rewards * mask, torch.zeros_like(rewards)
    following = torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        following = real[:, t] + 0.99 * following
        to_go[:, t] = following
    return to_go


def last_step_left_out(rewards, mask):
    last = mask & ~torch.nn.functional.pad(mask, (0, 1))[:, 1:]
    return (rewards * (mask & ~last)).flip(1).cumsum(1).flip(1)


def last_reward(rewards, mask):
    last = mask & ~torch.nn.functional.pad(mask, (0, 1))[:, 1:]
    return (rewards * last).sum(1, keepdim=True) * mask


def by_loops(rewards, mask):
    to_go = torch.zeros_like(rewards)
    for i in range(rewards.shape[0]):
        following = 0.0
        for t in reversed(range(int(mask[i].sum()))):
            following = following + rewards[i, t]
            to_go[i, t] = following
    return to_go


def by_a_triangle(rewards, mask):
    T = rewards.shape[1]
    later = torch.tril(torch.ones(T, T, dtype=rewards.dtype))
    return (rewards * mask) @ later


def by_differences(rewards, mask):
    real = np.where(mask.numpy(), rewards.double().numpy(), 0.0)
    to_go = real.sum(1, keepdims=True) - real.cumsum(1) + real
    return (to_go * mask.numpy()).tolist()


def case(label: str, rewards, lengths, dtype=torch.float64) -> Case:
    table = torch.tensor(rewards, dtype=dtype)
    mask = torch.arange(table.shape[1]) < torch.tensor(lengths)[:, None]
    return Case(label, {"rewards": table, "mask": mask})


PUBLIC = [
    case("the worked example", [[-0.1, -0.1, 1.0], [0.3, 0.0, 0.0]], [3, 1]),
    case("one trajectory", [[1.0, -2.0, 4.0, 8.0]], [4]),
    case(
        "different lengths",
        [[1.0, 2.0, 3.0, 0.5], [5.0, -1.0, 0.0, 0.0], [2.0, 2.5, 4.0, 0.0]],
        [4, 2, 3],
    ),
    case("filling that is not 0", [[1.0, 3.0, 7.0, 7.0], [-2.0, 0.5, 1.5, 7.0]], [2, 3]),
]


def private(rng: np.random.Generator) -> list[Case]:
    def drawn(label: str, N: int, T: int, shift: float = 0.5, filling: float = 0.0, **options):
        lengths = rng.integers(1, T + 1, N)
        lengths[0] = T
        rewards = shift + rng.normal(size=(N, T))
        rewards[np.arange(T) >= lengths[:, None]] = filling
        return case(label, rewards, lengths, **options)

    full = case("no filling", rng.normal(size=(4, 5)), [5] * 4)
    at_the_end = case("one reward at the end", [[0.0, 0.0, 0.0, rng.uniform(1, 2)]], [4])
    short = case("ends at once", 1 + rng.normal(size=(3, 4)), [1, 1, 2])
    return [
        drawn("other numbers", 4, 4),
        drawn("filled with a number", 6, 5, filling=-100.0),
        drawn("many trajectories", 40, 12),
        drawn("losses only", 5, 6, shift=-4.0, filling=1.0),
        drawn("32 bits", 3, 7, dtype=torch.float32),
        full,
        at_the_end,
        short,
    ]


EXERCISE = Exercise(
    number="5.3",
    answer=rewards_to_go,
    points=3,
    minutes=15,
    difficulty=1,
    public=PUBLIC,
    private=private,
    besides="other numbers and sizes, among them 40 trajectories, one reward at the end, and "
    "large numbers as filling.",
    wrong={
        whole_return: "This is the whole return at every step. What was earned before a step does "
        "not count for it.",
        return_so_far: "This adds up what was earned until a step. What counts is what is earned "
        "from it on.",
        from_the_next_step: "The reward of the step itself is missing: its action earned it.",
        no_mask: "The mask is not used. After the end of a trajectory nothing counts, whatever "
        "stands there.",
        mask_too_late: "The filling was added up before it was masked, so it counts for the steps "
        "before the end. Mask first.",
        not_turned_back: "The sums are right and in the wrong order: turn them back after adding "
        "up from the end.",
        masked_but_not_turned_back: "The sums are right and in the wrong order: turn them back "
        "after adding up from the end.",
        over_trajectories: "This adds up over the trajectories. Add over the steps of each: the "
        "last axis.",
        across_trajectories: "The sum runs on from one trajectory into the next. Each row is a "
        "trajectory of its own.",
        no_sum: "These are the rewards themselves. An action is credited with the later ones too.",
        mean_to_go: "This is the mean of the rewards to come. Reward-to-go is their sum.",
        discounted: "Later rewards count less here, by a discount factor. In this course all "
        "rewards count the same.",
        last_step_left_out: "The last reward of each trajectory is missing. The mask is True at "
        "the last step: its reward counts.",
        last_reward: "Only the last reward of each trajectory is counted. That is right for one "
        "judgment at the end, but rewards can come at every step.",
    },
    right=[by_loops, by_a_triangle, by_differences],
)
