"""Reading prompts, to go on from: each once, and their common beginning once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import Cache, DynamicCache

from alignlib.batching import Tokens, collate, common_beginning
from alignlib.model import LM
from alignlib.prefixes import counts_columns


@dataclass(frozen=True)
class Reading:
    """Texts that a model has read, B rows of P columns.

    Attributes:
        cache: the keys and values of every layer.
        logits: (B, V) of each row's next token.
        attention: (B, P), 1 at real tokens.
    """

    cache: Cache
    logits: Tensor
    attention: Tensor

    def rows(self, numbers: Tensor) -> Reading:
        """Copies of some rows, in the order given; the cache is changed in place."""
        self.cache.batch_select_indices(numbers)
        return Reading(self.cache, self.logits[numbers], self.attention[numbers])


def read(lm: LM, texts: Sequence[Tokens]) -> Reading:
    """Read U texts, and what all of them begin with only once.

    Args:
        lm: the model, read in the mode that it is in.
        texts: tokens; none is empty.
    """
    cache = DynamicCache(config=lm.model.config)
    shared = 0 if len(texts) == 1 or counts_columns(lm) else common_beginning(texts)
    if shared:
        beginning = torch.tensor([texts[0][:shared]], device=lm.device)
        lm.model(input_ids=beginning, past_key_values=cache, logits_to_keep=1, use_cache=True)
        cache.batch_repeat_interleave(len(texts))
    rest = collate(lm, [ids[shared:] for ids in texts], [[]] * len(texts))
    attention = torch.cat(
        [rest.attention_mask.new_ones(len(texts), shared), rest.attention_mask], dim=1
    )
    output = lm.model(
        input_ids=rest.input_ids,
        attention_mask=attention,
        position_ids=rest.position_ids + shared,
        past_key_values=cache,
        logits_to_keep=1,
        use_cache=True,
    )
    return Reading(cache, output.logits[:, -1], attention)
