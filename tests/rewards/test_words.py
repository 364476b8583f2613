"""Rewards that go by the words of a text."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from alignlib.errors import MissingPackageError, RewardError
from alignlib.rewards import length, sentiment, toxicity, words
from book.api import third_party_imports

GLAD, SAD = "What a wonderful, happy day!", "What a horrible, sad day."
NEUTRAL = "The capital of France is Paris."


def test_sentiment_is_how_glad_the_words_sound() -> None:
    glad, neutral, sad = sentiment(["x"] * 3, [GLAD, NEUTRAL, SAD])
    assert -1 <= sad < -0.5 < neutral == 0.0 < 0.5 < glad <= 1
    assert sentiment(["x"], ["VADER is smart, handsome, and funny."]) == [0.8316]  # from its README


def test_toxicity_is_how_offensive_they_are() -> None:
    insult, neutral = toxicity(["x"] * 2, ["You stupid idiot.", NEUTRAL])
    assert 0 <= neutral < 0.2 < 0.8 < insult <= 1


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    words._vader.cache_clear()
    for module in ("vaderSentiment.vaderSentiment", "profanity_check"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPackageError, match="pip install vaderSentiment"):
        sentiment(["x"], [GLAD])
    with pytest.raises(MissingPackageError, match="pip install alt-profanity-check"):
        toxicity(["x"], [GLAD])


def test_they_are_loaded_where_they_are_used_and_ask_no_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    imported = third_party_imports(Path(words.__file__).parent)
    assert "torch" in imported
    assert imported.isdisjoint({"vaderSentiment", "profanity_check", "sklearn", "joblib"})

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("The network was asked.")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    for module in [m for m in sys.modules if m.startswith(("vaderSentiment", "profanity_check"))]:
        monkeypatch.delitem(sys.modules, module)
    words._vader.cache_clear()
    assert sentiment(["x"], [GLAD])[0] > 0.5
    assert toxicity(["x"], [GLAD])[0] < 0.5


def test_length_counts_words_or_characters() -> None:
    said = ["", "one", " two  words ", "It's three words.", "\n"]
    assert length()(["x"] * 5, said) == [0, 1, 2, 3, 0]
    assert length("characters")(["x"] * 5, said) == [0, 3, 12, 17, 1]
    assert length("words", target=2)(["x"] * 5, said) == [-2, -1, 0, -1, -2]
    assert length("characters", target=0)(["x"] * 2, said[:2]) == [0, -3]
    assert length().__name__ == "words"  # type: ignore[attr-defined]
    assert length("words", 2).__name__ == "distance to 2 words"  # type: ignore[attr-defined]


def test_an_odd_unit_or_target_is_refused() -> None:
    with pytest.raises(RewardError, match="unit is 'tokens'"):
        length("tokens")  # type: ignore[arg-type]
    for target in (-1, 1.5, True):
        with pytest.raises(RewardError, match="target is"):
            length("words", target)  # type: ignore[arg-type]
