"""A run of training steps: what showing and rewarding have in common.

It holds the optimizer, an adapter if one is wanted, the passes that fit into memory, the way back
from a loss that is no number, the checkpoint, the history and the bar. What a step learns from is
the caller's. Of several processes the first measures, writes and shows, and all have the same
history.

However a run ends, the model has its weights after a whole step, the latest in the history.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import torch
from torch import Tensor
from tqdm.auto import tqdm

from alignlib import distributed, optimization, processes, unfinished
from alignlib.errors import DeviceError, PredictionError, TrainingError
from alignlib.history import History, Row
from alignlib.interrupts import uninterrupted
from alignlib.live import live_plot
from alignlib.lora import adapted
from alignlib.model import LM, evaluating
from alignlib.optimization import Precision, Schedule
from alignlib.out_of_memory import Passes

__all__ = ["TrainingRun"]

T = TypeVar("T")

BEGINNING: Row = {"step": 0}
"""The row before the first step; it stands in the history where something is measured then."""


@dataclass(kw_only=True)
class TrainingRun:
    """Steps of training, to be used as a context and iterated over.

    Inside the context the model is in training mode, and only the adapter is trainable if there is
    one. Iteration gives the numbers of the steps that are left to do, from 1; in each, call
    :meth:`step` (once, or more often where it learns from the same data again) and then
    :meth:`record` once.

    Attributes:
        lm: what is trained, in place.
        steps: how many steps there are.
        name: of the bar.
        settings: what the run is made of besides the fields below, as JSON knows it: a checkpoint
            of a run with other ones is refused.
        passes: how many rows a pass may take.
        learning_rate, warmup, schedule, weight_decay, max_gradient_norm, lora_rank, precision,
            checkpoint, checkpoint_every, live, seed, progress: as for :func:`alignlib.finetune`.
        measure: takes the model's measures, in evaluation mode.
        measure_every: how many steps lie between two.
    """

    lm: LM
    steps: int
    name: str
    settings: Mapping[str, Any]
    passes: Passes
    learning_rate: float
    warmup: float
    schedule: Schedule
    weight_decay: float
    max_gradient_norm: float
    lora_rank: int | None
    precision: Precision
    measure: Callable[[], Row]
    measure_every: int
    checkpoint: str | Path | None
    checkpoint_every: int
    live: Sequence[str]
    seed: int
    progress: bool

    def __post_init__(self) -> None:
        optimization.check_optimization(
            self.learning_rate,
            self.warmup,
            self.schedule,
            self.weight_decay,
            self.max_gradient_norm,
        )
        optimization.check_counts(
            steps=self.steps,
            measure_every=self.measure_every,
            checkpoint_every=self.checkpoint_every,
        )
        optimization.check_seed(self.seed)
        if self.lm.device.type == "meta":
            raise DeviceError("Nothing can be trained on the meta device: give cpu or cuda.")
        if self.lora_rank is not None and distributed.is_sharded(self.lm.model):
            raise TrainingError(
                "An adapter can't be added to a sharded model: leave lora_rank or shard out."
            )
        parameters = sum(parameter.numel() for parameter in self.lm.model.parameters())
        self.mixed = optimization.autocast(self.lm.device, self.precision, parameters)
        self.rows: list[Row] = []
        self._folder = None if self.checkpoint is None else Path(self.checkpoint)

    def __enter__(self) -> Self:
        processes.begin(self.lm.device)
        with ExitStack() as stack:
            stack.enter_context(processes.together())
            if processes.size() > 1:
                processes.check_alike(self._arguments())
            if (folder := self.first(self._folder)) is not None:
                stack.enter_context(unfinished.held(folder))
            with uninterrupted():
                stack.enter_context(adapted(self.lm.model, self.lora_rank, self.seed))
            stack.callback(self._end)
            stack.enter_context(torch.enable_grad())
            self.lm.model.train()
            self._optimizer = optimization.adamw(self.lm.model, self.weight_decay)
            # Of the weights given: a checkpoint's can be the ones whose loss is no number.
            self._backup = optimization.Backup(self._optimizer, 0)
            if self._folder is not None:
                self._stamp = self._settings()
                try:
                    rows = unfinished.resume(
                        self._folder, self._stamp, self.lm.model, self._optimizer
                    )
                except BaseException:  # it may have taken over a part
                    self._backup.restore()
                    raise
                self.rows = [row for row in rows if row != BEGINNING]
                if rows and not self._done:  # these weights are the run's beginning
                    self._backup = optimization.Backup(self._optimizer, 0)
            self._bar = stack.enter_context(
                tqdm(
                    total=self.steps,
                    initial=self._done,
                    desc=self.name,
                    disable=not self.shows,
                )
            )
            self._draw = stack.enter_context(live_plot(self.rows, self.first(self.live) or ()))
            self._exit = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with uninterrupted():
            try:
                if error is not None and self._undone(error):
                    self._backup.restore()
            finally:
                self._exit.__exit__(kind, error, trace)
        if isinstance(error, PredictionError) and self._done:
            what = f"What the model predicts after step {self._done}"
            raise self._backup.no_number(what, self.learning_rate) from error

    def __iter__(self) -> Iterator[int]:
        if not self.rows:
            if first := self._measures():
                self.rows.append(BEGINNING | first)
            self._write()  # a model whose run is interrupted soon has these weights no longer
        for step in range(self._done + 1, self.steps + 1):
            self._started = time.perf_counter()
            yield step

    def step(self, losses: Callable[[int], Iterable[Tensor]]) -> Row:
        """One step down the gradient of the sum of the losses, which are made one by one.

        Args:
            losses: makes this process's, from the most rows of a pass; again with fewer, where one
                does not fit into memory. The gradient is that of the sum of all processes'.

        Returns:
            ``loss`` before the step, ``learning_rate``, ``gradient_norm`` before it was scaled
            down, ``seconds`` since the step began.

        Raises:
            TrainingError: if the loss or the gradient is no number; or that of a row after the
                step, if it is the last.
            OutOfMemoryError: if not even one row fits into memory.
        """
        step = self._done + 1
        rate = optimization.rate_at(
            step, self.steps, self.learning_rate, self.warmup, self.schedule
        )
        own = self._passed(losses, partial(optimization.gradient, self._optimizer))
        loss, norm = optimization.take_step(
            self._optimizer, own, self._backup, step, rate, self.max_gradient_norm
        )
        if step == self.steps:  # no step follows whose loss would show what this one has done
            after = self._passed(lambda _: islice(losses(1), 1), optimization.loss_of)
            if not all(processes.gather(math.isfinite(after) and self._backup.is_finite())):
                raise self._backup.no_number(f"The loss after step {step}, the last,", rate)
        seconds = time.perf_counter() - self._started
        return {"loss": loss, "learning_rate": rate, "gradient_norm": norm, "seconds": seconds}

    def record(self, row: Row, **shown: float) -> None:
        """Add a step's row to the history, with the model's measures when they are due.

        Args:
            row: without the step's number; of several processes the first's is taken.
            shown: what stands beside the bar.
        """
        step = self._done + 1
        last = step == self.steps
        done = {"step": step} | processes.on_first(lambda: row)
        self.rows.append(done)  # from here on the step counts, whatever its measures come to
        if step % self.measure_every == 0 or last:
            done |= self._measures()
        self._bar.set_postfix({name: f"{value:.3g}" for name, value in shown.items()})
        self._bar.update()
        self._draw()
        if step % self.checkpoint_every == 0 or last:
            self._write()

    def first(self, given: T) -> T | None:
        """What is given, on the first of several processes; None on the others."""
        return given if processes.rank() == 0 else None

    @property
    def shows(self) -> bool:
        """Whether this process shows bars."""
        return self.progress and processes.rank() == 0

    @property
    def history(self) -> History:
        """The steps so far."""
        return History(self.rows)

    @property
    def _done(self) -> int:
        return int(self.rows[-1]["step"]) if self.rows else 0

    def _passed(
        self,
        losses: Callable[[int], Iterable[Tensor]],
        through: Callable[[Iterable[Tensor]], float],
    ) -> float:
        """The losses' sum, taken through a function, in passes that fit into memory."""

        def attempt(rows: int) -> float:
            with optimization.seeded(
                self.lm.device, self.seed, self._done + 1, processes.rank()
            ):  # for dropout
                return through(losses(rows))

        return self.passes.fit(attempt)

    def _undone(self, error: BaseException) -> bool:
        """Whether the weights are not those after the latest step in the history, or broken."""
        halfway = self._backup.step == self._done
        return halfway or isinstance(error, PredictionError) or not self._backup.is_finite()

    def _write(self) -> None:
        if self._folder is not None:
            rows = self.rows or [BEGINNING]
            unfinished.checkpoint(self._folder, self._stamp, self.lm.model, self._optimizer, rows)

    def _measures(self) -> Row:
        with evaluating(self.lm.model):
            return self.measure()

    def _settings(self) -> dict[str, Any]:
        """What has to be the same for a checkpoint to be of this run."""
        own = {
            "steps": self.steps,
            "learning_rate": self.learning_rate,
            "warmup": self.warmup,
            "schedule": self.schedule,
            "weight_decay": self.weight_decay,
            "max_gradient_norm": self.max_gradient_norm,
            "lora_rank": self.lora_rank,
            "precision": self.precision,
            "seed": self.seed,
            "model": unfinished.digest(self.lm.model),
        }
        return own | dict(self.settings)

    def _arguments(self) -> dict[str, Any]:
        """What has to be the same on all processes."""
        own = {
            "weights": unfinished.digest(self.lm.model, everything=True),
            "evaluate_every": self.measure_every,
            "checkpoint": self._folder is not None,
            "checkpoint_every": self.checkpoint_every,
        }
        return own | self._settings()

    def _end(self) -> None:
        for parameter in self.lm.model.parameters():
            parameter.grad = None
        self.lm.model.eval()
