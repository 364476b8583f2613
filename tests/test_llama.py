"""The Llama decoder: what transformers' model says, token by token."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch
from peft import IA3Config
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

import alignlib
from alignlib import LM, logprobs, sample
from alignlib.decoding import TransformersDecoder, decoder
from alignlib.llama import LlamaDecoder, weights_of
from alignlib.lora import adapted
from alignlib.reading import read
from tests.small_training import fresh

TEXTS = [(3, 4, 5, 6, 7), (3, 4), (3, 4, 5), (8, 9, 10, 11)]


def llama_of(lm: LM, **settings: Any) -> LM:
    """A random Llama with the tokenizer of another model."""
    torch.manual_seed(0)
    usual: dict[str, Any] = {
        "vocab_size": 64, "hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 2,
        "num_attention_heads": 6, "num_key_value_heads": 2, "max_position_embeddings": 64,
    }  # fmt: skip
    model = LlamaForCausalLM(LlamaConfig(**(usual | settings))).eval()
    return replace(lm, model=model)


def both(lm: LM, steps: int, keep: Tensor | None = None) -> list[tuple[Tensor, Tensor]]:
    """The logits after each of some steps: ours and those of transformers."""
    rows = torch.tensor([0, 0, 1, 2, 3])
    weights = weights_of(lm)
    assert weights is not None
    ours = decoder(lm, read(lm, TEXTS).rows(rows), steps, weights)
    theirs = decoder(lm, read(lm, TEXTS).rows(rows), steps, None)
    assert isinstance(ours, LlamaDecoder)
    assert isinstance(theirs, TransformersDecoder)
    tokens = torch.tensor([5, 6, 7, 8, 9])
    made = []
    for step in range(steps):
        if step == 2 and keep is not None:
            ours.keep(keep)
            theirs.keep(keep)
            tokens = tokens[keep]
        made.append((ours.step(tokens + step), theirs.step(tokens + step)))
    return made


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"num_key_value_heads": 6},
        {"head_dim": 16},
        {"tie_word_embeddings": True},
        {"rms_norm_eps": 0.3},
        {"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 100.0}},
        {"hidden_size": 1536, "intermediate_size": 2048, "vocab_size": 2048},  # matrices unjoined
    ],
    ids=lambda settings: next(iter(settings), "usual"),
)
@torch.no_grad()
def test_the_logits_are_those_of_transformers(llama: LM, settings: dict[str, Any]) -> None:
    for ours, theirs in both(llama_of(llama, **settings), 6, keep=torch.tensor([4, 1, 2])):
        torch.testing.assert_close(ours, theirs, atol=2e-5, rtol=1e-4)


@torch.no_grad()
def test_of_the_packaged_model_too(tiny: LM) -> None:
    for ours, theirs in both(tiny, 8):
        torch.testing.assert_close(ours, theirs, atol=2e-4, rtol=1e-4)


@torch.no_grad()
def test_under_autocast_products_are_in_bfloat16(tiny: LM) -> None:
    exact = both(tiny, 4)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = both(tiny, 4)
    for (ours, theirs), (right, _) in zip(rounded, exact, strict=True):
        assert ours.dtype == theirs.dtype == torch.bfloat16
        error, usual = (ours - right).abs().mean(), (theirs - right).abs().mean()
        assert 0.2 < error / usual < 2


@torch.no_grad()
def test_weights_in_bfloat16_have_their_norms_in_float32(tiny: LM) -> None:
    exact = both(tiny, 4)
    half = both(fresh(tiny, torch.bfloat16), 4)
    for (ours, theirs), (right, _) in zip(half, exact, strict=True):
        error, usual = (ours - right).abs().mean(), (theirs - right).abs().mean()
        assert 0.3 < error / usual < 1.5


def test_what_is_sampled_is_what_is_scored(llama: LM) -> None:
    lm = llama_of(llama)
    drawn = sample(lm, ["a", "the cat", "a"], 3, max_new_tokens=20)
    scored = logprobs(lm, drawn.prompts, drawn.completions)
    torch.testing.assert_close(drawn.logprobs, scored.values, atol=1e-4, rtol=0)


def test_changed_weights_are_seen(llama: LM) -> None:
    lm = fresh(llama)
    first = sample(lm, ["a"], 4, seed=1)
    with torch.no_grad():
        lm.model.lm_head.weight.add_(torch.randn_like(lm.model.lm_head.weight))
    second = sample(lm, ["a"], 4, seed=1)
    assert first.texts != second.texts
    scored = logprobs(lm, second.prompts, second.completions)
    torch.testing.assert_close(second.logprobs, scored.values, atol=1e-4, rtol=0)


def test_what_is_no_plain_llama_goes_through_transformers(llama: LM, dropping: LM) -> None:
    assert weights_of(llama_of(llama)) is not None
    assert weights_of(dropping) is None  # a GPT-2
    assert weights_of(llama_of(llama, hidden_act="gelu")) is None
    assert weights_of(llama_of(llama, attention_bias=True)) is None
    assert weights_of(llama_of(llama, mlp_bias=True)) is None
    stretched = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4}
    assert weights_of(llama_of(llama, rope_parameters=stretched)) is None
    hooked = llama_of(llama)
    hooked.model.model.layers[0].mlp.register_forward_hook(lambda *_: None)
    assert weights_of(hooked) is None
    lm = llama_of(llama)
    with adapted(lm.model, 2, seed=0):
        assert weights_of(lm) is None
    assert weights_of(lm) is not None


def test_an_adapter_without_matrices_is_seen(llama: LM) -> None:
    lm = llama_of(llama)
    lm.model.add_adapter(
        IA3Config(target_modules=["k_proj", "down_proj"], feedforward_modules=["down_proj"])
    )
    assert weights_of(lm) is None


def test_a_patched_layer_goes_through_transformers(llama: LM) -> None:
    lm = llama_of(llama)
    head: Any = lm.model.lm_head
    head.forward = lambda x: torch.zeros(*x.shape[:-1], lm.model.config.vocab_size)
    assert weights_of(lm) is None


@pytest.mark.gpu
def test_a_recorded_step_says_what_an_unrecorded_does(llama: LM) -> None:
    on_cpu = llama_of(llama)
    model: Any = copy.deepcopy(on_cpu.model)
    on_gpu = replace(on_cpu, model=model.cuda())
    prompts = ["a", "the cat sat", "b"]
    drawn = sample(on_gpu, prompts, 8, max_new_tokens=40, temperature=0.7)
    scored = logprobs(on_gpu, drawn.prompts, drawn.completions, temperature=0.7)
    torch.testing.assert_close(drawn.logprobs, scored.values, atol=1e-3, rtol=0)
    greedy = [
        alignlib.sample(lm, prompts, max_new_tokens=40, temperature=0) for lm in (on_cpu, on_gpu)
    ]
    assert greedy[0].texts == greedy[1].texts
