"""The training loop: seeds, masks, and that it learns. How fast is in benchmarks/."""

from __future__ import annotations

import gymnasium
import pytest
import torch
from torch import nn

from alignlib.environments import from_gymnasium
from alignlib.errors import PolicyGradientError
from alignlib.exact import expected_return
from alignlib.gym_training import Training, collect, train

LAKE = {"is_slippery": False}


def lake(seed: int, **options: object) -> Training:
    return train(
        "FrozenLake-v1",
        updates=20,
        episodes_per_update=24,
        learning_rate=0.3,
        seed=seed,
        progress=False,
        **{**LAKE, **options},  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("baseline", ["none", "mean", "leave-one-out", "learnt", 0.2])
def test_it_learns_the_lake_without_slipping(baseline: str | float) -> None:
    mdp = from_gymnasium("FrozenLake-v1", is_slippery=False)
    start = expected_return(mdp, torch.full((16, 4), 0.25, dtype=torch.float64)).item()
    ends = []
    for seed in range(3):
        policy = lake(seed, baseline=baseline).policy(torch.eye(16)).double().softmax(-1)
        ends.append(expected_return(mdp, policy.detach()).item())
    assert sorted(ends)[1] > 3 * start


def test_the_same_seed_is_the_same_training_and_the_global_numbers_are_left_alone() -> None:
    before = torch.random.get_rng_state()
    first, second, other = lake(1), lake(1), lake(2)
    assert torch.equal(before, torch.random.get_rng_state())
    assert first.history.equals(second.history)
    assert not first.history.equals(other.history)
    assert first.history["episodes"].tolist() == [24 * (n + 1) for n in range(20)]


def test_every_copy_gives_one_episode_and_nothing_after_its_end() -> None:
    env = gymnasium.make_vec("CartPole-v1", 8, vectorization_mode="vector_entry_point")
    env.reset(seed=0)
    policy = nn.Linear(4, 2)
    for _ in range(3):  # also after the copies have begun anew by themselves
        run = collect(env, policy, torch.Generator().manual_seed(0))
        lengths = run.mask.sum(-1)
        assert (run.rewards.sum(-1) == lengths).all()  # a reward of 1 for each step
        assert lengths.max() == run.mask.shape[1]
        assert (lengths > 5).all()
        assert (run.mask == (torch.arange(run.mask.shape[1]) < lengths[:, None])).all()
        assert (run.observations[:, 0].abs() <= 0.05).all()  # each begins at a fresh start
    env.close()


def test_it_stops_where_it_is_told() -> None:
    run = lake(0, stop_at=-1.0)
    assert run.history["episodes"].iloc[-1] == 120  # the first 100 episodes fill 5 updates


def test_other_spaces_are_refused() -> None:
    with pytest.raises(PolicyGradientError, match="discrete"):
        train("Pendulum-v1", updates=1, progress=False)
    with pytest.raises(PolicyGradientError, match="numbers or flat vectors"):
        train("Blackjack-v1", updates=1, progress=False)
    with pytest.raises(PolicyGradientError, match="baseline is"):
        lake(0, baseline="critic")
    with pytest.raises(PolicyGradientError, match="optimizer is"):
        lake(0, optimizer="adagrad")
