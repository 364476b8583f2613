"""Ctrl-C is pressed. In a notebook the model stays, and with it all that a run has done to it."""

from __future__ import annotations

import inspect
import os
import random
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch
from jupyter_client.manager import start_new_kernel
from torch import Tensor
from torch.optim.optimizer import register_optimizer_step_post_hook

from alignlib import LM
from alignlib.interrupts import uninterrupted
from tests.faults.notebook_runs import BEGUN, assert_usable, rewarded
from tests.faults.report import Fault
from tests.small_training import (
    Snapshots,
    Weights,
    assert_at_rest,
    assert_same,
    fresh,
    gap,
    train,
    weights,
)

ROOT = Path(__file__).parents[2]
LIBRARIES = tuple(f"{os.sep}{name}{os.sep}" for name in ("torch", "transformers", "peft"))
"""Whose functions are called almost always."""


@dataclass
class Cell:
    """What a cell has shown: its stream's texts, the errors, and how many pictures."""

    texts: dict[str, str] = field(default_factory=lambda: {"stdout": "", "stderr": ""})
    errors: list[dict[str, Any]] = field(default_factory=list)
    pictures: int = 0


class Notebook:
    """A kernel, as a notebook has one."""

    def __init__(self) -> None:
        settings = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        self.manager, self.client = start_new_kernel(
            kernel_name="python3", cwd=str(ROOT), env=settings
        )

    def interrupted(self, code: str, after: float | None) -> Cell:
        """Run a cell, and press its stop button so many seconds after it has said that it began."""
        cell, number = Cell(), self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != number:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                cell.texts[content["name"]] += content["text"]
                if after is not None and BEGUN in content["text"]:
                    time.sleep(after)
                    self.manager.interrupt_kernel()
            elif kind == "error":
                cell.errors.append(content)
            elif kind in ("display_data", "update_display_data"):
                cell.pictures += "image/png" in content["data"]
            elif kind == "status" and content["execution_state"] == "idle":
                return cell

    def run(self, code: str) -> Cell:
        """Run a cell that has to succeed."""
        cell = self.interrupted(code, None)
        assert not cell.errors, "\n".join(cell.errors[0]["traceback"])
        return cell


@pytest.fixture(scope="module")
def notebook(llama: LM) -> Iterator[Notebook]:
    """With a model in it."""
    made = Notebook()
    made.run(
        "import alignlib\nfrom tests.faults.notebook_runs import *\n"
        "from tests.small_training import *\n"
        f"given = alignlib.load({llama.name!r}, device='cpu')"
    )
    yield made
    made.client.stop_channels()
    made.manager.shutdown_kernel(now=True)


HALF_MADE_BAR = re.compile(r"Exception ignored in: <function tqdm\.__del__.*?Error: [^\n]*\n", re.S)
"""What Python says of a bar of tqdm's that was interrupted while it was made."""


def assert_is_an_interrupt_and_no_more(cell: Cell) -> None:
    """No other error, none while it was handled, and nothing of ours on the error stream."""
    assert [error["ename"] for error in cell.errors] == ["KeyboardInterrupt"]
    assert "During handling" not in "".join(cell.errors[0]["traceback"])
    assert HALF_MADE_BAR.sub("", cell.texts["stderr"]) == ""


def interrupt_again_and_again(notebook: Notebook, call: str, longest: float) -> Cell:
    """Interrupt a cell at six random moments; the last cell that was."""
    moments, stopped = random.Random(0), Cell()
    for _ in range(6):
        cell = notebook.interrupted(call, moments.uniform(0, longest))
        notebook.run("assert_usable(lm, steps.seen)")
        if not cell.errors:  # it was quicker
            break
        assert_is_an_interrupt_and_no_more(cell)
        stopped = cell
    return stopped


@pytest.mark.parametrize("run", ["tuned", "rewarded"])
def test_a_notebook_can_be_interrupted_at_any_moment(
    notebook: Notebook, run: str, tmp_path: Path, fault: Fault
) -> None:
    notebook.run(
        "lm, through, steps = fresh(given), fresh(given), Steps()\n"
        f"{run}(through, **steps.settings)"
    )
    live = "loss" if run == "tuned" else "reward"
    call = f"history = {run}(lm, {str(tmp_path)!r}, live=({live!r},))"
    stopped = interrupt_again_and_again(notebook, call, 0.7)
    assert stopped.errors
    notebook.run(call)
    notebook.run(
        "assert_usable(lm)\nassert_same(weights(lm), weights(through))\n"
        "assert gap(weights(lm), weights(given)) > 1e-3\n"
        "assert history.rows[-1]['step'] == steps.seen.__len__() - 1"
    )
    fault(
        "A notebook's run with a live plot is interrupted at random moments, again and again",
        happens="KeyboardInterrupt, and nothing else",
        kept="a model that can be used, after a whole step; with a checkpoint the same cell goes "
        "on to the same weights, bit for bit",
    )


def test_a_notebook_whose_reward_hangs_can_be_interrupted(
    notebook: Notebook, tmp_path: Path, fault: Fault
) -> None:
    notebook.run(
        "lm, through, steps = fresh(given), fresh(given), Steps()\n"
        "_ = rewarded(through, **steps.settings)"
    )
    call = f"history = rewarded(lm, {str(tmp_path)!r}, reward=Slow(call=5))"
    cell = notebook.interrupted(call, 0.1)
    assert_is_an_interrupt_and_no_more(cell)
    assert "sleep" in "".join(cell.errors[0]["traceback"])
    notebook.run("assert_usable(lm)\nassert digest(lm.model, everything=True) == steps.seen[4]")
    notebook.run(f"_ = rewarded(lm, {str(tmp_path)!r})")
    notebook.run("assert_same(weights(lm), weights(through))")
    fault(
        "A reward function hangs, and its run is interrupted",
        happens="KeyboardInterrupt, and nothing else",
        kept="the weights after the step before; with a checkpoint the same call goes on",
    )


def test_an_adapter_s_run_can_be_interrupted_in_a_notebook(
    notebook: Notebook, tmp_path: Path, fault: Fault
) -> None:
    notebook.run("through = fresh(given)\n_ = tuned(through, lora_rank=2)")
    moments, stopped = random.Random(1), 0
    for _ in range(3):
        notebook.run("lm = fresh(given)")
        cell = notebook.interrupted(
            f"tuned(lm, {str(tmp_path)!r}, lora_rank=2)", moments.uniform(0, 1)
        )
        notebook.run("assert_usable(lm)")
        if cell.errors:
            assert_is_an_interrupt_and_no_more(cell)
            stopped += 1
    assert stopped
    notebook.run(
        f"lm = fresh(given)\n_ = tuned(lm, {str(tmp_path)!r}, lora_rank=2)\n"
        "assert_same(weights(lm), weights(through))"
    )
    fault(
        "The run of an adapter is interrupted in a notebook",
        happens="KeyboardInterrupt, and nothing else",
        kept="a model without adapter, with what it has learnt; one that is loaded anew goes on",
    )


# In this process, at moments that are chosen to the call


@contextmanager
def pressed(call: int, files: Sequence[str] = LIBRARIES) -> Iterator[list[int]]:
    """Inside, Ctrl-C is pressed when functions of some files are called for the n-th time.

    Generators are left out: Python itself drops an interrupt that falls into the closing of one.
    Gives a list whose only number says how many calls there were.
    """
    calls = [0]

    def profile(frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        counted = event == "call" and not code.co_flags & inspect.CO_GENERATOR
        if counted and any(name in code.co_filename for name in files):
            calls[0] += 1
            if calls[0] == call:
                signal.raise_signal(signal.SIGINT)

    sys.setprofile(profile)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def after_each_step(lm: LM, run: Callable[..., object]) -> list[Weights]:
    """The weights that a run of six steps has, or leaves, after each."""

    def stop(lm: LM) -> None:
        raise KeyboardInterrupt

    left: list[Weights] = []
    for step in range(7):
        stopped = fresh(lm)
        with pytest.raises(KeyboardInterrupt):
            run(stopped, **Snapshots(step, stop).settings)
        left.append(weights(stopped))
    return left


def tuned_shortly(lm: LM, folder: Path | None = None, **settings: Any) -> object:
    return train(lm, checkpoint=folder, checkpoint_every=1, **settings)


def adapted_shortly(lm: LM, folder: Path | None = None, **settings: Any) -> object:
    return train(lm, checkpoint=folder, checkpoint_every=1, lora_rank=2, **settings)


def rewarded_shortly(lm: LM, folder: Path | None = None, **settings: Any) -> object:
    usual = {"steps": 6, "max_new_tokens": 6, "samples_per_prompt": 2, "checkpoint_every": 1}
    return rewarded(lm, folder, **(usual | settings))


@pytest.mark.parametrize("run", [tuned_shortly, adapted_shortly, rewarded_shortly])
def test_the_model_keeps_the_weights_after_a_whole_step(
    llama: LM, run: Callable[..., object], tmp_path: Path, fault: Fault
) -> None:
    through, steps = fresh(llama), after_each_step(llama, run)
    with pressed(0) as calls:
        run(through, tmp_path / "through")
    moments, ends = random.Random(0), set()
    for number, call in enumerate(moments.sample(range(1, calls[0] + 1), 12)):
        lm, folder = fresh(llama), tmp_path / str(number)
        with pytest.raises(KeyboardInterrupt), pressed(call):
            run(lm, folder)
        assert_usable(lm)
        assert torch.is_grad_enabled()
        ends |= {step for step, left in enumerate(steps) if gap(weights(lm), left) == 0}
        assert any(gap(weights(lm), left) == 0 for left in steps)
        again = fresh(llama) if run is adapted_shortly else lm
        run(again, folder)
        assert_same(weights(again), weights(through))
    assert len(ends) > 3  # the moments were spread
    fault(
        "A run is interrupted in the call of a function of PyTorch's, at random",
        happens="KeyboardInterrupt",
        kept="the weights after a whole step; the same call goes on to the same weights",
    )


@contextmanager
def pressed_after_updates(number: int) -> Iterator[None]:
    """Inside, Ctrl-C is pressed when weights have been changed for the n-th time."""
    updates = iter(range(1, 10**6))

    def press(*_: object) -> None:
        if next(updates) == number:
            signal.raise_signal(signal.SIGINT)

    handle = register_optimizer_step_post_hook(press)
    try:
        yield
    finally:
        handle.remove()


@pytest.mark.parametrize(
    ("run", "updates", "whole"),
    [
        (tuned_shortly, 4, 3),  # the fourth step is made and not yet in the history
        (adapted_shortly, 4, 3),
        (rewarded_shortly, 4, 1),  # the second of the second step's two updates
        (rewarded_shortly, 5, 2),  # the first of the third's
        (tuned_shortly, 1, 0),
    ],
)
def test_a_step_that_is_not_in_the_history_is_taken_back(
    llama: LM,
    run: Callable[..., object],
    updates: int,
    whole: int,
    tmp_path: Path,
    fault: Fault,
) -> None:
    through, lm, steps = fresh(llama), fresh(llama), after_each_step(llama, run)
    run(through)
    with pytest.raises(KeyboardInterrupt), pressed_after_updates(updates):
        run(lm, tmp_path)
    assert_at_rest(lm)
    assert_same(weights(lm), steps[whole])
    assert whole == 0 or gap(weights(lm), weights(llama)) > 1e-5
    again = fresh(llama) if run is adapted_shortly else lm
    run(again, tmp_path)
    assert_same(weights(again), weights(through))
    fault(
        "A run is interrupted when the weights are changed and the step is not yet recorded",
        happens="KeyboardInterrupt",
        kept="the weights before that step; the same call goes on to the same weights",
    )


def test_before_the_first_checkpoint_is_due_a_run_goes_on_from_the_weights_given(
    llama: LM, tmp_path: Path, fault: Fault
) -> None:
    """Though the model has others by then."""
    through, lm = fresh(llama), fresh(llama)
    expected = train(through)
    with pytest.raises(KeyboardInterrupt), pressed_after_updates(5):
        train(lm, checkpoint=tmp_path)
    assert gap(weights(lm), weights(llama)) > 1e-4
    found = train(lm, checkpoint=tmp_path)
    assert_same(weights(lm), weights(through))
    assert [row["loss"] for row in found.rows] == [row["loss"] for row in expected.rows]
    assert len(found) == 6
    fault(
        "A run is interrupted before its first checkpoint is due",
        happens="KeyboardInterrupt",
        kept="the weights it began with: the same call goes on to the same weights",
    )


def test_a_checkpoint_that_is_read_in_part_changes_nothing(
    llama: LM, tmp_path: Path, fault: Fault
) -> None:
    through, lm = fresh(llama), fresh(llama)
    train(through, checkpoint=tmp_path)
    # The weights are copied for the way back before; then come four tensors of each.
    with pytest.raises(KeyboardInterrupt), pressed(60, ("distributed.py",)):
        train(lm, checkpoint=tmp_path)
    assert_same(weights(lm), weights(llama))
    assert_at_rest(lm)
    train(lm, checkpoint=tmp_path)
    assert_same(weights(lm), weights(through))
    fault(
        "A run is interrupted while it reads its checkpoint",
        happens="KeyboardInterrupt",
        kept="the weights the model had; the same call goes on",
    )


@pytest.mark.parametrize("rank", [None, 2])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
@pytest.mark.parametrize("after", [0, 4])
def test_a_run_that_is_interrupted_by_a_measure_keeps_what_is_learnt_so_far(
    dropping: LM, rank: int | None, error: type[BaseException], after: int
) -> None:
    def stop(lm: LM) -> None:
        raise error("stop")

    lm, whole, snapshots = fresh(dropping), fresh(dropping), Snapshots(after, stop)
    with pytest.raises(error, match="stop"):
        train(lm, lora_rank=rank, **snapshots.settings)
    assert_at_rest(lm)
    undisturbed = Snapshots()
    train(whole, lora_rank=rank, **undisturbed.settings)
    assert_same(snapshots.weights[-1], undisturbed.weights[after])
    if rank is None:
        assert_same(weights(lm), undisturbed.weights[after])
    assert any(
        not torch.equal(now, before)
        for now, before in zip(weights(lm).values(), weights(dropping).values(), strict=True)
    ) is (after > 0)


def test_a_run_that_is_interrupted_between_two_passes_keeps_the_step_before(llama: LM) -> None:
    lm, snapshots = fresh(llama), Snapshots()
    passes = iter(range(100))

    def interrupt(*_: object) -> None:
        if lm.model.training and next(passes) == 5:  # the second of two passes of the third step
            signal.raise_signal(signal.SIGINT)

    handle = lm.model.register_forward_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(lm, micro_batch_size=1, **snapshots.settings)
    handle.remove()
    assert len(snapshots.weights) == 3
    assert_same(weights(lm), snapshots.weights[2])
    assert_at_rest(lm)


def test_an_interrupt_waits_for_what_must_not_be_left_half_done() -> None:
    done: list[str] = []

    def work() -> None:
        with uninterrupted():
            with uninterrupted():
                signal.raise_signal(signal.SIGINT)
                done.append("inner")
            done.append("outer")
        done.append("after")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["inner", "outer"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_elsewhere_than_in_the_main_thread_nothing_is_kept_waiting(llama: LM) -> None:
    """Interrupts come to the main thread only."""
    lm, expected, left = fresh(llama), fresh(llama), list[dict[str, Tensor]]()

    def work() -> None:
        train(lm, epochs=1, lora_rank=2)
        left.append(weights(lm))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    train(expected, epochs=1, lora_rank=2)
    assert_same(left[0], weights(expected))
