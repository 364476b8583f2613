"""Memory does not suffice. A pass takes fewer rows, to the same result, or says what to do."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import alignlib
from alignlib import LM, logprobs, sample
from alignlib.errors import OutOfMemoryError
from alignlib.out_of_memory import Passes, is_out_of_memory, needed
from alignlib.pairs import Pair
from alignlib.reinforce import reinforce
from tests.faults.children import in_child
from tests.faults.report import Fault
from tests.random_models import write_model
from tests.small_training import assert_at_rest, assert_same, fresh, gap, train, weights

ROOT = Path(__file__).parents[2]
MB = 2**20
LONG: list[Pair] = [("say it. ", "abcdefghij klmnopq rstuvwxyz "[row:] * 2) for row in range(8)]
"""Completions of some fifty tokens, each of which takes a row of logits."""

Run = Callable[[LM, int], Any]
only_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="Only Linux holds a process to an amount of memory."
)


def tuned(lm: LM, rows: int, pairs: Sequence[Pair] = LONG) -> Any:
    """A step of all pairs."""
    found = train(lm, pairs, epochs=1, batch_size=len(pairs), micro_batch_size=rows).rows
    return [(row["loss"], row["gradient_norm"]) for row in found]


def rewarded(lm: LM, rows: int) -> Any:
    """A step of eight completions."""
    found = reinforce(
        lm, ["a", "say it. "], lambda completions, **_: [text.count("a") for text in completions],
        steps=1, prompts_per_step=2, samples_per_prompt=4, max_new_tokens=100, rows_at_once=rows,
        learning_rate=1e-3, beta=0.1, progress=False,
    ).rows  # fmt: skip
    return [(row["reward"], row["kl"]) for row in found]


def drawn(lm: LM, rows: int) -> Any:
    found = sample(lm, ["a", "say it. "], 128, 4, batch_size=rows, progress=False)
    return found.tokens, found.logprobs


def scored(lm: LM, rows: int) -> Any:
    prompts, completions = [pair[0] for pair in LONG], [pair[1] for pair in LONG]
    return logprobs(lm, prompts, completions, batch_size=rows, progress=False).values


@contextmanager
def memory_of_at_most(more: int) -> Iterator[None]:
    """Inside, this process gets so many bytes more than it has, and no others."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def warm_up(lm: LM) -> None:
    """Call what the runs call, so that all of it is loaded."""
    train(fresh(lm), LONG[:1], epochs=1)
    reinforce(
        fresh(lm), ["a"], lambda completions, **_: [1.0] * len(completions), steps=1,
        prompts_per_step=1, samples_per_prompt=2, max_new_tokens=3, beta=0.1, progress=False,
    )  # fmt: skip


def with_little(
    run: Run, model: str, dtype: torch.dtype, rows: int, more: int, out: Path
) -> list[str]:
    """A run in a process of its own, which writes down what comes of it and says what it warned.

    Something like it is made before, so that all that it calls is loaded.
    """
    torch.set_num_threads(1)
    lm = fresh(alignlib.load(model, device="cpu"), dtype)
    warm_up(lm)
    with warnings.catch_warnings(record=True) as said, memory_of_at_most(more):
        warnings.simplefilter("always")
        found = run(lm, rows)
    assert_at_rest(lm)
    torch.save((found, weights(lm)), out)
    return [str(each.message) for each in said if each.category is UserWarning]


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a small model whose vocabulary makes its predictions large."""
    return str(write_model(tmp_path_factory.mktemp("wide"), "llama", spare_rows=20_000))


@pytest.fixture(scope="module")
def wide_dropping(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same with dropout."""
    return str(write_model(tmp_path_factory.mktemp("gpt2"), "gpt2", spare_rows=20_000))


def by_itself(run: Run, model: str, dtype: torch.dtype, rows: int) -> tuple[Any, dict[str, Tensor]]:
    """What comes of a run where there is enough memory."""
    lm = fresh(alignlib.load(model, device="cpu"), dtype)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as there
    try:
        return run(lm, rows), weights(lm)
    finally:
        torch.set_num_threads(threads)


def assert_close(one: Any, other: Any, within: float) -> None:
    torch.testing.assert_close(one, other, rtol=within, atol=within)


def rows_in(said: list[str], first: int, argument: str) -> int:
    """How many rows a pass had in the end, of which one warning spoke."""
    assert len(said) == 1
    found = re.fullmatch(
        rf"A pass of {first} rows did not fit into memory. From here on it has (\d+), which gives "
        rf"the same result\. In a new run give {argument}=\1\.",
        said[0],
    )
    assert found
    assert int(found[1]) < first
    return int(found[1])


@only_linux
@pytest.mark.parametrize("which", ["wide", "wide_dropping"])
def test_pairs_that_do_not_fit_are_learnt_from_in_smaller_passes(
    which: str, request: pytest.FixtureRequest, tmp_path: Path, fault: Fault
) -> None:
    model: str = request.getfixturevalue(which)
    out = tmp_path / "out.pt"
    said = in_child(with_little, tuned, model, torch.float64, 8, 160 * MB, out)
    losses, after = torch.load(out)
    rows = rows_in(said, 8, "micro_batch_size")
    # As if that had been said before, dropout included: the step was made anew.
    expected, through = by_itself(tuned, model, torch.float64, rows)
    assert losses == expected
    assert_same(after, through)
    if which == "wide":  # dropout draws otherwise for other passes
        expected, through = by_itself(tuned, model, torch.float64, 8)
        assert_close(losses, expected, 1e-6)  # the model's norms round to float32
        assert gap(after, through) < 1e-5
        fault(
            "finetune's batch does not fit into memory",
            happens="a pass takes half the rows, until it fits; one warning names the number",
            kept="the gradient is the whole batch's, and the weights are the same to rounding",
        )


@only_linux
def test_completions_that_do_not_fit_are_learnt_from_in_smaller_passes(
    wide: str, tmp_path: Path, fault: Fault
) -> None:
    out = tmp_path / "out.pt"
    said = in_child(with_little, rewarded, wide, torch.float64, 8, 330 * MB, out)
    seen, after = torch.load(out)
    rows_in(said, 8, "rows_at_once")
    expected, through = by_itself(rewarded, wide, torch.float64, 8)
    assert_close(seen, expected, 1e-6)
    assert gap(after, through) < 1e-5
    fault(
        "reinforce's completions do not fit into memory when it learns from them",
        happens="a pass takes half the rows, until it fits; one warning names the number",
        kept="the gradient is the whole step's, and the weights are the same to rounding",
    )


@only_linux
@pytest.mark.parametrize(("run", "more"), [(drawn, 70 * MB), (scored, 60 * MB)])
def test_reading_takes_fewer_rows_too(
    run: Run, more: int, wide: str, tmp_path: Path, fault: Fault
) -> None:
    first = 256 if run is drawn else 8
    out = tmp_path / "out.pt"
    said = in_child(with_little, run, wide, torch.float64, first, more, out)
    found, _ = torch.load(out)
    rows_in(said, first, "batch_size")
    expected, _ = by_itself(run, wide, torch.float64, first)
    assert_close(found, expected, 1e-4)
    fault(
        "The rows that sample draws, or logprobs scores, do not fit into memory together",
        happens="a pass takes half the rows, until it fits; one warning names the number",
        kept="the same samples, and the same scores to rounding",
    )


@only_linux
def test_one_row_that_does_not_fit_ends_the_run(tmp_path: Path, fault: Fault) -> None:
    model = str(write_model(tmp_path / "wider", "llama", spare_rows=200_000))
    out = tmp_path / "out.pt"
    in_child(with_too_little, model, out)
    error, before, after = torch.load(out, weights_only=False)
    assert type(error) is OutOfMemoryError
    assert_same(before, after)
    fault(
        "Not even one row fits into memory",
        happens=error,
        kept="the model's weights, and memory for what comes next",
    )


def with_too_little(model: str, out: Path) -> None:
    torch.set_num_threads(1)
    lm = alignlib.load(model, device="cpu")
    train(fresh(lm), [("a", "b")], epochs=1)  # whatever it calls is loaded
    before = weights(lm)
    with pytest.raises(OutOfMemoryError) as caught, memory_of_at_most(40 * MB):
        tuned(lm, 2)
    assert caught.value.__context__ is None  # nothing holds what the pass had made
    assert_at_rest(lm)
    torch.save((caught.value, before, weights(lm)), out)


def launched(how: str, model: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Two processes that train together, the second with little memory."""
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
        "-m", "tests.faults.memory_runs", how, model, str(folder),
    ]  # fmt: skip
    settings = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(
        command, env=os.environ | settings, cwd=ROOT, timeout=240, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@only_linux
def test_one_of_two_processes_takes_smaller_passes_by_itself(
    wide: str, tmp_path: Path, fault: Fault
) -> None:
    done = launched("whole", wide, tmp_path)
    assert done.returncode == 0, done.stderr
    (said0, first), (said1, second) = (torch.load(tmp_path / f"{rank}.pt") for rank in range(2))
    assert said0 == []
    rows_in(said1, 16, "micro_batch_size")
    assert_same(first, second)
    lm = fresh(alignlib.load(wide, device="cpu"), torch.float64)
    tuned(lm, 8, [*LONG, *LONG])
    through = weights(lm)
    assert gap(first, through) < 1e-5
    fault(
        "Of two processes that train together one has too little memory",
        happens="its passes take half the rows, until they fit; the other's stay",
        kept="the gradient is the whole batch's, and both have the same weights",
    )


@only_linux
def test_where_passes_are_made_together_no_process_is_left_waiting(
    wide: str, tmp_path: Path, fault: Fault
) -> None:
    done = launched("sharded", wide, tmp_path)
    assert done.returncode != 0
    said = "OutOfMemoryError: A pass of 16 rows does not fit into memory, and processes that share "
    assert f"{said}weights can't take fewer one by one: give a lower micro_batch_size." in (
        done.stderr
    )
    fault(
        "Of two processes with sharded weights one has too little memory",
        happens="it ends with an error that says to give a lower micro_batch_size, and the "
        "launcher ends the other",
        kept="the checkpoints",
    )


@pytest.mark.parametrize(
    "allocate",
    [
        lambda: torch.empty(2**50, dtype=torch.uint8),
        lambda: torch.zeros(1).expand(2**48).clone(),
        lambda: np.empty(2**50, dtype=np.uint8),
        lambda: bytearray(2**60),
    ],
)
def test_errors_for_want_of_memory_are_known(allocate: Callable[[], object]) -> None:
    with pytest.raises((RuntimeError, MemoryError)) as caught:
        allocate()
    assert is_out_of_memory(caught.value)
    with pytest.raises(OutOfMemoryError, match="no memory for a thing: train an adapter"):
        needed(allocate, "a thing")


def test_other_errors_are_let_through() -> None:
    def fails(rows: int) -> None:
        torch.ones(2) @ torch.ones(3)

    with pytest.raises(RuntimeError, match="size"):
        Passes("rows", 8).fit(fails)
    assert not is_out_of_memory(OutOfMemoryError("ours, which has been dealt with"))


def test_what_a_failed_pass_held_is_free_before_the_next() -> None:
    held: list[weakref.ref[Tensor]] = []

    def attempt(rows: int) -> int:
        assert all(reference() is None for reference in held)
        large = torch.ones(rows, 1000, requires_grad=True)
        held.append(weakref.ref(large))
        loss = (large * 2).sum()
        held.append(weakref.ref(loss))
        if rows > 2:
            torch.empty(2**50, dtype=torch.uint8)
        return rows

    passes = Passes("rows", 9)
    with pytest.warns(UserWarning, match=r"A pass of 9 rows .* it has 2, .* give rows=2"):
        assert passes.fit(attempt) == 2
    assert len(held) == 6  # of passes with 9, 4 and 2 rows
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it has been said
        assert passes.fit(attempt) == passes.fit(attempt, 99) == 2
        assert passes.fit(attempt, 1) == 1
    assert passes.most == 2


@pytest.mark.gpu
def test_a_gpu_that_is_too_small_for_a_batch_learns_in_smaller_passes(wide: str) -> None:
    whole, lm = (fresh(alignlib.load(wide, device="cuda"), torch.float64) for _ in range(2))
    expected = tuned(whole, 8)
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 200 * MB) / total)
    try:
        with pytest.warns(UserWarning, match="A pass of 8 rows did not fit into memory"):
            found = tuned(lm, 8)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert_close(found, expected, 1e-6)
    assert gap(weights(lm), weights(whole)) < 1e-5
