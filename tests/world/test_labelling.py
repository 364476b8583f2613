"""What a label costs."""

from __future__ import annotations

import pytest

from alignlib.world import labelling_seconds


def test_a_minute_is_238_words_read_or_52_of_five_characters_typed() -> None:
    assert labelling_seconds("word " * 238) == pytest.approx(60)
    assert labelling_seconds("", "x" * 5 * 52) == pytest.approx(60)


def test_by_hand() -> None:
    asked, answer = "What is the capital of France?", "The capital of France is Paris."
    expected = 60 * 6 / 238 + 60 * (31 / 5) / 52
    assert labelling_seconds(asked, answer) == pytest.approx(expected)


def test_reading_and_typing_add_up_and_nothing_costs_nothing() -> None:
    both = labelling_seconds("Read this.", "Write that.")
    apart = labelling_seconds("Read this."), labelling_seconds("", "Write that.")
    assert both == pytest.approx(sum(apart))
    assert labelling_seconds("") == 0


def test_typing_takes_longer_than_reading_the_same() -> None:
    text = "The capital of France is Paris."
    assert labelling_seconds("", text) > 3 * labelling_seconds(text)


def test_spaces_are_not_read_but_typed() -> None:
    assert labelling_seconds(" a\n\nword  ") == labelling_seconds("a word")
    assert labelling_seconds("", "a  word") > labelling_seconds("", "a word")
