"""What the tests of several processes run in each: ``torchrun -m tests.distributed_runs``.

The same runs, made by one process, are what they are compared with.
"""

from __future__ import annotations

import contextlib
import io
import math
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import alignlib
from alignlib import LM, distributed, processes
from alignlib.errors import AlignlibError
from alignlib.history import History
from alignlib.reinforce import reinforce
from tests.small_training import PAIRS, assert_same, fresh, train, weights

Outcome = dict[str, Any]
"""Of a run, on one process: its rows, the weights, and what else it is looked at for."""


def size_of(lm: LM) -> float:
    """A measure: the length of all weights together."""
    return float(torch.stack([p.detach().norm() for p in lm.model.parameters()]).norm())


FINETUNING: dict[str, dict[str, Any]] = {
    "uneven": {"batch_size": 5, "micro_batch_size": 2},
    "clipped": {"batch_size": 4, "max_gradient_norm": 0.05},
    "a process without a pair": {"batch_size": 1},
    "adapter": {"batch_size": 4, "lora_rank": 2},
    "decaying": {"weight_decay": 0.1, "batch_size": 6},
}

PROMPTS = ["the cat ", "a dog ", "the cat ", "who is it?", "b", "say it to me. "]
COLUMNS = {"wanted": ["a", "b", "a", "c", "d", "e"]}

REINFORCE: dict[str, dict[str, Any]] = {
    "plain": {},
    "in the reward": {"beta": 0.1, "credit": "whole return", "mean_over": "steps"},
    "in the loss": {"beta": 0.1, "leash": "in the loss", "entropy_bonus": 0.01},
    "reused": {"updates_per_step": 2, "clip": 0.2, "mean_over": "nothing"},
    "a process without a prompt": {"prompts_per_step": 1},
    "the same with a leash": {"prompts_per_step": 1, "beta": 0.1},
    "more than an epoch": {"prompts_per_step": 9, "lora_rank": 2},
}


def vowels(completions: list[str], log_metric: Any, **columns: object) -> list[float]:
    """A reward, which also reports a metric."""
    log_metric("letters", sum(map(len, completions)) / len(completions))
    return [sum(letter in "aeiou" for letter in text) / 8 for text in completions]


def wanted(completions: list[str], wanted: list[str], **columns: object) -> list[float | None]:
    """A reward that does not apply to all: is the letter there?"""
    pairs = zip(completions, wanted, strict=True)
    return [None if letter == "d" else float(letter in text) for text, letter in pairs]


class Listener:
    """Watches, and keeps what it was given."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def __call__(self, prompts: list[str], completions: list[str], **_: object) -> list[float]:
        self.heard += zip(prompts, completions, strict=True)
        return [float(len(text)) for text in completions]


def rewarded(lm: LM, reward: Any = None, **settings: Any) -> History:
    """Three steps of five prompts, each with four samples."""
    usual: dict[str, Any] = {
        "steps": 3, "prompts_per_step": 5, "samples_per_prompt": 4, "max_new_tokens": 8,
        "learning_rate": 2e-4, "rows_at_once": 8, "columns": COLUMNS, "progress": False,
        "measures": {"size": size_of},
    }  # fmt: skip
    return reinforce(lm, PROMPTS, reward or [vowels, wanted], **(usual | settings))


def compared(load: Callable[[], LM]) -> Iterator[tuple[str, Outcome]]:
    """Runs that have to be the same on any number of processes."""
    usual: dict[str, Any] = {
        "validation": PAIRS[1:4], "measures": {"size": size_of}, "evaluate_every": 1
    }  # fmt: skip
    for name, settings in FINETUNING.items():
        for dtype in (torch.float32, torch.float64):
            lm = fresh(load(), dtype)
            rows = train(lm, **(usual | settings)).rows
            yield f"{name}, {dtype}", {"rows": rows, "weights": weights(lm)}
    for name, settings in REINFORCE.items():
        lm, listener = fresh(load(), torch.float64), Listener()
        rows = rewarded(lm, watch={"length": listener}, **settings).rows
        yield name, {"rows": rows, "weights": weights(lm), "heard": listener.heard}


def raised(lm: LM, run: Callable[[], object]) -> Outcome:
    """What a run says that goes wrong, and with which weights it leaves."""
    try:
        run()
    except AlignlibError as error:
        return {"kind": type(error).__name__, "message": str(error), "weights": weights(lm)}
    return {"kind": "nothing", "message": "", "weights": weights(lm)}


def broken(load: Callable[[], LM], folder: Path, rank: int) -> Iterator[tuple[str, Outcome]]:
    """Runs with an error that only process 1 has, or only process 0."""
    lm, calls = load(), iter(range(9))

    def fails(completions: list[str], **_: object) -> list[float]:
        if next(calls) == 1 and rank == 1:
            raise ZeroDivisionError("no judge here")
        return [float(len(text)) for text in completions]

    yield "reward", raised(lm, lambda: rewarded(lm, fails))
    one = load()
    rewarded(one, lambda completions, **_: [float(len(text)) for text in completions], steps=1)
    yield "one step", {"weights": weights(one)}

    shaken, steps = load(), iter(range(99))

    def spoil(gradient: Tensor) -> Tensor:
        return gradient * math.inf if next(steps) == 2 and rank == 1 else gradient

    handle = shaken.model.get_parameter("model.norm.weight").register_hook(spoil)
    yield "gradient", raised(shaken, lambda: train(shaken))
    handle.remove()

    lost, passes = load(), iter(range(99))

    def lose(module: object, given: object, logits: Tensor) -> Tensor:
        return logits * math.nan if next(passes) == 2 and rank == 1 else logits

    handle = lost.model.get_submodule("lm_head").register_forward_hook(lose)
    kept: list[Mapping[str, Tensor]] = []

    def keep(lm: LM) -> float:
        kept.append(weights(lm))
        return 0.0

    told = raised(lost, lambda: train(lost, measures={"keep": keep}, evaluate_every=1))
    handle.remove()
    yield "loss", told | {"kept": kept}

    lm = load()
    (folder / "file").touch()
    yield "disk", raised(lm, lambda: train(lm, checkpoint=folder / "file"))
    yield "seed", raised(lm, lambda: train(lm, seed=rank))
    yield "pairs", raised(lm, lambda: train(lm, PAIRS[rank:]))
    with torch.no_grad():
        lm.model.get_parameter("lm_head.weight")[0, 0] += rank
    yield "model", raised(lm, lambda: train(lm))


class StoppedError(Exception):
    """What stands for a kill."""


def resumed(load: Callable[[], LM], folder: Path, rank: int) -> Iterator[tuple[str, Outcome]]:
    """A run that is stopped and goes on; process 1 has no file of its own."""
    place = folder / f"run{rank}"
    settings: dict[str, Any] = {"measures": {"size": size_of}, "evaluate_every": 1}
    through, stopped, lm = load(), load(), load()
    rows = train(through, **settings).rows
    yield "through", {"rows": rows, "weights": weights(through)}

    def stop(lm: LM) -> float:
        if next(taken) == 5:
            raise StoppedError("enough")
        return size_of(lm)

    taken = iter(range(9))
    more: dict[str, Any] = {"checkpoint": place, "checkpoint_every": 2}
    try:
        train(stopped, **(settings | more | {"measures": {"size": stop}}))
    except (StoppedError, AlignlibError) as error:
        said = f"{type(error).__name__}: {error}"
    if rank == 0:
        shutil.copytree(place, folder / "left")
    yield "stopped", {"said": said, "files": sorted(p.name for p in folder.glob("run*"))}
    rows = train(lm, **(settings | more)).rows
    yield "resumed", {"rows": rows, "weights": weights(lm)}


def alone(load: Callable[[], LM]) -> Iterator[tuple[str, Outcome]]:
    """A measure and a reward that train a model of their own; and who shows a bar."""

    def nested(lm: LM) -> float:
        return train(fresh(lm), epochs=1, validation=PAIRS[:1]).rows[-1]["validation_loss"]

    def learns(completions: list[str], **_: object) -> list[float]:
        train(load(), [("a", text or "b") for text in completions], epochs=1)
        return [float(len(text)) for text in completions]

    with contextlib.redirect_stderr(io.StringIO()) as shown:
        rows = train(load(), measures={"nested": nested}, progress=True).rows
        rows += rewarded(load(), learns, progress=True).rows
    yield "alone", {"rows": rows, "shown": shown.getvalue()}


SHARDED = {"finetuning": ("uneven", "clipped", "a process without a pair"),
           "reinforce": ("plain", "reused", "a process without a prompt")}  # fmt: skip
"""Which of the runs are made with sharded weights, too."""


def all_weights(lm: LM) -> dict[str, Tensor]:
    """As weights() gives them, gathered from all processes."""
    return {name: distributed.entire(tensor) for name, tensor in weights(lm).items()}


def sharded(load: Callable[[], LM], folder: Path, rank: int) -> Iterator[tuple[str, Outcome]]:
    """Runs with the weights split among the processes."""

    def split(dtype: torch.dtype = torch.float32) -> LM:
        return distributed.shard(fresh(load(), dtype))

    usual: dict[str, Any] = {
        "validation": PAIRS[1:4], "measures": {"size": size_of}, "evaluate_every": 1
    }  # fmt: skip
    for name in SHARDED["finetuning"]:
        lm = split(torch.float64)
        rows = train(lm, **(usual | FINETUNING[name])).rows
        yield name, {"rows": rows, "weights": all_weights(lm)}
    for name in SHARDED["reinforce"]:
        lm, listener = split(torch.float64), Listener()
        rows = rewarded(lm, watch={"length": listener}, **REINFORCE[name]).rows
        yield name, {"rows": rows, "weights": all_weights(lm), "heard": listener.heard}

    place, lm, again = folder / f"sharded{rank}", split(), split()
    train(lm, checkpoint=place, checkpoint_every=2)
    held = sum(distributed.local(p).numel() for p in lm.model.parameters())
    yield "written", {"weights": all_weights(lm), "held": held}
    train(again, checkpoint=place)
    yield "read", {"weights": all_weights(again)}

    lost, passes = split(), iter(range(99))

    def lose(module: object, given: object, logits: Tensor) -> Tensor:
        return logits * math.nan if next(passes) == 2 and rank == 1 else logits

    lost.model.get_submodule("lm_head").register_forward_hook(lose)
    for name, run in {
        "loss": lambda: train(lost),
        "adapter": lambda: train(split(), lora_rank=2),
        "leash": lambda: rewarded(split(), beta=0.1),
    }.items():
        told = raised(lost, run)
        yield name, told | {"weights": all_weights(lost)}


def main(model: str, folder: Path) -> None:
    """Make all runs, and write what came out of them."""

    def load() -> LM:
        return alignlib.load(model, device="cpu")

    outcomes = dict(compared(load))
    rank = processes.rank()
    if processes.size() > 1:
        outcomes |= {f"broken: {name}": each for name, each in broken(load, folder, rank)}
        again = load()
        train(again, validation=PAIRS[1:4], measures={"size": size_of}, **FINETUNING["uneven"])
        assert_same(weights(again), outcomes["uneven, torch.float32"]["weights"])
        outcomes |= dict(resumed(load, folder, rank)) | dict(alone(load))
        outcomes |= {f"sharded: {name}": each for name, each in sharded(load, folder, rank)}
    torch.save(outcomes, folder / f"outcomes{rank}.pt")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
