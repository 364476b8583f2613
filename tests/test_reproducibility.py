"""What comes out the same twice, bit for bit, and what changes its last digits, or more."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.reproducible_runs import RUNS, Outcome

ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
TWO_THREADS = {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive"}
OTHER_CPU = {
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MKL_CBWR": "COMPATIBLE",
}
"""Libraries compute as on a processor of twenty years ago."""

PROCESSES: dict[str, dict[str, str]] = {
    "first": ONE_THREAD | {"PYTHONHASHSEED": "1"},
    "again": ONE_THREAD | {"PYTHONHASHSEED": "2"},
    "two threads": TWO_THREADS,
    "another CPU": ONE_THREAD | OTHER_CPU,
}

Made = Callable[[str], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Makes the runs in a process of that name, once, and gives the folder of what they came to."""

    @functools.cache
    def make(process: str) -> Path:
        folder = tmp_path_factory.mktemp(process.replace(" ", "-"))
        more = ["--otherwise"] if process == "first" else []
        subprocess.run(
            [sys.executable, "-m", "tests.reproducible_runs", folder, *more],
            env=os.environ | PROCESSES[process],
            check=True,
        )
        return folder

    return make


def assert_close(one: Outcome, other: Outcome, weights: float, rows: float) -> None:
    """The same but for rounding.

    Args:
        one, other: what two runs came to.
        weights: the largest mean difference of a weight.
        rows: the largest difference in the history, of a number of size 1, or relative above that.
    """
    assert one.tensors.keys() == other.tensors.keys()
    gaps = [(one.tensors[key].double() - other.tensors[key]).abs() for key in one.tensors]
    assert float(torch.cat([gap.flatten() for gap in gaps]).mean()) < weights
    assert len(one.rows) == len(other.rows)
    for mine, theirs in zip(one.rows, other.rows, strict=True):
        assert mine == pytest.approx(theirs, rel=rows, abs=rows)


def same_samples(one: Outcome, other: Outcome) -> float:
    """The share of completions that are the same, whose log-probabilities then agree."""
    width = min(len(each.tensors["tokens"][0]) for each in (one, other))
    tokens, others = (each.tensors["tokens"][:, :width] for each in (one, other))
    same = (tokens == others).all(1)
    values, theirs = (each.tensors["logprobs"][same, :width] for each in (one, other))
    torch.testing.assert_close(values, theirs, atol=1e-4, rtol=0.0)
    return float(same.double().mean())


@pytest.mark.parametrize("name", RUNS)
def test_the_same_seed_gives_the_same_in_another_process(made: Made, name: str) -> None:
    one, other = Outcome.read(made("first"), name), Outcome.read(made("again"), name)
    assert one.tensors.keys() == other.tensors.keys()
    for key, tensor in one.tensors.items():
        assert torch.equal(tensor, other.tensors[key]), key
    assert one.rows == other.rows
    assert one.rows or name == "sampled"


@pytest.mark.parametrize("process", ["two threads", "another CPU"])
@pytest.mark.parametrize("name", RUNS)
def test_other_threads_and_processors_change_the_last_digits(
    made: Made, name: str, process: str
) -> None:
    one, other = Outcome.read(made("first"), name), Outcome.read(made(process), name)
    if name == "sampled":
        assert same_samples(one, other) > 0.98
    else:
        assert_close(one, other, weights=1e-6, rows=1e-3)


def test_the_runs_really_were_made_in_other_ways(made: Made) -> None:
    first, two = (Outcome.read(made(process), "shown") for process in ("first", "two threads"))
    assert first.rows != two.rows


@pytest.mark.parametrize("name", ["shown", "rewarded"])
def test_passes_change_the_last_digits(made: Made, name: str) -> None:
    one, other = (Outcome.read(made("first"), each) for each in (name, f"{name}, in passes"))
    assert_close(one, other, weights=1e-6, rows=1e-3)


def test_batches_do_not_change_what_is_sampled(made: Made) -> None:
    one, other = (Outcome.read(made("first"), f"sampled{how}") for how in ("", ", in batches"))
    assert same_samples(one, other) == 1.0


def test_bfloat16_changes_more_than_the_last_digits(made: Made) -> None:
    one, other = (Outcome.read(made("first"), f"shown{how}") for how in ("", ", in bfloat16"))
    losses, others = ([row["loss"] for row in each.rows if "loss" in row] for each in (one, other))
    assert losses != pytest.approx(others, rel=1e-4)
    assert losses == pytest.approx(others, rel=0.05)
