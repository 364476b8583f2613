"""What the machine is, and what it can do at most."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.alternate import synchronise

PACKAGES = ("torch", "transformers", "trl", "accelerate", "alignlib")

BIGGER_THAN_CACHES = 256 * 2**20
"""Bytes of the array that is read to measure the bandwidth."""

SIZES = ((256, 256), (512, 512), (1024, 1024), (2048, 1024), (2048, 2048))
"""Of the matrices whose product is timed: (n, k) for an (n, k) times (k, n) product."""

SECONDS = 0.5
"""How long each product, and the reading, is tried; the fastest time counts."""


def describe(device: torch.device) -> dict[str, Any]:
    """The machine, without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "system": f"{platform.system()} {platform.machine()}",
    }


def versions() -> dict[str, str]:
    """Of Python and the packages that were timed."""
    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version()} | found


def limits(device: torch.device, dtypes: tuple[str, ...]) -> dict[str, float]:
    """The most that was measured.

    Returns:
        ``bandwidth``: GB read from memory in a second, of an array that fits into no cache;
        ``float32``, ``bfloat16``: GFLOP of a matrix product in a second, at the best of several
        sizes, for each dtype asked for.
    """
    found = {"bandwidth": bandwidth(device)}
    return found | {dtype: matrix_rate(device, getattr(torch, dtype)) for dtype in dtypes}


def bandwidth(device: torch.device) -> float:
    """GB/s of reading an array once, to add it up."""
    array = torch.ones(BIGGER_THAN_CACHES // 4, device=device)
    return array.numel() * 4 / _fastest(lambda: array.sum(), device) / 1e9


def matrix_rate(device: torch.device, dtype: torch.dtype) -> float:
    """GFLOP/s of a matrix product."""
    rates = []
    for n, k in SIZES if device.type == "cpu" else [(n * 4, k * 4) for n, k in SIZES]:
        a = torch.randn(n, k, device=device).to(dtype)
        b = torch.randn(k, n, device=device).to(dtype)
        seconds = _fastest(lambda a=a, b=b: a @ b, device)  # type: ignore[misc]
        rates.append(2 * n * n * k / seconds / 1e9)
    return max(rates)


def _fastest(work: Callable[[], object], device: torch.device) -> float:
    work()
    times: list[float] = []
    began = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - began < SECONDS:
        synchronise(device)
        started = time.perf_counter()
        work()
        synchronise(device)
        times.append(time.perf_counter() - started)
    return min(times)


def _cpu_name() -> str:
    """As the system calls it."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
