"""Functions in processes of their own, where faults are injected that no test could outlive."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

PROCESSES = multiprocessing.get_context("forkserver")
"""Forks of a server that has everything imported, so that a process is there in no time."""
PROCESSES.set_forkserver_preload(
    [
        *("alignlib.loading", "alignlib.reinforce", "alignlib.world.pretraining", "book.execute"),
        *("peft", "pytest"),
        *(f"transformers.models.{name}.modeling_{name}" for name in ("gpt2", "llama")),
    ]
)


def in_child(function: Callable[..., T], *arguments: Any) -> T:
    """What a function returns, or raises, in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=PROCESSES) as pool:
        return pool.submit(function, *arguments).result(timeout=400)
