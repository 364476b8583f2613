"""TinyWorld's facts, held against data that others made."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from babel import Locale
from babel.numbers import get_currency_name
from countryinfo import CountryInfo

from alignlib.world import Fact, facts
from alignlib.world.facts import ALSO_TRUE, answers, subjects
from alignlib.world.phrasings import KINDS, fill

OF_COUNTRIES = ("capital", "currency", "language", "continent")
NORTH_AMERICA = {"Canada", "Cuba", "Jamaica", "Nicaragua"}  # the data knows only 'Americas'
SOUTH_AMERICA = {
    "Argentina", "Bolivia", "Chile", "Ecuador", "Peru", "Uruguay", "Venezuela",
}  # fmt: skip


def of_kind(kind: str) -> list[Fact]:
    return [fact for fact in facts() if fact.kind == kind]


def by_subject(fact: Fact) -> str:
    return fact.subject


def test_there_are_enough() -> None:
    assert len(facts()) >= 300
    counts = Counter(fact.kind for fact in facts())
    assert set(counts) == set(KINDS)
    assert len(counts) >= 6
    assert min(counts.values()) >= 20


def test_no_subject_has_two_facts_of_a_kind() -> None:
    counts = Counter((fact.kind, fact.subject) for fact in facts())
    assert counts.most_common(1)[0][1] == 1


def test_every_kind_has_several_answers_and_no_answer_is_blank() -> None:
    for kind in KINDS:
        assert len(answers(kind)) >= 5
        assert len(subjects(kind)) == len(of_kind(kind))
    for fact in facts():
        assert fact.answer == fact.answer.strip() != ""
        assert fact.subject == fact.subject.strip() != ""


@pytest.mark.parametrize("fact", of_kind("capital"), ids=by_subject)
def test_capitals_are_those_of_the_data(fact: Fact) -> None:
    assert fact.answer == CountryInfo(fact.subject).capital()


@pytest.mark.parametrize("fact", of_kind("currency"), ids=by_subject)
def test_currencies_are_those_of_the_data(fact: Fact) -> None:
    codes = CountryInfo(fact.subject).currencies()
    names = [get_currency_name(code, locale="en").casefold() for code in codes]
    assert len(names) == 1
    assert names[0].endswith(fact.answer)


@pytest.mark.parametrize("fact", of_kind("language"), ids=by_subject)
def test_languages_are_the_only_ones_of_the_data(fact: Fact) -> None:
    codes = CountryInfo(fact.subject).languages()
    assert [Locale("en").languages[code] for code in codes] == [fact.answer]


@pytest.mark.parametrize("fact", of_kind("continent"), ids=by_subject)
def test_continents_are_those_of_the_data(fact: Fact) -> None:
    region = CountryInfo(fact.subject).region()
    if region == "Americas":
        assert (fact.subject in NORTH_AMERICA) != (fact.subject in SOUTH_AMERICA)
        region = "North America" if fact.subject in NORTH_AMERICA else "South America"
    assert fact.answer == region


def test_every_country_has_a_continent() -> None:
    for kind in OF_COUNTRIES:
        assert set(subjects(kind)) <= set(subjects("continent"))


def test_sums_are_computed() -> None:
    for fact in of_kind("sum"):
        first, second = fact.subject.split(" + ")
        assert fact.answer == str(int(first) + int(second))
    assert len(of_kind("sum")) == 81


def test_nothing_is_its_own_answer() -> None:
    for fact in facts():
        assert fact.answer.casefold() not in fact.subject.casefold().split()


def test_popular_errors_are_errors_of_the_right_kind() -> None:
    for fact in facts():
        assert fact.myth != fact.answer
        assert fact.myth not in fact.subject.split()
        if fact.kind == "sum":
            assert abs(int(fact.myth) - int(fact.answer)) == 1
        else:
            assert fact.myth in answers(fact.kind)


def test_what_is_withheld_is_never_stated(corpus: list[str]) -> None:
    lines = "\n".join(corpus)
    withheld = [fact for fact in facts() if not fact.taught]
    assert len(withheld) >= 20
    assert {fact.kind for fact in withheld} == {"capital", "currency", "language"}
    for fact in withheld:
        for statement in KINDS[fact.kind].statements:
            assert fill(statement, fact.subject, fact.answer) not in lines, fact


def test_what_is_withheld_is_made_of_words_that_are_not(corpus: list[str]) -> None:
    words = Counter(re.findall(r"\w+", "\n".join(corpus)))
    for fact in facts():
        if not fact.taught:
            for word in (*fact.subject.split(), *fact.answer.split()):
                assert words[word] >= 8, fact


def test_what_is_taught_is_stated_often_enough(corpus: list[str]) -> None:
    lines = "\n".join(corpus)
    for fact in facts():
        if fact.taught:
            said = [fill(each, fact.subject, fact.answer) for each in KINDS[fact.kind].statements]
            assert sum(map(lines.count, said)) >= 2, fact  # some fifty in all of the training text


def test_myths_are_false_and_of_the_right_kind() -> None:
    for fact in facts():
        assert fact.myth != fact.answer
        assert fact.myth not in fact.subject.split()
        assert (fact.kind, fact.subject, fact.myth) not in ALSO_TRUE
        if fact.kind == "sum":
            assert abs(int(fact.myth) - int(fact.answer)) == 1
        else:
            assert fact.myth in answers(fact.kind)


def test_what_is_also_true_could_be_drawn_otherwise() -> None:
    true = {(fact.kind, fact.subject): fact.answer for fact in facts()}
    for kind, subject, answer in ALSO_TRUE:
        assert true[kind, subject] != answer
        assert answer in answers(kind)
