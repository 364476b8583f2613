"""Training on several processes: each learns from a share of every step, and gradients are added.

All processes hold the same weights, or with :func:`shard` a part of them each. What a step learns
from is split among them, every share is divided by what the whole step is divided by, and the sum
of their gradients is the gradient of one process, to rounding. With one process nothing here does
anything.

Left out: adding gradients while the backward pass still runs (but for sharded weights), and
splitting a layer's matrices (tensor parallelism) or the layers (pipelines).
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from alignlib.errors import MissingPackageError
from alignlib.logprobs import collate, completion_logprobs
from alignlib.model import LM
from alignlib.processes import begin, check_alike, gather, rank, size

__all__ = ["Share", "shard", "share", "unsharded"]

BUCKET = 2**24
"""Gradients that are added in one call have about this many numbers together."""


@dataclass(frozen=True)
class Share:
    """How the items of a step are split.

    Attributes:
        parts: for each process, the numbers of its items, in order.
    """

    parts: list[list[int]]

    @property
    def mine(self) -> list[int]:
        """The numbers of this process's items."""
        return self.parts[rank()]

    def times(self, k: int) -> Share:
        """The same, where each item is ``k`` rows next to each other."""
        return Share([[item * k + row for item in part for row in range(k)] for part in self.parts])

    def whole(self, values: Tensor) -> Tensor:
        """(N, ...) the values of all items, in their order, on the CPU.

        Args:
            values: (n,) or (n, T) those of this process's; where T differs, 0 is put behind.
        """
        if len(self.parts) == 1:
            return values
        given = gather(values.cpu())
        if values.dim() == 2:
            width = max(each.shape[1] for each in given)
            given = [nn.functional.pad(each, (0, width - each.shape[1])) for each in given]
        order = torch.tensor([item for part in self.parts for item in part]).argsort()
        return torch.cat(given)[order]


def share(costs: Sequence[int], keys: Sequence[Hashable] | None = None) -> Share:
    """Split items among all processes, the costly ones first, each to who has least so far.

    Args:
        costs: of each item, such as its tokens.
        keys: items with the same one stay together; by default each has its own.
    """
    if size() == 1:
        return Share([list(range(len(costs)))])
    groups: dict[Hashable, list[int]] = {}
    for item, key in enumerate(range(len(costs)) if keys is None else keys):
        groups.setdefault(key, []).append(item)
    cost = {key: sum(costs[item] for item in items) for key, items in groups.items()}
    parts: list[list[int]] = [[] for _ in range(size())]
    load = [0] * size()
    for key in sorted(groups, key=lambda key: (-cost[key], groups[key])):
        least = load.index(min(load))
        parts[least] += groups[key]
        load[least] += cost[key]
    return Share([sorted(part) for part in parts])


@torch.no_grad()
def add_gradients(parameters: Sequence[nn.Parameter], loss: float) -> float:
    """Give all processes the sum of their gradients, and of their losses.

    A gradient that only some have counts as 0 on the others; one that none has stays None. Those of
    sharded parameters are added by the backward pass already.

    Args:
        parameters: with this process's gradients, in the same order on all.
        loss: this process's.

    Returns:
        The sum of the losses, the same on all.
    """
    if size() == 1:
        return loss
    losses, present = zip(
        *gather((loss, [each.grad is not None for each in parameters])), strict=True
    )
    gradients = []
    for parameter, having in zip(parameters, zip(*present, strict=True), strict=True):
        if any(having) and not isinstance(parameter, DTensor):  # else it has its part of the sum
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            gradients.append(parameter.grad)
    for bucket in _buckets(gradients):
        flat = torch.cat([gradient.flatten() for gradient in bucket])
        dist.all_reduce(flat)
        lengths = [gradient.numel() for gradient in bucket]
        for gradient, part in zip(bucket, flat.split(lengths), strict=True):
            gradient.copy_(part.view_as(gradient))
    return float(sum(losses))


def _buckets(tensors: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """Tensors of one dtype, as many as fill a bucket."""
    for dtype in dict.fromkeys(tensor.dtype for tensor in tensors):
        bucket: list[Tensor] = []
        for tensor in (each for each in tensors if each.dtype == dtype):
            bucket.append(tensor)
            if sum(each.numel() for each in bucket) >= BUCKET:
                yield bucket
                bucket = []
        if bucket:
            yield bucket


def shard(lm: LM) -> LM:
    """Split a model's weights among all processes, in place, so that a larger one fits.

    Each holds its part of every weight, of its gradient and of the optimizer's numbers, and gets
    the weights of a layer while it computes with it (PyTorch's ``fully_shard``; Zhao et al. 2023).
    Call it on all processes, after loading and before training.

    Inside :func:`unsharded` each has all weights, so that it can read the model by itself. Outside,
    all have to read the model together, with the same inputs.

    Args:
        lm: the model, the same on all. With one process it stays as it is.

    Returns:
        The same model.

    Raises:
        TrainingError: if the processes do not have the same weights.
        MissingPackageError: if PyTorch is too old.
    """
    from alignlib.unfinished import digest  # which imports this module

    begin(lm.device)
    if size() == 1 or is_sharded(lm.model):
        return lm
    check_alike({"weights": digest(lm.model, everything=True)})
    layers = set(lm.model._no_split_modules or ())
    for module in list(lm.model.modules()):
        if type(module).__name__ in layers:
            fully_shard(module)
    fully_shard(lm.model)
    try:
        for part in _parts(lm.model):  # gradients are sums, not means over the processes
            part.set_gradient_divide_factor(1.0)
            part.set_force_sum_reduction_for_comms(True)
    except AttributeError as error:
        raise MissingPackageError(
            f"PyTorch {torch.__version__} can't add the gradients of sharded weights: install a "
            "newer one, or leave shard out."
        ) from error
    return lm


def is_sharded(model: nn.Module) -> bool:
    """Whether each process has only a part of the weights."""
    return isinstance(model, FSDPModule)


@contextlib.contextmanager
def unsharded(lm: LM) -> Iterator[None]:
    """Inside, each process has all weights of a sharded model, to read and not to change."""
    parts = _parts(lm.model) if is_sharded(lm.model) else []
    for part in parts:
        part.set_reshard_after_forward(False)
        part.unshard()
    try:
        yield
    finally:
        for part in parts:
            part.set_reshard_after_forward(True)
            part.reshard()


def _parts(model: nn.Module) -> list[FSDPModule]:
    return [module for module in model.modules() if isinstance(module, FSDPModule)]


def in_step(lm: LM, losses: Iterable[Tensor], share: Share, rows_at_once: int) -> Iterator[Tensor]:
    """Losses; of a sharded model as many as the process that has most makes, the rest of them 0.

    For all have to compute with a layer at the same time.

    Args:
        lm: the model.
        losses: of this process's share, one for each pass.
        share: of the rows.
        rows_at_once: how many make a pass.
    """
    yield from losses
    if is_sharded(lm.model):
        passes = [math.ceil(len(part) / rows_at_once) for part in share.parts]
        for _ in range(max(passes) - passes[rank()]):
            any_row = collate(lm, [[lm.pad_id]], [[lm.pad_id]])
            yield completion_logprobs(lm, any_row).sum() * 0.0


def local(tensor: Tensor) -> Tensor:
    """This process's part of a sharded tensor, in place; of another all."""
    if not isinstance(tensor, DTensor):
        return tensor
    part: Tensor = tensor.to_local()
    return part.detach()


def entire(tensor: Tensor) -> Tensor:
    """All of a sharded tensor, which all processes have to ask for; another as it is."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


@torch.no_grad()
def take(tensor: Tensor, value: Tensor | None) -> None:
    """Give a tensor, or each process's part of it, the value that process 0 has.

    Args:
        tensor: what is changed, in place.
        value: all of it, of any dtype; None on the other processes.
    """
    if size() == 1 and value is not None:
        tensor.copy_(value)
        return
    given = torch.empty(tensor.shape, dtype=tensor.dtype, device=tensor.device)
    if value is not None:
        given.copy_(value)
    dist.broadcast(given, 0)
    if isinstance(tensor, DTensor):
        given = distribute_tensor(given, tensor.device_mesh, tensor.placements, src_data_rank=None)
    tensor.copy_(given)
