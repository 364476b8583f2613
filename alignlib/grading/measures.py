"""What is compared of an answer: itself, or what follows from it.

Each is given the inputs of a call, with what else is known of the case, and the answer to it. A
sampled answer is compared by its frequencies, a reward by what a policy that maximises it does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

BETA = 0.02
"""The price of a nat for the policy that maximises a reward."""


def itself(inputs: Mapping[str, Any], answer: Any) -> Any:
    """The answer as it is."""
    return answer


def frequencies(inputs: Mapping[str, Any], answer: Any) -> dict[str, Any]:
    """Of many sampled trajectories of ``(state, action, reward)``: what happens how often.

    The inputs have a ``transition`` (S, A, S), a ``reward`` (S, A) and a ``policy`` (S, A).

    Returns:
        ``repeats with its seed``; ``steps``, the mean length; ``return``, the mean sum of rewards;
        ``impossible``, the mean number of rewards that the world does not pay and of moves that it
        does not make; ``visits``, (S, A) how often a trajectory takes an action in a state; ``first
        state``, (S,).
    """
    moves, pays = np.asarray(inputs["transition"]), np.asarray(inputs["reward"])
    visits = np.zeros(pays.shape)
    first = np.zeros(len(pays))
    steps, returns, impossible = 0, 0.0, 0
    draws = answer["draws"]
    for trajectory in draws:
        for state, action, reward in trajectory:
            visits[int(state), int(action)] += 1
            returns += float(reward)
            impossible += abs(float(reward) - pays[int(state), int(action)]) > 1e-4
        for (state, action, _), (after, _, _) in itertools.pairwise(trajectory):
            impossible += moves[int(state), int(action), int(after)] == 0
        steps += len(trajectory)
        first[int(trajectory[0][0])] += 1
    n = len(draws)
    again = answer["again"]
    return {
        "repeats with its seed": draws[: len(again)] == again,
        "steps": steps / n,
        "return": returns / n,
        "impossible": float(impossible / n),
        "visits": visits / n,
        "first state": first / n,
    }


def optimised(inputs: Mapping[str, Any], answer: Any) -> dict[str, float]:
    """How often each kind of completion is said by the policy that maximises a reward on a leash.

    Among the completions of a prompt it is p(y) proportional to exp(r(y) / beta), from a uniform
    start. ``kinds`` names the kind of each completion.
    """
    rewards = np.asarray(answer, float)
    if rewards.shape != (len(inputs["completions"]),):
        raise ValueError(
            f"one reward for each of {len(inputs['completions'])} completions was expected, "
            f"this has the shape {rewards.shape}"
        )
    if not np.isfinite(rewards).all() or rewards.min() < -1e-6 or rewards.max() > 1 + 1e-6:
        raise ValueError("rewards have to be from 0 to 1")
    prompts = np.asarray(inputs["prompts"])
    kinds = np.asarray(inputs["kinds"])
    said: dict[str, float] = {str(kind): 0.0 for kind in dict.fromkeys(inputs["kinds"])}
    every = list(dict.fromkeys(prompts.tolist()))
    for prompt in every:
        mine = prompts == prompt
        weight = np.exp((rewards[mine] - rewards[mine].max()) / BETA)
        for kind, share in zip(kinds[mine], weight / weight.sum(), strict=True):
            said[str(kind)] += float(share) / len(every)
    return {kind: round(share, 6) for kind, share in said.items()}


MEASURES: dict[str, Callable[[Mapping[str, Any], Any], Any]] = {
    "itself": itself,
    "frequencies": frequencies,
    "optimised": optimised,
}
