"""Peak memory: each contender in a process of its own.

    python -m benchmarks.memory sampling alignlib tiny float32 cpu

prints the bytes by which the process grew, at its largest, above what it had once everything was
imported and the model loaded. On a CPU that is resident memory, the kernel's ``VmHWM``:
``getrusage`` starts a child at its parent's peak. Where the kernel has none (macOS), it is
``ru_maxrss`` all the same. On CUDA it is what torch allocated.
"""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
from pathlib import Path

import torch

from benchmarks import material, models, rloo, sampling, sft, trl_side
from benchmarks.alternate import Contender
from benchmarks.row import OURS, BenchmarkError, Row

TASKS = ("sampling", "sft", "rloo")
OTHERS = {"sampling": "generate", "sft": "TRL", "rloo": "TRL"}
BATCH = 32
"""Texts sampled at once."""

STEPS = 2
"""Of training: from the second on, the optimizer has its memory too."""

STATUS = Path("/proc/self/status")
RESET = Path("/proc/self/clear_refs")


def measure(task: str, name: str, dtype: str, device: torch.device, rounds: int) -> Row:
    """The megabytes of both, in processes that take turns."""
    found: dict[str, list[float]] = {OURS: [], OTHERS[task]: []}
    for number in range(rounds):
        for contender in list(found) if number % 2 == 0 else list(reversed(found)):
            found[contender].append(_in_a_process(task, contender, name, dtype, device) / 1e6)
    return Row(
        kind="memory", case=task, model=name, dtype=dtype, setting={}, unit="MB", rounds=found
    )  # fmt: skip


def _in_a_process(task: str, contender: str, name: str, dtype: str, device: torch.device) -> int:
    command = [sys.executable, "-m", "benchmarks.memory", task, contender, name, dtype, str(device)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(
            f"{' '.join(command[1:])} failed; run it by itself to see why. It said:\n"
            f"{done.stderr[-2000:]}"
        )
    return int(done.stdout.split()[-1])


def grown(task: str, contender: str, name: str, dtype: str, device: torch.device) -> int:
    """The bytes by which this process grows while it does the task once."""
    with _prepared(task, contender, name, dtype, device)(0) as work:
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
            before = torch.cuda.memory_allocated(device)
            work()
            return torch.cuda.max_memory_allocated(device) - before
        with contextlib.suppress(OSError):
            RESET.write_text("5")  # the peak is the present again
        before = _peak()
        work()
        return _peak() - before


def _prepared(task: str, contender: str, name: str, dtype: str, device: torch.device) -> Contender:
    own = contender == OURS
    if task == "sampling":
        loaded = models.fresh if own else models.plain
        lm = models.endless(loaded(name, device, dtype))
        asked = material.prompts(lm, BATCH)
        each = (lm, asked, 1, sampling.NEW_TOKENS, False)
        return sampling.ours(*each) if own else sampling.theirs(*each, {})
    lm = models.fresh(name, device)
    if task == "sft":
        pairs = material.pairs(lm, STEPS * sft.BATCH)
        job = (name, dtype, device, pairs, sft.BATCH)
        return sft.ours(*job) if own else sft.theirs(*job, {})
    asked = material.prompts(lm, rloo.PROMPTS)
    run = (name, dtype, device, asked, STEPS)
    steps = rloo.Task(*run, {})
    return rloo.ours(steps) if own else rloo.theirs(steps, "TRL")


def _peak() -> int:
    """The most bytes of memory that the process has had."""
    if STATUS.exists():
        lines = STATUS.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Print the bytes."""
    trl_side.silence()
    task, contender, name, dtype, device = sys.argv[1:]
    print(grown(task, contender, name, dtype, torch.device(device)))


if __name__ == "__main__":
    main()
