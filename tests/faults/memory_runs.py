"""What the tests of memory run in each of two processes, of which the second has little.

``torchrun -m tests.faults.memory_runs whole MODEL FOLDER``, or ``sharded``.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from pathlib import Path

import torch

import alignlib
from alignlib import distributed, processes
from tests.faults.test_memory import LONG, MB, memory_of_at_most, tuned
from tests.small_training import fresh, train, weights


def main(how: str, model: str, folder: Path) -> None:
    """Train together, and write down what was warned of and the weights."""

    def load() -> alignlib.LM:
        lm = fresh(alignlib.load(model, device="cpu"), torch.float64)
        return distributed.shard(lm) if how == "sharded" else lm

    train(load(), LONG[:2], epochs=1)  # so that all that it calls is loaded
    lm, rank = load(), processes.rank()
    little = memory_of_at_most(200 * MB) if rank == 1 else contextlib.nullcontext()
    with warnings.catch_warnings(record=True) as said, little:
        warnings.simplefilter("always")
        tuned(lm, 16, [*LONG, *LONG])  # of which each process has half
    warned = [str(each.message) for each in said if each.category is UserWarning]
    torch.save((warned, weights(lm)), folder / f"{rank}.pt")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
