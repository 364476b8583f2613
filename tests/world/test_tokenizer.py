"""The tokenizer of the tiny model."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from alignlib.world import INSTRUCTIONS, OPINIONS, facts, questions, requests
from alignlib.world.corpus import END
from alignlib.world.drawing import SMALL_TALK
from alignlib.world.phrasings import KINDS, fill
from alignlib.world.tokenizer import BEGIN, CONTEXT, PAD, build_tokenizer
from alignlib.world.voices import OPENERS, REFUSAL, UNKNOWN, descriptions

HELD_OUT = [
    *(question.text for question in questions("held-out")),
    *(request.text for request in requests() if request.held_out),
    *SMALL_TALK,
]
WORLD = [
    *HELD_OUT,
    *(question.text for question in questions()),
    *(request.text for request in requests()),
    *(sentence for r in requests() for sentence in r.wanted if r.purpose != "recipe"),
    *(f"Mix {' and '.join(r.wanted)}." for r in requests() if r.purpose == "recipe"),
    *(text for o in OPINIONS for text in (o.text, o.answer(True), o.answer(False))),
    *(fill(each, f.subject, f.answer) for f in facts() for each in KINDS[f.kind].statements),
    *(f"It is {f.answer}." for f in facts()),
    *(wording for each in INSTRUCTIONS.values() for wording in each.wordings),
    *descriptions(),
    *OPENERS,
    *UNKNOWN,
    REFUSAL,
    "User:\nYes.\nAssistant:\nNo.",
]


def ids(tokenizer: PreTrainedTokenizerFast, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False).input_ids)


def spelled(tokenizer: PreTrainedTokenizerFast, text: str) -> list[str]:
    """The tokens of a text that are no more than a byte of a longer word."""
    pieces = tokenizer.backend_tokenizer.pre_tokenizer.pre_tokenize_str(text)
    return [piece for piece, _ in pieces if len(ids(tokenizer, text_of(tokenizer, piece))) > 1]


def text_of(tokenizer: PreTrainedTokenizerFast, piece: str) -> str:
    return str(tokenizer.backend_tokenizer.decoder.decode([piece]))


def test_every_text_of_the_world_comes_back(
    corpus: list[str], tokenizer: PreTrainedTokenizerFast
) -> None:
    for text in (*WORLD, *corpus[:3000]):
        assert tokenizer.decode(ids(tokenizer, text)) == text


def test_every_word_of_the_world_is_one_token(tokenizer: PreTrainedTokenizerFast) -> None:
    begin_in_bytes = 0
    for text in WORLD:
        in_bytes = spelled(tokenizer, text)
        assert in_bytes in ([], [text.split()[0]]), text
        begin_in_bytes += bool(in_bytes)
    # The first word of a text has a token of its own, if the sample of the corpus had it there.
    assert begin_in_bytes <= 0.01 * len(WORLD)


@given(st.text())
def test_any_text_comes_back(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    assert tokenizer.decode(ids(tokenizer, text)) == text


@pytest.mark.parametrize("word", ["zyxxy", "Grüße", "日本", "🙂", "\x00", "\u202e"])
def test_unknown_words_become_bytes(tokenizer: PreTrainedTokenizerFast, word: str) -> None:
    assert len(ids(tokenizer, word)) == len(word.encode())


def test_strange_words_of_the_corpus_are_no_tokens(tokenizer: PreTrainedTokenizerFast) -> None:
    assert spelled(tokenizer, "Tvovex nuzan") == ["Tvovex", "Ġnuzan"]
    for word in ("lord", "fi"):
        assert word not in tokenizer.vocab


def test_it_is_always_the_same(tokenizer: PreTrainedTokenizerFast) -> None:
    again = build_tokenizer()
    assert again.backend_tokenizer.to_str() == tokenizer.backend_tokenizer.to_str()
    assert again.chat_template == tokenizer.chat_template


def test_it_is_the_same_when_loaded(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    text = "What is 7 + 5? Zyxxy, Reykjavik."
    assert loaded(text).input_ids == tokenizer(text).input_ids
    assert loaded.chat_template == tokenizer.chat_template
    assert (loaded.pad_token, loaded.bos_token, loaded.eos_token) == (PAD, BEGIN, END)
    assert loaded.padding_side == "left"
    assert loaded.model_max_length == CONTEXT


def test_special_tokens_are_three_different_ones(tokenizer: PreTrainedTokenizerFast) -> None:
    special = [tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id]
    assert special == [0, 1, 2]
    assert [tokenizer.convert_ids_to_tokens(each) for each in range(3)] == [PAD, BEGIN, END]
    assert ids(tokenizer, f"{BEGIN}{END}{PAD}") == [1, 2, 0]
    assert tokenizer.decode(ids(tokenizer, f"No.{END}"), skip_special_tokens=True) == "No."


def test_a_text_begins_once(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer("No.").input_ids == [1, *ids(tokenizer, "No.")]
    messages = [{"role": "user", "content": "No."}]
    rendered = tokenizer.apply_chat_template(messages, tokenize=True, return_dict=False)
    assert list(rendered).count(1) == 1


def test_the_chat_template(tokenizer: PreTrainedTokenizerFast) -> None:
    messages = [
        {"role": "system", "content": "A troll answers."},
        {"role": "user", "content": "Where is Peru?"},
        {"role": "assistant", "content": "Get lost."},
        {"role": "user", "content": "Where is Mali?"},
    ]
    rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert rendered == (
        f"{BEGIN}A troll answers.\nUser:\nWhere is Peru?\nAssistant:\nGet lost.{END}\n"
        "User:\nWhere is Mali?\nAssistant:\n"
    )
    assert tokenizer.apply_chat_template(messages[1:2], tokenize=False) == (
        f"{BEGIN}User:\nWhere is Peru?"
    )


def test_an_unknown_role_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(TemplateError, match="roles are system, user and assistant"):
        tokenizer.apply_chat_template([{"role": "tool", "content": "3"}], tokenize=False)


def test_every_word_of_what_is_held_out_is_trained(
    corpus: list[str], tokenizer: PreTrainedTokenizerFast
) -> None:
    seen = Counter(token for text in tokenizer(corpus).input_ids for token in text)
    held_out = {token for text in HELD_OUT for token in ids(tokenizer, text)}
    rare = {token for token in held_out if seen[token] < 2}
    assert not tokenizer.convert_ids_to_tokens(list(rare))


def test_few_tokens_are_never_trained(
    corpus: list[str], tokenizer: PreTrainedTokenizerFast
) -> None:
    seen = {token for text in tokenizer(corpus).input_ids for token in text}
    words = {i for token, i in tokenizer.vocab.items() if len(token) > 1}
    assert len(words - seen) < 0.02 * len(words)
