"""Which prompts to read together, so that little is padding and no common beginning is read twice.

Chats under one system prompt begin with the same tokens. Where all prompts of a batch do, those
are read once and their cache is copied; the rest of each is padded behind them.
"""

from __future__ import annotations

from collections.abc import Sequence

Tokens = tuple[int, ...]


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
    longest = min(map(len, prompts)) - 1
    columns = zip(*prompts, strict=False)  # as many as the shortest has
    differs = (at for at, tokens in enumerate(columns) if len(set(tokens)) > 1)
    return min(next(differs, longest), longest)


def _tokens_read(prompts: set[Tokens]) -> int:
    shared = common_beginning(list(prompts))
    return shared + len(prompts) * (max(map(len, prompts)) - shared)
