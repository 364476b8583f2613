"""Sampling: from prompts as texts to completions as texts, with ``sample`` and ``generate``.

Both draw at temperature 1 from the whole distribution. Tokenising and decoding are included. Unless
texts are to end by themselves, no token ends them, so both draw exactly the tokens that are set. As
they end, both are greedy instead: so both write the same texts, and do the same work.

A static cache is left out for SmolLM2 on a CPU: at 16 texts it was within a few percent of the
usual one, faster in float32 and slower in bfloat16, and its rounds would take minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import GenerationConfig

from alignlib import LM, sample
from benchmarks import material, models
from benchmarks.alternate import Contender, Done, Work, alternate
from benchmarks.row import OURS, Row

NEW_TOKENS = 32
SAMPLES = 8
BATCHES = {"tiny": (1, 4, 16, 64, 128), "smollm2": (1, 4, 16, 32)}

DIFFERENT = "different prompts"
SHARED = f"{SAMPLES} samples a prompt"
ENDING = "as they end"

SETTINGS: dict[str, dict[str, Any]] = {
    "generate": {},
    "generate, static cache": {"cache_implementation": "static"},
}


def cases(name: str) -> list[tuple[str, int]]:
    """The cases of a model, each with its batch."""
    batches = BATCHES[name]
    shared = [batch for batch in batches if batch % SAMPLES == 0]
    if name != "tiny":
        shared = shared[-1:]
    return (
        [(DIFFERENT, batch) for batch in batches]
        + [(SHARED, batch) for batch in shared]
        + [(ENDING, max(shared))]
    )


def measure(name: str, dtype: str, device: torch.device, batch: int, case: str, rounds: int) -> Row:
    """One row: a batch of texts."""
    slow = name != "tiny" and device.type == "cpu"
    settings = {"generate": SETTINGS["generate"]} if slow else SETTINGS
    return compare(name, dtype, device, batch, case, rounds, settings=settings)


def compare(
    name: str,
    dtype: str,
    device: torch.device,
    batch: int,
    case: str,
    rounds: int,
    *,
    new_tokens: int = NEW_TOKENS,
    settings: dict[str, dict[str, Any]] = SETTINGS,
    kind: str = "sampling",
) -> Row:
    """A batch of texts with us and with each of generate's settings."""
    each = SAMPLES if case == SHARED else 1
    lm, plain = models.fresh(name, device, dtype), models.plain(name, device, dtype)
    if case != ENDING:
        lm, plain = models.endless(lm), models.endless(plain)
    asked = material.prompts(lm, batch // each)
    greedy = case == ENDING
    contenders = {OURS: ours(lm, asked, each, new_tokens, greedy)} | {
        setting: theirs(plain, asked, each, new_tokens, greedy, settings[setting])
        for setting in settings
    }
    few = min(new_tokens, 4)  # to warm up with
    short = {OURS: ours(lm, asked, each, few, greedy)} | {
        setting: theirs(plain, asked, each, few, greedy, settings[setting]) for setting in settings
    }
    timed = alternate(contenders, rounds, device, warmups=short)
    body, head = models.matrices(lm)
    return Row(
        kind=kind,
        case=case,
        model=name,
        dtype=dtype,
        setting={"batch": batch, "tokens": new_tokens},
        unit="s",
        rounds=timed.rounds,
        counts=timed.counts,
        tried=timed.tried,
        more={"weight_bytes": (body + head) * getattr(torch, dtype).itemsize},
    )


def ours(lm: LM, asked: Sequence[str], each: int, new_tokens: int, greedy: bool) -> Contender:
    """``sample``, all rows in one batch as ``generate`` has them."""

    @contextmanager
    def prepare(seed: int) -> Iterator[Work]:
        def work() -> Done:
            drawn = sample(
                lm, asked, each, new_tokens, seed=seed, temperature=0.0 if greedy else 1.0,
                batch_size=len(asked) * each, progress=False,
            )  # fmt: skip
            return Done({"texts": len(drawn.texts), "tokens": int(drawn.mask.sum())})

        yield work

    return prepare


def theirs(
    lm: LM,
    asked: Sequence[str],
    each: int,
    new_tokens: int,
    greedy: bool,
    settings: dict[str, Any],
) -> Contender:
    """``model.generate``."""
    drawing = {} if greedy else {"temperature": 1.0, "top_k": 0, "top_p": 1.0}
    config = GenerationConfig(
        do_sample=not greedy, max_new_tokens=new_tokens, num_return_sequences=each,
        eos_token_id=list(lm.eos_ids) or None, pad_token_id=lm.pad_id, **drawing, **settings,
    )  # fmt: skip

    @contextmanager
    def prepare(seed: int) -> Iterator[Work]:
        torch.manual_seed(seed)
        made: list[torch.Tensor] = []

        def work() -> Done:
            encoded = lm.tokenizer(list(asked), padding=True, return_tensors="pt").to(lm.device)
            output = lm.model.generate(**encoded, generation_config=config)  # type: ignore[operator]
            completions = output[:, encoded.input_ids.shape[1] :]
            texts = lm.tokenizer.batch_decode(completions, skip_special_tokens=True)
            return Done({"texts": len(texts), "tokens": _tokens(completions, lm)})

        yield work
        made.clear()

    return prepare


def _tokens(completions: torch.Tensor, lm: LM) -> int:
    """How many tokens there are up to each row's end of text."""
    ends = torch.isin(completions, torch.tensor(lm.eos_ids, device=lm.device, dtype=torch.long))
    before = ends.cumsum(-1) - ends.long()  # ends of text before each token
    return int((before == 0).sum())
