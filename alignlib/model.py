"""A language model as the package sees it.

An :class:`LM` is a causal language model with its tokenizer and the three facts that sampling and
scoring must agree on: which tokens end a text, which token fills up a batch, and how chat messages
become one string. Everything downstream takes an ``LM`` and knows no model by name.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jinja2
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from alignlib import checkpoints, template_steps
from alignlib.errors import PromptError

Message = Mapping[str, str]
"""One turn of a chat: ``{"role": "system" | "user" | "assistant", "content": text}``."""

Prompt = str | Sequence[Message]
"""A raw text to continue, or a chat to answer."""

_BEFORE = "\n"
"""What a completion is tokenised and decoded behind: see :meth:`LM.encode_completion`."""


def chat(request: str, system: str | None = None) -> list[Message]:
    """A chat of one request, under a system prompt if there is one.

    Some chat templates put in a system prompt of their own where none is given: see
    ``lm.render(chat("..."))``.
    """
    user: Message = {"role": "user", "content": request}
    return [user] if system is None else [{"role": "system", "content": system}, user]


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
            with template_steps.limited(self.tokenizer.chat_template):
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
        before = self._before
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
        text = self._text(self._before + body)
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

    @functools.cached_property
    def _before(self) -> list[int]:
        """The tokens of a line's end; none where the tokenizer does not keep it."""
        ids = self._tokens(_BEFORE)
        return ids if self._text(ids) == _BEFORE else []

    def _without_added_end(self, ids: list[int], bare: list[int]) -> list[int]:
        """Drop the ends of text that the tokenizer put behind the text's own tokens, ``bare``."""
        ends = (end for end in range(len(ids), -1, -1) if ids[:end][end - len(bare) :] == bare)
        end = next(ends, len(ids))
        return ids[:end] + [token for token in ids[end:] if token not in self.eos_ids]


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
