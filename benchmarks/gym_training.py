"""How fast and how far the training loop goes: CartPole to 475, FrozenLake near its optimum.

    OMP_NUM_THREADS=1 python benchmarks/gym_training.py

Five seeds each; prints each run, then median and range. It takes about five minutes on one core.
"""

from __future__ import annotations

import statistics
import time

import torch

from alignlib.environments import from_gymnasium
from alignlib.exact import best_policy, expected_return
from alignlib.gym_training import train

SEEDS = range(5)


def cartpole() -> None:
    """Seconds, episodes and steps until the latest 100 episodes average 475."""
    seconds = []
    for seed in SEEDS:
        start = time.perf_counter()
        last = train("CartPole-v1", updates=300, stop_at=475.0, seed=seed, progress=False).history
        seconds.append(time.perf_counter() - start)
        row = last.iloc[-1]
        print(
            f"CartPole seed {seed}: {row['recent']:.0f} after {row['episodes']:,.0f} episodes, "
            f"{row['steps']:,.0f} steps, {seconds[-1]:.1f} s",
            flush=True,
        )
    report("CartPole, seconds to 475", seconds)


def lake() -> None:
    """The exact expected return of the learnt policy, beside the best one's."""
    mdp = from_gymnasium("FrozenLake-v1")
    print(f"FrozenLake: the best policy has {expected_return(mdp, best_policy(mdp)):.4f}")
    reached = []
    for seed in SEEDS:
        start = time.perf_counter()
        run = train(
            "FrozenLake-v1",
            updates=60,
            episodes_per_update=400,
            learning_rate=20.0,
            optimizer="sgd",
            seed=seed,
            progress=False,
        )
        policy = run.policy(torch.eye(mdp.n_states)).detach().double().softmax(-1)
        reached.append(expected_return(mdp, policy).item())
        print(
            f"FrozenLake seed {seed}: {reached[-1]:.4f}, {time.perf_counter() - start:.1f} s",
            flush=True,
        )
    report("FrozenLake, exact expected return", reached)


def report(name: str, values: list[float]) -> None:
    print(f"{name}: median {statistics.median(values):.4g}, {min(values):.4g} to {max(values):.4g}")


if __name__ == "__main__":
    cartpole()
    lake()
