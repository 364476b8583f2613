"""J of a small world, exactly: what a policy earns on average, from the tables alone."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def expected_return(
    start: torch.Tensor,
    transition: torch.Tensor,
    reward: torch.Tensor,
    policy: torch.Tensor,
    steps: int,
) -> torch.Tensor:
    """The expected return J of a policy, exactly, when all tables are known.

    Each step earns r(s, a), for the state it begins in and the action taken there.
    Rewards are added as they are, without a discount. A state where everything ends
    needs no special treatment: in the tables it leads to itself and earns 0.

    Args:
        start: (S,) float, p(s_1), the probabilities of the first state.
        transition: (S, A, S) float, p(s' | s, a); the last axis is the next state
            s'.
        reward: (S, A) float, r(s, a).
        policy: (S, A) float, pi(a | s), the same at every step.
        steps: T, the number of actions that are taken, at least 1.

    Returns:
        J, one number, in units of reward: a tensor of no dimension, or a float.
    """
    value = torch.zeros_like(start)  # (S,) what is still to come from each state
    for _ in range(steps):
        Q = reward + transition @ value  # (S, A)
        value = (policy * Q).sum(-1)
    return start @ value


def one_step_too_few(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps - 1):
        value = (policy * (reward + transition @ value)).sum(-1)
    return start @ value


def one_step_too_many(start, transition, reward, policy, steps):
    value = (policy * reward).sum(-1)
    for _ in range(steps):
        value = (policy * (reward + transition @ value)).sum(-1)
    return start @ value


def best_action(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (reward + transition @ value).max(-1).values
    return start @ value


def likeliest_action(start, transition, reward, policy, steps):
    certain = torch.nn.functional.one_hot(policy.argmax(-1), policy.shape[1]).to(policy)
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (certain * (reward + transition @ value)).sum(-1)
    return start @ value


def policy_ignored(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (reward + transition @ value).mean(-1)
    return start @ value


def policy_left_out(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (reward + transition @ value).sum(-1)
    return start @ value


def likeliest_next_state(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (policy * (reward + value[transition.argmax(-1)])).sum(-1)
    return start @ value


def backwards_in_time(start, transition, reward, policy, steps):
    move = torch.einsum("sa,sax->sx", policy, transition)
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (policy * reward).sum(-1) + move.T @ value
    return start @ value


def axes_swapped(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (policy * (reward + torch.einsum("xas,x->sa", transition, value))).sum(-1)
    return start @ value


def moved_before_paid(start, transition, reward, policy, steps):
    state, total = start, 0.0
    for _ in range(steps):
        state = torch.einsum("s,sa,sax->x", state, policy, transition)
        total = total + state @ (policy * reward).sum(-1)
    return total


def last_step_only(start, transition, reward, policy, steps):
    value = (policy * reward).sum(-1)
    for _ in range(steps - 1):
        value = (policy * (transition @ value)).sum(-1)
    return start @ value


def never_moved(start, transition, reward, policy, steps):
    return steps * (start @ (policy * reward).sum(-1))


def mean_over_steps(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (policy * (reward + transition @ value)).sum(-1)
    return start @ value / steps


def from_state_0(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (policy * (reward + transition @ value)).sum(-1)
    return value[0]


def from_any_state(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (policy * (reward + transition @ value)).sum(-1)
    return value.mean()


def of_every_state(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (policy * (reward + transition @ value)).sum(-1)
    return value


def discounted(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (policy * (reward + 0.99 * transition @ value)).sum(-1)
    return start @ value


def discounted_more(start, transition, reward, policy, steps):
    value = torch.zeros_like(start)
    for _ in range(steps):
        value = (policy * (reward + 0.9 * transition @ value)).sum(-1)
    return start @ value


def forwards(start, transition, reward, policy, steps):
    state, total = start, 0.0
    for _ in range(steps):
        both = state[:, None] * policy
        total = total + (both * reward).sum()
        state = torch.einsum("sa,sax->x", both, transition)
    return total


def by_enumeration(start, transition, reward, policy, steps):
    move, earned, pi = transition.tolist(), reward.tolist(), policy.tolist()
    paths = [(p, 0.0, s) for s, p in enumerate(start.tolist())]
    for _ in range(steps):
        paths = [
            (p * pi[s][a] * chance, total + earned[s][a], after)
            for p, total, s in paths
            for a in range(len(pi[s]))
            for after, chance in enumerate(move[s][a])
            if p > 0
        ]
    return sum(p * total for p, total, _ in paths)


def with_matrices(start, transition, reward, policy, steps):
    pi = policy.numpy().astype(float)
    move = np.einsum("sa,sax->sx", pi, transition.numpy().astype(float))
    paid = (pi * reward.numpy()).sum(1)
    powers = sum(np.linalg.matrix_power(move, t) for t in range(steps))
    return start.numpy() @ powers @ paid


def case(label: str, start, transition, reward, policy, steps: int, dtype=torch.float64) -> Case:
    tables = {"start": start, "transition": transition, "reward": reward, "policy": policy}
    made = {name: torch.tensor(table, dtype=dtype) for name, table in tables.items()}
    return Case(label, {**made, "steps": steps})


STAY, GO = [[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]
TWO = [[STAY[0], GO[0]], [STAY[1], STAY[1]]]
SLIPPERY = [[[0.7, 0.3], [0.2, 0.8]], [[0.4, 0.6], [0.9, 0.1]]]
ASSISTANT = [
    [[0.0, 0.0, 1.0], [0.2, 0.8, 0.0]],
    [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]],
    [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]],
]
PAY = [[0.3, -0.1], [1.0, -0.1], [0.0, 0.0]]
THREE = [
    [[0.1, 0.6, 0.3], [0.5, 0.2, 0.3]],
    [[0.0, 0.3, 0.7], [0.8, 0.1, 0.1]],
    [[0.6, 0.0, 0.4], [0.3, 0.3, 0.4]],
]

PUBLIC = [
    case("the worked example", [1.0, 0.0], TWO, [[1.0, 0.0], [2.0, 4.0]], [[0.5, 0.5]] * 2, 2),
    case(
        "one step", [0.25, 0.75], SLIPPERY, [[1.0, 3.0], [-2.0, 5.0]], [[0.4, 0.6], [0.9, 0.1]], 1
    ),
    case("two states", [0.25, 0.75], SLIPPERY, [[1, 3], [-2, 5]], [[0.4, 0.6], [0.9, 0.1]], 4),
    case("the assistant", [1.0, 0.0, 0.0], ASSISTANT, PAY, [[0.3, 0.7], [0.9, 0.1], [0.5, 0.5]], 3),
    case(
        "three states, a policy that is certain",
        [0.2, 0.5, 0.3],
        THREE,
        [[1.0, -1.0], [0.5, 2.0], [3.0, 0.0]],
        [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]],
        3,
    ),
]


def private(rng: np.random.Generator) -> list[Case]:
    def drawn(label: str, S: int, A: int, steps: int, ends: bool = False, **options) -> Case:
        transition = rng.dirichlet([0.8] * S, (S, A))
        reward = rng.normal(size=(S, A)) + rng.integers(-1, 3, (S, A))
        if ends:
            transition[-1], reward[-1] = np.eye(S)[-1], 0.0
        start, policy = rng.dirichlet([2.0] * S), rng.dirichlet([1.0] * A, S)
        return case(label, start, transition, reward, policy, steps, **options)

    return [
        drawn("two states, five steps", 2, 2, 5),
        drawn("four states, three actions", 4, 3, 3),
        drawn("an end", 4, 2, 3, ends=True),
        drawn("five actions", 2, 5, 2),
        drawn("one state", 1, 3, 4),
        drawn("one step", 3, 2, 1),
        drawn("numbers of 32 bits", 3, 2, 4, dtype=torch.float32),
    ]


EXERCISE = Exercise(
    number="4.1",
    answer=expected_return,
    points=4,
    minutes=20,
    difficulty=2,
    public=PUBLIC,
    private=private,
    besides="other tables and sizes, among them a single state, five actions, and 32-bit numbers.",
    wrong={
        one_step_too_few: "One step is missing: `steps` actions are taken, and each is paid.",
        one_step_too_many: "That is one step too many: after the last action nothing is paid.",
        best_action: "This is what the best policy would earn. The given policy takes each action "
        "with its own probability: average, don't maximise.",
        likeliest_action: "This always takes the policy's most likely action. The others are taken "
        "too, as often as the policy says.",
        policy_ignored: "This takes every action equally often. Weight the actions by the policy.",
        policy_left_out: "This adds up the actions as if all of them were taken. Only one is, with "
        "the probability that the policy gives it.",
        likeliest_next_state: "This always moves to the most likely next state. Average over all "
        "next states, weighted by the transition function.",
        backwards_in_time: "States and next states are swapped. The last axis of `transition` is "
        "the next state; that is the axis to sum over for what is still to come.",
        axes_swapped: "States and next states are swapped. The last axis of `transition` is "
        "the next state; that is the axis to sum over for what is still to come.",
        moved_before_paid: "Here the first move comes before the first reward. The first reward is "
        "earned in the first state.",
        last_step_only: "This is the expected reward of the last step only. The return adds up the "
        "rewards of all steps.",
        never_moved: "Here the state never changes: the first step is paid `steps` times. Where "
        "does each action lead?",
        mean_over_steps: "This is the mean reward of a step. The return is a sum over the steps.",
        from_state_0: "This starts in state 0 always. The first state is drawn from `start`.",
        from_any_state: "This starts in each state equally often. The first state is drawn from "
        "`start`.",
        of_every_state: "This is the expected return from each state. One number is left when they "
        "are weighted by the probabilities of the first state.",
        discounted: "Later rewards count less here, by a discount factor. In this course all "
        "rewards count the same.",
        discounted_more: "Later rewards count less here, by a discount factor. In this course all "
        "rewards count the same.",
    },
    right=[forwards, by_enumeration, with_matrices],
)
