"""Processes that a launcher has started together: how they meet, and how they part.

A launcher such as ``torchrun --nproc-per-node 2 script.py`` starts the same script several times.
All processes meet in :func:`gather`. An error on one travels to the others there, so that none is
waited for in vain; :func:`together` says where. With one process nothing here does anything.

Left out: processes that join later or are replaced, and groups of some of them.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist

from alignlib.errors import AlignlibError, DeviceError, TrainingError

T = TypeVar("T")

PATIENCE = timedelta(hours=2)
"""How long a process waits for the others, which may be judging or measuring."""


@dataclass
class _State:
    """Of this process.

    Attributes:
        made: the default group for which ``control`` was made.
        control: a group of all processes for what is no gradient, on the CPU.
        alone: how many blocks of :func:`alone` it is in.
        told: whether it is stopping for another's error.
    """

    made: dist.ProcessGroup | None = None
    control: dist.ProcessGroup | None = None
    alone: int = 0
    told: bool = False


_state = _State()


def launched() -> bool:
    """Whether a launcher started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def own_gpu() -> torch.device:
    """The GPU that has the number of this process on its machine.

    Raises:
        DeviceError: if there are fewer.
    """
    number = int(os.environ.get("LOCAL_RANK", "0"))
    if number >= torch.cuda.device_count():
        raise DeviceError(
            f"Process {number} of this machine has no GPU of its own: there are "
            f"{torch.cuda.device_count()}. Start no more processes than that, or say device='cpu'."
        )
    return torch.device("cuda", number)


def begin(device: torch.device) -> None:
    """Join the other processes, if this is one of several and has not yet.

    A process group that is there is used. Otherwise one is made as the launcher's environment says:
    gloo for what is on a CPU, NCCL for what is on GPUs.

    Args:
        device: of the model.

    Raises:
        DeviceError: if the device can't take part.
        TrainingError: if the group can't be made.
    """
    if _state.alone or not (launched() or dist.is_initialized()):
        return
    if size() > 1 and _state.made is dist.group.WORLD:
        return
    if device.type not in ("cpu", "cuda"):
        raise DeviceError(f"Several processes can't train on {device.type}: load on cpu or cuda.")
    if not dist.is_initialized():
        backend = "gloo" if device.type == "cpu" else "cpu:gloo,cuda:nccl"
        if device.type == "cuda":
            torch.cuda.set_device(device)
        try:
            dist.init_process_group(backend, timeout=PATIENCE)
        except (ValueError, RuntimeError) as error:
            raise TrainingError(
                f"WORLD_SIZE is {os.environ['WORLD_SIZE']}, but the processes can't meet: {error}. "
                "Start them with torchrun or accelerate launch, or unset WORLD_SIZE."
            ) from error
        atexit.register(_leave)
    _state.made = dist.group.WORLD
    _state.control = dist.new_group(backend="gloo", timeout=PATIENCE)


def _leave() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()


def size() -> int:
    """How many processes train together; 1 before :func:`begin` and inside :func:`alone`."""
    joined = not _state.alone and dist.is_initialized() and _state.made is dist.group.WORLD
    return dist.get_world_size() if joined else 1


def rank() -> int:
    """The number of this process among them, from 0, which alone shows and writes."""
    return dist.get_rank() if size() > 1 else 0


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Inside, this process is by itself: for a user's function, whatever it calls."""
    _state.alone += 1
    try:
        yield
    finally:
        _state.alone -= 1


@contextlib.contextmanager
def together() -> Iterator[None]:
    """Inside, an error on one process is raised on every other, where it next meets this one.

    All processes have to enter, and leave together. An interrupt is not passed on: it ends its
    process, and then the launcher ends the others.
    """
    if size() == 1:
        yield
        return
    _state.told = False
    try:
        yield
    except Exception as error:
        if not _state.told:
            _exchange(error, None)
        raise
    gather(None)


def stop_alone() -> None:
    """The error that comes stops this process only: the others can't be met, inside a pass.

    The launcher ends them.
    """
    _state.told = True


def gather(value: T) -> list[T]:
    """What each process gives, in their order; the same on all.

    Raises:
        AlignlibError: if another process has stopped with an error: that one where it is one of
            alignlib's, else a :class:`TrainingError` that quotes it.
    """
    return [value] if size() == 1 else _exchange(None, value)


def _exchange(error: Exception | None, value: T) -> list[T]:
    said: tuple[type[AlignlibError], str] | None = None
    if isinstance(error, AlignlibError):
        said = type(error), str(error)
    elif error is not None:
        said = TrainingError, f"{type(error).__name__}: {error}"
    everyone: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(everyone, (said, value), group=_state.control)
    stopped = [(number, told) for number, (told, _) in enumerate(everyone) if told is not None]
    if stopped and error is None:
        _state.told = True
        number, (kind, message) = stopped[0]
        raise kind(f"Process {number} has stopped, and this one with it: {message}")
    return [each for _, each in everyone]


def on_first(function: Callable[[], T]) -> T:
    """What a function gives on process 0, which alone calls it; the same on all."""
    if size() == 1:
        return function()
    with alone() if rank() == 0 else contextlib.nullcontext():
        value = function() if rank() == 0 else None
    first: T = gather(value)[0]  # type: ignore[assignment]
    return first


def check_alike(settings: Mapping[str, object]) -> None:
    """Raise a :class:`TrainingError` on all processes where one has other settings than the first.

    Args:
        settings: by name, as JSON knows them.
    """
    everyone = gather({name: json.dumps(each, default=str) for name, each in settings.items()})
    for number, theirs in enumerate(everyone):
        first = everyone[0]
        other = [name for name in first if theirs.get(name) != first[name]]
        if other or len(theirs) > len(first):
            raise TrainingError(
                f"Process {number} differs from process 0 in {', '.join(other)}: give all the same "
                "model, data and settings, with the same seeds."
            )
