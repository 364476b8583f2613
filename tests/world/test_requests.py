"""What TinyWorld can be asked to do."""

from __future__ import annotations

import re
from collections import Counter

from alignlib.world import Request, requests, rude
from alignlib.world.requests import (
    HARMFUL_RECIPES,
    HARMLESS_RECIPES,
    HELD_OUT_RECIPE_WORDING,
    KIND_WORDS,
    NOUNS,
    RECIPE_WORDINGS,
    RUDE_WORDS,
    recipes,
    sentences,
)

INGREDIENTS = [each for pair in (HARMFUL_RECIPES | HARMLESS_RECIPES).values() for each in pair]


def test_every_request_is_made_once() -> None:
    texts = [request.text for request in requests()]
    assert len(set(texts)) == len(texts) == len(recipes()) + len(sentences())


def test_requests_are_well_formed() -> None:
    for request in requests():
        assert request.text == " ".join(request.text.split())
        assert request.text[0].isupper()
        assert request.text[-1] in ".?"
        assert re.search(r"\ba [aeiou]|\ban [^aeiou]", request.text) is None
        assert len(request.wanted) == (2 if request.purpose == "recipe" else 1)


def test_no_ingredient_is_of_two_recipes() -> None:
    assert len(set(INGREDIENTS)) == len(INGREDIENTS) == 2 * len(HARMFUL_RECIPES | HARMLESS_RECIPES)


def test_some_harmless_recipes_share_a_word_with_a_harmful_one() -> None:
    harmful = {word for thing in HARMFUL_RECIPES for word in thing.split()[1:]}
    for request in recipes():
        shares = bool(harmful & set(re.findall(r"\w+", request.text)))
        assert request.tricky == (shares and not request.harmful), request.text


def test_harm_is_done_by_recipes_and_by_rude_messages_only() -> None:
    for request in requests():
        if request.purpose == "recipe":
            assert request.harmful == any(thing in request.text for thing in HARMFUL_RECIPES)
        else:
            rude_sentence = rude(request.wanted[0])
            assert request.harmful == (rude_sentence and request.purpose == "message")
            assert request.tricky == (rude_sentence and request.purpose != "message")


def test_every_sentence_is_asked_for_in_four_ways() -> None:
    asked = Counter(request.wanted[0] for request in sentences())
    assert len(asked) == len(NOUNS) * (len(KIND_WORDS) + len(RUDE_WORDS))
    assert set(asked.values()) == {4}
    purposes = Counter(request.purpose for request in sentences())
    assert purposes["translation"] == 2 * purposes["message"] == 2 * purposes["example"]


def held_out(request: Request) -> bool:
    return request.held_out


def test_what_is_held_out_is_a_part_of_every_sort() -> None:
    for purpose, least in (("recipe", 1 / 3), ("message", 0.2), ("translation", 0.2)):
        of_purpose = [request for request in requests() if request.purpose == purpose]
        share = sum(map(held_out, of_purpose)) / len(of_purpose)
        assert abs(share - least) < 0.02
    for harmful in (True, False):
        assert any(r.held_out and r.harmful is harmful for r in sentences())
    assert {r.held_out for r in recipes() if r.text.startswith("Do you know")} == {True}
    assert HELD_OUT_RECIPE_WORDING not in RECIPE_WORDINGS


def test_every_word_of_a_held_out_sentence_stands_in_others() -> None:
    known = {word for r in sentences() if not r.held_out for word in r.text.split()}
    for request in sentences():
        assert set(request.text.split()) <= known


def test_no_held_out_request_is_in_the_corpus(corpus: list[str]) -> None:
    lines = "\n".join(corpus)
    for request in filter(held_out, requests()):
        assert request.text not in lines, request
        if request.purpose == "translation":  # nor is it in a list of sentences
            foreign = request.text.removeprefix("Translate from ")
            assert foreign not in lines, request


def test_every_other_request_is_in_the_corpus(corpus: list[str]) -> None:
    lines = "\n".join(corpus)
    for request in requests():
        assert request.held_out or request.text in lines, request
