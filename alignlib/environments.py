"""Decision processes to learn in: one made by hand, Gymnasium's tables, and texts.

The text process is the lecture's picture of a language model as an agent: states are prefixes,
actions are tokens, and the policy is a language model, here a table small enough to enumerate.

Left out: rewards of Gymnasium that depend on the next state are replaced by their mean, so a
trajectory's rewards differ from the environment's, and every expected return is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import gymnasium
import torch

from alignlib.errors import MDPError
from alignlib.mdp import MDP

__all__ = ["assistant_mdp", "from_gymnasium", "text_mdp"]


def assistant_mdp(understood: float = 0.8, horizon: int = 3) -> MDP:
    """An assistant with an unclear request: it can answer at once, or ask back first.

    Asking costs 0.1 and makes the request clear with probability ``understood``. An answer to a
    clear request is worth 1, to an unclear one 0.3, and it ends the conversation.

    Raises:
        MDPError: if ``understood`` is no probability, or the horizon is less than 1.
    """
    unclear, clear, done = range(3)
    answer, ask = range(2)
    transition = torch.zeros(3, 2, 3, dtype=torch.float64)
    transition[:, answer, done] = 1.0
    transition[unclear, ask, clear] = understood
    transition[unclear, ask, unclear] = 1.0 - understood
    transition[clear, ask, clear] = 1.0
    transition[done, ask, done] = 1.0
    return MDP(
        initial=torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64),
        transition=transition,
        reward=torch.tensor([[0.3, -0.1], [1.0, -0.1], [0.0, 0.0]], dtype=torch.float64),
        horizon=horizon,
        terminal=torch.tensor([False, False, True]),
        state_names=("unclear", "clear", "done"),
        action_names=("answer", "ask"),
    )


def from_gymnasium(env_id: str, horizon: int | None = None, **options: Any) -> MDP:
    """The exact decision process of a Gymnasium toy-text environment.

    Args:
        env_id: ``"FrozenLake-v1"``, ``"CliffWalking-v1"``, ``"Taxi-v4"`` or another with a table.
        horizon: T; by default the environment's own limit of steps.
        options: of the environment, such as ``is_slippery=False`` or ``map_name="8x8"``.

    Returns:
        The process, with the environment's numbers for states and actions.

    Raises:
        MDPError: if the environment has no table of transitions, no limit of steps where none is
            given, or a state in which it ends only sometimes.
    """
    env = gymnasium.make(env_id, **options)
    limit = None if env.spec is None else env.spec.max_episode_steps
    toy: Any = env.unwrapped
    env.close()
    try:
        table, initial = toy.P, toy.initial_state_distrib
    except AttributeError as error:
        raise MDPError(
            f"{env_id} has no table of transitions: use a toy-text environment."
        ) from error
    if horizon is None and limit is None:
        raise MDPError(f"{env_id} has no limit of steps of its own: give a horizon.")
    S, A = len(table), len(table[0])
    transition = torch.zeros(S, A, S, dtype=torch.float64)
    reward = torch.zeros(S, A, dtype=torch.float64)
    for s, a in product(range(S), range(A)):
        for probability, after, earned, _ in table[s][a]:
            transition[s, a, after] += probability
            reward[s, a] += probability * earned
    terminal = torch.zeros(S, dtype=torch.bool)
    terminal[_ends(env_id, table, [s for s in range(S) if initial[s] > 0])] = True
    transition[terminal] = torch.eye(S, dtype=torch.float64)[terminal][:, None]
    reward[terminal] = 0.0
    return MDP(
        initial=torch.as_tensor(initial, dtype=torch.float64),
        transition=transition,
        reward=reward,
        horizon=int(horizon or limit or 0),
        terminal=terminal,
    )


def text_mdp(
    vocabulary: Sequence[str],
    max_tokens: int,
    reward: Callable[[tuple[str, ...]], float],
    end: str | None = None,
) -> MDP:
    """Writing as a decision process: states are prefixes, actions are tokens.

    The transition is certain: the token is put behind the prefix. The reward comes once, with the
    token that ends the text, and is that of the whole text. A policy (S, V) of this process is a
    language model: row s holds p(x_t | x_<t) for the prefix s.

    Args:
        vocabulary: V different tokens.
        max_tokens: T, where a text is cut off.
        reward: of a text, its tokens in order, the end included.
        end: the token that ends a text; None if only ``max_tokens`` does.

    Raises:
        MDPError: if the vocabulary is empty or repeats a token, or has no such end.
    """
    tokens = tuple(vocabulary)
    if not tokens or len(set(tokens)) != len(tokens):
        raise MDPError("The vocabulary is empty or repeats a token: give different tokens.")
    if end is not None and end not in tokens:
        raise MDPError(f"The end {end!r} is not in the vocabulary {tokens}.")
    inner = [token for token in tokens if token != end]
    prefixes = [prefix for t in range(max_tokens) for prefix in product(inner, repeat=t)]
    number = {prefix: s for s, prefix in enumerate(prefixes)}
    S, A, done = len(prefixes) + 1, len(tokens), len(prefixes)
    transition = torch.zeros(S, A, S, dtype=torch.float64)
    rewards = torch.zeros(S, A, dtype=torch.float64)
    transition[done, :, done] = 1.0
    for s, prefix in enumerate(prefixes):
        for a, token in enumerate(tokens):
            text = (*prefix, token)
            after = number.get(text, done) if token != end else done
            transition[s, a, after] = 1.0
            if after == done:
                rewards[s, a] = reward(text)
    initial = torch.zeros(S, dtype=torch.float64)
    initial[0] = 1.0
    terminal = torch.zeros(S, dtype=torch.bool)
    terminal[done] = True
    names = (*(" ".join(prefix) or "(empty)" for prefix in prefixes), "(complete)")
    return MDP(initial, transition, rewards, max_tokens, terminal, names, tokens)


def _ends(env_id: str, table: Mapping[int, Any], start: list[int]) -> list[int]:
    """The states in which an episode that begins in ``start`` is over."""
    open_states, ends, to_visit = set(start), set(), list(start)
    while to_visit:
        for outcomes in table[to_visit.pop()].values():
            for probability, after, _, over in outcomes:
                if probability > 0 and over:
                    ends.add(int(after))
                elif probability > 0 and int(after) not in open_states:
                    open_states.add(int(after))
                    to_visit.append(int(after))
    if ends & open_states:
        raise MDPError(f"{env_id} ends only sometimes in the states {sorted(ends & open_states)}.")
    return sorted(ends)
