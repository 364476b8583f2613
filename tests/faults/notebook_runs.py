"""What the tests of interrupts run in the cells of a notebook."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alignlib import LM, sample
from alignlib.history import History
from alignlib.reinforce import reinforce
from alignlib.unfinished import digest
from tests.small_training import assert_at_rest, train, weights

BEGUN = "begun"
"""What is printed when it is time to interrupt."""


class Steps:
    """A measure that keeps a digest of the weights after each step."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, lm: LM) -> float:
        self.seen.append(digest(lm.model, everything=True))
        return 0.0

    @property
    def settings(self) -> dict[str, Any]:
        return {"measures": {"steps": self}, "evaluate_every": 1}


class Slow:
    """A reward that never comes back from one of its calls."""

    def __init__(self, call: int) -> None:
        self.left = call

    def __call__(self, completions: Sequence[str], **_: Any) -> list[float]:
        self.left -= 1
        if self.left == 0:
            print(BEGUN, flush=True)
            time.sleep(1000)
        return vowels(completions)


def vowels(completions: Sequence[str], **_: Any) -> list[float]:
    return [sum(map(text.count, "aeiou")) - 0.1 * len(text) for text in completions]


def tuned(lm: LM, folder: Path | None = None, **settings: Any) -> History:
    """240 steps, with a checkpoint after each seventh."""
    print(BEGUN, flush=True)
    usual: dict[str, Any] = {"epochs": 80, "checkpoint_every": 7}
    return train(lm, checkpoint=folder, **(usual | settings))


def rewarded(lm: LM, folder: Path | None = None, reward: Any = vowels, **settings: Any) -> History:
    """Thirty steps of two updates, with a checkpoint after each third."""
    if reward is vowels:
        print(BEGUN, flush=True)
    usual: dict[str, Any] = {
        "steps": 30, "prompts_per_step": 2, "samples_per_prompt": 8, "max_new_tokens": 40,
        "updates_per_step": 2, "learning_rate": 1e-3, "checkpoint_every": 3, "progress": False,
    }  # fmt: skip
    prompts = ["the cat ", "a dog ran to the mat and ", "x", "who is it? "]
    return reinforce(lm, prompts, {"vowels": reward}, checkpoint=folder, **(usual | settings))


def assert_usable(lm: LM, steps: Sequence[str] = ()) -> None:
    """A model that a run has left: whole, at rest, and after one of the steps where they are known.

    Args:
        lm: the model.
        steps: digests of what its weights may be.
    """
    assert_at_rest(lm)
    assert all(tensor.isfinite().all() for tensor in weights(lm).values())
    assert not steps or digest(lm.model, everything=True) in steps
    assert sample(lm, ["the cat "], 2, 4, progress=False).mask.any()
