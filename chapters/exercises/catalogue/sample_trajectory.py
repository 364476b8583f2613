"""One trial: a trajectory drawn step by step, from the policy and from the world."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise
from alignlib.grading.inside.codec import Generator


def sample_trajectory(
    start: torch.Tensor,
    transition: torch.Tensor,
    reward: torch.Tensor,
    policy: torch.Tensor,
    terminal: torch.Tensor,
    steps: int,
    generator: torch.Generator,
) -> list[tuple[int, int, float]]:
    """Draw one trajectory: what was seen, done and earned, in the order in which it
    happened.

    It ends after ``steps`` actions, or earlier, as soon as a terminal state is
    reached. Nothing is done or earned in a terminal state, so none is in the list.
    The first state is never terminal. All chance comes from ``generator``: the same
    seed gives the same trajectory.

    Args:
        start: (S,) float, p(s_1), the probabilities of the first state.
        transition: (S, A, S) float, p(s' | s, a); the last axis is the next state
            s'.
        reward: (S, A) float, r(s, a), earned by the action in the state where it is
            taken.
        policy: (S, A) float, pi(a | s).
        terminal: (S,) bool, True for the states where a trajectory is over.
        steps: T, the most actions that are taken, at least 1.
        generator: of all random numbers. It goes on from where it is: don't seed it
            anew.

    Returns:
        A list of (state, action, reward), one for each step: two ints and a float.
    """
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def second_draw(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def likeliest_action(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(policy[state].argmax())
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def any_action(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.randint(policy.shape[1], (), generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def likeliest_next_state(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(transition[state, action].argmax())
        if terminal[state]:
            break
    return trajectory


def always_state_0(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = 0
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def likeliest_start(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(start.argmax())
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def one_step_too_few(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps - 1):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def one_step_too_many(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps + 1):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def never_ends(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
    return trajectory


def acts_at_the_end(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        if terminal[state]:
            break
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
    return trajectory


def reward_of_the_next_state(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        after = int(torch.multinomial(transition[state, action], 1, generator=generator))
        trajectory.append((state, action, float(reward[after, action])))
        state = after
        if terminal[state]:
            break
    return trajectory


def next_state_recorded(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        after = int(torch.multinomial(transition[state, action], 1, generator=generator))
        trajectory.append((after, action, float(reward[state, action])))
        state = after
        if terminal[state]:
            break
    return trajectory


def moves_by_action_0(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, 0], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def never_moves(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
    return trajectory


def starts_over(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    for _ in range(steps):
        state = int(torch.multinomial(start, 1, generator=generator))
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def return_so_far(start, transition, reward, policy, terminal, steps, generator):
    trajectory, total = [], 0.0
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        total += float(reward[state, action])
        trajectory.append((state, action, total))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def global_generator(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1))
        if terminal[state]:
            break
    return trajectory


def ends_before_noting(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        after = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[after]:
            break
        trajectory.append((state, action, float(reward[state, action])))
        state = after
    return trajectory


def end_noted(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            trajectory.append((state, 0, 0.0))
            break
    return trajectory


def three_lists(start, transition, reward, policy, terminal, steps, generator):
    states, actions, rewards = [], [], []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        states.append(state)
        actions.append(action)
        rewards.append(float(reward[state, action]))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return states, actions, rewards


def nothing_noted(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def nothing_returned(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break


def another_order(start, transition, reward, policy, terminal, steps, generator):
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, float(reward[state, action]), action))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def seeded_anew(start, transition, reward, policy, terminal, steps, generator):
    generator.manual_seed(0)
    trajectory = []
    state = int(torch.multinomial(start, 1, generator=generator))
    for _ in range(steps):
        action = int(torch.multinomial(policy[state], 1, generator=generator))
        trajectory.append((state, action, float(reward[state, action])))
        state = int(torch.multinomial(transition[state, action], 1, generator=generator))
        if terminal[state]:
            break
    return trajectory


def by_cumulated_sums(start, transition, reward, policy, terminal, steps, generator):
    def draw(probabilities):
        u = torch.rand((), generator=generator, dtype=torch.float64)
        place = int((probabilities.double().cumsum(0) <= u).sum())
        return min(place, len(probabilities) - 1)

    state, trajectory = draw(start), []
    while len(trajectory) < steps and not terminal[state]:
        action = draw(policy[state])
        trajectory.append([state, action, reward[state, action].item()])
        state = draw(transition[state, action])
    return trajectory


def by_a_race(start, transition, reward, policy, terminal, steps, generator):
    def draw(probabilities):
        times = torch.empty_like(probabilities).exponential_(generator=generator)
        return (probabilities / times).argmax()

    trajectory = []
    state = draw(start)
    for _ in range(steps):
        action = draw(policy[state])
        trajectory.append((state, action, reward[state, action]))
        state = draw(transition[state, action])
        if terminal[state]:
            return trajectory
    return trajectory


def with_numpy(start, transition, reward, policy, terminal, steps, generator):
    seed = int(torch.randint(2**31, (), generator=generator))
    rng = np.random.RandomState(seed)
    state = rng.choice(len(start), p=start.numpy())
    trajectory = []
    for _ in range(steps):
        action = rng.choice(policy.shape[1], p=policy[state].numpy())
        trajectory.append((int(state), int(action), float(reward[state, action])))
        state = rng.choice(len(start), p=transition[state, action].numpy())
        if terminal[state]:
            break
    return trajectory


TWO = {
    "start": [0.25, 0.75],
    "transition": [[[0.95, 0.05], [0.45, 0.55]], [[0.6, 0.4], [0.05, 0.95]]],
    "reward": [[1.0, 2.0], [4.0, 8.0]],
    "policy": [[0.7, 0.3], [0.7, 0.3]],
    "terminal": [False, False],
}
"""Nothing ends."""

FOUR = {
    "start": [0.2, 0.6, 0.2, 0.0],
    "transition": [
        [[0.0, 0.58, 0.0, 0.42], [0.0, 0.9, 0.1, 0.0], [0.7, 0.0, 0.3, 0.0]],
        [[0.0, 0.0, 0.58, 0.42], [0.1, 0.0, 0.9, 0.0], [0.9, 0.0, 0.1, 0.0]],
        [[0.0, 0.0, 0.58, 0.42], [0.9, 0.0, 0.1, 0.0], [0.7, 0.1, 0.2, 0.0]],
        [[0.0, 0.0, 0.0, 1.0]] * 3,
    ],
    "reward": [[2.0, 3.0, 2.0], [8.0, 4.0, 9.0], [2.0, 3.0, 4.0], [0.0, 0.0, 0.0]],
    "policy": [[0.35, 0.6, 0.05], [0.6, 0.1, 0.3], [0.6, 0.35, 0.05], [0.6, 0.2, 0.2]],
    "terminal": [False, False, False, True],
}
"""The last state ends a trajectory. Each action in another way: the first ends many."""


def case(label: str, world: dict, steps: int, seed: int) -> Case:
    tables = {name: torch.as_tensor(np.array(table)) for name, table in world.items()}
    return Case(label, {**tables, "steps": steps, "generator": Generator(seed)})


PUBLIC = [
    case("two states, two steps", TWO, 2, 0),
    case("an end, at most four steps", FOUR, 4, 1),
    case("one step", TWO, 1, 2),
]


def private(rng: np.random.Generator) -> list[Case]:
    def like(world: dict) -> dict:
        """The same, with other names of states and actions and with slightly other numbers."""
        tables = {name: np.array(table) for name, table in world.items()}
        for name in ("start", "transition", "policy"):
            table = tables[name] * rng.uniform(0.93, 1.07, tables[name].shape)
            tables[name] = table / table.sum(-1, keepdims=True)
        tables["reward"] = tables["reward"] * rng.uniform(0.9, 1.1, tables["reward"].shape)
        s, a = rng.permutation(len(tables["start"])), rng.permutation(tables["policy"].shape[1])
        while tables["start"][s].argmax() == 0:  # else always_state_0 may equal likeliest_start
            s = rng.permutation(len(s))
        return {
            "start": tables["start"][s],
            "transition": tables["transition"][s][:, a][:, :, s],
            "reward": tables["reward"][s][:, a],
            "policy": tables["policy"][s][:, a],
            "terminal": tables["terminal"][s],
        }

    seeds = [int(seed) for seed in rng.integers(1, 2**31, 3)]
    return [
        case("an end, at most five steps", like(FOUR), 5, seeds[0]),
        case("two states, two steps", like(TWO), 2, seeds[1]),
        case("an end, at most three steps", like(FOUR), 3, seeds[2]),
    ]


EXERCISE = Exercise(
    number="4.2",
    answer=sample_trajectory,
    points=4,
    minutes=25,
    difficulty=2,
    public=PUBLIC,
    private=private,
    besides="worlds with other numbers and names of states, other lengths, and other seeds.",
    wrong={
        second_draw: "The world moves by another action than the one you noted: draw the action "
        "once, and use it for both.",
        likeliest_action: "This always takes the most likely action. A stochastic policy draws its "
        "action, as often as its probabilities say.",
        any_action: "This takes every action equally often. Draw the action from the policy's row "
        "of the state.",
        likeliest_next_state: "This always moves to the most likely next state. The world draws "
        "it, as often as `transition` says.",
        always_state_0: "This always starts in state 0. The first state is drawn from `start`.",
        likeliest_start: "This always starts in the most likely state. The first state is drawn "
        "from `start`.",
        one_step_too_few: "One step is missing: there are up to `steps` actions.",
        one_step_too_many: "That is one step too many: there are up to `steps` actions, and the "
        "state that the last one leads to is not in the list.",
        never_ends: "This goes on in terminal states. The trajectory is over when one is reached.",
        acts_at_the_end: "The terminal state is in the list. Nothing is done or earned there: the "
        "list ends with the action that leads to it.",
        end_noted: "The terminal state is in the list. Nothing is done or earned there: the "
        "list ends with the action that leads to it.",
        ends_before_noting: "The action that leads to the end is missing: it was taken and earned "
        "something.",
        reward_of_the_next_state: "This pays for the next state. r(s, a) is for the state where "
        "the action was taken.",
        next_state_recorded: "This notes the state that the action leads to. Note the one in which "
        "it was taken.",
        moves_by_action_0: "The world does not see which action was taken: the next state is that "
        "of action 0 always.",
        never_moves: "The state never changes. After each action, draw the next one.",
        starts_over: "Each step draws its state from `start` again. Only the first one is; the "
        "next is drawn from the transition function.",
        return_so_far: "This notes the sum of the rewards so far. Note the reward of each step.",
        global_generator: "The frequencies are right, but the same seed gives other trajectories: "
        "give every draw the `generator`.",
        seeded_anew: "Every call gives the same trajectory: the generator is seeded anew inside. "
        "Use it as it is given, and let it go on.",
        three_lists: "This is no list of steps. Return a list with one tuple (state, action, "
        "reward) for each step: not three lists, and not an empty one. Is there an `append`, and a "
        "`return`?",
        nothing_noted: "This is no list of steps. Return a list with one tuple (state, action, "
        "reward) for each step: not three lists, and not an empty one. Is there an `append`, and a "
        "`return`?",
        nothing_returned: "This is no list of steps. Return a list with one tuple (state, action, "
        "reward) for each step: not three lists, and not an empty one. Is there an `append`, and a "
        "`return`?",
        another_order: "A step has a state or an action that does not exist. Is the order (state, "
        "action, reward), and are both counted from 0?",
    },
    right=[by_cumulated_sums, by_a_race, with_numpy],
    style="draws",
    measure="frequencies",
    tolerance=0.25,
)
