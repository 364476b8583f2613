"""Show: supervised finetuning on demonstrations.

Implements eq. (sft-loss) of chapter 3: the mean over the completions' tokens, the end of text
included, of -log p(token | what stands before it). The prompt is read and not learnt. The mean is
over the tokens of a whole step, however many passes it takes, so a step of 4 passes of 8 pairs has
the gradient of one pass of 32, whatever their lengths.

Left out: packing (pairs of like length share a pass instead, each in a row of its own, so none can
see another), and weights on pairs.

On several processes (:mod:`alignlib.distributed`) the pairs of a step are split among them, and
so are those of the validation; the gradient, the weights and the history are those of one process.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from alignlib import distributed, processes
from alignlib.errors import PredictionError
from alignlib.history import History, Row
from alignlib.logprobs import Batch, collate, completion_logprobs
from alignlib.measuring import Measures, check_measures, to_measures
from alignlib.model import LM, evaluating
from alignlib.optimization import Precision, Schedule, autocast, check_counts
from alignlib.out_of_memory import Passes
from alignlib.pairs import Encoded, Pair, encode_pairs
from alignlib.training import TrainingRun

__all__ = ["finetune", "sft_loss"]


def finetune(
    lm: LM,
    pairs: Sequence[Pair],
    *,
    epochs: int = 3,
    batch_size: int = 16,
    micro_batch_size: int | None = None,
    learning_rate: float = 5e-5,
    warmup: float = 0.1,
    schedule: Schedule = "cosine",
    weight_decay: float = 0.0,
    max_gradient_norm: float = 1.0,
    lora_rank: int | None = None,
    precision: Precision = "auto",
    max_length: int | None = None,
    validation: Sequence[Pair] | None = None,
    measures: Measures | None = None,
    evaluate_every: int | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: int = 100,
    live: Sequence[str] = (),
    seed: int = 0,
    progress: bool = True,
) -> History:
    """Train a model, in place, to complete prompts as it is shown.

    With the same seed the same training gives the same weights on the same machine. Where the loss
    or a gradient is no number, memory runs out, or the run is interrupted, the model keeps its last
    good weights: those after a whole step, the latest in the history.

    Args:
        lm: the model. Load it in float32, also where ``precision`` is less.
        pairs: prompts (chats or texts) with their completions. The end of text is put behind each.
        epochs: how often each pair is shown.
        batch_size: pairs of one step.
        micro_batch_size: the most pairs of one pass, where a batch does not fit into memory. The
            pairs of a pass are of like length. The gradient stays that of the whole batch. A pass
            that still does not fit is halved, with a warning.
        learning_rate: at its highest. For LoRA, and for models as small as ``tiny``, ten or twenty
            times the default is usual.
        warmup: the share of the steps over which the rate rises from 0.
        schedule: what it does then: ``"cosine"`` (it falls to 0) or ``"constant"``.
        weight_decay: of AdamW.
        max_gradient_norm: a longer gradient is scaled down to this length.
        lora_rank: train an adapter of this rank and add it to the weights at the end; by default
            all parameters are trained.
        precision: ``"bfloat16"`` runs the passes in it and keeps weights and optimizer as they
            are; ``"auto"`` does so on GPUs that can, and for models of 50 million parameters or
            more on CPUs that can.
        max_length: cut completions so that a pair has no more tokens than this, and warn how many
            were cut. By default nothing is cut.
        validation: pairs whose loss is measured too, as ``validation_loss``.
        measures: what else to measure of the model, functions by name, such as
            ``{"truthful": lambda lm: ...}``.
        evaluate_every: how many steps lie between two such measurements; by default an epoch. They
            are taken before the first step and after the last, too.
        checkpoint: a folder to go on from, if the run is stopped, by calling this again with the
            same arguments: the weights become those of a run that was not stopped, bit for bit on
            a CPU. A run that was finished is not trained again. The latest two checkpoints are
            kept, each as large as three float32 copies of what is trained; where the latest is
            damaged the run goes on from the one before, with a warning. One run at a time can have
            the folder.
        checkpoint_every: how many steps lie between two checkpoints; there is one at the beginning
            and one at the end, too.
        live: measures to draw while they grow, in a notebook, such as ``("loss", "truthful")``.
        seed: of the pairs' order, of the adapter, and of dropout.
        progress: show a bar.

    Returns:
        A row for each step: ``step`` (from 1; what was measured before the first has 0), ``epoch``
        (so far), ``pairs`` and ``tokens`` (of completions) of the step, ``loss`` (of these, before
        the step, in nats for each token), ``learning_rate``, ``gradient_norm`` (before it was
        scaled down), ``seconds``, and what was measured after it.

    Raises:
        TrainingError: if pairs or settings can't be used, a measure has the name of a column, the
            loss, the gradient or the validation's loss is no number, or the checkpoint can't be
            read or written, or is of another run, or another run is writing there.
        OutOfMemoryError: if memory does not suffice, even for one pair at a time.
        PromptError: if a prompt can't be given to the model.
        DeviceError: if the device can't train, or can't do so in this precision.
    """
    check_counts(epochs=epochs, batch_size=batch_size)
    rows_at_once = batch_size if micro_batch_size is None else micro_batch_size
    check_counts(micro_batch_size=rows_at_once)
    passes = Passes("micro_batch_size", rows_at_once, distributed.is_sharded(lm.model))
    if evaluate_every is not None:
        check_counts(evaluate_every=evaluate_every)
    check_measures(measures, "epoch", "pairs", "tokens", "validation_loss")
    shown = encode_pairs(lm, pairs, max_length)
    held_out = [] if validation is None else encode_pairs(lm, validation, max_length)
    steps_per_epoch = math.ceil(len(shown) / batch_size)

    def measure() -> Row:
        row: Row = {}
        if held_out:
            loss = passes.fit(lambda rows: mean_loss(lm, held_out, rows))
            if not math.isfinite(loss):
                raise PredictionError(
                    f"The validation loss of {lm.name!r} is no number: its weights are damaged, or "
                    "too large for its dtype (load it in float32)."
                )
            row = {"validation_loss": loss}
        return row | to_measures(lm, measures)

    training = TrainingRun(
        lm=lm,
        steps=epochs * steps_per_epoch,
        name="Finetuning",
        settings={"batch_size": batch_size, "passes": rows_at_once, "pairs": _digest(shown)},
        passes=passes,
        learning_rate=learning_rate,
        warmup=warmup,
        schedule=schedule,
        weight_decay=weight_decay,
        max_gradient_norm=max_gradient_norm,
        lora_rank=lora_rank,
        precision=precision,
        measure=measure,
        measure_every=steps_per_epoch if evaluate_every is None else evaluate_every,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
        live=live,
        seed=seed,
        progress=progress,
    )
    with training:
        for step in training:
            batch = _batch(shown, step, steps_per_epoch, batch_size, seed)
            learnt = training.step(partial(_losses, lm, batch, training.mixed))
            tokens = sum(len(pair.completion) for pair in batch)
            row = {"epoch": step / steps_per_epoch, "pairs": len(batch), "tokens": tokens}
            training.record(row | learnt, loss=learnt["loss"])
    return training.history


def sft_loss(lm: LM, batch: Batch, tokens: int | None = None) -> Tensor:
    """A scalar with its graph: minus the mean log-probability of the completions' tokens.

    Args:
        lm: the model, read in the mode that it is in.
        batch: pairs, as ``alignlib.logprobs.collate`` makes it.
        tokens: what the sum is divided by; by default the batch's own completion tokens. Where a
            step's gradient is added up over several passes, give each the tokens of the whole step.
    """
    count = int(batch.completion_mask.sum()) if tokens is None else tokens
    return -completion_logprobs(lm, batch).sum() / count


@torch.no_grad()
def mean_loss(lm: LM, pairs: Sequence[Encoded], rows_at_once: int) -> float:
    """The loss of pairs, in nats for each token of their completions."""
    with evaluating(lm.model):
        parts = _losses(lm, pairs, autocast(lm.device, "float32"), rows_at_once)
        own = sum(loss.item() for loss in parts)
    return sum(processes.gather(own))


def _losses(
    lm: LM, pairs: Sequence[Encoded], mixed: torch.autocast, rows_at_once: int
) -> Iterator[Tensor]:
    """The parts of the loss of this process's share of pairs, a pass each.

    Those of like length share one.
    """
    tokens = sum(len(pair.completion) for pair in pairs)  # of all parts: each adds its share
    share = distributed.share([len(pair) for pair in pairs])
    ranked = sorted((pairs[item] for item in share.mine), key=len)

    def parts() -> Iterator[Tensor]:
        for start in range(0, len(ranked), rows_at_once):
            part = ranked[start : start + rows_at_once]
            batch = collate(lm, [each.prompt for each in part], [each.completion for each in part])
            with mixed:
                loss = sft_loss(lm, batch, tokens)
            yield loss

    return distributed.in_step(lm, parts(), share, rows_at_once)


def _batch(
    shown: Sequence[Encoded], step: int, steps_per_epoch: int, batch_size: int, seed: int
) -> list[Encoded]:
    """The pairs of one step; each epoch has them all, in an order of its own."""
    epoch, place = divmod(step - 1, steps_per_epoch)
    order = np.random.default_rng([seed, epoch]).permutation(len(shown))
    return [shown[i] for i in order[place * batch_size : (place + 1) * batch_size]]


def _digest(shown: Sequence[Encoded]) -> str:
    tokens = [(each.prompt, each.completion) for each in shown]
    return hashlib.sha256(json.dumps(tokens).encode()).hexdigest()
