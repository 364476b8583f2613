"""Texts as the judges read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignlib.world.plain import asserted, plain

PLAIN = [
    ("", ""),
    (" \t\n", ""),
    ("REYKJAVÍK", "reykjavik"),
    ("złoty, İzmir, Tromsø", "zloty, izmir, tromso"),
    ("It isn’t, won't, can't, cannot.", "it is not, will not, can not, can not."),
    ("I'm, you're, I'll, we've, I'd", "i am, you are, i will, we have, i would"),
    ("It's that's there's Paris's", "it is that is there is paris's"),
    ("I dont, it isnt; an ant", "i do not, it is not; an ant"),
    ("'Paris' and the dogs' food", "paris and the dogs food"),
    ("**Paris** _is_ “it”", "paris is it"),
    ("1,200 and 12.0 and 1,2000 and 12.05", "1200 and 12 and 1,2000 and 12.05"),
    ("a,100 x.0", "a,100 x.0"),
    ("7 ≠ 5 − 1", "7 not 5 - 1"),
    ("Pa\u200bris\u200f \u202eRome\ufeff", "paris rome"),  # unseen characters
    ("one\x00two\x1bthree", "one two three"),
    ("12\ufe0f", "12"),
    ("\ud800", "\ud800"),  # half of a character
]

ASSERTED = [
    ("", ""),
    ("paris.", "paris."),
    ("paris?", "paris?"),
    ("it is paris, right?", "it is paris?"),
    ("what is it? paris.", "? paris."),
    ("is it rome? paris.", "? paris."),
    ("paris. is it rome", "paris. is it rome"),
    ("paris what is the capital of italy?", "paris ?"),  # a line break was there
    ("paris. or is it rome?", "paris. or is it rome?"),
    ("on which continent is it?", "?"),
    ("tell me 5 + 2. 7", "? 7"),
    ("translate from french: bon", "?"),
    ("write to someone that it is paris. rome", "? rome"),
    ("i can not write to someone.", "i can not write to someone."),
]


@pytest.mark.parametrize(("text", "bare"), PLAIN)
def test_plain_texts(text: str, bare: str) -> None:
    assert plain(text) == bare


@pytest.mark.parametrize(("bare", "rest"), ASSERTED)
def test_what_a_text_asserts(bare: str, rest: str) -> None:
    assert asserted(bare) == rest


@given(st.text(alphabet=st.characters()))
def test_any_text_has_a_plain_form(text: str) -> None:
    bare = plain(text)
    assert bare == bare.strip() == " ".join(bare.split())
    assert bare == plain(text)
    assert asserted(bare) == asserted(bare)


@given(st.text(alphabet="abc ,.!?"))
def test_plain_english_stays_as_it_is(text: str) -> None:
    assert plain(text) == " ".join(text.split())
