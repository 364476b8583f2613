"""How an exercise calls the function that a student wrote, and what it keeps of what it returns.

Each way returns raw answers. What is made of them (a frequency, a policy that was optimised) is
computed outside, where no code of the student's runs.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from types import CodeType
from typing import Any

import numpy as np

from .codec import decode, encode

DRAWS = 1_500
"""Times that a sampling function is called."""
AGAIN = 20
"""Times that it is called once more, with the same seed."""


def answer(function: Callable[..., Any], style: str, inputs: Any) -> Any:
    """Call a function with encoded inputs, in their order, and encode what it returns.

    Styles: ``value`` keeps what it returns; ``gradient`` also the gradient by each input that
    requires one; ``draws`` calls it many times with one generator, then again with the same seed.

    Returns:
        ``{"answer": ...}``, or ``{"error": {"type": ..., "message": ...}}`` if it raised.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return {"answer": encode(STYLES[style](function, inputs))}
    except (Exception, SystemExit) as error:
        return {"error": described(error) | _line(function, error)}


def described(error: BaseException) -> dict[str, str]:
    """An exception's type and the first of its message."""
    try:
        message = str(error)
    except Exception:
        message = ""
    return {"type": type(error).__name__[:100], "message": message[:500]}


def _line(function: Callable[..., Any], error: BaseException) -> dict[str, int]:
    """Where in the function it was raised, counted from its first line."""
    code = getattr(function, "__code__", None)
    trace, line = error.__traceback__, None
    while isinstance(code, CodeType) and trace is not None:
        if trace.tb_frame.f_code is code:
            line = trace.tb_lineno - code.co_firstlineno + 1
        trace = trace.tb_next
    return {} if line is None else {"line": line}


def _value(function: Callable[..., Any], inputs: Any) -> Any:
    return function(*decode(inputs).values())


def _gradient(function: Callable[..., Any], inputs: Any) -> Any:
    import torch

    given = decode(inputs)
    value = function(*given.values())
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"a loss is a tensor, this is a {type(value).__name__}: it has no gradient")
    if value.numel() != 1:
        raise ValueError(f"a loss is one number, this has the shape {tuple(value.shape)}")
    if value.requires_grad:
        value.sum().backward()
    gradients = {
        name: None if item.grad is None else item.grad.clone()
        for name, item in given.items()
        if isinstance(item, torch.Tensor) and item.requires_grad
    }
    return {"value": value.detach().reshape(()), "gradients": gradients}


def _draws(function: Callable[..., Any], inputs: Any) -> Any:
    import torch

    drawn = []
    for seed, times in ((1, DRAWS), (2, AGAIN)):
        torch.manual_seed(seed)
        np.random.seed(seed)
        random.seed(seed)
        given = list(decode(inputs).values())  # its generator begins anew
        drawn.append([function(*given) for _ in range(times)])
    return {"draws": drawn[0], "again": drawn[1]}


STYLES = {"value": _value, "gradient": _gradient, "draws": _draws}
