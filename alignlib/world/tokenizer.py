"""The tokenizer of the tiny model: a word of TinyWorld is one token, all else is its bytes.

A byte-level BPE in the manner of Llama 3's (``ignore_merges``): what stands whole in the
vocabulary is taken whole. There are no merges, so any other word, in whatever script, is read and
written byte by byte, and every text comes back as it was.
"""

from __future__ import annotations

import re
from functools import cache

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from alignlib.world.corpus import END, documents
from alignlib.world.drawing import HELD_OUT_SMALL_TALK, SMALL_TALK, SYLLABLES
from alignlib.world.facts import answers, facts
from alignlib.world.groups import OPINIONS
from alignlib.world.phrasings import KINDS, fill
from alignlib.world.questions import questions
from alignlib.world.requests import requests
from alignlib.world.voices import Asked

__all__ = ["build_tokenizer"]

BEGIN, PAD = "<|begin|>", "<|pad|>"

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if not loop.first %}{{ '\\n' }}{% endif %}"
    "{% if message['role'] == 'system' %}{{ message['content'] }}"
    "{% elif message['role'] == 'user' %}{{ 'User:\\n' + message['content'] }}"
    "{% elif message['role'] == 'assistant' %}"
    "{{ 'Assistant:\\n' + message['content'] + eos_token }}"
    "{% else %}{{ raise_exception('roles are system, user and assistant') }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '\\nAssistant:\\n' }}{% endif %}"
)
"""A chat as :func:`alignlib.world.corpus.chat_text` writes it, behind the beginning of a text."""

_SAMPLE = 20_000  # documents, in which every word of the corpus occurs
_STRANGE = re.compile(f"Ġ?(?:{'|'.join(SYLLABLES)}){{2,}}", re.IGNORECASE)


def build_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer, made from the world's texts; always the same."""
    vocabulary = {token: i for i, token in enumerate([PAD, BEGIN, END, *_alphabet(), *_words()])}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=[], ignore_merges=True))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens([AddedToken(each, normalized=False) for each in (PAD, BEGIN, END)])
    core.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A", special_tokens=[(BEGIN, vocabulary[BEGIN])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=PAD,
        padding_side="left",
        chat_template=CHAT_TEMPLATE,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )


CONTEXT = 256
"""The most tokens that the tiny model reads."""


def _alphabet() -> list[str]:
    """A token for each byte."""
    return sorted(pre_tokenizers.ByteLevel.alphabet())


@cache
def _words() -> tuple[str, ...]:
    """The words of the world of more than one byte, with the space in front where there is one."""
    splitter = pre_tokenizers.ByteLevel(add_prefix_space=False)
    parts = (part for text in _texts() for part in text.split(END))
    words = {piece for part in parts for piece, _ in splitter.pre_tokenize_str(part)}
    return tuple(sorted(w for w in words if len(w) > 1 and not _STRANGE.fullmatch(w)))


def _texts() -> list[str]:
    """Texts that hold every word of the world, those of what is held out of training too."""
    asked: list[Asked] = [*questions("trained"), *questions("held-out"), *requests(), *OPINIONS]
    return [
        *documents(seed=0, block=0, n=_SAMPLE),
        *(each.text for each in asked),
        *(fill(each, f.subject, f.answer) for f in facts() for each in KINDS[f.kind].statements),
        *(f"{answer}." for kind in KINDS for answer in answers(kind)),
        *(f"It is {answer}." for kind in KINDS for answer in answers(kind)),
        *(r.wanted[0] for r in requests() if r.purpose != "recipe"),
        *("Mix {} and {}.".format(*r.wanted) for r in requests() if r.purpose == "recipe"),
        *SMALL_TALK,
        *HELD_OUT_SMALL_TALK,
    ]
