"""Supervised finetuning: one epoch with ``finetune``, and with TRL's ``SFTTrainer``.

Both take the same pairs in the same order, in steps of the same pairs, so their losses are compared
step by step, and the losses of both models on held-out pairs afterwards, by the same function. The
trainer's construction, in which TRL tokenises, is not timed; ``finetune`` is timed as a whole.

TRL's settings: as it comes (gradient checkpointing, random order, a log every ten steps), without
what costs time, and with pairs of like length together. The last has other steps, so its losses are
not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from alignlib import LM, finetune
from alignlib.finetuning import mean_loss
from alignlib.pairs import Pair, encode_pairs
from benchmarks import material, models
from benchmarks.alternate import Contender, Done, Work, alternate
from benchmarks.row import OURS, BenchmarkError, Row
from benchmarks.trl_side import RATE, Losses, alone, sft_trainer

BATCH = 16
PAIRS = {"tiny": 256, "smollm2": 64}
HELD_OUT = 24
LEARNING_STEPS = 16
"""The most steps whose losses are compared."""

APART = {"float32": 1e-3, "bfloat16": 0.05}
"""By which share the losses of a step may differ, in each dtype."""

SETTINGS: dict[str, dict[str, Any]] = {
    "TRL as it comes": {
        "gradient_checkpointing": True,
        "train_sampling_strategy": "random",
        "logging_strategy": "steps",
    },
    "TRL": {},
    "TRL, grouped by length": {"train_sampling_strategy": "group_by_length"},
}


def measure(
    name: str, dtype: str, device: torch.device, rounds: int, pairs_shown: int | None = None
) -> Row:
    """One epoch of a model; ``more`` has the losses of both."""
    pairs = material.pairs(models.fresh(name, device), pairs_shown or PAIRS[name])
    return compare(name, dtype, device, pairs, rounds, keep=2)


def compare(
    name: str,
    dtype: str,
    device: torch.device,
    pairs: list[Pair],
    rounds: int,
    *,
    batch_size: int = BATCH,
    settings: dict[str, dict[str, Any]] = SETTINGS,
    keep: int | None = None,
    kind: str = "sft",
    case: str = "one epoch",
    learning: bool = True,
) -> Row:
    """One epoch of pairs, with us and with each of TRL's settings."""
    others = {
        each: theirs(name, dtype, device, pairs, batch_size, settings[each]) for each in settings
    }
    contenders = {OURS: ours(name, dtype, device, pairs, batch_size)} | others
    few = pairs[:4]  # to warm up with
    short = {OURS: ours(name, dtype, device, few, batch_size)} | {
        each: theirs(name, dtype, device, few, batch_size, settings[each]) for each in settings
    }
    timed = alternate(contenders, rounds, device, keep=keep, warmups=short)
    lm = models.fresh(name, device)
    body, head = models.matrices(lm)
    encoded = encode_pairs(lm, pairs)
    return Row(
        kind=kind,
        case=case,
        model=name,
        dtype=dtype,
        setting={"pairs": len(pairs), "batch": batch_size},
        unit="s",
        rounds=timed.rounds,
        counts=timed.counts,
        tried=timed.tried,
        more={
            "flop": 6 * body * sum(map(len, encoded))
            + 6 * head * sum(len(each.completion) for each in encoded)
        }
        | (
            learnt(name, dtype, device, pairs[: LEARNING_STEPS * batch_size], batch_size)
            if learning
            else {}
        ),
    )


def ours(
    name: str, dtype: str, device: torch.device, pairs: list[Pair], batch_size: int
) -> Contender:
    """``finetune`` as it comes, in this precision."""

    @contextmanager
    def prepare(seed: int) -> Iterator[Work]:
        lm = models.fresh(name, device)

        def work() -> Done:
            history = _finetune(lm, pairs, dtype, batch_size)
            tokens = sum(int(row["tokens"]) for row in history.rows)
            return Done({"steps": len(history), "pairs": len(pairs), "completion tokens": tokens})

        yield work

    return prepare


def theirs(
    name: str,
    dtype: str,
    device: torch.device,
    pairs: list[Pair],
    batch_size: int,
    settings: dict[str, Any],
) -> Contender:
    """``SFTTrainer.train``."""
    order = np.random.default_rng([0, 0]).permutation(len(pairs))

    @contextmanager
    def prepare(seed: int) -> Iterator[Work]:
        lm = models.plain(name, device)
        with alone():
            trainer = sft_trainer(lm, [pairs[i] for i in order], dtype, batch_size, **settings)
            shown = trainer.train_dataset
            tokens = sum(label != -100 for labels in shown["labels"] for label in labels)

            def work() -> Done:
                trainer.train()
                steps = trainer.state.global_step
                return Done({"steps": steps, "pairs": len(shown), "completion tokens": tokens})

            yield work

    return prepare


def learnt(
    name: str, dtype: str, device: torch.device, pairs: list[Pair], batch_size: int
) -> dict[str, Any]:
    """The loss of each step, and that on held-out pairs before and after, of both."""
    start = models.fresh(name, device)
    held_out = encode_pairs(start, material.held_out_pairs(start, HELD_OUT))
    own = models.fresh(name, device)
    history = _finetune(own, pairs, dtype, batch_size)
    other = models.plain(name, device)
    order = np.random.default_rng([0, 0]).permutation(len(pairs))
    losses = Losses()
    with alone():
        trainer = sft_trainer(
            other, [pairs[i] for i in order], dtype, batch_size,
            logging_strategy="steps", logging_steps=1,
        )  # fmt: skip
        trainer.add_callback(losses)
        trainer.train()
    trained = models.fresh(name, device)  # without what a trainer does to a model's forward
    trained.model.load_state_dict(other.model.state_dict())
    steps = [row["loss"] for row in history.rows]
    apart = max(abs(b / a - 1) for a, b in zip(steps, losses.values, strict=True))
    return {
        "loss": {OURS: steps, "TRL": losses.values},
        "loss_apart": apart,
        "held_out_loss": {
            "before": mean_loss(start, held_out, BATCH),
            OURS: mean_loss(own, held_out, BATCH),
            "TRL": mean_loss(trained, held_out, BATCH),
        },
    }


def check_losses(row: Row) -> None:
    """Raise where TRL did not learn the same.

    Raises:
        BenchmarkError: if a step's loss differs from ours by more than ``APART``.
    """
    apart = row.more.get("loss_apart", 0.0)
    if apart > APART[row.dtype]:
        raise BenchmarkError(
            f"sft, {row.model}, {row.dtype}: the losses of a step differ by {apart:.1%}, more than "
            f"{APART[row.dtype]:.1%}. The two do not learn the same: compare their settings."
        )


def _finetune(lm: LM, pairs: list[Pair], dtype: str, batch_size: int) -> Any:
    return finetune(
        lm, pairs, epochs=1, batch_size=batch_size, learning_rate=RATE, warmup=0.0,
        schedule="constant", precision=dtype, progress=False,  # type: ignore[arg-type]
    )  # fmt: skip
