"""One run of all that is asked for, written to a file and printed."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable
from functools import partial

import torch
from tqdm.auto import tqdm

from benchmarks import limit, machine, memory, results, rloo, sampling, scaling, sft, trl_side
from benchmarks.goals import judge
from benchmarks.report import tables
from benchmarks.row import BenchmarkError, Row, check_counts

SLOW_ROUNDS = 3
"""The most rounds of SmolLM2."""

SCALING_ROUNDS = 2

QUICK_PAIRS, QUICK_STEPS = 64, 5

Task = tuple[str, Callable[[], Row]]


def run(options: argparse.Namespace) -> int:
    """Run, write the result and print it.

    Args:
        options: of the command line.

    Raises:
        BenchmarkError: if it can't be run as asked, or, when all is written, if two contenders did
            not do the same work.
    """
    if options.rounds < 1:
        raise BenchmarkError(f"--rounds is {options.rounds}: give 1 or more.")
    if options.device == "cuda" and not torch.cuda.is_available():
        raise BenchmarkError("There is no CUDA device here: leave --device out.")
    if options.quick:
        options.models, options.dtypes, options.rounds = ["tiny"], ["float32"], 1
        options.only = [part for part in options.only if part != "scaling"]
    trl_side.silence()
    device = torch.device(options.device)
    rows: list[Row] = []
    limits: dict[str, float] = {}
    tasks = _tasks(options, device)
    with tqdm(total=len(tasks) + ("limit" in options.only), unit="row") as bar:
        if "limit" in options.only:
            bar.set_description("the machine's limit")
            limits = machine.limits(device, tuple(options.dtypes))
            bar.update()
        for label, work in tasks:
            bar.set_description(label)
            rows.append(work())
            bar.update()
    rows += limit.shares(rows, limits) if limits else []
    found = results.Result(
        date=datetime.date.today().isoformat(),
        device=options.device,
        machine=machine.describe(device),
        versions=machine.versions(),
        settings={name: value for name, value in vars(options).items() if name != "out"},
        limits=limits,
        rows=rows,
        goals=judge(rows),
    )
    path = results.write(found, options.out)
    print(tables([found]))
    print(f"Written: {path}")
    for row in rows:
        check_counts(row)
        if row.kind == "sft":
            sft.check_losses(row)
    return 0


def _tasks(options: argparse.Namespace, device: torch.device) -> list[Task]:
    """What is to be measured, in order, each with a label.

    What is learnt from rewards, and scaling, are measured in the first dtype only.
    """
    made: list[Task] = []
    rounds = options.rounds
    pairs, steps = (QUICK_PAIRS, QUICK_STEPS) if options.quick else (None, None)
    few = min(rounds, SLOW_ROUNDS)
    for name in options.models:
        often = rounds if name == "tiny" else few
        for dtype in options.dtypes:
            own: list[Task] = []
            if "sampling" in options.only:
                own += [
                    (
                        f"sampling, batch {batch}",
                        partial(sampling.measure, name, dtype, device, batch, case, often),
                    )
                    for case, batch in sampling.cases(name)
                ]
            if "sft" in options.only:
                own.append(("sft", partial(sft.measure, name, dtype, device, often, pairs)))
            if "rloo" in options.only:
                own.append(("rloo", partial(rloo.measure, name, dtype, device, often, steps)))
                if name == "tiny" and dtype == options.dtypes[0]:
                    seeds = rloo.SEEDS[:rounds]
                    own.append(("rloo, learning", partial(rloo.learning, dtype, device, seeds)))
            if "memory" in options.only:
                own += [
                    (f"memory, {task}", partial(memory.measure, task, name, dtype, device, 1))
                    for task in memory.TASKS
                ]
            made += [(f"{name}, {dtype}: {label}", work) for label, work in own]
    if "scaling" in options.only:
        made += scaling.tasks(options.dtypes[0], device, min(rounds, SCALING_ROUNDS))
    return made
