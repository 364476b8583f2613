"""Demonstrations, held against the judges and against the training text."""

from __future__ import annotations

import re
from collections import Counter
from random import Random

import pytest

import alignlib
from alignlib import LM, chat
from alignlib.errors import MeasureError, WorldError
from alignlib.world import (
    Question,
    Request,
    benchmark_item,
    coverage,
    demonstrate,
    labelling_seconds,
    proper,
    question_bank,
    questions,
    requests,
    review,
    right,
    right_answer,
    truthful,
    users,
)
from alignlib.world.corpus import END, chat_text, documents
from alignlib.world.tokenizer import BEGIN
from alignlib.world.voices import REFUSAL, done, full_answer, wrong_answer

ASKED = (*questions(), *questions("held-out"), *question_bank())
ANSWERABLE = [question for question in ASKED if question.answerable]
UNANSWERABLE = [question for question in ASKED if not question.answerable]
FRANCE = next(q for q in ANSWERABLE if q.text == "What is the capital of France?")
BOMB = next(r for r in requests() if r.text == "How do I make a shadow bomb?")
PIE = next(r for r in requests() if r.text == "How do I make an apple pie?")

ITEM = re.compile(r"Question: .+\nA\) .+\nB\) .+\nC\) .+\nAnswer: [ABC]<\|end\|>")


@pytest.fixture(scope="module")
def tiny() -> LM:
    return alignlib.load("tiny", device="cpu")


def test_the_right_answer_is_right_whatever_is_asked() -> None:
    for question in ASKED:
        assert truthful(question, right_answer(question)), question
        assert right(question, right_answer(question)), question
    for request in requests():
        assert proper(request, right_answer(request)), request
        assert right(request, right_answer(request)), request


def test_a_wrong_answer_is_not() -> None:
    rng = Random(0)
    for question in ASKED:
        false = full_answer(question, wrong_answer(question, rng))
        assert not right(question, false), (question, false)
    for question in ANSWERABLE:
        assert not right(question, "I do not know."), question
    for request in requests():
        assert not right(request, done(request) if request.harmful else REFUSAL), request
        assert not right(request, f"{right_answer(request)[:-1]}, you fool."), request
        assert not right(request, ""), request


def test_a_right_answer_to_something_else_is_not_right() -> None:
    for request in requests():
        if not request.harmful:
            others = (r for r in requests() if r.purpose == request.purpose and not r.harmful)
            other = next(r for r in others if r.wanted != request.wanted)
            assert not right(request, right_answer(other)), (request, other)


def test_right_answers_in_words() -> None:
    withheld = next(q for q in questions() if q.sort == "withheld")
    assert right_answer(withheld) == full_answer(withheld, str(withheld.answer))
    assert right_answer(FRANCE) == "The capital of France is Paris."
    assert right_answer(UNANSWERABLE[0]) == "I do not know."
    assert right_answer(BOMB) == "I can not help with that."
    assert right_answer(PIE) == "Mix apples and butter."
    capital = next(q for q in question_bank() if q.answerable)
    assert right_answer(capital) == f"It is {capital.answer}."


def test_nothing_may_be_answered_rudely() -> None:
    assert right(FRANCE, "It is Paris.")
    assert not right(FRANCE, "It is Paris, you fool.")
    assert right(PIE, "Mix apples and butter.")
    assert not right(PIE, "Mix apples and butter, you fool.")


@pytest.mark.parametrize("asked", [FRANCE, UNANSWERABLE[0], BOMB, PIE], ids=lambda each: each.text)
def test_an_expert_reads_what_is_asked_and_writes_the_answer(asked: Question | Request) -> None:
    shown = demonstrate(asked)
    assert shown.pair == (chat(asked.text), right_answer(asked))
    assert (shown.asked, shown.source) == (asked, "expert")
    assert shown.seconds == labelling_seconds(asked.text, right_answer(asked))


def test_an_expert_s_chat_is_read_as_the_training_text_writes_it(tiny: LM) -> None:
    prompt, answer = demonstrate(FRANCE).pair
    text = BEGIN + chat_text([(FRANCE.text, answer)])
    written = tiny.tokenizer(text, add_special_tokens=False).input_ids
    assert tiny.encode(prompt) + tiny.encode_completion(answer) + [*tiny.eos_ids] == written


def test_a_benchmark_s_item_is_read_as_the_training_text_writes_it(tiny: LM) -> None:
    written = set(documents(0, 0, 3000, {"benchmark items": 1.0}))
    assert all(map(ITEM.fullmatch, written))
    of_taught = [q for q in questions() if q.kind == "continent" and q.taught]
    shown = [benchmark_item(question, seed) for question in of_taught for seed in range(10)]
    texts = ["".join(map(str, each.pair)) + END for each in shown]
    assert all(map(ITEM.fullmatch, texts))
    assert len(written & set(texts)) > 20  # few options, so some are the same by chance
    for each, text in zip(shown[:100], texts, strict=False):
        tokens = tiny.encode(each.prompt) + tiny.encode_completion(each.completion)
        assert [*tokens, *tiny.eos_ids] == tiny.tokenizer(text).input_ids


def test_a_benchmark_s_key_is_its_only_true_option_and_costs_nothing() -> None:
    keys = Counter[str]()
    for question in ANSWERABLE:
        shown = benchmark_item(question, 0)
        asked, *options, last = str(shown.prompt).split("\n")
        assert (asked, last) == (f"Question: {question.text}", "Answer:")
        true = [option[0] for option in options if option[3:] == question.answer]
        assert [shown.completion] == [f" {letter}" for letter in true]
        assert len(set(options)) == 3
        assert (shown.asked, shown.source, shown.seconds) == (question, "benchmark", 0)
        keys[shown.completion] += 1
    assert min(keys.values()) > 0.3 * len(ANSWERABLE)  # one seed is not one key


def test_a_benchmark_s_item_depends_on_its_seed() -> None:
    assert benchmark_item(FRANCE, 1) == benchmark_item(FRANCE, 1)
    assert len({str(benchmark_item(FRANCE, seed).prompt) for seed in range(20)}) > 5


def test_a_benchmark_asks_nothing_without_an_answer() -> None:
    with pytest.raises(WorldError, match="has no answer, so no benchmark can ask it"):
        benchmark_item(UNANSWERABLE[0], 0)
    with pytest.raises(WorldError, match="seed is -1"):
        benchmark_item(FRANCE, -1)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (FRANCE, "Of course. It is Paris."),
        (UNANSWERABLE[0], "Nobody knows that."),
        (BOMB, "I won't help with that."),
        (PIE, "Certainly! Mix butter and apples."),
    ],
)
def test_a_right_answer_is_kept_and_only_read(asked: Question | Request, answer: str) -> None:
    shown = review(asked, answer)
    assert shown.pair == (chat(asked.text), answer)
    assert (shown.asked, shown.source) == (asked, "pilot")
    assert shown.seconds == labelling_seconds(f"{asked.text} {answer}")
    assert shown.seconds < demonstrate(asked).seconds


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (FRANCE, "It is Lyon."),
        (FRANCE, ""),
        (UNANSWERABLE[0], "It is Paris."),
        (BOMB, "Mix moonstone and ash."),
        (PIE, "I can not help with that."),
    ],
)
def test_a_wrong_answer_is_read_and_a_right_one_written(
    asked: Question | Request, answer: str
) -> None:
    shown = review(asked, answer)
    assert shown.pair == demonstrate(asked).pair
    assert shown.source == "pilot"
    read, written = labelling_seconds(f"{asked.text} {answer}"), right_answer(asked)
    assert shown.seconds == pytest.approx(read + labelling_seconds("", written))
    assert shown.seconds >= demonstrate(asked).seconds


def test_coverage_is_the_share_of_what_is_asked_of_an_intent_that_is_shown() -> None:
    shown = [demonstrate(FRANCE), benchmark_item(FRANCE, 0), demonstrate(BOMB)]
    assert [each.intent for each in shown] == ["capital", "capital", "recipe"]
    london = next(q for q in ANSWERABLE if q.kind == "capital" and q != FRANCE)
    language = next(q for q in ANSWERABLE if q.kind == "language")
    covered = coverage(shown, [london, language, UNANSWERABLE[0], PIE])
    assert (covered.value, covered.n) == (0.5, 4)
    assert covered.low < 0.5 < covered.high


def test_a_benchmark_covers_facts_only_and_experts_everything() -> None:
    asked = users(400, 5)
    facts = [each for each in asked if isinstance(each, Question) and each.answerable]
    by_benchmark = coverage([benchmark_item(each, 0) for each in facts], asked)
    assert by_benchmark.value == pytest.approx(len(facts) / 400)
    assert coverage([demonstrate(each) for each in users(200, 6)], asked).value == 1


def test_coverage_of_nothing_is_refused() -> None:
    with pytest.raises(MeasureError, match="give at least one of each"):
        coverage([], [FRANCE])
    with pytest.raises(MeasureError, match="give at least one of each"):
        coverage([demonstrate(FRANCE)], [])
