"""What a second process adds: the same training on one and on two, with one thread each.

    python -m benchmarks.scale [--work tiny-sft smollm2-sft tiny-reinforce] [--rounds 3]

One and two processes take turns, and the fastest round of each counts. The work is the same in all:
the batch of a step is split. The efficiency is the speed-up divided by 2; the baseline is one
process with one thread, so it is what a second core, or a second machine, adds. Loading is not
timed. Nothing else should be running: the load of the machine is written down beside the seconds.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import alignlib
from alignlib import History, chat, finetune, processes, reinforce
from alignlib.rewards.reading import texts
from alignlib.world import lesson_answer, lessons
from benchmarks.results import write_json

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PROCESSES = (1, 2)


def tiny_sft(steps: int) -> tuple[Callable[[], History], int]:
    """256 pairs a step."""
    lm = alignlib.load("tiny", "cpu")
    shown = [(chat(q.text), lesson_answer(q)) for q in lessons(256)]
    return lambda: finetune(
        lm, shown, epochs=steps, batch_size=256, learning_rate=1e-4, progress=False
    ), steps


def smollm2_sft(steps: int) -> tuple[Callable[[], History], int]:
    """128 pairs a step, in float32."""
    lm = alignlib.load("smollm2", "cpu")
    shown = [(chat(q.text), lesson_answer(q)) for q in lessons(128)]
    return lambda: finetune(
        lm, shown, epochs=steps, batch_size=128, micro_batch_size=8, learning_rate=1e-5,
        precision="float32", progress=False,
    ), steps  # fmt: skip


def tiny_reinforce(steps: int) -> tuple[Callable[[], History], int]:
    """256 completions a step."""
    lm = alignlib.load("tiny", "cpu")

    def short(completions: list[Any], **_: object) -> list[float]:
        return [-float(len(text)) for text in texts(completions)]

    return lambda: reinforce(
        lm, [chat(q.text) for q in lessons(64)], short, steps=steps, prompts_per_step=32,
        samples_per_prompt=8, max_new_tokens=24, rows_at_once=64, learning_rate=1e-5,
        progress=False,
    ), steps  # fmt: skip


WORK: dict[str, tuple[Callable[[int], tuple[Callable[[], History], int]], int]] = {
    "tiny-sft": (tiny_sft, 6),
    "smollm2-sft": (smollm2_sft, 1),
    "tiny-reinforce": (tiny_reinforce, 6),
}
"""What is timed, and how many steps of it."""


def worker(name: str, file: Path) -> None:
    """Time one round, in each of the processes; the first writes the seconds."""
    make, steps = WORK[name]
    make(1)[0]()  # meets the others, and warms up
    train, _ = make(steps)
    processes.gather(None)
    started = time.perf_counter()
    history = train()
    seconds = time.perf_counter() - started
    if processes.rank() == 0:
        last = history.rows[-1]
        said = {"seconds": seconds, "loss": last["loss"], "processes": processes.size()}
        file.write_text(json.dumps(said))


def launch(name: str, number: int) -> dict[str, float]:
    """One round on so many processes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.json"
        torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={number}"]
        command = [*(torchrun if number > 1 else []), "-m", "benchmarks.scale"]
        command += ["--worker", name, str(file)]
        subprocess.run(
            [sys.executable, *command],
            check=True,
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        said: dict[str, float] = json.loads(file.read_text())
    assert said["processes"] == number
    return said | {"load": os.getloadavg()[0]}


def measure(name: str, rounds: int) -> dict[str, Any]:
    """One kind of work on one and two processes, in turns."""
    said = [{number: launch(name, number) for number in PROCESSES} for _ in range(rounds)]
    one, two = (min(each[number]["seconds"] for each in said) for number in PROCESSES)
    result = {
        "steps": WORK[name][1], "one": one, "two": two, "speed_up": one / two,
        "efficiency": one / two / 2, "rounds": said,
    }  # fmt: skip
    print(
        f"{name:16} {one:8.2f} s {two:8.2f} s   speed-up {one / two:.2f}   "
        f"efficiency {one / two / 2:.2f}",
        flush=True,
    )
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", nargs="+", choices=WORK, default=list(WORK), help="what to time")
    parser.add_argument("--rounds", type=int, default=3, help="how often each (default: 3)")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker(options.worker[0], Path(options.worker[1]))
        return
    print(f"{'':16} {'one':>10} {'two':>10}")
    day = datetime.date.today().isoformat()
    found = {
        "date": day,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "torch": torch.__version__,
        "threads_per_process": 1,
        "work": {name: measure(name, options.rounds) for name in options.work},
    }
    print(f"Written: {write_json(found, RESULTS, f'scale-{day}')}")


if __name__ == "__main__":
    main()
