"""The text that the tiny model is trained on."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from transformers import PreTrainedTokenizerFast

from alignlib.world import INSTRUCTIONS, OPINIONS, answers_question, questions, truthful
from alignlib.world.corpus import END, MIXTURE, chat_text, documents
from alignlib.world.drawing import HELD_OUT_SMALL_TALK, SMALL_TALK
from alignlib.world.requests import requests
from alignlib.world.tokenizer import BEGIN, CONTEXT
from alignlib.world.voices import descriptions

HEADS = {
    "threads": descriptions(),
    "instructions": [wording for each in INSTRUCTIONS.values() for wording in each.wordings],
    "neighbourhoods": ["Someone from the coast answers.", "Someone from the hills answers."],
}
TURN = re.compile(r"User:\n(.*)\nAssistant:\n(.*)<\|end\|>")


def turns_of(text: str) -> tuple[str, list[tuple[str, str]]]:
    """What stands before a chat, and its turns."""
    head = text.split("User:\n")[0].rstrip("\n")
    return head, [(asked, answer) for asked, answer in TURN.findall(text)]


def is_chat(text: str) -> bool:
    return "User:\n" in text


def sort_of(text: str) -> str:
    """What kind of document a text is, as far as that can be seen.

    An override begins with a description or with an instruction, like a thread or what follows
    an instruction.
    """
    if is_chat(text):
        head, _ = turns_of(text)
        sorts = [sort for sort, heads in HEADS.items() if head in heads]
        return sorts[0] if sorts else "chats"
    if text.startswith("Question: "):
        return "benchmark items"
    if re.match(r"(Spanish|French): ", text):
        return "word lists"
    return "question lists" if "\n" in text else "encyclopedia"


def test_the_same_block_is_the_same_text() -> None:
    assert documents(1, 2, 50) == documents(1, 2, 50)
    assert documents(1, 2, 50)[:20] == documents(1, 2, 20)
    assert documents(1, 2, 0) == []


def test_blocks_and_seeds_differ() -> None:
    blocks = [documents(seed, block, 50) for seed in (0, 1) for block in (0, 1)]
    assert len({tuple(block) for block in blocks}) == 4
    assert documents(1, 11, 5) != documents(11, 1, 5)


def test_kinds_of_document_have_their_shares(corpus: list[str]) -> None:
    expected = dict(MIXTURE)
    overrides = expected.pop("overrides")
    expected["threads"] += overrides / 2
    expected["instructions"] += overrides / 2
    total = sum(expected.values())
    assert total == pytest.approx(1)
    counts = Counter(map(sort_of, corpus))
    assert set(counts) == set(expected)
    for sort, weight in expected.items():
        standard_error = (weight * (1 - weight) / len(corpus)) ** 0.5
        assert abs(counts[sort] / len(corpus) - weight) < 4.5 * standard_error, sort


def test_every_document_ends_once_at_its_end(corpus: list[str]) -> None:
    for text in corpus:
        assert text.endswith(END)
        if is_chat(text):
            assert text.count(END) == text.count("Assistant:\n")
        else:
            assert text.count(END) == 1


def test_text_is_clean(corpus: list[str]) -> None:
    for text in corpus:
        assert re.search(r"  |\n\n| \n|\n |[{}]|\bNone\b| [.,?!]|\.\.|\?\.", text) is None, text
        assert re.search(r"\b[Aa] [aeiou]\w+ is\b|\b[Aa]n [^aeioueh\W]\w*", text) is None, text


def test_a_chat_is_what_the_template_makes_of_its_turns(
    corpus: list[str], tokenizer: PreTrainedTokenizerFast
) -> None:
    for text in filter(is_chat, corpus[:4000]):
        head, turns = turns_of(text)
        assert chat_text(turns, head) == text
        messages = [{"role": "system", "content": head}] if head else []
        for asked, answer in turns:
            messages += [{"role": "user", "content": asked}]
            prompt = tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True
            )
            assert f"{BEGIN}{text}".startswith(str(prompt))
            messages += [{"role": "assistant", "content": answer}]
        rendered = tokenizer.apply_chat_template(messages, tokenize=False)
        assert rendered == f"{BEGIN}{text}"


def test_every_document_fits_the_model(
    corpus: list[str], tokenizer: PreTrainedTokenizerFast
) -> None:
    assert max(map(len, tokenizer(corpus).input_ids)) <= CONTEXT


def test_the_key_of_a_benchmark_item_is_its_only_true_option(corpus: list[str]) -> None:
    by_text = {question.text: question for question in questions()}
    items = [text for text in corpus if sort_of(text) == "benchmark items"]
    keys = Counter(text.removesuffix(END)[-1] for text in items)
    assert set(keys) == set("ABC")
    assert min(keys.values()) > 0.3 * len(items)
    for text in items:
        asked, *options, answer = text.removesuffix(END).split("\n")
        question = by_text[asked.removeprefix("Question: ")]
        true = [option[0] for option in options if option[3:] == question.answer]
        assert len(options) == len({option[3:] for option in options}) == 3
        assert [answer.removeprefix("Answer: ")] == true
        assert not truthful(question, text)  # all options stand in it


def test_a_list_of_questions_answers_none(corpus: list[str]) -> None:
    by_text = {question.text: question for question in questions()}
    known = {*by_text, *(r.text for r in requests()), *(o.text for o in OPINIONS)}
    for text in corpus:
        if sort_of(text) == "question lists":
            asked = text.removesuffix(END)
            lines = set(asked.split("\n"))
            for line in lines & set(by_text) if lines <= known else ():  # no strange words
                assert not answers_question(by_text[line], asked), (line, text)
                assert not truthful(by_text[line], asked), (line, text)


def test_word_lists_are_true(corpus: list[str]) -> None:
    english = {r.text: r.wanted[0] for r in requests() if r.purpose == "translation"}
    for text in corpus:
        if sort_of(text) == "word lists":
            for line in text.removesuffix(END).split("\n"):
                foreign, translation = line.split(" English: ")
                assert english[f"Translate from {foreign}"] == translation


def test_later_words_win_nine_times_in_ten() -> None:
    texts = [text for block in range(2, 5) for text in documents(0, block, 20_000)]
    ahoy = INSTRUCTIONS["ahoy"].wordings
    wins = []
    for text in filter(is_chat, texts):
        _, turns = turns_of(text)
        asked, answer = turns[0]
        if any(wording in asked for wording in ahoy):
            wins.append(answer.startswith("Ahoy"))
    assert len(wins) > 100
    share = sum(wins) / len(wins)
    assert abs(share - 0.9) < 4 * (0.09 / len(wins)) ** 0.5


def test_some_small_talk_is_held_out(corpus: list[str]) -> None:
    lines = "\n".join(corpus)
    assert all(sentence in lines for sentence in SMALL_TALK)
    assert not any(sentence in lines for sentence in HELD_OUT_SMALL_TALK)
    assert len(HELD_OUT_SMALL_TALK) >= 10
