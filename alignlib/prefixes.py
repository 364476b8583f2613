"""The states of a batch, read once for all rows that share them.

A state of a text is a prefix: what stands before the next token. The samples of a prompt have the
prompt's prefixes in common, chats under one system prompt have its, and two equal samples have all.
Laid out as a tree, every prefix is one token that sees its ancestors and nothing else. A forward
pass reads a few trees, each prefix once in its tree and without padding between rows, and the
gradients of all rows flow through it. The numbers are those of rows read alone, but for rounding.

Here, and nowhere else in the package, is the shift by one: a token is drawn from the prediction at
the token before it.
"""

from __future__ import annotations

import contextlib
import inspect
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import DynamicLayer

from alignlib.batching import Batch, Tokens, shared_tokens
from alignlib.checkpoints import text_config
from alignlib.model import LM

ATTENTION = 1000
"""The size of a tree at which attention, to all of its tokens, costs as much as all else."""


@dataclass(frozen=True)
class States:
    """What a model predicts at the states of B completions of up to T tokens.

    Attributes:
        logits: (M, V) of the states, with their graph.
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
    with _attention(lm, sees[:, None].to(lm.device)) as mask:
        logits = lm.model(
            input_ids=tokens.to(lm.device),
            attention_mask=mask,
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


@contextlib.contextmanager
def _attention(lm: LM, sees: Tensor) -> Iterator[Tensor]:
    """Inside, the model attends in the way that is faster here; gives the mask that this way takes.

    On a CPU in bfloat16, torch's fused attention is slower, backwards above all, than its parts.
    """
    if lm.device.type != "cpu" or not torch.is_autocast_enabled("cpu"):
        yield sees
        return
    kind = torch.get_autocast_dtype("cpu")
    config = text_config(lm.model)
    config._attn_implementation = "eager"
    try:
        mask = torch.zeros(sees.shape, dtype=kind)
        yield mask.masked_fill_(~sees, torch.finfo(kind).min)
    finally:
        config._attn_implementation = "sdpa"


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
    """Grow trees of rows.

    Args:
        prompts, completions: of B rows.

    Returns:
        The trees, and for each row the number of its tree, and there the prefixes that its
        completion's tokens were drawn from.
    """
    # The last token predicts nothing.
    rows = [(x + y[:-1], len(x) - 1) for x, y in zip(prompts, completions, strict=True)]
    order = sorted(range(len(rows)), key=lambda row: rows[row][0])
    texts = [rows[number][0] for number in order]
    common = [0, *map(shared_tokens, itertools.pairwise(texts))]
    trees: list[Tree] = []
    of: list[tuple[int, list[int]]] = [(0, [])] * len(rows)
    for group in _groups([len(text) for text in texts], common):
        size = group.size
        tree = Tree(
            np.empty(size, dtype=np.int64),
            np.empty(size, dtype=np.int64),
            np.zeros(size, dtype=bool),
            np.zeros((size, size), dtype=bool),
        )
        end, path = 0, cast(list[int], [])
        for place in range(group.first, group.last):
            tokens, prompt = rows[order[place]]
            shared = common[place] if place > group.first else 0
            new = slice(end, end + len(tokens) - shared)
            end = new.stop
            path = path[:shared] + list(range(new.start, new.stop))
            tree.tokens[new] = tokens[shared:]
            tree.depths[new] = np.arange(shared, len(tokens))
            tree.sees[new, path[:shared]] = True
            tree.sees[new, new] = np.tri(new.stop - new.start, dtype=bool)
            tree.predicts[path[prompt:]] = True
            of[order[place]] = (len(trees), path[prompt:])
        trees.append(tree)
    return trees, of


class Group(NamedTuple):
    """Sorted rows from ``first`` up to ``last``, which are one tree of ``size`` prefixes."""

    first: int
    last: int
    size: int


def _groups(lengths: Sequence[int], common: Sequence[int]) -> list[Group]:
    """Which sorted rows to grow into one tree, at the least cost.

    Many small trees read beginnings again, few large ones attend to tokens that they do not see,
    and unequal ones are filled up to the largest.

    Args:
        lengths: of B rows.
        common: how many first tokens each has in common with the one before it.
    """
    total = lengths[0] + sum(n - shared for n, shared in zip(lengths[1:], common[1:], strict=True))

    def fill(room: float) -> list[Group]:
        groups: list[Group] = []
        for place, (length, shared) in enumerate(zip(lengths, common, strict=True)):
            if groups and groups[-1].size + length - shared <= room:
                first, _, size = groups[-1]
                groups[-1] = Group(first, place + 1, size + length - shared)
            else:
                groups.append(Group(place, place + 1, length))
        return groups

    def cost(groups: list[Group]) -> float:
        size = max(group.size for group in groups)
        return len(groups) * size * (1 + size / ATTENTION)

    counts = {round(2 ** (step / 2)) for step in range(2 * len(lengths).bit_length() + 1)}
    rooms = [max(*lengths, 1.1 * total / count) for count in counts]
    return min((fill(room) for room in rooms), key=cost)


def can_branch(lm: LM) -> bool:
    """Whether a model can read a tree.

    Not if it counts columns instead of taking positions, has a window or a state instead of keys
    and values, or an attention that takes no mask; nor with dropout, which each row draws anew.
    """
    model: object = lm.model
    if not isinstance(model, PreTrainedModel):
        return False
    config = text_config(model)
    if config._attn_implementation != "sdpa" or counts_columns(lm):
        return False
    if vars(config).get("alibi") or vars(config).get("index_topk"):  # attention of other kinds
        return False
    if any(type(layer) is not DynamicLayer for layer in DynamicCache(config=model.config).layers):
        return False
    return not model.training or not _is_random(model, config)


def _is_random(model: nn.Module, config: object) -> bool:
    """Whether a model draws random numbers when it is trained, as far as its settings say."""
    settings = [
        value
        for name, value in vars(config).items()
        if ("drop" in name or "jitter" in name) and isinstance(value, int | float)
    ]
    layers = [each.p for each in model.modules() if isinstance(each, nn.Dropout)]
    return any(chance > 0 for chance in [*settings, *layers])


def counts_columns(lm: LM) -> bool:
    """Whether padding may only stand in front of a prompt, not behind a shared beginning.

    So it is with a sliding window, GPT-Neo's too, which its cache does not know of, and where a
    model takes no positions (MPT).
    """
    local = "local" in vars(text_config(lm.model)).get("attention_layers", ())
    placed = "position_ids" in inspect.signature(lm.model.forward).parameters
    return any(DynamicCache(config=lm.model.config).is_sliding) or local or not placed
