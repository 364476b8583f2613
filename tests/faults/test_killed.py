"""A run is killed. It gets no chance to tidy up, and is started again with the same call."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

import alignlib
from alignlib import LM, checksum
from alignlib.history import Row
from alignlib.reinforce import reinforce
from alignlib.training import BEGINNING
from alignlib.unfinished import BEFORE, CHECKPOINT, is_there
from alignlib.world.pretraining import Settings, pretrain
from alignlib.world.tokenizer import build_tokenizer
from tests.faults.children import PROCESSES
from tests.faults.report import Fault
from tests.small_training import assert_at_rest, assert_same, fresh, train, weights

CLOCKS = ("seconds", "samples_per_second")
SHORT = Settings(
    blocks=12, documents_per_block=12, tokens_per_batch=512,
    hidden_size=16, layers=1, heads=2, intermediate_size=16,
)  # fmt: skip
"""So that a block is read in no time."""


def vowels(completions: Sequence[Any], **_: Any) -> list[float]:
    return [sum(map(text.count, "aeiou")) - 0.1 * len(text) for text in completions]


def tuned(lm: LM, folder: Path | None) -> list[Row]:
    """Thirty steps, all of the model, with a checkpoint after each."""
    return train(lm, epochs=10, learning_rate=0.01, checkpoint=folder, checkpoint_every=1).rows


def rewarded(lm: LM, folder: Path | None) -> list[Row]:
    """Fifteen steps of two updates of an adapter, on a leash, with a checkpoint after each."""
    return reinforce(
        lm, ["the cat ", "a dog ran to the mat and ", "x", "who is it? "], vowels, steps=15,
        prompts_per_step=2, samples_per_prompt=4, max_new_tokens=6, learning_rate=0.01, beta=0.2,
        updates_per_step=2, lora_rank=2, checkpoint=folder, checkpoint_every=1, progress=False,
    ).rows  # fmt: skip


def trained(begins: Connection, run: Callable[[LM, Path], object], model: str, at: Path) -> None:
    """In a process of its own: say so when a run begins."""
    lm = alignlib.load(model, device="cpu")
    begins.send(None)
    run(lm, at)


def pretrained(begins: Connection, folder: Path) -> None:
    build_tokenizer()  # which is kept
    begins.send(None)
    pretrain(folder, SHORT, checkpoint_every=1, progress=False)


def was_killed(seconds: float, target: Callable[..., None], *arguments: Any) -> bool:
    """Whether a process was killed so long after its run had begun, and had not ended by itself."""
    here, there = PROCESSES.Pipe()
    process = PROCESSES.Process(target=target, args=(there, *arguments), daemon=True)
    process.start()
    assert here.poll(60)
    process.join(seconds)
    process.kill()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def newest(folder: Path) -> list[Row]:
    """The history in the newest checkpoint that is whole."""
    for name in (CHECKPOINT, BEFORE):
        try:
            rows: list[Row] = json.loads(checksum.read(folder / name)["rows"])
        except (OSError, ValueError):
            continue
        return [row for row in rows if row != BEGINNING]
    return []


def timeless(rows: list[Row]) -> list[Row]:
    return [{name: row[name] for name in row if name not in CLOCKS} for row in rows]


GONE = pytest.mark.filterwarnings("ignore:.*it is not there. The run goes on:UserWarning")
"""Where it was killed between two renamings."""


@GONE
@pytest.mark.parametrize(
    ("name", "which", "run"), [("finetune", "dropping", tuned), ("reinforce", "llama", rewarded)]
)
def test_a_run_that_is_killed_at_random_moments_ends_as_one_that_was_not(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    fault: Fault,
    name: str,
    which: str,
    run: Callable[[LM, Path | None], list[Row]],
) -> None:
    model: LM = request.getfixturevalue(which)
    through = fresh(model)
    expected = timeless(run(through, None))
    began = time.perf_counter()
    run(fresh(model), tmp_path / "timed")
    duration = time.perf_counter() - began

    def ends_as_expected(folder: Path, kept: list[Row]) -> None:
        rest = fresh(model)
        rows = run(rest, folder)
        assert rows[: len(kept)] == kept  # with their seconds: nothing was done again
        assert timeless(rows) == expected
        assert_same(weights(rest), weights(through))
        assert_at_rest(rest)
        assert {path.name for path in folder.iterdir()} <= {CHECKPOINT, BEFORE, ".lock"}

    moments = random.Random(name)
    kills = finished = while_writing = 0
    kept: list[Row] = []
    while kills < 25 or (not while_writing and kills < 150):  # to write takes a small part
        folder = tmp_path / str(finished)
        if was_killed(moments.uniform(0, duration), trained, run, model.name, folder):
            kills += 1
            while_writing += any(folder.glob("unfinished.*.draft"))
            found = newest(folder)
            assert found[: len(kept)] == kept  # a whole checkpoint is there, and none was lost
            kept = found
        else:
            ends_as_expected(folder, kept)
            finished, kept = finished + 1, []
    ends_as_expected(folder, kept)
    assert while_writing
    fault(
        f"The process is killed at 25 random moments of {name}, half-written checkpoints included",
        happens="the same call goes on from the latest whole checkpoint",
        kept="weights and history are those of a run that was not stopped, bit for bit",
    )


@GONE
def test_a_pretraining_that_is_killed_makes_the_same_model(tmp_path: Path, fault: Fault) -> None:
    through = tmp_path / "through"
    build_tokenizer()
    began = time.perf_counter()
    expected = pretrain(through, SHORT, checkpoint_every=1, progress=False)
    duration = time.perf_counter() - began
    names = sorted(path.name for path in through.iterdir())

    def is_done(folder: Path) -> bool:
        return (folder / "training.json").exists() and not is_there(folder)

    moments = random.Random(0)
    kills = finished = 0
    while kills < 5:
        folder = tmp_path / str(finished)
        kills += was_killed(moments.uniform(0, duration), pretrained, folder)
        finished += is_done(folder)
    if not is_done(folder):
        table = pretrain(folder, SHORT, checkpoint_every=1, progress=False)
        assert table.drop(columns="seconds").equals(expected.drop(columns="seconds"))
    for number in range(finished + 1):
        made = tmp_path / str(number)
        if made.exists():
            assert sorted(path.name for path in made.iterdir()) == names  # no checkpoint is left
            for name in set(names) - {"training.json"}:  # which has the minutes
                assert (made / name).read_bytes() == (through / name).read_bytes()
    fault(
        "alignlib pretrain is killed at 5 random moments",
        happens="the same command goes on from the latest whole checkpoint",
        kept="the model is that of a run that was not stopped, byte for byte",
    )
