"""The models: loaded ones, and random ones of a given size. Each run gets a copy of its own.

alignlib's contenders get what ``alignlib.load`` gives. It may change how layers compute, which is
ours to be measured and no help to others: they get the same weights in transformers' own model.
"""

from __future__ import annotations

import copy
import dataclasses
import tempfile
from functools import cache

import torch
from transformers import AutoModelForCausalLM, LlamaConfig

import alignlib
from alignlib import LM

SIZES: dict[str, tuple[int, int, int]] = {
    "1M": (128, 4, 352),
    "5M": (256, 6, 704),
    "25M": (512, 8, 1408),
    "135M": (1024, 12, 2816),
}
"""Of random Llamas: width, layers, width of the inner layer."""

CONTEXT = 1024


def fresh(name: str, device: torch.device, dtype: str = "float32") -> LM:
    """A copy of a model that nobody has run, as ``alignlib.load`` gives it, in this dtype."""
    lm = _loaded(name, device, dtype)
    return dataclasses.replace(lm, model=copy.deepcopy(lm.model))


def plain(name: str, device: torch.device, dtype: str = "float32") -> LM:
    """The same weights in a model of transformers' own, without what alignlib does to layers."""
    lm = _plain(name, device, dtype)
    return dataclasses.replace(lm, model=copy.deepcopy(lm.model))


@cache
def _loaded(name: str, device: torch.device, dtype: str) -> LM:
    if name not in SIZES:
        return alignlib.load(name, device, dtype)
    with tempfile.TemporaryDirectory() as folder:
        _write_random(name, folder)
        return dataclasses.replace(alignlib.load(folder, device, dtype), name=name)


@cache
def _plain(name: str, device: torch.device, dtype: str) -> LM:
    lm = _loaded(name, device, dtype)
    config = copy.deepcopy(lm.model.config)
    model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype))
    model.load_state_dict(lm.model.state_dict())
    model.generation_config = copy.deepcopy(lm.model.generation_config)
    model.to(device)
    return dataclasses.replace(lm, model=model.eval())


def _write_random(size: str, folder: str) -> None:
    """A Llama of random weights, with tiny's tokenizer."""
    tiny = alignlib.load("tiny", "cpu")
    width, layers, inner = SIZES[size]
    config = LlamaConfig(
        vocab_size=tiny.model.config.vocab_size,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        intermediate_size=inner,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        pad_token_id=tiny.pad_id,
        eos_token_id=list(tiny.eos_ids),
    )
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tiny.tokenizer.save_pretrained(folder)


def endless(lm: LM) -> LM:
    """The same model, for which no token ends a text, so that each has the length that is set."""
    lm.model.generation_config.eos_token_id = None
    return dataclasses.replace(lm, eos_ids=())


def matrices(lm: LM) -> tuple[int, int]:
    """How many parameters the layers' matrices have, and that of the predictions."""
    head = lm.model.get_output_embeddings()
    body = sum(
        module.weight.numel()
        for module in lm.model.modules()
        if isinstance(module, torch.nn.Linear) and module is not head
    )
    return body, head.weight.numel()
