"""The REINFORCE estimate: a gradient from nothing but sampled trajectories and their rewards."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def policy_gradient(
    logits: torch.Tensor,
    states: torch.Tensor,
    actions: torch.Tensor,
    rewards: torch.Tensor,
) -> torch.Tensor:
    """The REINFORCE estimate of the gradient of J with respect to the logits of a
    softmax policy.

    Every action of a trajectory is credited with the trajectory's whole return. The
    steps of a trajectory are added; only trajectories are averaged. There is no
    baseline and no discount. All trajectories have T steps. The result points
    uphill: adding it raises J.

    Args:
        logits: (S, A) float; pi(a | s) is the softmax of row s. They need no
            gradient.
        states: (N, T) int64, the state of each step of N trajectories; a state can
            come again.
        actions: (N, T) int64, the action that was taken in it.
        rewards: (N, T) float, the reward of that step.

    Returns:
        (S, A) float, the estimate; 0 for a state that no trajectory was in.
    """
    A = logits.shape[1]
    taken = torch.nn.functional.one_hot(actions, A)  # (N, T, A)
    scores = taken - torch.softmax(logits, -1)[states]  # (N, T, A)
    credited = scores * rewards.sum(-1)[:, None, None]
    gradient = torch.zeros_like(logits)
    gradient.index_add_(0, states.flatten(), credited.flatten(0, 1).to(logits))
    return gradient / len(states)


def sum_over_trajectories(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, -1)[states, actions]
    (logprobs.sum(1) * rewards.sum(1)).sum().backward()
    return leaf.grad


def mean_over_steps(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, -1)[states, actions]
    (logprobs * rewards.sum(1, keepdim=True)).mean().backward()
    return leaf.grad


def reward_to_go(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, -1)[states, actions]
    to_go = rewards.flip(1).cumsum(1).flip(1)
    (logprobs * to_go).sum(1).mean().backward()
    return leaf.grad


def own_reward_only(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, -1)[states, actions]
    (logprobs * rewards).sum(1).mean().backward()
    return leaf.grad


def downhill(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, -1)[states, actions]
    (-logprobs.sum(1) * rewards.sum(1)).mean().backward()
    return leaf.grad


def last_action_only(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, -1)[states, actions]
    (logprobs[:, -1] * rewards.sum(1)).mean().backward()
    return leaf.grad


def product_of_means(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, -1)[states, actions]
    (logprobs.sum(1).mean() * rewards.sum(1).mean()).backward()
    return leaf.grad


def total_of_the_batch(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, -1)[states, actions]
    (logprobs.sum(1) * rewards.sum()).mean().backward()
    return leaf.grad


def return_over_trajectories(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, -1)[states, actions]
    (logprobs * rewards.sum(0, keepdim=True)).sum(1).mean().backward()
    return leaf.grad


def with_a_baseline(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, -1)[states, actions]
    returns = rewards.sum(1)
    (logprobs.sum(1) * (returns - returns.mean())).mean().backward()
    return leaf.grad


def rewards_ignored(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, -1)[states, actions]
    logprobs.sum(1).mean().backward()
    return leaf.grad


def taken_only(logits, states, actions, rewards):
    gradient = torch.zeros_like(logits)
    for s_row, a_row, total in zip(states.tolist(), actions.tolist(), rewards.sum(1), strict=True):
        for s, a in zip(s_row, a_row, strict=True):
            gradient[s, a] += total / len(states)
    return gradient


def without_the_logarithm(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    chosen = torch.softmax(leaf, -1)[states, actions]
    (chosen.sum(1) * rewards.sum(1)).mean().backward()
    return leaf.grad


def softmax_over_states(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.log_softmax(leaf, 0)[states, actions]
    (logprobs.sum(1) * rewards.sum(1)).mean().backward()
    return leaf.grad


def repeats_lost(logits, states, actions, rewards):
    pi = torch.softmax(logits, -1)
    taken = torch.nn.functional.one_hot(actions, logits.shape[1])
    credited = (taken - pi[states]) * rewards.sum(1)[:, None, None]
    gradient = torch.zeros_like(logits).numpy()
    gradient[states.flatten().numpy()] += credited.flatten(0, 1).numpy()
    return gradient / len(states)


def repeats_of_a_trajectory_lost(logits, states, actions, rewards):
    pi = torch.softmax(logits, -1)
    taken = torch.nn.functional.one_hot(actions, logits.shape[1])
    credited = (taken - pi[states]) * rewards.sum(1)[:, None, None]
    gradient = torch.zeros_like(logits).numpy()
    for s, each in zip(states.numpy(), credited.numpy(), strict=True):
        gradient[s] += each
    return gradient / len(states)


def all_zero(logits, states, actions, rewards):
    return torch.zeros_like(logits)


def as_a_loss(logits, states, actions, rewards):
    leaf = logits.detach().clone().requires_grad_()
    logprobs = torch.nn.functional.log_softmax(leaf, dim=-1)[states, actions]
    loss = -(logprobs * rewards.sum(-1, keepdim=True)).sum() / len(states)
    return -torch.autograd.grad(loss, leaf)[0]


def by_loops(logits, states, actions, rewards):
    pi = torch.softmax(logits, -1)
    gradient = torch.zeros_like(logits)
    for i in range(len(states)):
        total = rewards[i].sum()
        for s, a in zip(states[i], actions[i], strict=True):
            gradient[s] -= pi[s] * total
            gradient[s, a] += total
    return gradient / len(states)


def by_counts(logits, states, actions, rewards):
    z = logits.double().numpy()
    pi = np.exp(z - z.max(1, keepdims=True))
    pi /= pi.sum(1, keepdims=True)
    weight = np.zeros(z.shape)  # (S, A) returns of the trajectories that took a in s
    whole = np.repeat(rewards.double().numpy().sum(1)[:, None], states.shape[1], 1)
    np.add.at(weight, (states.numpy(), actions.numpy()), whole)
    return (weight - weight.sum(1, keepdims=True) * pi) / len(states)


def case(label: str, logits, states, actions, rewards, dtype=torch.float64) -> Case:
    return Case(
        label,
        {
            "logits": torch.tensor(logits, dtype=dtype),
            "states": torch.tensor(states),
            "actions": torch.tensor(actions),
            "rewards": torch.tensor(rewards, dtype=dtype),
        },
    )


PUBLIC = [
    case(
        "the worked example",
        [[0.0, 0.0], [0.0, 0.0]],
        [[0, 1], [0, 1]],
        [[0, 0], [1, 0]],
        [[1.0, 2.0], [0.0, 1.0]],
    ),
    case(
        "one trajectory", [[0.5, -0.5], [0.2, -0.3]], [[0, 1, 1]], [[1, 1, 0]], [[1.0, -2.0, 4.0]]
    ),
    case(
        "trajectories of one step",
        [[1.0, 0.0, -1.0]],
        [[0], [0], [0]],
        [[2], [0], [1]],
        [[1.0], [0.5], [-0.25]],
    ),
    case(
        "a state that comes again, and one that never comes",
        [[0.4, -0.2], [0.9, 0.1], [-0.6, 0.3]],
        [[0, 0, 2], [2, 0, 0], [2, 2, 2]],
        [[0, 1, 0], [1, 1, 0], [0, 0, 1]],
        [[0.0, 1.0, 2.0], [1.0, -0.5, 0.0], [0.0, 0.0, 3.0]],
    ),
    case(
        "four trajectories, three actions",
        [[0.3, 0.0, -0.7], [1.1, -0.4, 0.2]],
        [[0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 1]],
        [[2, 0, 1], [0, 1, 0], [1, 1, 2], [2, 2, 0]],
        [[1.0, 0.0, -1.5], [0.5, 2.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 0.25, 3.0]],
    ),
]


def private(rng: np.random.Generator) -> list[Case]:
    def drawn(label: str, S: int, A: int, N: int, T: int, shift: float = 0.5, **options) -> Case:
        states, actions = rng.integers(S, size=(N, T)), rng.integers(A, size=(N, T))
        rewards = shift + rng.normal(size=(N, T))
        return case(label, rng.normal(size=(S, A)), states, actions, rewards, **options)

    return [
        drawn("other numbers", 3, 2, 5, 4),
        drawn("one trajectory", 4, 3, 1, 6),
        drawn("one step", 2, 3, 6, 1),
        drawn("as many trajectories as steps", 3, 3, 4, 4),
        drawn("many trajectories", 5, 4, 60, 7),
        drawn("losses only", 3, 2, 8, 5, shift=-4.0),
        drawn("32 bits", 3, 3, 6, 3, dtype=torch.float32),
        drawn("more states than steps", 12, 2, 2, 3),
    ]


EXERCISE = Exercise(
    number="5.2",
    answer=policy_gradient,
    points=5,
    minutes=30,
    difficulty=2,
    public=PUBLIC,
    private=private,
    besides="other numbers and sizes, among them 60 trajectories, losses only, and 32-bit numbers.",
    wrong={
        sum_over_trajectories: "1/N is missing: this adds up the trajectories. With it, more "
        "trajectories give a better estimate and not a longer step.",
        mean_over_steps: "This is too short by a factor T: you divide by the number of all steps, "
        "or take the mean reward for the return. Steps are added; only trajectories are averaged.",
        reward_to_go: "This credits each action with the rewards from its own step on. That has "
        "the same mean, but here the whole return is asked for.",
        own_reward_only: "This credits each action with the reward of its own step. What an action "
        "leads to later has to count for it too.",
        downhill: "The sign is wrong: this is the gradient of a loss, and points downhill.",
        last_action_only: "Only the last action of each trajectory is credited. Each of them had a "
        "part in the return.",
        product_of_means: "This multiplies two means over the trajectories. Each trajectory's "
        "scores belong with its own return: multiply first, then average.",
        total_of_the_batch: "This credits each trajectory with the rewards of all of them. Sum the "
        "rewards over the steps only.",
        return_over_trajectories: "This sums the rewards over the wrong axis, the trajectories. A "
        "return is a sum over the steps of one trajectory.",
        with_a_baseline: "This subtracts the mean return first. There is no baseline here; and one "
        "that contains the trajectory's own return would shrink the estimate.",
        rewards_ignored: "Here the rewards play no part: this imitates whatever was done, good or "
        "bad. Weight each trajectory by its return.",
        taken_only: "Only the logits of the actions that were taken get a gradient. The others "
        "share the softmax with them: what is the whole score of an action?",
        without_the_logarithm: "This is the gradient of the probabilities. The estimate needs that "
        "of the log-probabilities.",
        softmax_over_states: "This softmax runs over the states. A policy is a distribution over "
        "the actions of one state.",
        repeats_lost: "Where a state comes more than once, only one of its steps is kept. Indexed "
        "assignment overwrites: the steps have to be added, as `index_add_` does.",
        repeats_of_a_trajectory_lost: "Where a state comes more than once in a trajectory, only "
        "one of its steps is kept. Indexed assignment overwrites: the steps have to be added.",
        all_zero: "The estimate is 0 everywhere. If you use automatic differentiation: do the "
        "log-probabilities still depend on the logits?",
    },
    right=[as_a_loss, by_loops, by_counts],
)
