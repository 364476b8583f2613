"""The matrix products of a model's linear layers, on a CPU by the faster library.

PyTorch gives float32 products to MKL and bfloat16 products to oneDNN. On an AMD processor oneDNN
multiplied large float32 matrices at twice the rate, so there these go to oneDNN too; on one of
Intel's it was slower by a tenth, so elsewhere all is left as it is. Both compute in float32; the
results differ by rounding. Small products stay with MKL, which starts sooner.
"""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import register_flop_formula

__all__ = ["Linear", "product", "speed_up"]

WORTHWHILE = 2**20
"""The multiplications from which oneDNN's longer start pays."""


def _pays() -> bool:
    """Whether the libraries are there and the processor is one that oneDNN is faster on."""
    about = Path("/proc/cpuinfo")
    maker = about.read_text() if about.is_file() else platform.processor()
    there = torch.backends.mkldnn.is_available() and torch.backends.mkl.is_available()
    return there and "AuthenticAMD" in maker


PAYS = _pays()
"""Whether anything is given to oneDNN here."""


class Linear(nn.Linear):
    """``torch.nn.Linear`` without a bias, whose large products oneDNN computes."""

    def forward(self, input: Tensor) -> Tensor:
        """(..., out_features) of (..., in_features)."""
        if not _better_by_onednn(input, self.weight):
            return functional.linear(input, self.weight)
        if not torch.is_grad_enabled():
            return _by_onednn(input, self.weight)
        output: Tensor = _Product.apply(input, self.weight)  # type: ignore[no-untyped-call]
        return output


def product(x: Tensor, weight: Tensor) -> Tensor:
    """(..., N) = (..., K) (N, K)^T, without a graph and outside autocast, by the faster library."""
    if _better_by_onednn(x, weight):
        return _by_onednn(x, weight)
    return functional.linear(x, weight)


def speed_up(model: nn.Module) -> None:
    """Let a model's linear layers choose their library, where there is something to choose."""
    if not PAYS:
        return
    for module in model.modules():
        if type(module) is nn.Linear and module._parameters["bias"] is None:
            module.__class__ = Linear  # so that copies, adapters and checkpoints work as before


def _better_by_onednn(x: Tensor, weight: Tensor) -> bool:
    return (
        PAYS
        and x.numel() * weight.shape[0] >= WORTHWHILE
        and x.dim() > 1
        and x.device.type == "cpu"
        and x.dtype == weight.dtype == torch.float32
        and not torch.is_autocast_enabled("cpu")
    )


def _by_onednn(x: Tensor, weight: Tensor) -> Tensor:
    """(..., N) = (..., K) (N, K)^T, by oneDNN."""
    product: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, None, "none", [], "")
    return product


@register_flop_formula(torch.ops.mkldnn._linear_pointwise)
def _operations(x: torch.Size, weight: torch.Size, *_: Any, **__: Any) -> int:
    """What torch's counter of operations is to count for a product by oneDNN."""
    return 2 * x.numel() * weight[0]


class _Product(torch.autograd.Function):
    """The product with its gradients, which are products too."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _by_onednn(x, weight)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        to_x, to_weight = ctx.needs_input_grad
        rows = gradient.flatten(0, -2)  # (M, N)
        if torch.is_grad_enabled():  # these gradients are to be differentiated too
            return gradient @ weight, rows.t() @ x.flatten(0, -2)
        return (
            _by_onednn(gradient, weight.t()) if to_x else None,
            _by_onednn(rows.t(), x.flatten(0, -2).t()) if to_weight else None,
        )
