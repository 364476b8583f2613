"""Learning from rewards: a step of ``reinforce``, and of TRL's ``RLOOTrainer``.

A step is timed from one call of the reward to the next: in between lie the learning from what was
rewarded and the drawing of what comes next, once each. Neither the construction nor the first steps
are in it. For the timing no token ends a text, and every step has the same prompts, so both draw
and learn from the same number of tokens.

What is learnt is compared apart: the mean reward of each step, over several seeds, in texts that
end by themselves.

TRL's settings: as it comes (gradient checkpointing and logs), without these, and with a static
cache too. Continuous batching was tried with tiny on a CPU in float32, where a step took tens of
times as long, and is left out; in bfloat16 TRL casts the weights themselves for it, and so would
learn something else. ``torch_compile``, tried there too, left the time of a step as it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch

from alignlib import chat, reinforce
from alignlib.model import Prompt
from alignlib.world import questions, spread, truthful
from benchmarks import material, models
from benchmarks.alternate import Contender, Done, Work, alternate, synchronise
from benchmarks.row import OURS, Row
from benchmarks.trl_side import RATE, alone, rloo_trainer

PROMPTS, SAMPLES, NEW_TOKENS = 4, 8, 32
STEPS = {"tiny": 12, "smollm2": 3}
"""Of a round; what lies between the first two calls of the reward is not timed."""

LEARNING_STEPS, SEEDS = 15, (0, 1, 2)
LEARNING: dict[str, Any] = {
    "prompts_per_step": 16, "samples_per_prompt": 8, "max_new_tokens": 16,
}  # fmt: skip
LEARNING_RATE = 5e-4

SETTINGS: dict[str, dict[str, Any]] = {
    "TRL as it comes": {"gradient_checkpointing": True, "logging_strategy": "steps"},
    "TRL": {},
    "TRL, static cache": {"cache_implementation": "static"},
}

Judge = Callable[..., list[float]]
"""A reward function, by name of what it takes."""


class Clocked:
    """A reward function that keeps when it was called, for what, and what it said."""

    __name__ = "clocked"

    def __init__(self, judge: Judge, device: torch.device) -> None:
        self.judge, self.device = judge, device
        self.times: list[float] = []
        self.rewards: list[float] = []
        self.tokens: list[int] = []
        self.texts: list[int] = []

    def __call__(
        self, completions: Sequence[str], completion_ids: Sequence[Sequence[int]], **columns: Any
    ) -> list[float]:
        synchronise(self.device)
        self.times.append(time.perf_counter())
        values = self.judge(completions=completions, **columns)
        self.rewards.append(sum(values) / len(values))
        self.tokens.append(sum(map(len, completion_ids)))
        self.texts.append(len(completions))
        return values

    @property
    def done(self) -> Done:
        """What was counted, and the seconds of a step, without the first."""
        counts = {"steps": len(self.times), "texts": sum(self.texts), "tokens": sum(self.tokens)}
        if len(self.times) < 3:
            return Done(counts)
        return Done(counts, (self.times[-1] - self.times[1]) / (len(self.times) - 2))


def share_of_e(completions: Sequence[str], **columns: Any) -> list[float]:
    """A reward that costs nothing: how much of a text is the letter e."""
    return [text.count("e") / max(len(text), 1) for text in completions]


def measure(
    name: str, dtype: str, device: torch.device, rounds: int, steps: int | None = None
) -> Row:
    """The time of a step; ``more`` has the rewards of the timed steps."""
    asked = material.prompts(models.fresh(name, device), PROMPTS)
    curves: dict[str, list[list[float]]] = {}
    steps = steps or STEPS[name]
    task = Task(name, dtype, device, asked, steps, curves)
    short = task._replace(steps=1, curves={})
    contenders, warmups = (
        {OURS: ours(each)} | {setting: theirs(each, setting) for setting in SETTINGS}
        for each in (task, short)
    )
    timed = alternate(contenders, rounds, device, keep=2, warmups=warmups)
    return Row(
        kind="rloo",
        case="step",
        model=name,
        dtype=dtype,
        setting={"prompts": PROMPTS, "samples": SAMPLES, "tokens": NEW_TOKENS},
        unit="s",
        rounds=timed.rounds,
        counts=timed.counts,
        tried=timed.tried,
        more={
            "reward": {each: curves[each][-rounds:] for each in timed.rounds},
            "failed": timed.failed,
        },
    )


class Task(NamedTuple):
    """What is timed.

    Attributes:
        name, dtype, device: of the model.
        asked: the prompts of every step.
        steps: how many.
        curves: takes the rewards of each step, by contender.
    """

    name: str
    dtype: str
    device: torch.device
    asked: list[str]
    steps: int
    curves: dict[str, list[list[float]]]


def ours(task: Task) -> Contender:
    """``reinforce`` as it comes, in this precision."""

    @contextmanager
    def prepare(seed: int) -> Iterator[Work]:
        lm = models.endless(models.fresh(task.name, task.device))
        reward = Clocked(share_of_e, task.device)

        def work() -> Done:
            reinforce(
                lm, task.asked, reward, steps=task.steps, prompts_per_step=PROMPTS,
                samples_per_prompt=SAMPLES, max_new_tokens=NEW_TOKENS, learning_rate=RATE,
                precision=task.dtype, seed=seed, progress=False,  # type: ignore[arg-type]
            )  # fmt: skip
            return reward.done

        yield work
        task.curves.setdefault(OURS, []).append(reward.rewards)

    return prepare


def theirs(task: Task, setting: str) -> Contender:
    """``RLOOTrainer.train``."""

    @contextmanager
    def prepare(seed: int) -> Iterator[Work]:
        lm = models.plain(task.name, task.device)
        reward = Clocked(share_of_e, task.device)
        with alone():
            rows = [{"prompt": prompt} for prompt in task.asked]
            trainer = rloo_trainer(
                lm, rows, reward, task.dtype, steps=task.steps, prompts_per_step=PROMPTS,
                samples_per_prompt=SAMPLES, max_new_tokens=NEW_TOKENS,
                endless=True, seed=seed, **SETTINGS[setting],
            )  # fmt: skip

            def work() -> Done:
                trainer.train()
                return reward.done

            yield work
        task.curves.setdefault(setting, []).append(reward.rewards)

    return prepare


def learning(dtype: str, device: torch.device, seeds: Sequence[int] = SEEDS) -> Row:
    """Tiny learns to tell the truth: the mean reward of each step, ours and TRL's.

    The values are the share of answers that earned nothing in the last three steps, by seed.
    """
    lm = models.fresh("tiny", device)
    asked = spread(questions(), known=128, unanswerable=20)
    prompts: list[Prompt] = [lm.render(chat(question.text)) for question in asked]
    rows = [{"prompt": text, "number": number} for number, text in enumerate(prompts)]

    def truth(completions: Sequence[str], number: Sequence[int], **columns: Any) -> list[float]:
        said = zip(number, completions, strict=True)
        return [float(truthful(asked[which], text)) for which, text in said]

    curves: dict[str, list[list[float]]] = {OURS: [], "TRL": []}
    for seed in seeds:
        reward = Clocked(truth, device)
        reinforce(
            models.fresh("tiny", device), prompts, reward,
            columns={"number": range(len(rows))}, steps=LEARNING_STEPS, **LEARNING,
            learning_rate=LEARNING_RATE, precision=dtype,  # type: ignore[arg-type]
            seed=seed, progress=False,
        )  # fmt: skip
        curves[OURS].append(reward.rewards)
        reward = Clocked(truth, device)
        with alone():
            rloo_trainer(
                models.plain("tiny", device), rows, reward, dtype, steps=LEARNING_STEPS,
                **LEARNING, endless=False, seed=seed, learning_rate=LEARNING_RATE,
            ).train()  # fmt: skip
        curves["TRL"].append(reward.rewards)
    return Row(
        kind="rloo",
        case="what is learnt",
        model="tiny",
        dtype=dtype,
        setting={"steps": LEARNING_STEPS, "seeds": len(seeds)},
        unit="unrewarded",
        rounds={each: [1 - sum(run[-3:]) / 3 for run in runs] for each, runs in curves.items()},
        more={"reward": curves},
    )
