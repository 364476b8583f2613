"""What a step of REINFORCE asks, and what is to be seen of what it was told."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from alignlib.distributed import Share
from alignlib.history import Row
from alignlib.sampling import Samples


def nothing(samples_per_prompt: int) -> Samples:
    """No completion: of a process that has no prompt in a step."""
    none = torch.zeros(0, 1)
    return Samples(
        [], [], none.long(), none.bool(), none, torch.zeros(0).bool(), samples_per_prompt
    )


def seen(drawn: Samples, rows: Share, mask: Tensor, seconds: float) -> Row:
    """What is to be seen of a step's completions, whose mask is (N, T)."""
    tokens = int(mask.sum())
    return {
        "samples": len(mask),
        "mean_length": tokens / len(mask),
        "finished": float(rows.whole(drawn.finished).float().mean()),
        "entropy": -float(rows.whole(drawn.logprobs).sum()) / tokens,
        "samples_per_second": len(mask) / seconds,
    }


def asked_in(prompts: int, prompts_per_step: int, step: int, seed: int) -> list[int]:
    """The prompts of one step, by number, from a row of epochs each in an order of its own."""
    first = (step - 1) * prompts_per_step
    epochs = range(first // prompts, (first + prompts_per_step - 1) // prompts + 1)
    orders = [np.random.default_rng([seed, epoch]).permutation(prompts) for epoch in epochs]
    place = first - epochs.start * prompts
    return [int(number) for number in np.concatenate(orders)[place : place + prompts_per_step]]
