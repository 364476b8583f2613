"""Pairs as tokens: one end of text, the tokens of the training text, and what is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import processors
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

import alignlib
from alignlib import LM, chat
from alignlib.errors import PromptError, TrainingError
from alignlib.finetuning import finetune
from alignlib.logprobs import collate
from alignlib.pairs import Encoded, encode_pairs
from alignlib.world.corpus import chat_text
from tests.random_models import ARCHITECTURES, END, character_tokenizer, space_in_front_tokenizer
from tests.small_training import PAIRS


def load_llama(folder: Path, tokenizer: PreTrainedTokenizerFast) -> LM:
    """A random Llama with a tokenizer of the test's own."""
    config = AutoConfig.for_model(
        "llama", vocab_size=len(tokenizer), pad_token_id=None, **ARCHITECTURES["llama"]
    )
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return alignlib.load(folder, device="cpu")


def learnt_ends(lm: LM, made: list[Encoded]) -> list[int]:
    """How many ends of text stand in each row where the loss is taken."""
    batch = collate(lm, [each.prompt for each in made], [each.completion for each in made])
    is_end = batch.completion_ids == lm.tokenizer.eos_token_id
    return [int(row.sum()) for row in is_end & batch.completion_mask]


def test_a_pair_has_the_tokens_of_the_training_text(tiny: LM) -> None:
    turns = [
        ("What is the capital of France?", "Paris.", "An expert answers with care."),
        ("What is 1 + 2?", "1 + 2 is 3.", ""),
        ("Wie heißt du?", " \n\U0001f427 strange  text\n", "Zwei Zeilen\nvorher."),
    ]
    pairs = [(chat(asked, system or None), answer) for asked, answer, system in turns]
    made = encode_pairs(tiny, pairs)
    for (asked, answer, system), each in zip(turns, made, strict=True):
        text = chat_text([(asked, answer)], system)
        assert each.prompt + each.completion == tiny.tokenizer(text).input_ids
        assert tiny.tokenizer.decode(each.completion) == answer + tiny.tokenizer.eos_token
        assert len(each) == len(each.prompt) + len(each.completion)
    assert learnt_ends(tiny, made) == [1, 1, 1]


def test_a_chat_and_the_text_that_it_renders_to_are_the_same(tiny: LM) -> None:
    as_chat = encode_pairs(tiny, [(chat("What is 1 + 2?"), "3.")])
    as_text = encode_pairs(tiny, [("User:\nWhat is 1 + 2?\nAssistant:\n", "3.")])
    assert as_chat == as_text
    assert as_text[0].prompt.count(tiny.tokenizer.bos_token_id) == 1


@pytest.mark.parametrize("written", ["", END, END + END])
def test_the_end_is_put_behind_a_completion_that_has_none(llama: LM, written: str) -> None:
    [made] = encode_pairs(llama, [("a", "bc" + written)])
    end = llama.tokenizer.eos_token_id
    assert made.completion == [1, 2] + [end] * max(1, written.count(END))
    assert made.prompt == [0]


def test_the_end_is_learnt_where_the_pad_token_is_the_end(llama: LM, tmp_path: Path) -> None:
    tokenizer = character_tokenizer()
    tokenizer.pad_token = END
    by_its_files = load_llama(tmp_path, tokenizer)
    by_hand = dataclasses.replace(llama, pad_id=llama.tokenizer.eos_token_id)
    for lm in (by_its_files, by_hand):
        assert learnt_ends(lm, encode_pairs(lm, PAIRS)) == [1] * len(PAIRS)


def test_a_tokenizer_that_ends_every_text_itself_ends_it_once(tmp_path: Path) -> None:
    tokenizer = character_tokenizer("<|begin|>")
    tokenizer.bos_token = "<|begin|>"
    begin, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=f"<|begin|> $A {END}", special_tokens=[("<|begin|>", begin), (END, end)]
    )
    assert tokenizer("ab").input_ids == [begin, 0, 1, end]
    lm = load_llama(tmp_path, tokenizer)
    assert encode_pairs(lm, [("ab", "cd")]) == [Encoded([begin, 0, 1], [2, 3, end])]


def test_no_space_is_put_in_front_of_a_completion(tmp_path: Path) -> None:
    lm = load_llama(tmp_path, space_in_front_tokenizer())
    [plain], [spaced] = encode_pairs(lm, [("a", "b")]), encode_pairs(lm, [("a", " b")])
    assert lm.tokenizer.convert_ids_to_tokens(plain.completion) == ["b", END]
    assert lm.tokenizer.convert_ids_to_tokens(spaced.completion) == ["▁", "b", END]


@pytest.mark.parametrize(
    ("pairs", "named"),
    [
        ([], "nothing to show"),
        (None, "nothing to show"),
        ("ab", "nothing to show"),
        ({"a": "b"}, "nothing to show"),
        ({"a": "b"}.items(), "nothing to show"),
        ([("a", "b"), "cd"], "Pair 1 is no"),
        ([("a", "b", "c")], "Pair 0 is no"),
        ([{"prompt": "a", "completion": "b"}], "Pair 0 is no"),
        ([("a", "b"), ("a", None)], "completion of pair 1 is no text"),
        ([("a", chat("b"))], "completion of pair 0 is no text"),
        ([("a", [1, 2])], "completion of pair 0 is no text"),
        ([("a", "b"), ("why?", "")], "completion of pair 1 is empty.*why"),
    ],
    ids=str,
)
def test_what_is_no_list_of_pairs_is_named(llama: LM, pairs: Any, named: str) -> None:
    with pytest.raises(TrainingError, match=named):
        encode_pairs(llama, pairs)


@pytest.mark.parametrize("prompt", ["", [], None, [{"role": "user"}]], ids=str)
def test_what_is_no_prompt_is_named(llama: LM, prompt: Any) -> None:
    with pytest.raises(PromptError):
        encode_pairs(llama, [(prompt, "b")])


def test_a_model_without_an_end_of_text_is_named(llama: LM) -> None:
    endless = dataclasses.replace(llama, eos_ids=())
    with pytest.raises(TrainingError, match="no token that ends a text"):
        encode_pairs(endless, [("a", "b")])


def test_pairs_longer_than_the_context_are_counted(llama: LM) -> None:
    fits, long, longest = ("a" * 100, "b" * 27), ("a" * 120, "b" * 10), ("a", "b" * 140)
    assert [len(each) for each in encode_pairs(llama, [fits])] == [128]
    with pytest.raises(TrainingError) as caught:
        encode_pairs(llama, [fits, long, longest])
    # 131 and 142 of 128 tokens
    assert str(caught.value).startswith("2 of 3 pairs are longer than the 128 tokens")
    assert "by 17 tokens in all; pair 2 is the longest, with 142." in str(caught.value)
    assert "max_length=128" in str(caught.value)
    with pytest.raises(TrainingError, match="longer than the 128"):
        encode_pairs(llama, [long], max_length=129)


@pytest.mark.parametrize("most", [7, np.int64(7), np.int32(7)], ids=repr)
def test_completions_are_cut_to_the_length_and_counted(llama: LM, most: Any) -> None:
    pairs = [("abc", "def"), ("abc", "defghij"), ("abcdef", "ghi")]
    with pytest.warns(UserWarning, match="cut off") as caught:
        made = encode_pairs(llama, pairs, most)
    end = llama.tokenizer.eos_token_id
    assert made == [
        Encoded([0, 1, 2], [3, 4, 5, end]),
        Encoded([0, 1, 2], [3, 4, 5, 6]),
        Encoded([0, 1, 2, 3, 4, 5], [6]),
    ]
    [warning] = caught
    assert str(warning.message).startswith("2 of 3 pairs are longer than 7 tokens: 7 tokens were")


@pytest.mark.filterwarnings("error")
def test_no_warning_where_nothing_is_cut(llama: LM) -> None:
    assert encode_pairs(llama, [("abc", "def")], 7) == encode_pairs(llama, [("abc", "def")])


def test_the_warning_points_at_the_line_that_trains(llama: LM) -> None:
    with pytest.warns(UserWarning, match="cut off") as caught, pytest.raises(TrainingError):
        finetune(llama, [("abc", "def")], max_length=5, learning_rate=-1.0)
    assert caught[0].filename == __file__


def test_a_prompt_that_leaves_no_room_is_named(llama: LM) -> None:
    with pytest.raises(TrainingError, match="prompt of pair 1 has 6 tokens: max_length=6 leaves"):
        encode_pairs(llama, [("abc", "d"), ("abcdef", "g")], 6)


@pytest.mark.parametrize("most", [0, -1, 2.0, True, "7"], ids=repr)
def test_a_length_that_is_no_count_is_named(llama: LM, most: Any) -> None:
    with pytest.raises(TrainingError, match="max_length"):
        encode_pairs(llama, [("a", "b")], most)
