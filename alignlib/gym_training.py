"""REINFORCE in Gymnasium's environments, many copies side by side.

Implements the algorithm of chapter 5 with :func:`alignlib.policy_gradient.policy_gradient_loss`:
each update runs every copy from a fresh start to its end, takes one gradient step, and throws the
data away.

Left out: continuous actions, discounting, bootstrapping at the time limit (a trajectory that is cut
off counts as ended, which makes the limit a part of the task), and reusing data.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, get_args

import gymnasium
import numpy as np
import pandas as pd
import torch
from gymnasium.spaces import Box, Discrete
from gymnasium.vector import VectorEnv
from torch import Tensor, nn
from tqdm.auto import tqdm

from alignlib.errors import PolicyGradientError
from alignlib.policy_gradient import (
    Baseline,
    Credit,
    MeanOver,
    policy_gradient_loss,
    value_loss,
)

__all__ = ["Episodes", "Optimizer", "Training", "collect", "train"]

Optimizer = Literal["adam", "sgd"]
"""How the gradient becomes a step."""

SOLVED_OVER = 100
"""How many of the latest episodes ``stop_at`` looks at, as Gymnasium's own thresholds do."""


@dataclass(frozen=True)
class Episodes:
    """N episodes, one of each copy, filled up to the longest.

    Attributes:
        observations: (N, T, F) what the agent saw, one-hot where it is a number.
        actions: (N, T).
        rewards: (N, T), 0 after the end.
        mask: (N, T) bool, True before the end.
    """

    observations: Tensor
    actions: Tensor
    rewards: Tensor
    mask: Tensor


@dataclass(frozen=True)
class Training:
    """What :func:`train` made.

    Attributes:
        policy: a network from observations (..., F) to logits (..., A).
        history: one row for each update: ``update``, ``episodes`` and ``steps`` so far, ``return``
            (the mean over this update's episodes), ``recent`` (over the latest 100) and ``length``.
    """

    policy: nn.Module
    history: pd.DataFrame


def train(
    env_id: str,
    *,
    updates: int,
    episodes_per_update: int = 32,
    learning_rate: float = 0.01,
    optimizer: Optimizer = "adam",
    hidden: int = 32,
    credit: Credit = "reward-to-go",
    baseline: Baseline | str = "leave-one-out",
    mean_over: MeanOver = "trajectories",
    stop_at: float | None = None,
    seed: int = 0,
    progress: bool = True,
    **options: Any,
) -> Training:
    """Train a softmax policy with REINFORCE.

    The same seed gives the same training on the same machine. Observations that are numbers get a
    table of logits; others get a network with one hidden layer of tanh units.

    Args:
        env_id: a Gymnasium environment with discrete actions.
        updates: the most gradient steps.
        episodes_per_update: N, the copies that run side by side.
        learning_rate: for the policy and for a learnt baseline.
        optimizer: ``"adam"``, or ``"sgd"`` for plain ascent, eq. (ascent). Where rewards are rare,
            Adam makes large steps of the noise before the first success; plain ascent waits.
        hidden: units of the hidden layers.
        credit, mean_over: as for :func:`alignlib.policy_gradient.policy_gradient_loss`.
        baseline: as there, or ``"learnt"``: a network of the observation, fitted to the
            reward-to-go after each step of the policy.
        stop_at: stop when the latest 100 episodes have this mean return.
        seed: of the networks, the actions and the environments.
        progress: show a bar.
        options: of the environment, such as ``is_slippery=False``.

    Raises:
        PolicyGradientError: if actions or observations are of another kind, or an option is
            unknown.
    """
    env = _vector_env(env_id, episodes_per_update, options)
    try:
        generator = torch.Generator().manual_seed(seed)
        features, n_actions = _sizes(env, env_id)
        units = None if isinstance(env.single_observation_space, Discrete) else hidden
        policy = _network(features, n_actions, units, generator)
        critic = _network(features, 1, units, generator) if baseline == "learnt" else None
        parameters = [*policy.parameters(), *(critic.parameters() if critic else [])]
        if optimizer not in get_args(Optimizer):
            raise PolicyGradientError(
                f"optimizer is {optimizer!r}; use one of {get_args(Optimizer)}."
            )
        method = torch.optim.Adam if optimizer == "adam" else torch.optim.SGD
        ascent = method(parameters, learning_rate)
        env.reset(seed=seed)
        rows: list[dict[str, float]] = []
        recent = np.zeros(0)
        episodes = steps = 0
        bar = tqdm(range(updates), desc=env_id, disable=not progress)
        for update in bar:
            # 1. Trial: every copy, from a fresh start to its end.
            run = collect(env, policy, generator)
            # 2. Error: the returns.
            finished = run.rewards.sum(-1)  # (N,)
            # 3. Learn: one step of gradient ascent.
            logprobs = _logprobs(policy, run)
            values = critic(run.observations).squeeze(-1) if critic else None
            loss = policy_gradient_loss(
                logprobs,
                run.rewards,
                run.mask,
                credit=credit,
                baseline=baseline if values is None else values,  # type: ignore[arg-type]
                mean_over=mean_over,
            )
            if values is not None:
                loss = loss + value_loss(values, run.rewards, run.mask)
            ascent.zero_grad()
            loss.backward()
            ascent.step()

            recent = np.concatenate([recent, finished.numpy()])[-SOLVED_OVER:]
            episodes += len(finished)
            steps += int(run.mask.sum())
            rows.append(
                {
                    "update": update,
                    "episodes": episodes,
                    "steps": steps,
                    "return": float(finished.mean()),
                    "recent": float(recent.mean()),
                    "length": float(run.mask.sum(-1).double().mean()),
                }
            )
            bar.set_postfix({"return": f"{rows[-1]['return']:.3g}"})
            if stop_at is not None and len(recent) == SOLVED_OVER and recent.mean() >= stop_at:
                break
        bar.close()
    finally:
        env.close()
    return Training(policy, pd.DataFrame(rows))


@torch.no_grad()
def collect(
    env: VectorEnv[Any, Any, Any], policy: nn.Module, generator: torch.Generator
) -> Episodes:
    """Run every copy once, from a fresh start to its end.

    One episode of each copy, however long: to take a fixed number of *steps* would favour short
    episodes, which end more often.

    Args:
        env: N copies of an environment.
        policy: from observations (N, F) to logits (N, A).
        generator: of the random numbers that choose the actions.
    """
    seen, _ = env.reset()
    running = torch.ones(env.num_envs, dtype=torch.bool)
    columns: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []
    while running.any():
        observation = _features(env, seen)  # (N, F)
        probabilities = policy(observation).softmax(-1)
        action = torch.multinomial(probabilities, 1, generator=generator).squeeze(-1)  # (N,)
        seen, earned, terminated, truncated, _ = env.step(action.numpy())
        # A copy that has ended begins anew by itself; its later steps are masked.
        reward = torch.where(running, torch.as_tensor(earned, dtype=torch.float32), 0.0)
        columns.append((observation, action, reward, running))
        running = running & ~torch.as_tensor(terminated | truncated)
    observations, actions, rewards, mask = (
        torch.stack(list(column), 1) for column in zip(*columns, strict=True)
    )
    return Episodes(observations, actions, rewards, mask)


def _logprobs(policy: nn.Module, run: Episodes) -> Tensor:
    """(N, T) log pi(a_t | s_t), with its graph."""
    every = policy(run.observations).log_softmax(-1)  # (N, T, A)
    chosen: Tensor = every.gather(-1, run.actions[..., None]).squeeze(-1)
    return chosen


def _vector_env(env_id: str, copies: int, options: dict[str, Any]) -> VectorEnv[Any, Any, Any]:
    """The environment's own vectorised form where it has one, else copies in a row."""
    has_own = gymnasium.spec(env_id).vector_entry_point is not None
    mode = "vector_entry_point" if has_own else "sync"
    return gymnasium.make_vec(env_id, copies, vectorization_mode=mode, **options)


def _sizes(env: VectorEnv[Any, Any, Any], env_id: str) -> tuple[int, int]:
    """F, the features of an observation, and A, the number of actions."""
    actions, observations = env.single_action_space, env.single_observation_space
    if not isinstance(actions, Discrete):
        raise PolicyGradientError(f"{env_id} has actions {actions}; use discrete ones.")
    if isinstance(observations, Discrete):
        return int(observations.n), int(actions.n)
    if isinstance(observations, Box) and len(observations.shape) == 1:
        return observations.shape[0], int(actions.n)
    raise PolicyGradientError(
        f"{env_id} has observations {observations}; use numbers or flat vectors."
    )


def _features(env: VectorEnv[Any, Any, Any], seen: np.ndarray) -> Tensor:
    """(N, F) the observations as the networks read them."""
    space = env.single_observation_space
    if isinstance(space, Discrete):
        return nn.functional.one_hot(torch.as_tensor(seen), int(space.n)).float()
    return torch.as_tensor(seen, dtype=torch.float32).clone()


def _network(
    features: int, outputs: int, hidden: int | None, generator: torch.Generator
) -> nn.Sequential:
    """A table (no hidden layer) or a small network; its outputs begin at 0."""
    widths = [features, outputs] if hidden is None else [features, hidden, outputs]
    layers: list[nn.Module] = []
    for number, (ins, outs) in enumerate(pairwise(widths)):
        layer = nn.utils.skip_init(nn.Linear, ins, outs, bias=hidden is not None)
        last = number == len(widths) - 2
        with torch.no_grad():
            if last:
                layer.weight.zero_()
            else:
                nn.init.orthogonal_(layer.weight, 2**0.5, generator=generator)
            if layer.bias is not None:
                layer.bias.zero_()
        layers += [layer] if last else [layer, nn.Tanh()]
    return nn.Sequential(*layers)
