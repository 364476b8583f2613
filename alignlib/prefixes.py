"""The states of a batch, each read once.

A state of a text is a prefix: what stands before the next token. The samples of a prompt have the
prompt's prefixes in common, chats under one system prompt have its, and two equal samples have all.
Laid out as a tree, every prefix is one token that sees its ancestors and nothing else, so one
forward pass reads each of them once, without padding between rows, and the gradients of all rows
flow through it. The numbers are those of rows read alone, but for rounding.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from alignlib.batching import Batch, Tokens
from alignlib.checkpoints import text_config
from alignlib.model import LM

TREE = 256
"""The most tokens of a tree, where no row has more: attention is to all tokens of a tree."""


@dataclass(frozen=True)
class States:
    """What a model predicts at the states of B completions of up to T tokens.

    Attributes:
        logits: (M, V) of each different state, with its graph.
        of: (B, T) the number of the state that each token was to be drawn from; any, where the
            completion has ended.
    """

    logits: Tensor
    of: Tensor


def read_states(lm: LM, batch: Batch) -> States:
    """Read a batch, so that each token of its completions has the logits it was drawn from.

    Args:
        lm: the model, read in the mode that it is in.
        batch: B rows of P + T columns.
    """
    B, T = batch.completion_mask.shape
    if not can_branch(lm):
        logits = lm.model(
            input_ids=batch.input_ids[:, :-1],
            attention_mask=batch.attention_mask[:, :-1],
            position_ids=batch.position_ids[:, :-1],
            logits_to_keep=T,
            use_cache=False,
        ).logits
        return States(logits.flatten(0, 1), torch.arange(B * T, device=lm.device).view(B, T))
    trees, of = plant(batch.prompts, batch.completions)
    read = max(int(tree.predicts.sum()) for tree in trees)
    size = max(len(tree.tokens) for tree in trees)
    laid = [tree.laid_out(size, lm.pad_id) for tree in trees]
    tokens, positions, sees = (torch.from_numpy(np.stack(each)) for each in zip(*laid, strict=True))
    logits = lm.model(
        input_ids=tokens.to(lm.device),
        attention_mask=sees[:, None].to(lm.device),
        position_ids=positions.to(lm.device),
        logits_to_keep=read,
        use_cache=False,
    ).logits  # (trees, read, V)
    # A tree's predictions are its last columns.
    first = [number * read + read - int(tree.predicts.sum()) for number, tree in enumerate(trees)]
    numbers = np.zeros((B, T), dtype=np.int64)
    for row, (tree, states) in enumerate(of):
        numbers[row, : len(states)] = first[tree] + np.cumsum(trees[tree].predicts)[states] - 1
    return States(logits.flatten(0, 1), torch.from_numpy(numbers).to(lm.device))


@dataclass
class Tree:
    """Prefixes of some rows, each by its last token.

    Attributes:
        tokens: (N,) the last token of each prefix.
        depths: (N,) how many tokens stand before it.
        predicts: (N,) bool, whether a completion's token comes next.
        sees: (N, N) bool, whether prefix j is i or a beginning of it.
    """

    tokens: np.ndarray
    depths: np.ndarray
    predicts: np.ndarray
    sees: np.ndarray

    def laid_out(self, size: int, pad_id: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Tokens and positions (size,) and what each sees (size, size): predictions come last."""
        order = np.argsort(self.predicts, kind="stable")
        start = size - len(order)
        tokens = np.full(size, pad_id)
        positions = np.zeros(size, dtype=np.int64)
        sees = np.eye(size, dtype=bool)  # padding sees itself: to see nothing gives no number
        tokens[start:] = self.tokens[order]
        positions[start:] = self.depths[order]
        sees[start:, start:] = self.sees[order][:, order]
        return tokens, positions, sees


def plant(
    prompts: Sequence[Tokens], completions: Sequence[Tokens]
) -> tuple[list[Tree], list[tuple[int, list[int]]]]:
    """Grow trees of rows; as many rows in one as it has room for.

    Args:
        prompts, completions: of B rows.

    Returns:
        The trees, and for each row the number of its tree, and there the prefixes that its
        completion's tokens were drawn from.
    """
    rows = [
        (x + y[:-1], len(x) - 1) for x, y in zip(prompts, completions, strict=True)
    ]  # the last token predicts nothing
    room = max(TREE, *(len(tokens) for tokens, _ in rows))
    groups: list[list[tuple[int, int]]] = []  # of row numbers, and how much each has in common
    used, before = room, cast(Tokens, ())
    for number in sorted(range(len(rows)), key=lambda row: rows[row][0]):
        tokens = rows[number][0]
        common = _common(before, tokens)
        if used + len(tokens) - common > room:
            groups.append([])
            used = common = 0
        groups[-1].append((number, common))
        used += len(tokens) - common
        before = tokens
    trees: list[Tree] = []
    of: list[tuple[int, list[int]]] = [(0, [])] * len(rows)
    for group in groups:
        size = sum(len(rows[number][0]) - common for number, common in group)
        tree = Tree(
            np.empty(size, dtype=np.int64),
            np.empty(size, dtype=np.int64),
            np.zeros(size, dtype=bool),
            np.zeros((size, size), dtype=bool),
        )
        end, path = 0, cast(list[int], [])
        for number, common in group:
            tokens, prompt = rows[number]
            new = slice(end, end + len(tokens) - common)
            end = new.stop
            path = path[:common] + list(range(new.start, new.stop))
            tree.tokens[new] = tokens[common:]
            tree.depths[new] = np.arange(common, len(tokens))
            tree.sees[new, path[:common]] = True
            tree.sees[new, new] = np.tri(new.stop - new.start, dtype=bool)
            tree.predicts[path[prompt:]] = True
            of[number] = (len(trees), path[prompt:])
        trees.append(tree)
    return trees, of


def can_branch(lm: LM) -> bool:
    """Whether a model can read a tree.

    Not if it counts columns instead of taking positions, has a window or a state instead of keys
    and values, or an attention that takes no mask; nor with dropout, which each row draws anew.
    """
    model, config = lm.model, text_config(lm.model)
    if config._attn_implementation != "sdpa" or counts_columns(lm) or vars(config).get("alibi"):
        return False
    if any(type(layer) is not DynamicLayer for layer in DynamicCache(config=model.config).layers):
        return False
    return not model.training or not (
        vars(config).get("attention_dropout", 0) > 0
        or any(isinstance(each, nn.Dropout) and each.p > 0 for each in model.modules())
    )


def counts_columns(lm: LM) -> bool:
    """Whether padding may only stand in front of a prompt, not behind a shared beginning.

    So it is with a sliding window, GPT-Neo's too, which its cache does not know of, and where a
    model takes no positions (MPT).
    """
    local = "local" in vars(text_config(lm.model)).get("attention_layers", ())
    placed = "position_ids" in inspect.signature(lm.model.forward).parameters
    return any(DynamicCache(config=lm.model.config).is_sliding) or local or not placed


def _common(one: Tokens, other: Tokens) -> int:
    """How many first tokens two texts share."""
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared
