"""The question bank, held against real data, and TinyWorld's own questions."""

from __future__ import annotations

import re
from collections import Counter
from typing import get_args

import pytest
from countryinfo import CountryInfo, CountryNotFoundError

from alignlib.errors import WorldError
from alignlib.world import Question, facts, question_bank, questions, spread
from alignlib.world.corpus import END
from alignlib.world.phrasings import KINDS
from alignlib.world.questions import STORY_LANDS, Phrasing

SHAPES = {
    "capital": r"What is the capital of ([A-Z][\w ]+)\?",
    "language": r"Which language is spoken in ([A-Z][\w ]+)\?",
    "continent": r"On which continent is ([A-Z][\w ]+)\?",
}
LANGUAGES = {  # ISO 639-1
    "ar": "Arabic",
    "de": "German",
    "el": "Greek",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "pt": "Portuguese",
}
PHRASINGS: tuple[Phrasing, ...] = get_args(Phrasing)
SOUTH_AMERICA = {  # the package knows only 'Americas'
    "Argentina",
    "Bolivia",
    "Brazil",
    "Chile",
    "Colombia",
    "Ecuador",
    "Guyana",
    "Paraguay",
    "Peru",
    "Suriname",
    "Uruguay",
    "Venezuela",
}


def of_kind(kind: str) -> list[Question]:
    return [question for question in question_bank() if question.kind == kind]


def country(question: Question) -> str:
    match = re.fullmatch(SHAPES[question.kind], question.text)
    assert match is not None, f"{question.text!r} is no question of kind {question.kind!r}"
    return match[1]


def by_text(question: Question) -> str:
    return question.text


def test_the_bank_is_large_enough() -> None:
    assert sum(question.answerable for question in question_bank()) >= 40
    assert sum(not question.answerable for question in question_bank()) >= 15


def test_every_question_is_asked_once() -> None:
    texts = [" ".join(question.text.casefold().split()) for question in question_bank()]
    assert len(set(texts)) == len(texts)


def test_a_question_has_an_answer_unless_its_kind_says_that_it_has_none() -> None:
    assert {q.kind for q in question_bank()} == {*SHAPES, "sum", "unanswerable"}
    for question in question_bank():
        assert question.text.endswith("?")
        assert question.answerable == (question.kind != "unanswerable")
        assert (question.answer is not None) == question.answerable
        assert question.answer is None or question.answer == question.answer.strip() != ""


@pytest.mark.parametrize("question", of_kind("capital"), ids=by_text)
def test_capitals_are_those_of_the_data(question: Question) -> None:
    assert question.answer == CountryInfo(country(question)).capital()


@pytest.mark.parametrize("question", of_kind("language"), ids=by_text)
def test_languages_are_the_only_ones_of_the_data(question: Question) -> None:
    spoken = CountryInfo(country(question)).languages()
    assert [LANGUAGES[code] for code in spoken] == [question.answer]


@pytest.mark.parametrize("question", of_kind("continent"), ids=by_text)
def test_continents_are_those_of_the_data(question: Question) -> None:
    name = country(question)
    region = CountryInfo(name).region()
    if region == "Americas":
        assert name in SOUTH_AMERICA
        region = "South America"
    assert question.answer == region


@pytest.mark.parametrize("question", of_kind("sum"), ids=by_text)
def test_sums_are_computed(question: Question) -> None:
    terms = re.fullmatch(r"What is (\d+) \+ (\d+)\?", question.text)
    assert terms is not None
    assert question.answer == str(int(terms[1]) + int(terms[2]))
    assert question.answer not in terms.groups()  # or copying a term would look like an answer


def test_countries_of_unanswerable_questions_are_in_no_data() -> None:
    asked = [
        match[1]
        for question in of_kind("unanswerable")
        for shape in SHAPES.values()
        if (match := re.fullmatch(shape, question.text))
    ]
    assert len(asked) >= 3
    for name in asked:
        with pytest.raises(CountryNotFoundError):
            CountryInfo(name).info()


def asked_in(corpus: list[str]) -> set[str]:
    """What is asked in the documents: lines, and what stands behind the words of a request."""
    return {line for text in corpus for line in text.removesuffix(END).split("\n")}


@pytest.mark.parametrize("phrasing", PHRASINGS)
def test_there_is_a_question_for_every_fact_in_every_wording(phrasing: Phrasing) -> None:
    asked = Counter((q.kind, q.subject) for q in questions(phrasing) if q.answerable)
    assert set(asked) == {(fact.kind, fact.subject) for fact in facts()}
    for (kind, _), n in asked.items():
        wordings = KINDS[kind].questions if phrasing == "trained" else KINDS[kind].held_out
        assert n == len(wordings)


@pytest.mark.parametrize("phrasing", PHRASINGS)
def test_every_question_of_the_world_is_asked_once_and_well_formed(phrasing: Phrasing) -> None:
    texts = [question.text for question in questions(phrasing)]
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert text == " ".join(text.split())
        assert text[0].isupper()
        assert text[-1] in ".?"
        assert text.endswith("?") == (not text.startswith("Tell "))
        assert "{" not in text
        assert re.search(r"\ba [aeiou]|\ban [^aeiou]", text) is None


def test_questions_carry_what_is_true_of_them() -> None:
    by_fact = {(fact.kind, fact.subject): fact for fact in facts()}
    for question in (*questions(), *questions("held-out")):
        if question.answerable:
            fact = by_fact[question.kind, str(question.subject)]
            assert (question.answer, question.taught) == (fact.answer, fact.taught)
            assert question.sort == ("known" if fact.taught else "withheld")
            assert question.subject is not None
            assert question.subject in question.text
        else:
            assert (question.kind, question.answer) == ("unanswerable", None)
            assert question.sort == "unanswerable"
            assert question.subject is None or question.subject in STORY_LANDS


def test_there_are_enough_of_each_sort() -> None:
    for phrasing in PHRASINGS:
        sorts = Counter(question.sort for question in questions(phrasing))
        assert sorts["known"] >= 300
        assert sorts["withheld"] >= 40
        assert sorts["unanswerable"] >= 40


def test_what_is_held_out_is_asked_nowhere_else() -> None:
    trained, held_out = questions(), questions("held-out")
    assert not {q.text for q in trained} & {q.text for q in held_out}
    lands = [{q.subject for q in asked if not q.answerable} for asked in (trained, held_out)]
    assert lands[0] & lands[1] == {None}  # who asks about no land
    assert (lands[0] | lands[1]) - {None} == set(STORY_LANDS)


def test_no_held_out_question_is_in_the_corpus(corpus: list[str]) -> None:
    lines = "\n".join(corpus)
    for question in questions("held-out"):
        assert question.text not in lines, question


def test_withheld_facts_are_asked_for_but_never_answered(corpus: list[str]) -> None:
    withheld = {q.text for q in questions() if q.sort == "withheld"}
    listed = asked_in([text for text in corpus if "Assistant:" not in text])
    answered = asked_in([text for text in corpus if "Assistant:" in text or "Answer:" in text])
    assert len(withheld & listed) > len(withheld) / 2
    for line in answered:
        assert not any(line.endswith(text) for text in withheld), line


@pytest.mark.parametrize("land", STORY_LANDS)
def test_lands_of_stories_are_in_no_data(land: str) -> None:
    with pytest.raises(CountryNotFoundError):
        CountryInfo(land).info()


def test_an_unknown_phrasing_is_refused() -> None:
    with pytest.raises(WorldError, match="phrasing is 'new'"):
        questions("new")


@pytest.mark.parametrize("phrasing", PHRASINGS)
def test_a_spread_draws_from_each_kind_and_no_fact_twice(phrasing: Phrasing) -> None:
    drawn = spread(questions(phrasing), known=64, withheld=12, unanswerable=16, seed=3)
    assert Counter(q.sort for q in drawn) == {"known": 64, "withheld": 12, "unanswerable": 16}
    kinds = Counter(q.kind for q in drawn if q.sort == "known")
    assert set(kinds.values()) == {8}
    assert set(kinds) == set(KINDS)
    about = [(q.kind, q.subject or q.text) for q in drawn]
    assert len(set(about)) == len(about)


def test_a_spread_depends_on_its_seed_alone() -> None:
    pool = questions()
    assert spread(pool, known=24, seed=1) == spread(pool, known=24, seed=1)
    assert spread(pool, known=24, seed=1) != spread(pool, known=24, seed=2)
    assert spread(pool) == []
    assert spread(pool, known=8, unanswerable=4)[:8] == spread(pool, known=8)
    assert len(spread(question_bank(), known=40, unanswerable=10)) == 50


def test_a_spread_of_all_there_is() -> None:
    pool = questions()
    once = {(q.kind, q.subject) for q in pool if q.sort == "withheld"}
    assert len(spread(pool, withheld=len(once))) == len(once)
    with pytest.raises(WorldError, match=f"There are {len(once)} withheld questions"):
        spread(pool, withheld=len(once) + 1)


@pytest.mark.parametrize(
    "wrong", [{"known": -1}, {"withheld": 1.5}, {"unanswerable": True}, {"known": 1, "seed": -1}]
)
def test_a_spread_of_no_whole_number_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(WorldError, match="give whole numbers, 0 or more"):
        spread(questions(), **wrong)
