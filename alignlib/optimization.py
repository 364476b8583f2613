"""Steps of training: AdamW with a rising and falling rate, clipped, with a way back.

Left out: other optimizers, other schedules, gradient scaling for float16 (bfloat16 needs none).
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from alignlib import distributed
from alignlib.arguments import is_real, is_whole
from alignlib.errors import DeviceError, TrainingError
from alignlib.out_of_memory import needed

__all__ = ["Precision", "Schedule"]

Precision = Literal["auto", "float32", "bfloat16"]
"""Of the forward and backward pass; weights and optimizer keep their own."""

Schedule = Literal["cosine", "constant"]
"""What the learning rate does after its warm-up: fall to 0 as half a cosine, or stay."""


def adamw(model: nn.Module, weight_decay: float) -> torch.optim.AdamW:
    """The optimizer of a model's trainable parameters, norms and biases too, which all decay."""
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trainable:
        raise TrainingError("No parameter of the model is trainable: set requires_grad on some.")
    return torch.optim.AdamW(trainable, weight_decay=weight_decay, fused=True)


def rate_at(step: int, steps: int, peak: float, warmup: float, schedule: Schedule) -> float:
    """The learning rate of one step.

    Args:
        step: which one, from 1 to ``steps``.
        steps: how many there are.
        peak: the rate at its highest.
        warmup: the share of the steps over which it rises from 0.
        schedule: what it does then.
    """
    rising = warmup * steps
    if step < rising:
        return peak * step / rising
    if schedule == "constant" or step <= rising:
        return peak
    return peak * (1 + math.cos(math.pi * (step - rising) / (steps + 1 - rising))) / 2


class Backup:
    """The latest weights whose loss was a number, to go back to; always those of a whole step.

    Attributes:
        step: how many steps these weights have behind them.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        weights = [p for group in optimizer.param_groups for p in group["params"]]
        self._weights = [distributed.local(parameter) for parameter in weights]
        self._good = needed(
            lambda: [parameter.detach().clone() for parameter in self._weights],
            "a copy of the weights, to go back to",
        )
        self.step = step

    @torch.no_grad()
    def keep(self, step: int) -> None:
        """Take the weights as they are, after so many steps, for good; those before are dropped.

        Of a step that has several updates, the weights before the first are kept.
        """
        if step > self.step:
            torch._foreach_copy_(self._good, self._weights)
            self.step = step

    @torch.no_grad()
    def is_finite(self) -> bool:
        """Whether the weights, as they are, are numbers."""
        # A sum is quick to make, and a number only where all are; it can be none where all are.
        return all(
            math.isfinite(weight.sum()) or bool(weight.isfinite().all()) for weight in self._weights
        )

    @torch.no_grad()
    def restore(self) -> None:
        """Give the weights their last good values."""
        torch._foreach_copy_(self._weights, self._good)

    def no_number(self, what: str, learning_rate: float) -> TrainingError:
        """The error to raise for a loss or a gradient that is none, after going back.

        Args:
            what: it is.
            learning_rate: of the step that led there.
        """
        self.restore()
        return TrainingError(
            f"{what} is no number: the learning rate of {learning_rate:g} may be too high. The "
            f"model has its weights after step {self.step}, the latest whose loss was a number."
        )


def gradient(optimizer: torch.optim.Optimizer, losses: Iterable[Tensor]) -> float:
    """Give the parameters the gradient of a sum of losses.

    Args:
        optimizer: of the parameters, whose gradients so far are dropped.
        losses: the parts of the loss, whose graphs are made and freed one after the other.

    Returns:
        The sum.
    """
    parts = []
    optimizer.zero_grad()  # also of gradients that a caller, a measure or a failed pass has left
    with torch.enable_grad():
        for loss in losses:
            loss.backward()
            parts.append(loss.detach())
    return float(torch.stack(parts).sum()) if parts else 0.0


@torch.no_grad()
def loss_of(losses: Iterable[Tensor]) -> float:
    """The sum of losses, without a gradient."""
    return sum((float(loss) for loss in losses), 0.0)


def take_step(
    optimizer: torch.optim.Optimizer,
    loss: float,
    backup: Backup,
    step: int,
    learning_rate: float,
    max_gradient_norm: float,
) -> tuple[float, float]:
    """One step down the gradient of a sum of losses, those of all processes.

    Args:
        optimizer: of the parameters, which have this process's :func:`gradient`.
        loss: this process's.
        backup: of the same optimizer.
        step: its number, from 1.
        learning_rate: of this step.
        max_gradient_norm: a longer gradient is scaled down to this length.

    Returns:
        The loss before the step, and the gradient's length before it was scaled down.

    Raises:
        TrainingError: if either is no number; the weights are then the latest whose loss was one.
    """
    weights = [p for group in optimizer.param_groups for p in group["params"]]
    total = distributed.add_gradients(weights, loss)
    if math.isfinite(total):
        backup.keep(step - 1)
    norm = float(distributed.entire(nn.utils.clip_grad_norm_(weights, max_gradient_norm)))
    if not math.isfinite(total + norm):
        which = "gradient" if math.isfinite(total) else "loss"
        raise backup.no_number(f"The {which} of step {step}", learning_rate)
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    needed(optimizer.step, "the optimizer's numbers")
    optimizer.zero_grad()
    return total, norm


LARGE = 50_000_000
"""The parameters from which bfloat16 pays on a CPU."""


def autocast(device: torch.device, precision: Precision, parameters: int = 0) -> torch.autocast:
    """Where the passes run in bfloat16, if they do.

    Args:
        device: where they run.
        precision: ``auto`` takes bfloat16 on a GPU that has it, and on a CPU that has it for
            models of :data:`LARGE`.
        parameters: of the model.
    """
    if precision not in get_args(Precision):
        raise TrainingError(f"precision is {precision!r}; use one of {get_args(Precision)}.")
    on_gpu = device.type == "cuda"
    able = not on_gpu or torch.cuda.is_bf16_supported(including_emulation=False)
    if precision == "bfloat16" and not able:
        raise DeviceError(f"{device} can't compute in bfloat16: say precision='float32'.")
    pays = (on_gpu and able) or (
        device.type == "cpu" and parameters >= LARGE and cpu_has_bfloat16()
    )
    mixed = precision == "bfloat16" or (precision == "auto" and pays)
    return torch.autocast(device.type, torch.bfloat16, enabled=mixed)


def cpu_has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 numbers itself, rather than as float32."""
    return any(
        getattr(torch.cpu, name, bool)()
        for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )


@contextlib.contextmanager
def seeded(device: torch.device, seed: int, step: int = 0, rank: int = 0) -> Iterator[None]:
    """Inside, torch's own generators (those of dropout) begin at a seed made of these numbers."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed((int(seed) * 1_000_003 + step + rank * 2**40) % 2**63)
        yield


def check_counts(**counts: object) -> None:
    """Raise a :class:`TrainingError` where a count is no whole number of 1 or more."""
    for name, count in counts.items():
        if not is_whole(count, 1):
            raise TrainingError(f"{name} is {count!r}: give a whole number, 1 or more.")


def check_seed(seed: object) -> None:
    """Raise a :class:`TrainingError` where a seed is no whole number of 0 or more."""
    if not is_whole(seed, 0):
        raise TrainingError(f"seed is {seed!r}: give a whole number, 0 or more.")


def check_optimization(
    learning_rate: float,
    warmup: float,
    schedule: Schedule,
    weight_decay: float,
    max_gradient_norm: float,
) -> None:
    """Raise a :class:`TrainingError` where a setting is out of its range."""
    for name, number in (("learning_rate", learning_rate), ("weight_decay", weight_decay)):
        if not is_real(number) or number < 0:
            raise TrainingError(f"{name} is {number!r}: give a number, 0 or more.")
    if not is_real(max_gradient_norm) or max_gradient_norm <= 0:
        raise TrainingError(f"max_gradient_norm is {max_gradient_norm!r}: give a number above 0.")
    if not is_real(warmup) or not 0 <= warmup <= 1:
        raise TrainingError(f"warmup is {warmup!r}: give a share of the steps, from 0 to 1.")
    if schedule not in get_args(Schedule):
        raise TrainingError(f"schedule is {schedule!r}; use one of {get_args(Schedule)}.")
