"""Going on from what was read, one token at a time.

Two ways, with the same numbers but for rounding: through the model of transformers, whatever it is;
and for Llamas (``tiny`` and SmolLM2 are such) a forward pass of our own, see
:mod:`alignlib.llama`, that does no more than it must.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from alignlib.llama import LlamaDecoder, Weights
from alignlib.model import LM
from alignlib.reading import Reading

__all__ = ["Decoder", "decoder"]


class Decoder(Protocol):
    """Rows of a text that grow by a token at a time.

    Attributes:
        drops_rows: whether :meth:`keep` can be called.
    """

    drops_rows: bool

    def step(self, tokens: Tensor) -> Tensor:
        """(B, V) the logits of each row's next token, after its next is one of the (B,) tokens."""
        ...

    def keep(self, rows: Tensor) -> None:
        """Go on with some rows only, in the order given."""
        ...


class TransformersDecoder:
    """Through the model of transformers."""

    drops_rows = True

    def __init__(self, lm: LM, begun: Reading) -> None:
        self._model, self._cache, self._attention = lm.model, begun.cache, begun.attention
        self._position = begun.attention.sum(-1, keepdim=True)  # (B, 1) of the next token

    def step(self, tokens: Tensor) -> Tensor:
        self._attention = torch.cat([self._attention, torch.ones_like(self._position)], dim=1)
        output = self._model(
            input_ids=tokens[:, None],
            attention_mask=self._attention,
            position_ids=self._position,
            past_key_values=self._cache,
            use_cache=True,
        )
        self._position = self._position + 1
        logits: Tensor = output.logits[:, -1]
        return logits

    def keep(self, rows: Tensor) -> None:
        self._cache.batch_select_indices(rows)
        self._attention, self._position = self._attention[rows], self._position[rows]


def decoder(lm: LM, begun: Reading, steps: int, weights: Weights | None) -> Decoder:
    """The faster decoder that can go on from a reading for some steps.

    Args:
        lm: the model.
        begun: what it has read.
        steps: the most tokens to come.
        weights: of the model, from :func:`alignlib.llama.weights_of`.
    """
    if weights is None:
        return TransformersDecoder(lm, begun)
    return LlamaDecoder(weights, begun, steps)
