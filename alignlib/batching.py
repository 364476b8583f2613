"""Which prompts to read together, so that little is padding and no common beginning is read twice.

Chats under one system prompt begin with the same tokens. Where all prompts of a batch do, those
are read once and their cache is copied; the rest of each is padded behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from alignlib.checkpoints import text_config
from alignlib.model import LM

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class Batch:
    """Prompts and completions as the model reads them; P prompt columns, T completion columns.

    Attributes:
        input_ids: (B, P + T) tokens, filled up with the pad token.
        attention_mask: (B, P + T), 1 at real tokens.
        position_ids: (B, P + T), counted from each row's first real token.
        completion_mask: (B, T), True at the completion's real tokens.
        prompts, completions: (B,) their tokens, unpadded.
    """

    input_ids: Tensor
    attention_mask: Tensor
    position_ids: Tensor
    completion_mask: Tensor
    prompts: tuple[Tokens, ...] = field(repr=False)
    completions: tuple[Tokens, ...] = field(repr=False)

    @property
    def completion_ids(self) -> Tensor:
        """(B, T) the completion's columns of ``input_ids``."""
        return self.input_ids[:, -self.completion_mask.shape[1] :]


def collate(
    lm: LM, prompts: Sequence[Sequence[int]], completions: Sequence[Sequence[int]]
) -> Batch:
    """Pad tokenised prompts on the left and completions on the right, on the model's device."""
    P = max(map(len, prompts))
    T = max(map(len, completions), default=0)
    ids = torch.full((len(prompts), P + T), lm.pad_id)
    mask = torch.zeros(len(prompts), P + T, dtype=torch.long)
    for row, (prompt, completion) in enumerate(zip(prompts, completions, strict=True)):
        first, last = P - len(prompt), P + len(completion)
        ids[row, first:last] = torch.tensor([*prompt, *completion])
        mask[row, first:last] = 1
    ids, mask = ids.to(lm.device), mask.to(lm.device)
    return Batch(
        ids,
        mask,
        positions(mask),
        mask[:, P:].bool(),
        tuple(map(tuple, prompts)),
        tuple(map(tuple, completions)),
    )


def positions(attention_mask: Tensor) -> Tensor:
    """(B, L) position of each real token, counted from its row's first; 0 at padding."""
    return (attention_mask.cumsum(-1) - 1).clamp(min=0)


MEMORY = 2**28
"""The bytes that rows sampled together may take, where nothing else is said."""


def rows_together(lm: LM, columns: int) -> int:
    """How many rows to sample together: what fits into :data:`MEMORY`, from 1 to 256.

    Args:
        lm: the model.
        columns: the most tokens of a row, its prompt included.
    """
    config = text_config(lm.model)
    width = config.hidden_size
    heads = config.num_attention_heads
    groups = getattr(config, "num_key_value_heads", None) or heads
    head = getattr(config, "head_dim", None) or width // heads
    kept = 2 * config.num_hidden_layers * groups * head * columns  # keys and values
    predicted = 6 * config.vocab_size  # logits, probabilities, and their sums in float64
    fit: int = MEMORY // (4 * (kept + predicted))
    return min(max(fit, 1), 256)


def batches(prompts: Sequence[Tokens], batch_size: int) -> list[list[int]]:
    """Split row numbers into batches of at most ``batch_size``, in the cheaper of two orders.

    By length there is little padding; by their tokens, rows with a common beginning come together.

    Args:
        prompts: the tokens of each row's prompt; rows may share a prompt.
        batch_size: rows in a batch.
    """
    by_length = sorted(range(len(prompts)), key=lambda row: (len(prompts[row]), prompts[row]))
    by_tokens = sorted(range(len(prompts)), key=lambda row: prompts[row])

    def cut(order: list[int]) -> list[list[int]]:
        return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]

    def tokens_read(order: list[int]) -> int:
        return sum(_tokens_read({prompts[row] for row in batch}) for batch in cut(order))

    return cut(min(by_length, by_tokens, key=tokens_read))


def common_beginning(prompts: Sequence[Tokens]) -> int:
    """How many first tokens all prompts share, each keeping at least one of its own."""
    return min(shared_tokens(prompts), min(map(len, prompts)) - 1)


def shared_tokens(texts: Sequence[Tokens]) -> int:
    """How many first tokens all texts share."""
    columns = zip(*texts, strict=False)  # as many as the shortest has
    differs = (at for at, tokens in enumerate(columns) if len(set(tokens)) > 1)
    return next(differs, min(map(len, texts)))


def _tokens_read(prompts: set[Tokens]) -> int:
    shared = common_beginning(list(prompts))
    return shared + len(prompts) * (max(map(len, prompts)) - shared)
