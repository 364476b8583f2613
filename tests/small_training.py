"""Small training runs, and what they did to a model."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from alignlib import LM
from alignlib.finetuning import finetune
from alignlib.history import History
from alignlib.pairs import Pair

PAIRS: list[Pair] = [
    ("the cat ", "sat."),
    ("a dog ", "ran to the mat and slept there until the sun came up again."),
    ("b", "c"),
    ("who is it that comes so late through the night and the wind?", "it is a cat."),
    ("x ", "yz"),
    ("say it. ", "no. i will not say it, whatever you do."),
]
"""Of very unequal lengths, for the tokenizer of the random models."""

Weights = Mapping[str, Tensor]


def fresh(lm: LM, where: torch.dtype | str | None = None) -> LM:
    """A copy to train, in a dtype or on a device; in float64 no rounding hides what differs."""
    model: Any = copy.deepcopy(lm.model)
    return dataclasses.replace(lm, model=model if where is None else model.to(where))


def train(lm: LM, pairs: Sequence[Pair] = PAIRS, **settings: Any) -> History:
    """Three steps for each epoch, of two pairs each."""
    usual = {"epochs": 2, "batch_size": 2, "learning_rate": 1e-3, "progress": False}
    return finetune(lm, pairs, **(usual | settings))


def weights(lm: LM) -> dict[str, Tensor]:
    """A copy of every parameter and buffer, by name."""
    return {name: tensor.detach().clone() for name, tensor in lm.model.state_dict().items()}


class Snapshots:
    """Takes the weights after every step, as a measure, and calls something after one of them."""

    def __init__(self, after: int = -1, then: Callable[[LM], None] | None = None) -> None:
        self.weights: list[dict[str, Tensor]] = []
        self.after, self.then = after, then

    def __call__(self, lm: LM) -> float:
        self.weights.append(weights(lm))
        if self.then is not None and len(self.weights) == self.after + 1:
            self.then(lm)
        return 0.0

    @property
    def settings(self) -> dict[str, Any]:
        return {"measures": {"snapshots": self}, "evaluate_every": 1}


def gap(one: Weights, other: Weights) -> float:
    """The largest difference between two models' weights; NaN where one is NaN."""
    assert one.keys() == other.keys()
    gaps = [(one[name] - other[name]).abs().max() for name in one]
    return float(torch.stack([each.double() for each in gaps]).max())


def assert_same(one: Weights, other: Weights) -> None:
    """Bit for bit."""
    assert one.keys() == other.keys()
    for name in one:
        assert torch.equal(one[name], other[name]), name


def assert_at_rest(lm: LM) -> None:
    """As a model is to be left: no dropout, no gradients, no adapter."""
    assert not any(module.training for module in lm.model.modules())
    assert all(parameter.grad is None for parameter in lm.model.parameters())
    assert all(parameter.requires_grad for parameter in lm.model.parameters())
    assert not [name for name, _ in lm.model.named_modules() if "lora" in name]
