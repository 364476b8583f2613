"""The folder of a training run: what it goes on from if it is stopped.

A checkpoint is all that training goes on from, in one safetensors file with a checksum. It is
written beside its place and renamed, and the one before stays: whenever a run is killed, and
whatever becomes of the latest file, a whole one is there. Settings and history travel in its
header, so tensors and history can't be out of step. Of several processes the first alone reads and
writes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from alignlib import checksum, distributed, processes
from alignlib.errors import TrainingError
from alignlib.files import LOCK, alone_in, os_errors
from alignlib.interrupts import uninterrupted
from alignlib.out_of_memory import needed

CHECKPOINT = "unfinished.safetensors"
BEFORE = "unfinished.before.safetensors"

Rows = list[dict[str, float]]
"""A history: one row for each part of the run that is done."""


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Inside, a folder is one run's alone: made, and tried to write into before any work is done.

    Drafts that killed runs left are removed.

    Raises:
        TrainingError: if it can't be written, or another run has it.
    """
    with contextlib.ExitStack() as stack:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(alone_in(folder, TrainingError))
            tempfile.TemporaryFile(dir=folder).close()
            for left in folder.glob("unfinished.*.draft"):
                shutil.rmtree(left)
        yield


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Raise a :class:`TrainingError` where a folder can't be written inside the block."""
    try:
        with os_errors():
            yield
    except OSError as error:
        raise TrainingError(
            f"The folder {folder} can't be written: {error}. Give a folder that you can write to, "
            "on a disk with room; a checkpoint that is there is kept."
        ) from error


@contextlib.contextmanager
def drafts(folder: Path) -> Iterator[Path]:
    """A folder for files that are not whole yet, beside their place; it goes away with the block.

    Raises:
        TrainingError: if they can't be written.
    """
    with writing(folder), tempfile.TemporaryDirectory(".draft", "unfinished.", folder) as place:
        yield Path(place)


def checkpoint(
    folder: Path,
    settings: Mapping[str, object],
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    rows: Rows,
) -> None:
    """Write what training goes on from into a folder.

    Args:
        folder: where; the latest checkpoint becomes the one before, which is replaced.
        settings: of the run, as JSON knows them.
        model: what is trained.
        optimizer: Adam or AdamW, of the model's parameters.
        rows: the history so far.

    Raises:
        TrainingError: if it can't be written; those that are there are kept.
    """
    tensors = {}
    for name, tensor in _state(model, optimizer):
        whole = distributed.entire(tensor)
        if processes.rank() == 0:
            tensors[name] = whole.contiguous()
    if processes.rank() > 0:
        return
    # numpy's numbers are written as plain ones, which they are equal to.
    about = {
        "settings": json.dumps(settings, default=float),
        "rows": json.dumps(rows, default=float),
    }
    latest = folder / CHECKPOINT
    with drafts(folder) as place:  # safetensors begins with a file that has a name of its choice
        checksum.save(place / CHECKPOINT, tensors, about)
        with uninterrupted():
            if latest.exists():
                os.replace(latest, folder / BEFORE)
            os.replace(place / CHECKPOINT, latest)


def digest(model: nn.Module, everything: bool = False) -> str:
    """A hash of what a checkpoint does not hold: a model's shapes, and its frozen weights.

    Args:
        model: what is trained.
        everything: hash the other weights too.
    """
    found = hashlib.sha256()
    for name, parameter in model.named_parameters():
        found.update(f"{name} {tuple(parameter.shape)} {parameter.dtype}".encode())
        if everything or not parameter.requires_grad:
            raw = (
                distributed.entire(parameter.detach()).cpu().contiguous().view(-1).view(torch.uint8)
            )
            found.update(raw.numpy().tobytes())
    return found.hexdigest()


def is_there(folder: Path) -> bool:
    """Whether a folder holds an unfinished run."""
    return (folder / CHECKPOINT).exists() or (folder / BEFORE).exists()


def resume(
    folder: Path,
    settings: Mapping[str, object],
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> Rows:
    """Take over an unfinished run's tensors; of several processes the first gives them to all.

    A latest checkpoint that is damaged or gone is replaced by the one before, with a warning.

    Args:
        folder, settings, model, optimizer: as for :func:`checkpoint`.

    Returns:
        The history so far; none where there is no such run.

    Raises:
        TrainingError: if no checkpoint can be read, or it is of a run with other settings.
        OutOfMemoryError: if there is no memory for the optimizer's tensors.
    """
    needed(lambda: list(_state(model, optimizer)), "the numbers that the optimizer keeps")
    rows = processes.on_first(lambda: _rows(folder, settings, model, optimizer))
    if rows:
        with _tensors(folder / CHECKPOINT) as tensor_of:
            for name, tensor in _state(model, optimizer):
                distributed.take(tensor, tensor_of(name))
    return rows


def forget(folder: Path) -> None:
    """Remove the checkpoints of a run that is finished, and what it held the folder with."""
    for name in (BEFORE, CHECKPOINT):
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(PermissionError):  # on Windows, which removes it later
        (folder / LOCK).unlink(missing_ok=True)


def _rows(
    folder: Path,
    settings: Mapping[str, object],
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> Rows:
    """The history of an unfinished run, whose tensors are then in the latest checkpoint."""
    if not is_there(folder):
        return []
    latest, before = folder / CHECKPOINT, folder / BEFORE
    try:
        return _read(latest, settings, model, optimizer)
    except _DamagedError as damage:
        try:
            rows = _read(before, settings, model, optimizer)
        except _DamagedError as older:
            raise TrainingError(
                f"The unfinished run in {latest} can't be read: {damage}; nor can the checkpoint "
                f"before it, {BEFORE}: {older}. Delete both files to begin anew, or bring one back "
                "from a copy."
            ) from damage
        part, number = next(iter(rows[-1].items()))
        warnings.warn(
            f"{latest} can't be read: {damage}. The run goes on from the checkpoint before, "
            f"after {part} {number:g}.",
            stacklevel=2,
        )
    with writing(folder):
        os.replace(before, latest)
    return rows


class _DamagedError(Exception):
    """A checkpoint is not as it was written; the text says why."""


def _read(
    file: Path,
    settings: Mapping[str, object],
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> Rows:
    """The history in a checkpoint that is whole and has all tensors."""
    try:
        about = checksum.read(file)
        rows: Rows = json.loads(about["rows"])
        theirs = json.loads(about["settings"])
        if theirs == settings:
            with safe_open(file, framework="pt") as stored:
                for name, tensor in _state(model, optimizer):
                    shape = stored.get_slice(name).get_shape()
                    if tuple(shape) != tuple(tensor.shape):
                        raise ValueError(f"{name} is {shape} and has to be {list(tensor.shape)}")
    except FileNotFoundError:
        raise _DamagedError("it is not there") from None
    except OSError as error:  # which says nothing of what is in it
        raise TrainingError(
            f"The unfinished run in {file} can't be read: {error}. Nothing was changed: try again "
            "when it can be."
        ) from error
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise _DamagedError(str(error)) from error
    if theirs != settings:
        raise TrainingError(
            f"{file} is of a run with other settings, of another model or on another text "
            f"({theirs}). Give the same (load a model anew that was trained since), choose another "
            "folder, or delete its checkpoints, unfinished*.safetensors."
        )
    return rows


@contextlib.contextmanager
def _tensors(file: Path) -> Iterator[Callable[[str], Tensor | None]]:
    """Inside, what gives a checkpoint's tensors by name; on the first of several processes only."""
    if processes.rank() > 0:
        yield lambda name: None
        return
    with safe_open(file, framework="pt") as stored:
        yield stored.get_tensor


def _state(model: nn.Module, optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, Tensor]]:
    """The tensors that training goes on from; the optimizer's are made where there are none."""
    fused = optimizer.defaults.get("fused")
    trainable = (each for each in model.named_parameters() if each[1].requires_grad)
    for name, parameter in trainable:
        state = optimizer.state[parameter]
        if not state:
            begun = {
                "step": torch.tensor(0.0, device=parameter.device if fused else None),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
            state.update(begun)  # all or none, where memory does not suffice
        yield name, parameter.detach()
        for key in ("step", "exp_avg", "exp_avg_sq"):
            yield f"{name}/{key}", state[key]
