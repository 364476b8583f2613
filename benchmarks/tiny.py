"""How long a reader waits for the tiny model: to load, to answer, to be judged, to be trained.

    python benchmarks/tiny.py [--device cuda]

Medians of five runs after a warm-up. ``python -m benchmarks`` sets sampling beside ``generate``.
It takes about a minute on two cores with nothing else to do.
"""

from __future__ import annotations

import argparse
import dataclasses
import platform
import statistics
import tempfile
import time
from collections.abc import Callable

import torch

import alignlib
from alignlib import chat, sample
from alignlib.world import questions, spread, truthful
from alignlib.world.pretraining import Settings, pretrain

RUNS = 5


def seconds(work: Callable[[], object]) -> float:
    """The median time of a piece of work, after it was done once for practice."""
    times = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", help="where to run (default: cpu)")
    device = parser.parse_args().device
    name = torch.cuda.get_device_name(device) if device.startswith("cuda") else platform.machine()
    print(f"{name}, {torch.get_num_threads()} threads, torch {torch.__version__}")

    print(f"load: {seconds(lambda: alignlib.load('tiny', device)):.2f} s")
    lm = alignlib.load("tiny", device)
    asked = spread(questions(), known=128)
    prompts = [chat(q.text) for q in asked]
    answered = seconds(lambda: sample(lm, prompts, 1, 16, progress=False))
    print(f"128 answers of up to 16 tokens: {answered:.3f} s")
    texts = sample(lm, prompts, 1, 16, progress=False).texts
    judged = seconds(lambda: [truthful(q, y) for q, y in zip(asked, texts, strict=True)])
    print(f"128 judgments: {judged * 1000:.1f} ms")

    settings = dataclasses.replace(Settings(), blocks=1)
    with tempfile.TemporaryDirectory() as folder:
        training = pretrain(folder, settings, device=device, progress=False).iloc[0]
    rate = training["tokens"] / training["seconds"]
    minutes = Settings().blocks * training["seconds"] / 60
    print(f"pretraining: {rate:,.0f} tokens/s, {minutes:.1f} minutes for the whole")


if __name__ == "__main__":
    main()
