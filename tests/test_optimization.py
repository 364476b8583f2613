"""The learning rate of every step, and the way back from what is no number."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from alignlib.errors import TrainingError
from alignlib.optimization import Backup, Schedule, adamw, gradient, rate_at, take_step


def rates(steps: int, warmup: float, schedule: Schedule) -> list[float]:
    return [rate_at(step, steps, 2.0, warmup, schedule) for step in range(1, steps + 1)]


def test_the_rate_rises_as_a_line_and_falls_as_a_cosine() -> None:
    falling = [1 + math.cos(math.pi * n / 9) for n in range(1, 9)]
    assert rates(10, 0.2, "cosine") == pytest.approx([1.0, 2.0, *falling])
    assert rates(4, 0.375, "cosine") == pytest.approx(
        [2 / 1.5, *(1 + math.cos(math.pi * n / 3.5) for n in (0.5, 1.5, 2.5))]
    )
    assert rates(3, 0.0, "cosine") == pytest.approx([1 + math.sqrt(0.5), 1.0, 1 - math.sqrt(0.5)])


def test_the_rate_stays_where_it_is_to_be_constant() -> None:
    assert rates(5, 0.4, "constant") == pytest.approx([1.0, 2.0, 2.0, 2.0, 2.0])
    assert rates(3, 0.0, "constant") == [2.0, 2.0, 2.0]


@pytest.mark.parametrize("schedule", ["cosine", "constant"])
def test_it_can_rise_to_the_end(schedule: Schedule) -> None:
    assert rates(4, 1.0, schedule) == pytest.approx([0.5, 1.0, 1.5, 2.0])


@given(st.integers(1, 200), st.floats(0, 1), st.sampled_from(["cosine", "constant"]))
def test_no_step_is_lost_and_the_rate_has_one_hill(
    steps: int, warmup: float, schedule: Schedule
) -> None:
    found = rates(steps, warmup, schedule)
    assert all(0 < rate <= 2.0 for rate in found)
    peak = found.index(max(found))
    assert found[:peak] == sorted(found[:peak])
    assert found[peak:] == sorted(found[peak:], reverse=True)
    assert abs(peak + 1 - warmup * steps) < 1.5 or schedule == "constant" or peak == 0


def test_the_way_back_leads_to_the_latest_weights_whose_loss_was_a_number() -> None:
    model = torch.nn.Linear(2, 1, bias=False)
    optimizer = adamw(model, 0.0)
    backup = Backup(optimizer, 0)
    snapshots = []
    for step in (1, 2, 3):
        snapshots.append(model.weight.detach().clone())
        losses = (model(torch.ones(2)).square().sum() for _ in range(2))
        loss, norm = take_step(optimizer, gradient(optimizer, losses), backup, step, 0.1, 1.0)
        assert loss == pytest.approx(2 * snapshots[-1].sum().item() ** 2)
        assert norm > 0
    assert torch.equal(backup._good[0], snapshots[2])
    lost = [model(torch.full((2,), torch.nan)).sum()]
    with pytest.raises(TrainingError, match=r"loss of step 4 .* of 0\.1 .* after step 2"):
        take_step(optimizer, gradient(optimizer, lost), backup, 4, 0.1, 1.0)
    assert torch.equal(model.weight, snapshots[2])


@pytest.mark.parametrize(
    ("numbers", "finite"),
    [
        ([1.0, -2.0], True),
        ([3e38, 3e38], True),  # their sum is none
        ([1.0, math.nan], False),
        ([math.inf, -math.inf], False),
        ([-math.inf, 1.0], False),
    ],
)
def test_weights_are_finite_where_all_of_them_are_numbers(
    numbers: list[float], finite: bool
) -> None:
    layer = torch.nn.Linear(1, 2, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(numbers)[:, None])
    assert Backup(adamw(layer, 0.0), 0).is_finite() is finite
