"""How the ratios change: with the batch, with the length, and with the size of the model.

The models are random Llamas, so that only their size differs: nothing that is timed here depends on
what they say. One thing is changed at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch

from alignlib.pairs import Pair
from benchmarks import material, models, sampling, sft
from benchmarks.row import Row

BATCHES = (1, 4, 16, 64, 128)
LENGTHS = (16, 64, 256)
MODEL, BATCH, LENGTH = "5M", 16, 32
"""What stays as it is while another changes."""

STEPS = 2
"""Of each finetuning."""

GENERATE = {"generate": sampling.SETTINGS["generate"]}
TRL = {"TRL": sft.SETTINGS["TRL"]}

Task = tuple[str, Callable[[], Row]]


def tasks(dtype: str, device: torch.device, rounds: int) -> list[Task]:
    """What is to be measured, each with a name."""
    made: list[Task] = []
    plan = [(MODEL, batch, LENGTH) for batch in BATCHES]
    plan += [(MODEL, BATCH, length) for length in LENGTHS]
    plan += [(size, BATCH, LENGTH) for size in models.SIZES if size != MODEL]
    for size, batch, length in plan:
        label = f"{size}, batch {batch}, {length} tokens"
        drawing = partial(draw, size, dtype, device, batch, length, rounds)
        made.append((f"scaling of sampling: {label}", drawing))
        teaching = partial(teach, size, dtype, device, batch, length, rounds)
        made.append((f"scaling of sft: {label}", teaching))
    return made


def draw(size: str, dtype: str, device: torch.device, batch: int, length: int, rounds: int) -> Row:
    """Sampling."""
    return sampling.compare(
        size, dtype, device, batch, "sampling", rounds, new_tokens=length, settings=GENERATE,
        kind="scaling",
    )  # fmt: skip


def teach(size: str, dtype: str, device: torch.device, batch: int, length: int, rounds: int) -> Row:
    """Finetuning, on completions of about so many tokens."""
    row = sft.compare(
        size, dtype, device, pairs_of_length(size, STEPS * batch, length), rounds,
        batch_size=batch, settings=TRL, kind="scaling", case="sft", learning=False,
    )  # fmt: skip
    row.setting["tokens"] = length
    return row


def pairs_of_length(size: str, n: int, length: int) -> list[Pair]:
    """Prompts with completions of ``length`` tokens and the end, made of lessons' answers."""
    lm = models.fresh(size, torch.device("cpu"))
    known = material.pairs(lm, min(n, 256))
    words = lm.tokenizer(" ".join(answer for _, answer in known) * 8).input_ids
    made = []
    for number in range(n):
        start = number * 7 % (len(words) - length)
        made.append((known[number % len(known)][0], lm.decode(words[start : start + length])))
    return made
