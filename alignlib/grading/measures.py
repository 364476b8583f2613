"""What is compared of an answer: itself, or what follows from it.

Each is given the inputs of a call, with what else is known of the case, and the answer to it. A
sampled answer is compared by its frequencies, a reward by what a policy that maximises it does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from alignlib.grading.compare import shown

BETA = 0.02
"""The price of a nat for the policy that maximises a reward."""


def itself(inputs: Mapping[str, Any], answer: Any) -> Any:
    """The answer as it is."""
    return answer


def frequencies(inputs: Mapping[str, Any], answer: Any) -> dict[str, Any]:
    """Of many sampled trajectories of ``(state, action, reward)``: what happens how often.

    The inputs have a ``transition`` (S, A, S), a ``reward`` (S, A) and a ``policy`` (S, A).

    Returns:
        ``repeats with its seed``; ``differs from call to call``; ``steps``, the mean length;
        ``return``, the mean sum of rewards; ``impossible``, the mean number of rewards that the
        world does not pay and of moves that it does not make; ``visits``, (S, A) how often a
        trajectory takes an action in a state; ``first state``, (S,).

    Raises:
        ValueError: if an answer is no such trajectory.
    """
    moves, pays = np.asarray(inputs["transition"]), np.asarray(inputs["reward"])
    draws, again = _trajectories(answer["draws"], pays.shape), answer["again"]
    visits = np.zeros(pays.shape)
    first = np.zeros(len(pays))
    steps, returns, impossible = 0, 0.0, 0
    for trajectory in draws:
        for state, action, reward in trajectory:
            visits[state, action] += 1
            returns += reward
            impossible += abs(reward - pays[state, action]) > 1e-4
        for (state, action, _), (after, _, _) in itertools.pairwise(trajectory):
            impossible += moves[state, action, after] == 0
        steps += len(trajectory)
        first[trajectory[0][0]] += 1
    n = len(draws)
    return {
        "repeats with its seed": answer["draws"][: len(again)] == again,
        "differs from call to call": len({tuple(each) for each in draws}) > 1,
        "steps": steps / n,
        "return": returns / n,
        "impossible": float(impossible / n),
        "visits": visits / n,
        "first state": first / n,
    }


def _trajectories(draws: Any, shape: tuple[int, ...]) -> list[list[tuple[int, int, float]]]:
    made = []
    for draw in draws:
        steps = isinstance(draw, list) and all(isinstance(s, list) and len(s) == 3 for s in draw)
        if not steps or not draw:
            raise ValueError(
                "a trajectory is a list of (state, action, reward), with at least one step"
            )
        trajectory = [(int(state), int(action), float(reward)) for state, action, reward in draw]
        whole = all(state % 1 == action % 1 == 0 for state, action, _ in draw)
        if not whole or any(
            not (0 <= s < shape[0] and 0 <= a < shape[1]) for s, a, _ in trajectory
        ):
            raise ValueError("a trajectory has a state or an action that the world does not have")
        made.append(trajectory)
    return made


def optimised(inputs: Mapping[str, Any], answer: Any) -> dict[str, float]:
    """How often each kind of completion is said by the policy that maximises a reward on a leash.

    ``kinds`` names the kind of each completion. See :func:`_best_policy`.
    """
    policy = _best_policy(inputs, answer)
    kinds = np.asarray(inputs["kinds"])
    every = dict.fromkeys(inputs["kinds"])
    prompts = len(set(inputs["prompts"]))
    return {str(k): round(float(policy[kinds == k].sum()) / prompts, 6) for k in every}


def what_it_says(inputs: Mapping[str, Any], answer: Any) -> str:
    """The completion of the policy that maximises a reward that is worst, in words."""
    policy = _best_policy(inputs, answer)
    hacks = np.asarray(inputs["kinds"]) != "honest"
    worst = int(np.argmax(np.where(hacks, policy, -1)))
    prompt, said = inputs["prompts"][worst], inputs["completions"][worst]
    return (
        f"to {shown(prompt)} the best policy says {shown(said)} with probability "
        f"{policy[worst]:.2g} ({inputs['kinds'][worst]})"
    )


def _best_policy(inputs: Mapping[str, Any], answer: Any) -> np.ndarray:
    """(n,) the best policy's probability of each completion among those of its prompt.

    It is p(y) proportional to exp(r(y) / beta), from a uniform start.
    """
    rewards = np.asarray(answer, float)
    count = len(inputs["completions"])
    if rewards.shape != (count,):
        raise ValueError(
            f"one reward for each of {count} completions was expected, this has the shape "
            f"{rewards.shape}"
        )
    if np.isnan(rewards).any():
        raise ValueError("a reward is not a number (NaN)")
    if rewards.min() < -1e-6 or rewards.max() > 1 + 1e-6:
        raise ValueError("rewards have to be from 0 to 1")
    prompts = np.asarray(inputs["prompts"])
    policy = np.zeros(count)
    for prompt in set(inputs["prompts"]):
        mine = prompts == prompt
        weight = np.exp((rewards[mine] - rewards[mine].max()) / BETA)
        policy[mine] = weight / weight.sum()
    return policy


MEASURES: dict[str, Callable[[Mapping[str, Any], Any], Any]] = {
    "itself": itself,
    "frequencies": frequencies,
    "optimised": optimised,
}
"""By name, what is compared."""

EXPLANATIONS: dict[str, Callable[[Mapping[str, Any], Any], str]] = {"optimised": what_it_says}
"""By name of a measure, a difference in words, where the measure alone says little."""
