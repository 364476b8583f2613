"""Pretraining the tiny model: next-token prediction on TinyWorld's text, from random weights.

Documents are not packed: a batch holds whole documents of like length, each from its own
beginning, so none can see another and hardly anything is padding. The loss is the mean over the
tokens of a batch.

Left out: mixed precision (it slows a model this small on most CPUs), weight averaging, dropout.
What block comes when depends only on the seed, so a run that was stopped goes on from its latest
checkpoint to the same weights, bit for bit on the same machine.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import math
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import torch
import transformers
from torch import Tensor
from tqdm.auto import tqdm
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from alignlib import unfinished
from alignlib.arguments import is_real, is_whole
from alignlib.checkpoints import quiet_transformers
from alignlib.errors import DeviceError, TrainingError
from alignlib.loading import choose_device
from alignlib.world.corpus import MIXTURE, documents
from alignlib.world.tokenizer import CONTEXT, build_tokenizer

__all__ = ["Settings", "pretrain"]

RECORD = "training.json"
"""How the finished model beside it was trained."""


@dataclass(frozen=True)
class Settings:
    """What is trained, on how much, and how; the defaults make the model that is shipped.

    Attributes:
        blocks: how many blocks of the corpus are read, each once.
        documents_per_block: documents of a block; its batches are made among them.
        tokens_per_batch: the most tokens of a batch, padding included.
        hidden_size, layers, heads, intermediate_size: of a Llama with tied embeddings.
        learning_rate: at its highest; it rises over the first 2 % and falls as a cosine.
        weight_decay: of AdamW.
        seed: of the weights and of the corpus.
        mixture: the kinds of document and their shares.
    """

    blocks: int = 80
    documents_per_block: int = 4096
    tokens_per_batch: int = 4096
    hidden_size: int = 128
    layers: int = 4
    heads: int = 4
    intermediate_size: int = 384
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    seed: int = 0
    mixture: Mapping[str, float] = field(default_factory=lambda: dict(MIXTURE))

    def __post_init__(self) -> None:
        mixed = dict(self.mixture) if isinstance(self.mixture, Mapping) else {}
        if (
            not mixed
            or not mixed.keys() <= MIXTURE.keys()
            or not all(map(_is_share, mixed.values()))
        ):
            raise TrainingError(
                f"mixture is {self.mixture!r}: give shares above 0 of {', '.join(MIXTURE)}."
            )
        for name, value in dataclasses.asdict(self).items():
            if name == "mixture":
                continue
            if name == "seed" and not is_whole(value, 0):
                raise TrainingError(f"seed is {value!r}: give a whole number, 0 or more.")
            if name in ("learning_rate", "weight_decay"):
                if not is_real(value) or value < 0:
                    raise TrainingError(f"{name} is {value!r}: give a number, 0 or more.")
            elif name != "seed" and not is_whole(value, 1):
                raise TrainingError(f"{name} is {value!r}: give a whole number, 1 or more.")
        if self.hidden_size % (2 * self.heads):
            raise TrainingError(
                f"hidden_size {self.hidden_size} does not split into {self.heads} heads of an even "
                "size: choose a multiple of twice the number of heads."
            )
        if self.tokens_per_batch < CONTEXT:
            raise TrainingError(
                f"tokens_per_batch is {self.tokens_per_batch}: a document can have {CONTEXT}."
            )


def _is_share(value: Any) -> bool:
    return is_real(value) and value > 0


def pretrain(
    folder: str | Path,
    settings: Settings = Settings(),
    *,
    device: str | torch.device = "cpu",
    checkpoint_every: int = 16,
    progress: bool = True,
) -> pd.DataFrame:
    """Train a model on TinyWorld's text and write it as a Hugging Face folder.

    A run that was stopped goes on from the latest of two checkpoints in the folder. The model's own
    files are written when it is done, its weights in float16, which halves the folder; beside them
    ``training.json`` says how it was made.

    Args:
        folder: where the model goes; made if it is not there. A model in it is not overwritten.
        settings: what to train.
        device: where to train.
        checkpoint_every: how many blocks to read between two checkpoints, 1 or more. There is one
            behind the last block too, so that no work is lost if the model can't be written.
        progress: show a bar.

    Returns:
        One row for each block: ``block``, ``documents``, ``tokens`` (both so far), ``loss`` (the
        mean over the block's tokens, in nats), ``seconds``.

    Raises:
        TrainingError: if a setting is out of range, the folder holds a model or an unfinished
            run with other settings, another run has it, it can't be written, or the loss is no
            number.
        DeviceError: if the device can't be used here.
    """
    if not is_whole(checkpoint_every, 1):
        raise TrainingError(
            f"checkpoint_every is {checkpoint_every!r}: give a whole number, 1 or more."
        )
    target = choose_device(device)
    if target.type == "meta":
        raise DeviceError("Nothing can be trained on the meta device: give cpu or cuda.")
    folder = Path(folder)
    with unfinished.held(folder):
        _refuse_a_model(folder)
        return _train(folder, settings, target, checkpoint_every, progress)


def _train(
    folder: Path, settings: Settings, target: torch.device, checkpoint_every: int, progress: bool
) -> pd.DataFrame:
    """What :func:`pretrain` does in a folder that is its own."""
    # The text stands for itself: a run does not go on where the world has changed since.
    text = "".join(documents(settings.seed, 0, 200, settings.mixture))
    stamp = dataclasses.asdict(settings) | {"text": hashlib.sha256(text.encode()).hexdigest()}
    tokenizer = build_tokenizer()
    model = _new_model(settings, tokenizer).to(target)  # type: ignore[arg-type]
    optimizer = torch.optim.AdamW(
        model.parameters(), betas=(0.9, 0.98), weight_decay=settings.weight_decay
    )
    rows = unfinished.resume(folder, stamp, model, optimizer)
    bar = tqdm(total=settings.blocks, initial=len(rows), desc="Pretraining", disable=not progress)
    model.train()
    with bar:
        for block in range(len(rows), settings.blocks):
            started = time.perf_counter()
            loss, tokens = _read_block(block, settings, model, optimizer, tokenizer)
            rows.append(
                {
                    "block": block,
                    "documents": (block + 1) * settings.documents_per_block,
                    "tokens": tokens + (rows[-1]["tokens"] if rows else 0),
                    "loss": loss,
                    "seconds": time.perf_counter() - started,
                }
            )
            bar.set_postfix(loss=f"{loss:.3f}")
            bar.update()
            if (block + 1) % checkpoint_every == 0 or block + 1 == settings.blocks:
                unfinished.checkpoint(folder, stamp, model, optimizer, rows)
    training = pd.DataFrame(rows)
    record = json.dumps(_record(settings, model, training), indent=1)
    with quiet_transformers(), unfinished.drafts(folder) as place:
        model.half().save_pretrained(place)
        tokenizer.save_pretrained(place)
        (place / RECORD).write_text(record + "\n", encoding="utf-8")
        for file in sorted(place.iterdir()):
            os.replace(file, folder / file.name)
        unfinished.forget(folder)
    return training


def _refuse_a_model(folder: Path) -> None:
    """Raise a :class:`TrainingError` where a folder holds a finished model."""
    started = unfinished.is_there(folder)
    if not started and any((folder / name).exists() for name in (RECORD, "config.json")):
        raise TrainingError(
            f"{folder} holds a model already. Choose another folder, delete this one, or measure "
            f"what is there: alignlib card --out {folder}"
        )


def batches(texts: list[list[int]], tokens_per_batch: int) -> list[list[list[int]]]:
    """Batches of texts of like length, each with at most so many tokens, padding included."""
    made: list[list[list[int]]] = []
    batch: list[list[int]] = []
    for text in sorted(texts, key=len, reverse=True):
        if batch and (len(batch) + 1) * len(batch[0]) > tokens_per_batch:
            made.append(batch)
            batch = []
        batch.append(text)
    return [*made, batch]


def _record(settings: Settings, model: LlamaForCausalLM, training: pd.DataFrame) -> dict[str, Any]:
    """What the model card says of the training."""
    return {
        "settings": dataclasses.asdict(settings),
        "date": datetime.date.today().isoformat(),
        "device": model.device.type,
        "machine": platform.machine(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "minutes": round(training["seconds"].sum() / 60, 1),
        "documents": int(training["documents"].iloc[-1]),
        "tokens": int(training["tokens"].iloc[-1]),
        "loss": [round(loss, 4) for loss in training["loss"]],
    }


def _read_block(
    block: int,
    settings: Settings,
    model: LlamaForCausalLM,
    optimizer: torch.optim.Optimizer,
    tokenizer: PreTrainedTokenizerFast,
) -> tuple[float, int]:
    """Train on one block; its mean loss in nats and its number of predicted tokens."""
    texts = documents(settings.seed, block, settings.documents_per_block, settings.mixture)
    made = batches(tokenizer(texts).input_ids, settings.tokens_per_batch)
    Random(f"{settings.seed} {block}").shuffle(made)
    total, count = 0.0, 0
    for number, batch in enumerate(made):
        done = (block + number / len(made)) / settings.blocks
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * schedule(done)
        loss, n = _loss(model, batch, tokenizer.pad_token_id)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        total, count = total + loss.item() * n, count + n
    written = (weight.half() for weight in model.parameters())  # as they are saved
    if not math.isfinite(total) or not all(bool(each.isfinite().all()) for each in written):
        raise TrainingError(
            f"The loss of block {block}, or a weight after it, is no number: the learning rate "
            f"{settings.learning_rate:g} is too high. The latest checkpoint is kept."
        )
    return total / count, count


def schedule(done: float) -> float:
    """The learning rate as a share of its highest: up over the first 2 %, then a cosine to 2 %."""
    if done < 0.02:
        return (done + 0.001) / 0.021
    return 0.02 + 0.98 * (1 + math.cos(math.pi * (done - 0.02) / 0.98)) / 2


def _loss(model: LlamaForCausalLM, batch: list[list[int]], pad: int) -> tuple[Tensor, int]:
    """The mean over a batch's tokens of -log p(token | tokens before), and their number."""
    longest = max(map(len, batch))
    ids = torch.tensor([text + [pad] * (longest - len(text)) for text in batch])  # (B, L)
    real = torch.tensor([[True] * len(text) + [False] * (longest - len(text)) for text in batch])
    ids, real = ids.to(model.device), real.to(model.device)
    # Padding stands behind the text, where a causal model's real tokens can't see it.
    logits = model(input_ids=ids[:, :-1], use_cache=False).logits  # (B, L - 1, V)
    chosen = real[:, 1:]
    loss = torch.nn.functional.cross_entropy(logits[chosen], ids[:, 1:][chosen])
    return loss, int(chosen.sum())


def _new_model(settings: Settings, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=settings.hidden_size,
        intermediate_size=settings.intermediate_size,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        return LlamaForCausalLM(config)
