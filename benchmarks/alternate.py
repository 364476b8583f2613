"""The timer: contenders take turns, so that what slows the machine slows them all."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import torch

from benchmarks.row import OURS


@dataclass(frozen=True)
class Done:
    """What a piece of work was done on.

    Attributes:
        counts: by name, such as tokens.
        seconds: what it took by a clock of its own, where not all of it is to be timed.
    """

    counts: dict[str, int]
    seconds: float | None = None


Work = Callable[[], Done]
"""What is timed."""

Contender = Callable[[int], AbstractContextManager[Work]]
"""Takes a seed and gives the work in a context; what is done around the work is not timed."""

LEAST = 0.2
"""Shorter work is repeated until a round takes about so many seconds."""

MOST_REPEATS = 20


@dataclass
class Timed:
    """What was found.

    Attributes:
        rounds: the seconds of each round, by contender.
        counts: by name, then by contender, added up over the rounds.
        tried: the seconds of each contender's first round after the warm-up, where ``keep`` left
            some out afterwards.
        failed: what those contenders said that can't do the work.
    """

    rounds: dict[str, list[float]] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    tried: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def alternate(
    contenders: Mapping[str, Contender],
    rounds: int,
    device: torch.device,
    *,
    keep: int | None = None,
    warmups: Mapping[str, Contender] | None = None,
) -> Timed:
    """Time contenders in turns: forwards in one round, backwards in the next.

    Args:
        contenders: by name.
        rounds: how many, after one warm-up each.
        device: what to wait for before the clock is read.
        keep: how many of the others stay after a trial of one round; by default all do.
        warmups: shorter work to warm up with, for the contenders that have some; by default the
            work itself.
    """
    gc.collect()
    gc.freeze()  # what lives now is looked at no more, so that collecting takes milliseconds
    try:
        return _alternate(contenders, rounds, device, keep, warmups or {})
    finally:
        gc.unfreeze()


def _alternate(
    contenders: Mapping[str, Contender],
    rounds: int,
    device: torch.device,
    keep: int | None,
    warmups: Mapping[str, Contender],
) -> Timed:
    found = Timed()
    staying = list(contenders)
    first: dict[str, float] = {}
    for name in list(staying):
        try:
            first[name] = _seconds(warmups.get(name, contenders[name]), 0, device)[0]
        except RuntimeError as error:  # such as a static cache under autocast
            if name == OURS or len(staying) == 2:
                raise
            staying.remove(name)
            found.failed[name] = str(error).splitlines()[0]
    others = [name for name in staying if name != OURS]
    if keep is not None and keep < len(others):
        found.tried = {name: _seconds(contenders[name], 0, device)[0] for name in others}
        best = sorted(others, key=lambda name: found.tried[name])[:keep]
        staying = [name for name in staying if name == OURS or name in best]
    repeats = 1 if first[OURS] > LEAST else _repeats(_seconds(contenders[OURS], 0, device)[0])
    for number in range(1, rounds + 1):
        for name in staying if number % 2 else reversed(staying):
            spent = 0.0
            gc.collect()  # what contenders before have left
            for repeat in range(repeats):
                seed = number * MOST_REPEATS + repeat
                seconds, counts = _seconds(contenders[name], seed, device)
                spent += seconds
                for what, count in counts.items():
                    each = found.counts.setdefault(what, {})
                    each[name] = each.get(name, 0) + count
            found.rounds.setdefault(name, []).append(spent / repeats)
    found.rounds = {name: found.rounds[name] for name in staying}
    return found


def _seconds(contender: Contender, seed: int, device: torch.device) -> tuple[float, dict[str, int]]:
    with contender(seed) as work, quiet(device):
        started = time.perf_counter()
        done = work()
        synchronise(device)
        seconds = time.perf_counter() - started
    return seconds if done.seconds is None else done.seconds, done.counts


def _repeats(seconds: float) -> int:
    """How often a round does work that takes so long."""
    return min(max(1, math.ceil(LEAST / seconds)), MOST_REPEATS)


@contextmanager
def quiet(device: torch.device) -> Iterator[None]:
    """Inside, Python collects nothing, and the device begins with nothing left to do."""
    gc.disable()
    synchronise(device)
    try:
        yield
    finally:
        gc.enable()


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
