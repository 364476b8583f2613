"""Finetuning against TRL's ``SFTTrainer``: the same tokens, loss, gradients and weights.

Two things differ on purpose and are set equal here: TRL's warm-up begins at a rate of 0, so neither
has one, and TRL leaves norms and biases out of the weight decay, which alignlib does not.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from huggingface_hub import constants
from torch import Tensor

from alignlib import LM, chat
from alignlib.finetuning import finetune, sft_loss
from alignlib.logprobs import Batch, collate
from alignlib.pairs import Pair, encode_pairs
from tests.small_training import PAIRS, fresh, gap, weights

CHATS: list[Pair] = [
    (chat(f"What is {n} + {n + 1}?", "An expert answers." if n % 3 else None), answer * (1 + n % 4))
    for n in range(6)
    for answer in ("No. ", "I do not know that. ", "It is 3, or so they say. ", "Paris. ")
]
TEXTS: list[Pair] = [(f"User:\nWho is {n}?\nAssistant:\n", "Nobody." * n) for n in range(1, 9)]


pytestmark = pytest.mark.usefixtures("trl")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hub, even where there is one."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def sft_trainer(lm: LM, pairs: Sequence[Pair], folder: Path, **settings: Any) -> Any:
    """TRL's trainer of a model, on the CPU in float32, once through the pairs as they stand."""
    trl, datasets = map(importlib.import_module, ("trl", "datasets"))  # which take seconds
    rows = [
        {
            "prompt": prompt,
            "completion": completion
            if isinstance(prompt, str)
            else [{"role": "assistant", "content": completion}],
        }
        for prompt, completion in pairs
    ]
    tokenizer = copy.deepcopy(lm.tokenizer)
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(lm.pad_id)
    usual: dict[str, Any] = {
        "output_dir": str(folder),
        "use_cpu": True,
        "bf16": False,
        "max_length": None,
        "completion_only_loss": True,
        "num_train_epochs": 1,
        "train_sampling_strategy": "sequential",
        "lr_scheduler_type": "constant",
        "activation_checkpointing": False,
        "save_strategy": "no",
        "report_to": "none",
        "logging_steps": 1,
        "disable_tqdm": True,
    }
    return trl.SFTTrainer(
        model=lm.model,
        args=trl.SFTConfig(**(usual | settings)),
        train_dataset=datasets.Dataset.from_list(rows),
        processing_class=tokenizer,
    )


def as_batch(lm: LM, pairs: Sequence[Pair]) -> Batch:
    made = encode_pairs(lm, pairs)
    return collate(lm, [each.prompt for each in made], [each.completion for each in made])


def gradients(lm: LM, loss: Tensor) -> dict[str, Tensor]:
    lm.model.zero_grad()
    loss.backward()
    return {name: p.grad.clone() for name, p in lm.model.named_parameters() if p.grad is not None}


def assert_alike(lm: LM, pairs: Sequence[Pair], folder: Path) -> None:
    theirs, ours = fresh(lm), fresh(lm)
    trainer = sft_trainer(theirs, pairs, folder, per_device_train_batch_size=len(pairs))
    [inputs] = trainer.get_train_dataloader()
    batch, made = as_batch(ours, pairs), encode_pairs(ours, pairs)
    for row, pair in enumerate(made):
        tokens = pair.prompt + pair.completion
        labels = [-100] * len(pair.prompt) + pair.completion
        mine = batch.input_ids[row][batch.attention_mask[row].bool()]
        assert inputs["input_ids"][row][inputs["attention_mask"][row].bool()].tolist() == tokens
        assert inputs["labels"][row].tolist() == labels + [-100] * (
            inputs["labels"].shape[1] - len(labels)
        )
        assert mine.tolist() == tokens
        assert batch.completion_ids[row][batch.completion_mask[row]].tolist() == pair.completion

    theirs.model.eval()
    expected, loss = trainer.compute_loss(theirs.model, dict(inputs)), sft_loss(ours, batch)
    assert loss.item() == pytest.approx(expected.item(), abs=1e-5)
    one, other = gradients(ours, loss), gradients(theirs, expected)
    assert max(each.abs().max() for each in one.values()) > 0.1
    assert gap(one, other) < 1e-5


def test_chats_have_the_same_tokens_loss_and_gradient(tiny: LM, tmp_path: Path) -> None:
    assert_alike(tiny, CHATS, tmp_path)


def test_texts_have_the_same_tokens_loss_and_gradient(tiny: LM, tmp_path: Path) -> None:
    assert_alike(tiny, TEXTS, tmp_path)


def test_so_have_models_of_every_kind(random_lm: LM, tmp_path: Path) -> None:
    assert_alike(random_lm, PAIRS, tmp_path)


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_steps_lead_to_the_same_weights(tiny: LM, tmp_path: Path, weight_decay: float) -> None:
    """Three steps of 8 pairs, in passes of 2."""
    ours, theirs, other = fresh(tiny), fresh(tiny), fresh(tiny)
    settings: dict[str, Any] = {
        "epochs": 1, "batch_size": 8, "micro_batch_size": 2, "learning_rate": 1e-4, "warmup": 0.0,
        "schedule": "constant", "weight_decay": weight_decay, "precision": "float32",
    }  # fmt: skip
    history = finetune(ours, CHATS, **settings, progress=False).frame
    order = np.random.default_rng([0, 0]).permutation(len(CHATS))
    trainer = sft_trainer(
        theirs, [CHATS[i] for i in order], tmp_path, learning_rate=1e-4, weight_decay=weight_decay,
        max_grad_norm=1.0, per_device_train_batch_size=2, gradient_accumulation_steps=4,
    )  # fmt: skip
    trainer.get_decay_parameter_names = lambda model: [n for n, _ in model.named_parameters()]
    trainer.train()
    logged = [row for row in trainer.state.log_history if "loss" in row]
    assert len(logged) == 3
    np.testing.assert_allclose(history["loss"], [row["loss"] for row in logged], rtol=1e-5)
    np.testing.assert_allclose(
        history["gradient_norm"], [row["grad_norm"] for row in logged], rtol=1e-4
    )
    assert gap(weights(ours), weights(tiny)) > 2e-4  # three steps of nearly the rate
    assert gap(weights(ours), weights(theirs)) < 1e-5
    # so that the line above could fail: every pass with the same share, whatever its tokens
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "alignlib.finetuning.sft_loss", lambda lm, batch, tokens: sft_loss(lm, batch) / 4
        )
        finetune(other, CHATS, **settings, progress=False)
    assert gap(weights(other), weights(theirs)) > 5e-5
