"""What long use leaves behind: memory, open files, processes, and marks that are wrong.

    python -m benchmarks.soak reinforce --minutes 60     one long call of reinforce
    python -m benchmarks.soak grade --submissions 1000   right, wrong and hostile notebooks
    python -m benchmarks.soak sample --calls 200         the same samples, from several threads

Each prints its table and writes ``results/soak-<what>-<date>-<n>.json``. Let nothing else run
meanwhile: memory is the process's own, but the machine's other work makes the steps fewer.

Left out: GPUs, systems other than Linux, and memory that only grows once in many hours.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import datetime
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
import torch
from scipy.stats import theilslopes

import alignlib
from alignlib import chat, reinforce, sample
from alignlib.rewards import rightness
from alignlib.world import users
from benchmarks import machine
from benchmarks.results import write_json

RESULTS = Path(__file__).parent / "results"
WARM = 0.1
"""The share of the time that is not counted as growth: memory is still being taken for use."""


@dataclass(frozen=True)
class Look:
    """What a process has at one moment.

    Attributes:
        done: steps, submissions or calls so far.
        minutes: since it began.
        mb: of resident memory that is of no file: the system drops and reads files as it likes.
        objects: that Python's collector knows.
        tensors: among them.
        files: open ones, pipes and sockets too.
        threads: of this process.
        processes: that it has started and that are there.
        temporary: entries in the folder of temporary files.
    """

    done: int
    minutes: float
    mb: float
    objects: int
    tensors: int
    files: int
    threads: int
    processes: int
    temporary: int


PART = 25
"""Calls of ``sample`` between two looks."""


class Watch:
    """Looks at this process from time to time."""

    def __init__(self) -> None:
        self.looks: list[Look] = []
        self._own = psutil.Process()
        self._began = time.perf_counter()

    @property
    def minutes(self) -> float:
        """Since it was made."""
        return (time.perf_counter() - self._began) / 60

    def look(self, done: int) -> None:
        """Look now."""
        gc.collect()  # what waits to be collected is no growth
        objects = gc.get_objects()
        tensors = sum(issubclass(type(each), torch.Tensor) for each in objects)
        memory = self._own.memory_info()
        made = Look(
            done,
            round(self.minutes, 3),
            round((memory.rss - memory.shared) / 1e6, 2),
            len(objects),
            tensors,
            self._own.num_fds(),
            self._own.num_threads(),
            sum(_runs(child) for child in self._own.children(recursive=True)),
            len(os.listdir(tempfile.gettempdir())),
        )
        del objects
        self.looks.append(made)

    @property
    def growth(self) -> dict[str, float]:
        """MB an hour by which memory grows after the warm-up: the median slope, and its 95 %."""
        end = self.looks[-1].minutes
        late = [each for each in self.looks if each.minutes >= WARM * end]
        hours, mb = [each.minutes / 60 for each in late], [each.mb for each in late]
        slope, _, low, high = theilslopes(mb, hours)
        return {"mb_per_hour": float(slope), "low": float(low), "high": float(high)}

    def at(self, share: float) -> Look:
        """The first look after a share of the time."""
        end = self.looks[-1].minutes
        return next(each for each in self.looks if each.minutes >= share * end)


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def own_temporary_folder() -> Iterator[None]:
    """Inside, temporary files go to a folder that nobody else writes to, so they can be counted."""
    before, tempfile.tempdir = tempfile.tempdir, None
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before


def adopt_orphans() -> None:
    """Make this process the parent of what its children leave behind, so that it is counted."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER, of Linux


class TimeIsUpError(KeyboardInterrupt):
    """Ends a training as an interruption would."""


def soak_reinforce(minutes: float, every: int = 20) -> dict[str, Any]:
    """One call of ``reinforce`` on tiny, until the time is up.

    Args:
        minutes: how long.
        every: steps between two looks.
    """
    lm = alignlib.load("tiny", device="cpu")
    asked = users(400, seed=0)
    watch = Watch()
    step = 0

    def right_until_the_end(**given: Any) -> list[float]:
        nonlocal step
        step = given["trainer_state"].global_step
        if step % every == 0:
            watch.look(step)
        if watch.minutes >= minutes and step >= 2 * every:  # a slope needs three looks
            raise TimeIsUpError
        return rightness(**given)

    try:
        reinforce(
            lm,
            [chat(each.text) for each in asked],
            right_until_the_end,
            steps=10**6,
            columns={"asked": asked},
            beta=0.02,
            max_new_tokens=16,
            learning_rate=1e-4,
            progress=False,
        )
    except TimeIsUpError:
        watch.look(step)
    finite = all(bool(weights.isfinite().all()) for weights in lm.model.parameters())
    return _found(watch, steps=step, growth=watch.growth, finite=finite)


def soak_grade(submissions: int, seconds: float = 10.0) -> dict[str, Any]:
    """Classes of right, wrong and hostile notebooks, one after the other.

    Args:
        submissions: how many in all.
        seconds: that a cell may take.
    """
    from benchmarks.classes import classes, wrong_marks

    adopt_orphans()
    watch = Watch()
    watch.look(0)
    wrong: list[str] = []
    done = 0
    for made in classes(submissions, seconds):
        wrong += wrong_marks(made)
        done += len(made.expected)
        watch.look(done)
    return _found(watch, submissions=done, wrong=wrong)


def soak_sample(calls: int, threads: int = 4) -> dict[str, Any]:
    """Calls of ``sample`` with one model, from several threads, beside the same one by one.

    Args:
        calls: how many, each with a seed of its own.
        threads: at a time.
    """
    lm = alignlib.load("tiny", device="cpu")
    prompts = [chat(each.text) for each in users(16, seed=0)]
    seeds = range(calls)

    def draw(seed: int) -> alignlib.Samples:
        return sample(lm, prompts, 4, 16, seed=seed, progress=False)

    alone = [draw(seed).texts for seed in seeds]
    watch = Watch()
    watch.look(0)
    differ = 0
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, calls, PART):
            part = seeds[start : start + PART]
            drawn = pool.map(draw, part)
            differ += sum(alone[s] != each.texts for s, each in zip(part, drawn, strict=True))
            watch.look(part[-1] + 1)
    return _found(watch, calls=calls, at_once=threads, differ=differ)


def _found(watch: Watch, **more: Any) -> dict[str, Any]:
    shares = {f"{share:.0%}": asdict(watch.at(share)) for share in (0.0, 0.1, 0.5, 1.0)}
    return more | {"at": shares, "looks": [asdict(each) for each in watch.looks]}


def table(found: Mapping[str, Any]) -> str:
    """What was found, as text."""
    names = list(Look.__annotations__)
    lines = [f"{'':>6}" + "".join(f"{name:>11}" for name in names)]
    for share, look in found["at"].items():
        lines.append(f"{share:>6}" + "".join(f"{look[name]:>11,}" for name in names))
    for name, value in found.items():
        if name not in ("at", "looks"):
            lines.append(f"{name}: {value}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one soak; 0 if nothing was wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="FOLDER", help="of the result")
    commands = parser.add_subparsers(dest="what", required=True)
    one = commands.add_parser("reinforce")
    one.add_argument("--minutes", type=float, default=60.0)
    one.add_argument("--every", type=int, default=20, help="steps between two looks (default: 20)")
    two = commands.add_parser("grade")
    two.add_argument("--submissions", type=int, default=1000)
    two.add_argument("--seconds", type=float, default=10.0, help="for a cell (default: 10)")
    three = commands.add_parser("sample")
    three.add_argument("--calls", type=int, default=200)
    three.add_argument("--threads", type=int, default=4)
    settings = vars(parser.parse_args(arguments))
    what, out = settings.pop("what"), settings.pop("out")
    soaks: dict[str, Callable[..., dict[str, Any]]] = {
        "reinforce": soak_reinforce, "grade": soak_grade, "sample": soak_sample,
    }  # fmt: skip
    with own_temporary_folder():
        found = soaks[what](**settings)
    print(table(found))
    date = datetime.date.today().isoformat()
    about = {"date": date, "machine": machine.describe(torch.device("cpu")), "settings": settings}
    path = write_json(about | {"versions": machine.versions()} | found, out, f"soak-{what}-{date}")
    print(f"Written to {path}.")
    return int(bool(found.get("wrong") or found.get("differ") or not found.get("finite", True)))


if __name__ == "__main__":
    sys.exit(main())
