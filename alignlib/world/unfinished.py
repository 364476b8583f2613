"""The folder of a training run: its checkpoint while it is unfinished, and its record afterwards.

A checkpoint is all that training goes on from, in one safetensors file. It is written beside its
place and renamed, so that a run that is killed while writing leaves the one before. Settings and
history travel in its header, so tensors and history can't be out of step.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from alignlib.errors import PretrainingError

CHECKPOINT = "unfinished.safetensors"
RECORD = "training.json"
"""How the finished model beside it was trained."""

Rows = list[dict[str, float]]
"""A history: one row for each part of the run that is done."""


def prepare(folder: Path) -> None:
    """Make a folder for a model, once it is clear that it can be written and holds none.

    Raises:
        PretrainingError: if it can't be written, or holds a finished model.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    started = (folder / CHECKPOINT).exists()
    if not started and any((folder / name).exists() for name in (RECORD, "config.json")):
        raise PretrainingError(
            f"{folder} holds a model already. Choose another folder, delete this one, or measure "
            f"what is there: alignlib card --out {folder}"
        )


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Raise a :class:`PretrainingError` where a folder can't be written inside the block."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        raise PretrainingError(
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
    """
    file = folder / CHECKPOINT
    draft = file.with_suffix(f".{os.getpid()}.draft")
    tensors = {name: tensor.contiguous() for name, tensor in _state(model, optimizer)}
    about = {"settings": json.dumps(settings), "rows": json.dumps(rows)}
    save_file(tensors, draft, metadata=about)
    with draft.open("rb") as handle:
        os.fsync(handle.fileno())
    os.replace(draft, file)


def resume(
    folder: Path,
    settings: Mapping[str, object],
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> Rows:
    """Take over an unfinished run's tensors.

    Args:
        folder, settings, model, optimizer: as for :func:`checkpoint`.

    Returns:
        The history so far; none where there is no such run.

    Raises:
        PretrainingError: if the checkpoint can't be read, or is of a run with other settings.
    """
    file = folder / CHECKPOINT
    if not file.is_file():
        return []
    try:
        with safe_open(file, framework="pt") as stored:
            about = stored.metadata() or {}
            rows: Rows = json.loads(about["rows"])
            theirs = json.loads(about["settings"])
            if theirs == settings:
                for name, tensor in _state(model, optimizer):
                    tensor.copy_(stored.get_tensor(name))
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise PretrainingError(
            f"The unfinished run in {file} can't be read: {error}. Delete the file to begin anew."
        ) from error
    if theirs != settings:
        raise PretrainingError(
            f"{file} is an unfinished run with other settings, or on another text ({theirs}). Give "
            "the same, choose another folder, or delete the file."
        )
    return rows


def forget(folder: Path) -> None:
    """Remove the checkpoint of a run that is finished, and drafts that killed runs left."""
    for file in (folder / CHECKPOINT, *folder.glob("unfinished.*.draft")):
        file.unlink(missing_ok=True)


def _state(model: nn.Module, optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, Tensor]]:
    """The tensors that training goes on from; the optimizer's are made where there are none."""
    for name, parameter in model.named_parameters():
        state = optimizer.state[parameter]
        if not state:
            state["step"] = torch.tensor(0.0)
            state["exp_avg"] = torch.zeros_like(parameter)
            state["exp_avg_sq"] = torch.zeros_like(parameter)
        yield name, parameter.detach()
        for key in ("step", "exp_avg", "exp_avg_sq"):
            yield f"{name}/{key}", state[key]
