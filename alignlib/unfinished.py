"""The folder of a training run: what it goes on from if it is stopped.

A checkpoint is all that training goes on from, in one safetensors file. It is written beside its
place and renamed, so that a run that is killed while writing leaves the one before. Settings and
history travel in its header, so tensors and history can't be out of step. Of several processes the
first alone reads and writes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from alignlib import distributed, processes
from alignlib.errors import TrainingError

CHECKPOINT = "unfinished.safetensors"

Rows = list[dict[str, float]]
"""A history: one row for each part of the run that is done."""


def prepare(folder: Path) -> None:
    """Make a folder for a run, and try to write into it before any work is done.

    Drafts that killed runs left are removed.

    Raises:
        TrainingError: if it can't be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        for draft in folder.glob("unfinished.*.draft"):
            shutil.rmtree(draft)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Raise a :class:`TrainingError` where a folder can't be written inside the block."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        raise TrainingError(
            f"The folder {folder} can't be written: {error}. Give a folder that you can write to, "
            "on a disk with room; a checkpoint that is there is kept."
        ) from error


def checkpoint(
    folder: Path,
    settings: Mapping[str, object],
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    rows: Rows,
) -> None:
    """Write what training goes on from into a folder.

    Args:
        folder: where; the checkpoint before is replaced.
        settings: of the run, as JSON knows them.
        model: what is trained.
        optimizer: Adam or AdamW, of the model's parameters.
        rows: the history so far.

    Raises:
        TrainingError: if it can't be written; the checkpoint before is kept.
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
    # In a folder of its own, since safetensors begins with a file that has a name of its choice.
    with writing(folder), tempfile.TemporaryDirectory(".draft", "unfinished.", folder) as place:
        draft = Path(place) / CHECKPOINT
        save_file(tensors, draft, metadata=about)
        with draft.open("r+b") as handle:  # Windows does not flush what is only read
            os.fsync(handle.fileno())
        os.replace(draft, folder / CHECKPOINT)


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


def resume(
    folder: Path,
    settings: Mapping[str, object],
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> Rows:
    """Take over an unfinished run's tensors; of several processes the first gives them to all.

    Args:
        folder, settings, model, optimizer: as for :func:`checkpoint`.

    Returns:
        The history so far; none where there is no such run.

    Raises:
        TrainingError: if the checkpoint can't be read, or is of a run with other settings.
    """
    file = folder / CHECKPOINT
    rows = processes.on_first(lambda: _rows(file, settings, model, optimizer))
    if rows:
        with _tensors(file) as tensor_of:
            for name, tensor in _state(model, optimizer):
                distributed.take(tensor, tensor_of(name))
    return rows


def forget(folder: Path) -> None:
    """Remove the checkpoint of a run that is finished."""
    (folder / CHECKPOINT).unlink(missing_ok=True)


def _rows(
    file: Path,
    settings: Mapping[str, object],
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> Rows:
    """The history of an unfinished run, after trying that all its tensors are there."""
    if not file.is_file():
        return []
    try:
        with safe_open(file, framework="pt") as stored:
            about = stored.metadata() or {}
            rows: Rows = json.loads(about["rows"])
            theirs = json.loads(about["settings"])
            if theirs == settings:
                for name, tensor in _state(model, optimizer):
                    shape = stored.get_slice(name).get_shape()
                    if tuple(shape) != tuple(tensor.shape):
                        raise ValueError(f"{name} is {shape} and has to be {list(tensor.shape)}")
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise TrainingError(
            f"The unfinished run in {file} can't be read: {error}. Delete the file to begin anew."
        ) from error
    if theirs != settings:
        raise TrainingError(
            f"{file} is of a run with other settings, of another model or on another text "
            f"({theirs}). Give the same (load a model anew that was trained since), choose another "
            "folder, or delete the file."
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
            state["step"] = torch.tensor(0.0, device=parameter.device if fused else None)
            state["exp_avg"] = torch.zeros_like(parameter)
            state["exp_avg_sq"] = torch.zeros_like(parameter)
        yield name, parameter.detach()
        for key in ("step", "exp_avg", "exp_avg_sq"):
            yield f"{name}/{key}", state[key]
