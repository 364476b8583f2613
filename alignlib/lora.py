"""Low-rank adaptation: train a small addition to each weight matrix, and add it at the end."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

from transformers import PreTrainedModel

from alignlib.arguments import is_whole
from alignlib.errors import TrainingError
from alignlib.optimization import seeded


@contextlib.contextmanager
def adapted(model: PreTrainedModel, rank: int | None, seed: int) -> Iterator[None]:
    """Inside, only an adapter is trainable; afterwards it is added to the weights.

    Each weight matrix W of a linear layer, the output layer excepted, becomes W + 2 B A, with A
    and B of the given rank, B at 0: eq. (lora) of chapter 3 (Hu et al. 2022).

    Args:
        model: what is adapted, in place.
        rank: of the adapter; None for none, so that all parameters stay trainable.
        seed: of A.

    Raises:
        TrainingError: if the rank is no whole number of 1 or more, or the model has no layer that
            can be adapted.
    """
    if rank is None:
        yield
        return
    if not is_whole(rank, 1):
        raise TrainingError(f"lora_rank is {rank!r}: give a whole number, 1 or more, or None.")
    from peft import LoraConfig, get_peft_model  # a second to import, for those who need it

    trainable = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear")
    try:
        with seeded(model.device, seed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            adapter = get_peft_model(model, config)
    except ValueError as error:
        raise TrainingError(f"{type(model).__name__} can't be adapted: {error}") from error
    try:
        yield
    finally:
        adapter.merge_and_unload()
        for parameter, was in trainable:
            parameter.requires_grad = was
