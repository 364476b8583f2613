"""A Llama's forward pass for one token at a time, with room for the text set aside beforehand.

What transformers does for any model on every token (masks built anew, caches that grow by copying,
every option asked for) takes longer than a small model's arithmetic. Here is the arithmetic: Llama
(Touvron et al. 2023) with grouped queries, without biases.

On CUDA the step of a batch is recorded as a CUDA graph and replayed, where enough steps are left,
so that its hundreds of small operations are launched as one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import LlamaForCausalLM
from transformers.cache_utils import DynamicLayer
from transformers.models.llama.modeling_llama import (
    LlamaAttention,
    LlamaDecoderLayer,
    LlamaMLP,
    LlamaModel,
    LlamaRMSNorm,
)

from alignlib.linear import Linear, product
from alignlib.model import LM
from alignlib.reading import Reading

__all__ = ["LlamaDecoder", "Weights", "weights_of"]

LLAMA = (
    LlamaForCausalLM, LlamaModel, LlamaDecoderLayer, LlamaAttention, LlamaMLP, LlamaRMSNorm,
    nn.Embedding, nn.ModuleList,
)  # fmt: skip
"""The kinds of module that a plain Llama has, besides matrices and what has no weights."""
PLAIN_ROTATIONS = ("default", "linear", "llama3")
"""Rotary embeddings that do not depend on the text's length."""
SMALL = 2**18
"""The most numbers that matrices are joined for: to copy larger ones takes longer than it saves."""
WARM_UP = 3
"""Steps before a CUDA graph is recorded, so that libraries have set themselves up."""
WORTH_RECORDING = 16
"""The steps that must be left for a recording to pay."""


@dataclass(frozen=True)
class Layer:
    """One layer's weights; matrices are (out, in).

    Attributes:
        before_attention, before_mlp: of the norms; None where the matrices behind them, which are
            small, have been multiplied with them.
        query_key_value, gate_up: matrices of the same input, joined where they are small.
        output, down: matrices back to the width of the model.
    """

    before_attention: Tensor | None
    query_key_value: list[Tensor]
    output: Tensor
    before_mlp: Tensor | None
    gate_up: list[Tensor]
    down: Tensor


@dataclass(frozen=True)
class Weights:
    """A Llama's weights, its matrices in the dtype that products are computed in."""

    model: LlamaForCausalLM
    heads: int
    embedding: Tensor
    layers: list[Layer]
    norm: Tensor | None
    head: Tensor


def weights_of(lm: LM) -> Weights | None:
    """The weights of a model, if it is a Llama that the decoder can take over, as they are now."""
    model = lm.model
    if type(model) is not LlamaForCausalLM or not _is_plain(model):
        return None
    device = lm.device.type
    mixed = torch.is_autocast_enabled(device)
    kind = torch.get_autocast_dtype(device) if mixed else model.dtype

    def matrix(layer: nn.Module) -> Tensor:
        weight: Tensor = layer.weight  # type: ignore[assignment]
        return weight.detach().to(kind)

    def behind(norm: nn.Module, *given: nn.Module) -> tuple[Tensor | None, list[Tensor]]:
        weight: Tensor = norm.weight.detach()  # type: ignore[operator]
        single = [matrix(each) for each in given]
        if kind != torch.float32 or sum(each.numel() for each in single) > SMALL:
            return weight, single
        return None, [torch.cat(single) * weight]

    layers = []
    for layer in model.model.layers:
        attention, mlp = layer.self_attn, layer.mlp
        first, query_key_value = behind(
            layer.input_layernorm, attention.q_proj, attention.k_proj, attention.v_proj
        )
        second, gate_up = behind(layer.post_attention_layernorm, mlp.gate_proj, mlp.up_proj)
        layers.append(
            Layer(
                first,
                query_key_value,
                matrix(attention.o_proj),
                second,
                gate_up,
                matrix(mlp.down_proj),
            )
        )
    last, head = behind(model.model.norm, model.lm_head)
    embedding = model.model.embed_tokens.weight.detach()
    return Weights(
        model,
        model.config.num_attention_heads,
        embedding,
        layers,
        last,
        head[0],
    )


def _is_plain(model: LlamaForCausalLM) -> bool:
    """Whether nothing but Llama's own arithmetic is between a token and its logits."""
    matrices = 0
    for module in model.modules():
        own = vars(module)
        if own["_forward_hooks"] or own["_forward_pre_hooks"] or "forward" in own:
            return False
        if type(module) in (nn.Linear, Linear) and own["_parameters"]["bias"] is None:
            matrices += 1
        elif type(module) not in LLAMA and (own["_parameters"] or own["_modules"]):
            return False  # such as an adapter
    return (
        matrices == 7 * len(model.model.layers) + 1
        and model.config.hidden_act == "silu"
        and model.model.rotary_emb.rope_type in PLAIN_ROTATIONS
        and model.dtype != torch.float64  # in which transformers takes norms in float32
    )


class LlamaDecoder:
    """B rows that grow by a token at a time, up to L columns."""

    def __init__(self, weights: Weights, begun: Reading, steps: int) -> None:
        self._weights = weights
        read, kind = begun.attention, weights.head.dtype  # (B, P)
        B, P = read.shape
        device, L = read.device, P + steps
        self.drops_rows = device.type != "cuda"
        self._filled, self._steps = P, 0
        self._column = torch.tensor([P], device=device)
        self._position = read.sum(-1)  # (B,)
        self._epsilon = torch.tensor(weights.model.config.rms_norm_eps, device=device)
        # What is added to a score: 0 for a token to be seen, else what makes its weight 0.
        self._unseen = torch.full((B, L), -math.inf, dtype=kind, device=device)
        self._unseen[:, :P].masked_fill_(read.bool(), 0.0)
        self._kept = []  # of each layer its keys and values, (2, B, groups, L, head)
        for layer in begun.cache.layers:
            assert isinstance(layer, DynamicLayer)
            given: list[Tensor] = [layer.keys, layer.values]  # type: ignore[list-item]
            self._kept.append(functional.pad(torch.stack(given).to(kind), (0, 0, 0, steps)))
        places = torch.arange(L, device=device)[None]
        cos, sin = weights.model.model.rotary_emb(weights.embedding, places)  # (1, L, head)
        low, high = sin.chunk(2, dim=-1)
        # Rotated, (a, b) is (a, b) cos + (b, a) (-sin, sin).
        turn = torch.stack([cos[0], torch.cat([-low, high], dim=-1)[0]], dim=1)
        self._rotations = turn[:, :, None].to(kind)  # (L, 2, 1, head)
        self._steps_left = steps
        self._graph: torch.cuda.CUDAGraph | None = None

    def step(self, tokens: Tensor) -> Tensor:
        """(B, V) the logits of each row's next token, after its next is one of the (B,) tokens.

        They are good until the next step, which on CUDA writes over them.
        """
        self._filled += 1
        self._steps += 1
        self._steps_left -= 1
        with torch.autocast(tokens.device.type, enabled=False):  # the weights have their dtype
            if not tokens.is_cuda:
                return self._forward(tokens, self._filled)
            return self._recorded(tokens)

    def _recorded(self, tokens: Tensor) -> Tensor:
        length = self._unseen.shape[1]
        if self._graph is None:
            if self._steps <= WARM_UP or self._steps_left < WORTH_RECORDING:
                return self._forward(tokens, length)
            self._given = tokens.clone()
            self._graph = torch.cuda.CUDAGraph()
            stream = torch.cuda.Stream(tokens.device)
            with (
                torch.cuda.device(tokens.device),
                torch.cuda.graph(self._graph, stream=stream, capture_error_mode="thread_local"),
            ):
                self._logits = self._forward(self._given, length)
        self._given.copy_(tokens)
        self._graph.replay()
        return self._logits

    def keep(self, rows: Tensor) -> None:
        """Go on with some rows only, in the order given; not on CUDA, where steps are recorded."""
        assert self.drops_rows
        self._position, self._unseen = self._position[rows], self._unseen[rows]
        self._kept = [kept[:, rows] for kept in self._kept]

    def _forward(self, tokens: Tensor, length: int) -> Tensor:
        """One step over the first so many columns; all it changes are tensors, in place."""
        weights, heads, B = self._weights, self._weights.heads, len(tokens)
        groups, size = self._kept[0].shape[2], self._kept[0].shape[4]
        self._unseen.index_fill_(1, self._column, 0.0)
        unseen = self._unseen[:, None, :length].expand(B, groups, length).reshape(-1, 1, length)
        cos, sin = self._rotations[self._position].unbind(1)  # (B, 1, head)
        x = functional.embedding(tokens, weights.embedding)  # (B, D)
        for layer, kept in zip(weights.layers, self._kept, strict=True):
            inner = _products(self._norm(x, layer.before_attention), layer.query_key_value)
            inner = inner.view(B, -1, size)
            turning, value = inner[:, : heads + groups], inner[:, heads + groups :]
            low, high = turning.chunk(2, dim=-1)
            turned = torch.addcmul(turning * cos, torch.cat([high, low], dim=-1), sin)
            new = torch.stack([turned[:, heads:], value])  # (2, B, groups, head)
            kept.index_copy_(3, self._column, new[:, :, :, None])
            keys, values = kept[:, :, :, :length].flatten(1, 2)  # (B * groups, length, head)
            query = turned[:, :heads].reshape(B * groups, heads // groups, size)
            scores = torch.baddbmm(unseen, query, keys.transpose(1, 2), alpha=size**-0.5)
            attended = torch.bmm(scores.softmax(-1), values).view(B, -1)
            x = x + product(attended, layer.output)
            gate, up = _products(self._norm(x, layer.before_mlp), layer.gate_up).chunk(2, dim=-1)
            x = x + product(functional.silu(gate) * up, layer.down)
        self._column += 1
        self._position += 1
        return product(self._norm(x, weights.norm), weights.head)

    def _norm(self, x: Tensor, weight: Tensor | None) -> Tensor:
        """(B, D) RMS norm, taken in float32, in the dtype of the products."""
        wide = x if weight is None else x.float()
        length = torch.linalg.vector_norm(wide, dim=-1, keepdim=True)
        scale = torch.addcmul(self._epsilon, length, length, value=1 / x.shape[-1]).rsqrt()
        if weight is None:
            return wide * scale
        return ((wide * scale).to(x.dtype) * weight).to(self._weights.head.dtype)


def _products(x: Tensor, matrices: list[Tensor]) -> Tensor:
    """The products with all, next to each other."""
    if len(matrices) == 1:
        return product(x, matrices[0])
    return torch.cat([product(x, matrix) for matrix in matrices], dim=-1)
