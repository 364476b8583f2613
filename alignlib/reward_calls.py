"""Calling reward functions as TRL's trainers do, and checking all that they return.

A reward function is the user's own code, often slow and sometimes wrong. Each is given copies, so
that what it does to them stays with it. What it returns is looked at in
:mod:`alignlib.reward_answers`.

Left out: reward models given by name or as a module (wrap one in a function), and asynchronous
functions.
"""

from __future__ import annotations

import copy
import inspect
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm
from transformers import TrainerState

from alignlib import processes
from alignlib.arguments import is_real
from alignlib.distributed import Share
from alignlib.errors import RewardError, TrainingError
from alignlib.history import Row
from alignlib.measuring import OWN
from alignlib.model import Prompt
from alignlib.reward_answers import RewardFunction, own, rewards_of, shown
from alignlib.rewards.reading import name_of
from alignlib.sampling import Samples

__all__ = ["Judges", "RewardFunction", "judges"]

GIVEN = ("prompts", "completions", "completion_ids", "trainer_state", "log_extra", "log_metric")
"""What every reward function is given besides the columns, by the names that TRL gives it."""

TAKEN = (
    *OWN, "epoch", "samples", "mean_length", "finished", "entropy", "samples_per_second",
    "reward", "kl",
)  # fmt: skip
"""Names in the history that no function may have."""


@dataclass(frozen=True)
class Judges:
    """The reward functions of a training, and what they are told besides the completions.

    Attributes:
        rewards: by name, those that are learnt from.
        weights: of their sum, one for each.
        watched: by name, those that are only reported.
        columns: by name, one value for each prompt of the training.
    """

    rewards: Mapping[str, RewardFunction]
    weights: Sequence[float]
    watched: Mapping[str, RewardFunction]
    columns: Mapping[str, Sequence[Any]]

    @property
    def shown(self) -> list[str]:
        """The names that stand in the history; a reward alone is simply ``reward``."""
        return [*(self.rewards if len(self.rewards) > 1 else ()), *self.watched]

    def judge(
        self,
        drawn: Samples,
        asked: Sequence[int],
        state: TrainerState,
        progress: bool = False,
        share: Share | None = None,
    ) -> tuple[Tensor, Row]:
        """What N completions are worth, each function being called once, with all of them.

        On several processes each calls them with its share of a step's completions.

        A function is given, by name, what TRL gives it: ``prompts`` and ``completions`` (texts, or
        where the prompt is a chat lists of messages), ``completion_ids``, the columns,
        ``trainer_state``, ``log_metric(name, value)``, and ``log_extra(column, values)``, which
        does nothing here.

        Args:
            drawn: the completions.
            asked: the number of each prompt that they are of.
            state: how far the training is.
            progress: show a bar when it takes longer than two seconds.
            share: which of the step's completions these are; by default all.

        Returns:
            (N,) the weighted sum of the rewards, in float64; and the means of what is to be seen,
            over the whole step: ``reward``, each reward if there are several, what is watched, what
            was reported through ``log_metric`` (of several processes' means, each counts as much as
            it has completions). A function that said None of a completion adds nothing to its sum.

        Raises:
            RewardError: if a function raises, or returns anything but N finite numbers and Nones,
                or all said None of one completion (from which TRL would learn nothing).
        """
        metrics: dict[str, list[float]] = defaultdict(list)

        def log_metric(name: str, value: float) -> None:
            _refuse([name])
            metrics[name].append(float(value))

        def given() -> dict[str, Any]:
            """For one function, since it may change what it is given."""
            told = {
                "prompts": [_prompt(prompt) for prompt in drawn.prompts],
                "completions": list(map(_completion, drawn.prompts, drawn.texts)),
                "completion_ids": drawn.completions,
                "trainer_state": copy.deepcopy(state),
                "log_extra": lambda column, values: None,
                "log_metric": log_metric,
            }
            k = drawn.samples_per_prompt
            return told | {
                name: [own(column[number]) for number in asked for _ in range(k)]
                for name, column in self.columns.items()
            }

        functions = dict(self.rewards) | dict(self.watched)
        bar = tqdm(functions.items(), "Rewarding", delay=2, leave=False, disable=not progress)
        with processes.alone():
            said = {name: rewards_of(name, each, given(), drawn) for name, each in bar}
        total = self._sum(torch.stack([said[name] for name in self.rewards]), drawn)
        whole = torch.stack([total, *(said[name] for name in self.shown)])  # (1 + F, N)
        if share is not None:
            whole = share.whole(whole.T).T.contiguous()  # N: of the step
        row = {"reward": float(whole[0].mean())}
        for name, rewards in zip(self.shown, whole[1:], strict=True):
            applies = rewards[~rewards.isnan()]
            row |= {name: float(applies.mean())} if len(applies) else {}
        return total, row | _means(metrics, len(drawn), share)

    def _sum(self, table: Tensor, drawn: Samples) -> Tensor:
        """(N,) the weighted sum over (F, N) rewards."""
        nobody = table.isnan().all(0)
        if nobody.any():
            raise RewardError(
                f"{' and '.join(map(repr, self.rewards))} said None of "
                f"{shown(drawn, int(nobody.nonzero()[0]))}: let one give a number."
            )
        return torch.tensor(self.weights, dtype=table.dtype) @ table.nan_to_num(0.0)


def judges(
    reward: RewardFunction | Sequence[RewardFunction] | Mapping[str, RewardFunction],
    weights: Sequence[float] | None = None,
    watch: Mapping[str, RewardFunction] | None = None,
    columns: Mapping[str, Sequence[Any]] | None = None,
    prompts: int = 0,
) -> Judges:
    """Reward functions and columns, after checking them.

    Args:
        reward, weights, watch, columns: as for :func:`alignlib.reinforce`.
        prompts: how many there are.

    Raises:
        TrainingError: if there is no reward function, one can't be called, two have the same name,
            there is not one weight for each, or a column has not one value for each prompt.
    """
    rewards = _named(reward)
    watched = _named(watch) if watch else {}
    for name, function in (*rewards.items(), *watched.items()):
        if not callable(function) or inspect.iscoroutinefunction(function):
            raise TrainingError(f"The reward {name!r} is {function!r}: give an ordinary function.")
    for name in rewards.keys() & watched.keys():
        if rewards[name] is not watched[name]:
            raise TrainingError(f"The reward {name!r} and what is watched as {name!r} differ.")
    factors = [1.0] * len(rewards) if weights is None else list(weights)
    if len(factors) != len(rewards) or not all(map(is_real, factors)):
        raise TrainingError(
            f"reward_weights are {weights!r}: give a number for each of {', '.join(rewards)}."
        )
    for name, column in (columns or {}).items():
        if name in GIVEN:
            raise TrainingError(
                f"A column can't be called {name!r}: rewards are given that anyway."
            )
        if isinstance(column, str) or len(column) != prompts:
            raise TrainingError(
                f"The column {name!r} has {len(column)} values for {prompts} prompts: give a list "
                "with one for each."
            )
    made = Judges(rewards, factors, watched, columns or {})
    _refuse(made.shown)
    return made


def _means(metrics: Mapping[str, list[float]], n: int, share: Share | None) -> Row:
    """The mean of each metric of a step of which this process has judged ``n`` completions."""
    own = {name: (float(np.mean(each)), n) for name, each in metrics.items()}
    found: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for theirs in [own] if share is None else processes.gather(own):
        for name, each in theirs.items():
            found[name].append(each)
    whole: Row = {}
    for name, parts in found.items():
        means, counts = zip(*parts, strict=True)
        whole[name] = means[0] if len(means) == 1 else float(np.average(means, weights=counts))
    return whole


def _named(given: Any) -> dict[str, RewardFunction]:
    """Functions by name; one that stands alone or in a list goes by its own."""
    if isinstance(given, Mapping):
        named = dict(given)
    else:
        several = list(given) if isinstance(given, Sequence) else [given]
        named = {name_of(each): each for each in several}
        if len(named) < len(several):
            raise TrainingError(
                f"Two reward functions have the same name ({', '.join(map(name_of, several))}): "
                "give them as a mapping, by names that differ."
            )
    if not named:
        raise TrainingError("There is no reward function: give at least one.")
    return named


def _refuse(names: Iterable[str]) -> None:
    for name in names:
        if name in TAKEN:
            raise TrainingError(
                f"{name!r} stands for something else in the history: give the reward another "
                "name, as {name: function}."
            )


def _prompt(prompt: Prompt) -> Any:
    return prompt if isinstance(prompt, str) else [dict(message) for message in prompt]


def _completion(prompt: Prompt, text: str) -> Any:
    return text if isinstance(prompt, str) else [{"role": "assistant", "content": text}]
