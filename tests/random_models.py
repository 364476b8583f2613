"""Randomly initialised models of many architectures, small enough to compare exactly."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    PreTrainedTokenizerFast,
)

END = "<|end|>"
CHARACTERS = string.ascii_lowercase + " .?"
CONTEXT = 128

_COMMON: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": CONTEXT,
    "initializer_range": 0.3,  # far from uniform, so that a wrong position shows
}
_GROUPED = {**_COMMON, "num_key_value_heads": 2, "head_dim": 8}

ARCHITECTURES: dict[str, dict[str, Any]] = {
    "llama": _GROUPED,
    "gpt2": {
        "n_embd": 32,
        "n_layer": 2,
        "n_head": 4,
        "n_positions": CONTEXT,
        "initializer_range": 0.3,
    },
    "gpt_neo": {
        **_COMMON,
        "num_layers": 2,
        "num_heads": 4,
        "attention_types": [[["global", "local"], 1]],
        "window_size": 8,
    },
    "qwen2": _GROUPED,
    "qwen3": _GROUPED,
    "gpt_neox": _COMMON,
    "opt": {**_COMMON, "ffn_dim": 48, "word_embed_proj_dim": 32, "dropout": 0.0},
    "mpt": {
        "d_model": 32,
        "n_layers": 2,
        "n_heads": 4,
        "max_seq_len": CONTEXT,
        "expansion_ratio": 2,
        "initializer_range": 0.3,
    },
    "mistral": {**_GROUPED, "sliding_window": 8},
    "gemma": _GROUPED,
    "gemma2": {**_GROUPED, "sliding_window": 8, "query_pre_attn_scalar": 8},
    "gemma3_text": {**_GROUPED, "sliding_window": 8, "query_pre_attn_scalar": 8},
}


def character_tokenizer(*extra_special: str) -> PreTrainedTokenizerFast:
    """One token a character; the only special token is the end, unless more are asked for."""
    words = [*CHARACTERS, END, *extra_special]
    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="."))
    core.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    core.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token=END, additional_special_tokens=list(extra_special)
    )


def space_in_front_tokenizer() -> PreTrainedTokenizerFast:
    """As Llama 2's: it writes a space, ``▁``, before every text, and drops it when decoding."""
    words = [*CHARACTERS.replace(" ", "▁"), "\n", END]
    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="."))
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="first", split=False),
            pre_tokenizers.Split(Regex("."), "isolated"),
        ]
    )
    core.decoder = decoders.Sequence(
        [decoders.Metaspace(prepend_scheme="first", split=False), decoders.Fuse()]
    )
    return PreTrainedTokenizerFast(tokenizer_object=core, eos_token=END)


def write_model(folder: Path, architecture: str, *, spare_rows: int = 0, seed: int = 0) -> Path:
    """Write a random model with its tokenizer as an ordinary Hugging Face folder."""
    tokenizer = character_tokenizer()
    end = tokenizer.eos_token_id
    config = AutoConfig.for_model(
        architecture,
        vocab_size=len(tokenizer) + spare_rows,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=None,
        **ARCHITECTURES[architecture],
    )
    torch.manual_seed(seed)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
