"""Values as JSON, in and out of the sandbox: numbers, texts, lists, dicts, arrays and tensors.

No pickle, so nothing that is read can run code. Inside, :func:`decode` makes the inputs of a call
and :func:`encode` writes its answer down; outside, :func:`plain` reads the answer as numbers and
NumPy arrays. An answer of any other type is named, never represented: an object that says it is
equal to everything is a ``$other``.
"""

from __future__ import annotations

import math
import numbers
import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

MOST_VALUES = 200_000
"""Numbers and texts that one answer may have."""
DEEPEST = 12
LONGEST_TEXT = 100_000


@dataclass(frozen=True)
class Generator:
    """Stands among the inputs for a ``torch.Generator`` on the CPU with this seed."""

    seed: int


@dataclass(frozen=True)
class Other:
    """Stands among the answers for a value that is none of the types that travel."""

    type: str


class _TooLargeError(Exception):
    pass


def encode(value: Any) -> Any:
    """A value as JSON's types: ``{"$other": type}`` for what can't travel.

    A tensor that requires a gradient is marked, so that :func:`decode` makes such a one.
    """
    try:
        return _encode(value, [MOST_VALUES], 0)
    except _TooLargeError as error:
        return {"$other": str(error)}


def decode(value: Any) -> Any:
    """The inverse of :func:`encode`, with torch tensors for tensors."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$dict" in value:
        return {decode(key): decode(item) for key, item in value["$dict"]}
    if "$array" in value:
        return np.array(value["$array"], value["dtype"]).reshape(value["shape"])
    if "$generator" in value:
        import torch

        return torch.Generator().manual_seed(value["$generator"])
    if "$tensor" in value:
        import torch

        dtype = getattr(torch, value["dtype"])
        made = torch.tensor(value["$tensor"], dtype=dtype).reshape(value["shape"])
        return made.requires_grad_(value["grad"])
    return Other(str(value.get("$other")))


def plain(value: Any) -> Any:
    """An encoded answer as numbers, texts, lists, dicts and NumPy arrays; tensors are arrays.

    Whoever wrote it may have made it up, so it is held to what ``encode`` writes.

    Raises:
        ValueError, TypeError, KeyError: if it is not of the form that ``encode`` gives.
    """
    try:
        return _plain(value, [MOST_VALUES], 0)
    except OverflowError as error:
        raise ValueError(f"a number that is out of range: {error}") from error


def _plain(value: Any, budget: list[int], depth: int) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or depth > 2 * DEEPEST:
        raise ValueError("more data than an answer may have")
    if isinstance(value, list):
        return [_plain(item, budget, depth + 1) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return float(value)
    if not isinstance(value, dict):
        return value
    if "$dict" in value:
        items = [[_plain(part, budget, depth + 1) for part in item] for item in value["$dict"]]
        return dict(items)
    if "$generator" in value:
        return Generator(int(value["$generator"]))
    for kind in ("$array", "$tensor"):
        if kind in value:
            budget[0] -= len(value[kind])
            if budget[0] < 0:
                raise ValueError("more data than an answer may have")
            dtype = {"bool": bool, "int64": np.int64}.get(str(value["dtype"]), np.float64)
            flat = np.array(value[kind], dtype)
            return flat.reshape([int(size) for size in value["shape"]])
    return Other(str(value["$other"])[:100])


def _encode(value: Any, budget: list[int], depth: int) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or depth > DEEPEST:
        raise _TooLargeError("more data than an answer may have")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise _TooLargeError(f"a text of {len(value):,} characters")
        return str.__str__(value)
    if isinstance(value, np.ndarray | np.generic):
        return _array(value, budget, depth)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return _tensor(torch, value, budget)
    if isinstance(value, numbers.Real | Decimal):
        if isinstance(value, numbers.Integral) and -(2**63) <= int(value) < 2**63:
            return int(value)
        return float(value)  # an OverflowError is the answer's own
    if isinstance(value, list | tuple):
        return [_encode(item, budget, depth + 1) for item in value]
    if isinstance(value, dict):
        items = [
            (_encode(k, budget, depth), _encode(v, budget, depth + 1)) for k, v in value.items()
        ]
        return {"$dict": [list(item) for item in items]}
    if isinstance(value, Generator):
        return {"$generator": value.seed}
    return {"$other": f"{type(value).__module__}.{type(value).__qualname__}"[:100]}


def _array(value: Any, budget: list[int], depth: int) -> Any:
    if value.dtype.kind not in "biuf":
        return _encode(value.tolist(), budget, depth + 1)
    budget[0] -= value.size
    if budget[0] < 0:
        raise _TooLargeError(f"an array of {value.size:,} numbers")
    dtype = {"b": "bool", "f": "float64"}.get(value.dtype.kind, "int64")
    value = value.astype(dtype)
    if value.ndim == 0:
        return value.item()
    return {"$array": value.ravel().tolist(), "shape": list(value.shape), "dtype": dtype}


def _tensor(torch: Any, value: Any, budget: list[int]) -> Any:
    budget[0] -= math.prod(value.shape)
    if budget[0] < 0:
        raise _TooLargeError(f"a tensor of shape {tuple(value.shape)}")
    if value.is_complex():
        return {"$other": "a complex tensor"}
    dtype = str(value.dtype).removeprefix("torch.")
    if not value.is_floating_point() and dtype != "bool":
        dtype = "int64"
    data = value.detach().cpu()
    if dtype not in ("bool", "int64", "float32", "float64"):
        data, dtype = data.float(), "float32"
    return {
        "$tensor": data.reshape(-1).tolist(),
        "shape": list(value.shape),
        "dtype": dtype,
        "grad": bool(value.requires_grad and value.is_leaf),
    }
