"""The question bank, held against real data."""

from __future__ import annotations

import re

import pytest
from countryinfo import CountryInfo, CountryNotFoundError

from alignlib.world import Question, question_bank

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
