"""Whether a model does what alignlib relies on, tried out once when it is loaded.

Sampling pads prompts on the left, copies and thins out the cache, and reads what prompts have in
common once; scoring and training read shared beginnings as a tree. An architecture that counts
columns, or keeps a state that can't be copied, gives other numbers then, mostly without an error. A
few tokens are drawn and scored that way and compared with a plain forward pass: one text, no
padding, no cache.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch

from alignlib import checkpoints
from alignlib.errors import ModelNotFoundError
from alignlib.llama import weights_of
from alignlib.logprobs import collate, completion_logprobs
from alignlib.model import LM
from alignlib.sampling import Row, generate

TOLERANCE = 0.1
"""Nats; a wrong position or mask is off by far more, and rounding in float32 by far less."""
HALF_TOLERANCE = 1.0
"""Nats, in bfloat16 and float16."""


def check(lm: LM) -> None:
    """Raise a :class:`ModelNotFoundError` where sampled log-probabilities are not the model's.

    Args:
        lm: the model; on the meta device, where nothing can be computed, it passes.
    """
    if lm.device.type == "meta":
        return
    kind = checkpoints.text_config(lm.model).model_type
    try:
        gap = _gap(lm)
    except Exception as error:  # whatever a model raises that is called in a way it does not know
        raise ModelNotFoundError(
            f"alignlib does not handle {lm.name!r} (of the kind {kind!r}): "
            f"{checkpoints.first_line(error)} Choose another model."
        ) from error
    half = lm.model.dtype in (torch.bfloat16, torch.float16)
    if not gap <= (HALF_TOLERANCE if half else TOLERANCE):  # a NaN is refused too
        raise ModelNotFoundError(
            f"alignlib does not handle {lm.name!r} (of the kind {kind!r}): with padding and a "
            f"cache its log-probabilities are off by {gap:.2g} nat. Choose another model."
        )


@torch.no_grad()
def _gap(lm: LM) -> float:
    """The largest difference in nats over two rows, which mostly end at different times."""
    V = checkpoints.text_config(lm.model).vocab_size
    a, b, c, d, e = (V * k // 7 for k in range(1, 6))
    short, long = (a, b), (a, *(c, d, e, b, d) * 3)
    steps = 24 if lm.device.type == "cuda" else 3  # there, long enough for a step to be recorded
    rows = [Row(short, np.full(steps, 0.4)), Row(long, np.full(steps, 0.7))]
    half_of_all = dataclasses.replace(lm, eos_ids=tuple(range(0, V, 2)))  # so that some end soon
    drawn = generate(half_of_all, rows, temperature=1.0, top_p=1.0, weights=weights_of(lm))
    prompts = [row.prompt_ids for row in rows]
    written = [tokens[mask] for tokens, mask in zip(drawn.tokens, drawn.mask, strict=True)]
    batch = collate(lm, prompts, [each.tolist() for each in written])
    scored = completion_logprobs(lm, batch).cpu()  # (B, T)
    gap = 0.0
    for number, (row, completion) in enumerate(zip(rows, written, strict=True)):
        ids = torch.cat([torch.tensor(row.prompt_ids), completion])
        logits = lm.model(input_ids=ids[None].to(lm.device), use_cache=False).logits[0].cpu()
        plain = logits[-len(completion) - 1 : -1].float().log_softmax(-1)  # (T, V)
        expected = plain.gather(1, completion[:, None]).squeeze(1)
        for values in (drawn.values, scored):
            off = (values[number, : len(completion)] - expected).abs()
            gap = max(gap, float(off.nan_to_num(np.inf).max()))
    return gap
