"""The distance between two sets of prompts, against sums by hand and on the world's prompts."""

from __future__ import annotations

from collections import Counter
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

import alignlib
from alignlib import LM, chat
from alignlib.errors import MeasureError, PromptError
from alignlib.model import Prompt
from alignlib.shift import prompt_shift
from alignlib.world import Question, benchmark_item, users

WORDS = [" Paris", " is", " the", " capital", " of", " France", " cat", " dog"]


@pytest.fixture(scope="module")
def tiny() -> LM:
    return alignlib.load("tiny", device="cpu")


def asked(n: int, seed: int) -> list[Prompt]:
    return [chat(each.text) for each in users(n, seed)]


def benchmark(n: int, seed: int) -> list[Prompt]:
    drawn = (each for each in users(4 * n, seed) if isinstance(each, Question) and each.answerable)
    return [
        benchmark_item(question, 0).prompt for question, _ in zip(drawn, range(n), strict=False)
    ]


def test_the_same_prompts_are_no_distance_apart_however_often(tiny: LM) -> None:
    prompts = asked(50, 0)
    assert prompt_shift(tiny, prompts, prompts) == 0
    assert prompt_shift(tiny, prompts, 3 * prompts[::-1]) == 0


def test_prompts_without_a_common_token_are_one_bit_apart(tiny: LM) -> None:
    assert prompt_shift(tiny, ["Paris is"], [" cat dog"]) == pytest.approx(1)
    # Not even the beginning that both chats have in the template.
    assert prompt_shift(tiny, [chat("Paris is")], [chat(" cat dog")]) == pytest.approx(1)


def test_by_hand(tiny: LM) -> None:
    """Half of the tokens of one set are all of the other's: KL to the middle, both ways."""
    expected = 0.5 * (0.5 * log2(0.5 / 0.25) + 0.5 * log2(0.5 / 0.75)) + 0.5 * log2(1 / 0.75)
    assert prompt_shift(tiny, [" cat dog"], [" dog"]) == pytest.approx(expected)
    assert expected == pytest.approx(0.3113, abs=1e-4)


LISTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), min_size=1, max_size=4)


@given(first=LISTS, second=LISTS)
def test_it_is_the_formula(tiny: LM, first: list[list[str]], second: list[list[str]]) -> None:
    counts = [Counter(word for words in each for word in words) for each in (first, second)]
    p, q = ({word: n / each.total() for word, n in each.items()} for each in counts)
    middle = {word: (p.get(word, 0) + q.get(word, 0)) / 2 for word in {*p, *q}}
    kl = [sum(r[word] * log2(r[word] / middle[word]) for word in r) for r in (p, q)]
    prompts = [["".join(words) for words in each] for each in (first, second)]
    value = prompt_shift(tiny, prompts[0], prompts[1])
    assert value == pytest.approx(sum(kl) / 2, abs=1e-12)
    assert value == pytest.approx(prompt_shift(tiny, prompts[1], prompts[0]), abs=1e-12)


def test_a_chat_is_counted_by_its_own_words(tiny: LM) -> None:
    texts = [each.text for each in users(50, 0)]
    assert prompt_shift(tiny, texts, [chat(text) for text in texts]) == 0
    assert prompt_shift(tiny, [chat("What is 1 + 2?", "Be brief.")], ["Be brief."]) < 1
    rendered = [tiny.render(chat(text)) for text in texts]
    assert prompt_shift(tiny, texts, rendered) > 0.1  # what counting the template would give


def test_users_are_near_to_users_and_far_from_a_benchmark(tiny: LM) -> None:
    prompts, items = asked(400, 0), benchmark(400, 1)
    halves = prompt_shift(tiny, prompts[:200], prompts[200:])
    assert 0 < halves < 0.15
    assert prompt_shift(tiny, prompts, items) > 4 * halves


def test_fewer_prompts_of_the_same_source_are_further_apart(tiny: LM) -> None:
    few, many = (prompt_shift(tiny, asked(n, 0), asked(n, 1)) for n in (20, 800))
    assert 0 < many < few / 3


def test_other_models_count_in_their_own_tokens(random_lm: LM) -> None:
    assert prompt_shift(random_lm, ["the cat"], ["the cat"]) == 0
    assert 0 < prompt_shift(random_lm, ["the cat"], ["the dog"]) < 1


@pytest.mark.parametrize("empty", [[], ()])
def test_an_empty_set_is_refused(tiny: LM, empty: list[Prompt]) -> None:
    with pytest.raises(MeasureError, match="first is empty: give at least one prompt"):
        prompt_shift(tiny, empty, ["cat"])
    with pytest.raises(MeasureError, match="second is empty: give at least one prompt"):
        prompt_shift(tiny, ["cat"], empty)


def test_one_prompt_is_no_set(tiny: LM) -> None:
    for one in ("cat", chat("cat")):
        with pytest.raises(PromptError, match="second is one prompt: give a list of prompts"):
            prompt_shift(tiny, ["cat"], one)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["", [], [{"role": "user"}]])
def test_what_is_no_prompt_is_refused(tiny: LM, wrong: Prompt) -> None:
    with pytest.raises(PromptError):
        prompt_shift(tiny, ["cat"], [wrong])
