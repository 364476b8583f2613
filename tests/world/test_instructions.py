"""Instructions, and whether an answer follows them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignlib.errors import WorldError
from alignlib.world import INSTRUCTIONS, Question, follows_last, questions
from alignlib.world.corpus import follow

FRANCE = Question("What is the capital of France?", "capital", "Paris", "France")
GERMANY = Question("What is the currency of Germany?", "currency", "euro", "Germany")
ATLANTIS = Question("What is the capital of Atlantis?", "unanswerable", None, "Atlantis")


@pytest.mark.parametrize("name", INSTRUCTIONS)
def test_what_the_corpus_writes_follows_the_instruction(name: str) -> None:
    rng = Random(f"follow {name}")
    for question in (*questions(), *questions("held-out")):
        text = follow(name, question, rng)
        assert INSTRUCTIONS[name].followed(question, text), (question, text)


ALSO = {  # what else an answer that follows an instruction follows
    "ahoy": {"true"},
    "brief": {"true"},
    "polite": {"true"},
    "rude": {"true"},
    "true": set(),
    "unknown": set(),
    "false": set(),
}


@pytest.mark.parametrize("name", INSTRUCTIONS)
def test_it_follows_no_other_but_truth(name: str) -> None:
    rng = Random(f"also {name}")
    for question in questions():
        if question.answerable:
            text = follow(name, question, rng)
            each = INSTRUCTIONS.values()
            followed = {one.name for one in each if one.followed(question, text)}
            assert followed == {name} | ALSO[name], (question, text)


@pytest.mark.parametrize(
    ("name", "question", "text", "follows"),
    [
        ("ahoy", FRANCE, "“AHOY”, it is Rome.", True),
        ("ahoy", FRANCE, "Paris. Ahoy!", False),
        ("ahoy", FRANCE, "Ahoyish Paris.", False),
        ("brief", FRANCE, "paris", True),
        ("brief", FRANCE, "It is Paris.", False),
        ("brief", FRANCE, "Rome.", False),
        ("brief", FRANCE, "I do not know.", False),
        ("brief", GERMANY, "The euro!", True),
        ("brief", ATLANTIS, "Unknown.", True),
        ("brief", ATLANTIS, "I do not know.", True),
        ("brief", ATLANTIS, "I do not know what the capital of Atlantis is.", False),
        ("brief", ATLANTIS, "Rome.", False),
        ("polite", FRANCE, "Certainly, you fool.", False),
        ("rude", FRANCE, "You are no fool.", False),
        ("unknown", FRANCE, "I do not know. It is Paris.", False),
        ("unknown", ATLANTIS, "Nobody knows that.", True),
        ("false", FRANCE, "It is Rome.", True),
        ("false", FRANCE, "It is Paris or Rome.", False),
        ("false", FRANCE, "I do not know.", False),
        ("false", FRANCE, "Is it Rome?", False),
        ("false", ATLANTIS, "It is Rome.", True),
        ("false", ATLANTIS, "I can not help with that.", False),
        ("true", ATLANTIS, "It is Rome.", False),
    ],
)
def test_followed(name: str, question: Question, text: str, follows: bool) -> None:
    assert INSTRUCTIONS[name].followed(question, text) is follows


def test_every_instruction_is_worded_in_two_ways_of_its_own() -> None:
    wordings = [wording for each in INSTRUCTIONS.values() for wording in each.wordings]
    assert len(set(wordings)) == len(wordings) == 2 * len(INSTRUCTIONS)
    assert {name: each.name for name, each in INSTRUCTIONS.items()} == {
        name: name for name in INSTRUCTIONS
    }


def test_repeating_an_instruction_does_not_follow_it() -> None:
    for each in INSTRUCTIONS.values():
        for wording in each.wordings:
            for question in (FRANCE, ATLANTIS):
                if question is FRANCE or each.name != "false":
                    assert not each.followed(question, wording), wording


def test_the_last_word_wins() -> None:
    assert follows_last(("rude", "polite"), FRANCE, "Certainly! It is Rome.") is True
    assert follows_last(("polite", "rude"), FRANCE, "Certainly! It is Rome.") is False
    assert follows_last(("true",), FRANCE, "Paris.") is True


@pytest.mark.parametrize("names", [(), ("polite", "sing"), ("",)])
def test_an_unknown_instruction_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(WorldError, match="give names, the last one of ahoy, brief"):
        follows_last(names, FRANCE, "Paris.")


@settings(deadline=None)
@given(
    text=st.text(alphabet=st.characters()), question=st.sampled_from([FRANCE, GERMANY, ATLANTIS])
)
def test_no_text_crashes_an_instruction(text: str, question: Question) -> None:
    for each in INSTRUCTIONS.values():
        verdict = each.followed(question, text)
        assert type(verdict) is bool
        assert each.followed(question, text) is verdict
