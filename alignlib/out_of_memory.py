"""Passes that do not fit into memory: they are made again with half the rows.

Rows of a pass do not see each other, so fewer of them change no number but for rounding.

Left out: main memory that Linux promises and does not have. It then kills the process, which
nothing in it can notice; checkpoints are for that.
"""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch

from alignlib import processes
from alignlib.errors import AlignlibError, OutOfMemoryError

__all__ = ["Passes"]

T = TypeVar("T")

WORDS = (
    "out of memory",  # CUDA's and MPS's
    "can't allocate memory",  # of a CPU, on Linux and macOS
    "not enough memory",  # and on Windows
    "bad_alloc",  # of C++
    "ALLOC_FAILED",  # of cuBLAS and cuDNN
)
"""What torch says where memory does not suffice, in a RuntimeError."""


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that it was raised while handling, is for want of memory."""
    if error is None or isinstance(error, AlignlibError):
        return False  # what is ours has been dealt with
    said = isinstance(error, RuntimeError) and any(words in str(error) for words in WORDS)
    return said or isinstance(error, MemoryError) or is_out_of_memory(error.__context__)


def tried(attempt: Callable[[], T]) -> tuple[T] | None:
    """What an attempt gives; None where memory did not suffice, and all that it held is freed."""
    try:
        return (attempt(),)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    # Not in the handler: until it is left, the traceback holds what the attempt has made.
    gc.collect()
    torch.cuda.empty_cache()
    return None


def needed(attempt: Callable[[], T], what: str) -> T:
    """What an attempt gives that can't be made smaller.

    Args:
        attempt: makes it.
        what: it is, for the error.

    Raises:
        OutOfMemoryError: if memory does not suffice.
    """
    done = tried(attempt)
    if done is None:
        raise OutOfMemoryError(
            f"There is no memory for {what}: train an adapter (lora_rank=8), whose gradients and "
            "copies are small, a smaller model, or on a device with more memory."
        )
    return done[0]


@dataclass
class Passes:
    """How many rows a pass takes: fewer from when one did not fit.

    Attributes:
        argument: with which a user gives that number, and no other.
        most: it is.
        alike: whether several processes make each pass together, so that none can take fewer.
    """

    argument: str | None
    most: int = sys.maxsize
    alike: bool = False

    def fit(self, attempt: Callable[[int], T], rows: int | None = None) -> T:
        """What an attempt gives, which is made with half the rows until it fits.

        Args:
            attempt: takes the most rows of a pass; whatever it began it can begin anew.
            rows: how many it has, if they can be fewer than a pass may take.

        Raises:
            OutOfMemoryError: if not even one row fits.
        """
        first = now = self.most if rows is None else min(rows, self.most)
        while (done := tried(partial(attempt, now))) is None:
            if self.alike:
                processes.stop_alone()
                raise OutOfMemoryError(
                    f"A pass of {now} rows does not fit into memory, and processes that share "
                    f"weights can't take fewer one by one: give a lower {self.argument}."
                )
            if now == 1:
                raise OutOfMemoryError(
                    "Not even a pass of one row fits into memory: give shorter texts, a smaller "
                    "model, or a device with more memory. To train, an adapter (lora_rank=8) needs "
                    "less."
                )
            now = self.most = now // 2
        if now < first:
            advice = f" In a new run give {self.argument}={now}." if self.argument else ""
            warnings.warn(
                f"A pass of {first} rows did not fit into memory. From here on it has {now}, which "
                f"gives the same result.{advice}",
                stacklevel=2,
            )
        return done[0]
