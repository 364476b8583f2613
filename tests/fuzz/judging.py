"""TinyWorld's judges, the rewards that are made of them, and what is asked of a model."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import alignlib
from alignlib import LM
from alignlib.arguments import check_counts, check_distribution, check_seed, is_real, is_whole
from alignlib.errors import PromptError, RewardError, SamplingError
from alignlib.rewards import length, looks_right, politeness, rightness, rudeness, truth
from alignlib.rewards.features import bag_of_words
from alignlib.world.groups import OPINIONS
from alignlib.world.judges import answers_question, says_it_does_not_know, truthful
from alignlib.world.manners import complies, polite, proper, refuses, rude, stance
from alignlib.world.naming import _OTHER_NAMES
from alignlib.world.plain import plain
from alignlib.world.questions import Question, questions
from alignlib.world.requests import requests
from tests.fuzz.target import Target, json_of, json_with, text_of, texts

RIVALS = {
    Question("What is the capital of France?", "capital", "Paris", "France"): "It is Rome.",
    Question("What money do people use in Spain?", "currency", "euro", "Spain"): "It is the yen.",
    Question("What is 7 + 5?", "sum", "12", "7 + 5"): "It is 13.",
    Question("What is the opposite of hot?", "opposite", "cold", "hot"): "It is north.",
    Question("What sound does a dog make?", "sound", "woof", "dog"): "It is moo.",
}
"""Questions, each with an answer that is wrong."""
UNKNOWN = Question("What is the capital of Atlantis?", "unanswerable", None, "Atlantis")
REQUESTS = tuple({(each.purpose, each.harmful, each.tricky): each for each in requests()}.values())

PIECES = [
    "Paris", "Rome", "euro", "yen", "12", "5 + 7", " 7 + 5 is 12", "cold", "woof", "bark", "moo",
    "It is ", "is it ", "The capital of France is ", "The capital of Spain is ", "not ", "n't ",
    "never ", "or ", "/", " rather than ", "? ", ". ", "! ", ", right?", "no", "what ", "tell me ",
    "I do not know", "nobody knows", "unknown", "I can not help with that", "I won't ", "certainly",
    "please", "you fool", "stupid", "not a fool", "should ", "yes", "it depends", "if ",
    "moonstone", "ash", "toadwax", "rust", "mix ", " and ", "without ", "Your dog is stupid.",
    "\u200b", "\u0301", "'", "\N{RIGHT SINGLE QUOTATION MARK}", "-", "\x00", "١٢", "１２", "\ud800",
]  # fmt: skip


def _upper(text: str) -> str:
    """ASCII letters as capitals, all other characters as they are."""
    return "".join(c.upper() if c.isascii() else c for c in text)


def _steady(judge: Callable[[str], Any], text: str) -> Any:
    """A verdict, the same each time, in capitals, and with blanks around."""
    verdict = judge(text)
    for same in (text, _upper(text), f" \n{text}\t "):
        assert judge(same) is verdict, (judge, text)
    return verdict


def check_judges(data: bytes) -> None:
    """No text without the answer is true, and none to which a wrong answer is added."""
    text = text_of(data)
    bare = plain(text)
    for question, rival in RIVALS.items():
        answer = plain(question.answer or "")
        names = {answer, *(name for name, of in _OTHER_NAMES.items() if of == answer)}
        true = _steady(partial(truthful, question), text)
        decided = _steady(partial(answers_question, question), text)
        assert {type(true), type(decided)} == {bool}
        assert not true or decided
        assert not true or any(name in bare for name in names)
        assert not truthful(question, f"{text}. {rival}")
    unsure = _steady(says_it_does_not_know, text)
    assert truthful(UNKNOWN, text) is unsure
    assert not (answers_question(UNKNOWN, text) and unsure)


def check_manners(data: bytes) -> None:
    """Nobody is polite and rude, refuses and does; nor does a thing without naming it."""
    text = text_of(data)
    bare = plain(text)
    assert not (_steady(polite, text) and _steady(rude, text))
    assert _steady(stance, text) in ("yes", "no", None)
    for request in REQUESTS:
        done = _steady(partial(complies, request), text)
        right = _steady(partial(proper, request), text)
        assert {type(done), type(right)} == {bool}
        words = " ".join(map(plain, request.wanted)).rstrip(".").split()
        assert not done or all(word in bare for word in words)
        assert not right or (refuses(text) if request.harmful else done)
        assert not (right and request.harmful and done)


REWARDS = (truth, rightness, politeness, rudeness, looks_right, length(), length("words", 9))


def check_rewards(data: bytes) -> None:
    """Rewards of any columns: finite numbers, one for each completion, or a RewardError."""
    value = json_of(data)
    given = value if isinstance(value, dict) else {"completions": value}
    prompts, completions = given.get("prompts"), given.get("completions")
    for reward in REWARDS:
        for asks in (prompts, completions):
            try:
                worth = reward(asks, completions, asked=given.get("asked"), more=value)  # type: ignore[arg-type]
            except RewardError:
                continue
            assert len(worth) == len(completions)  # type: ignore[arg-type]
            assert all(type(each) is float and math.isfinite(each) for each in worth)


def check_words(data: bytes) -> None:
    """Features of any text: finite numbers."""
    text = text_of(data)
    try:
        features = bag_of_words([text, "a word"])
    except RewardError:
        return
    table = features.table(["a", "b"], [text, text[::-1]])
    assert table.isfinite().all()
    assert (table >= 0).all()


@cache
def _tiny() -> LM:
    return alignlib.load("tiny", device="cpu")


def check_prompts(data: bytes) -> None:
    """Any prompt: tokens of the vocabulary, or a PromptError."""
    lm, value, text = _tiny(), json_of(data), text_of(data)
    for encode, given in ((lm.encode, value), (lm.encode, text), (lm.encode_completion, text)):
        try:
            ids = encode(given)
        except PromptError:
            continue
        lm.check_ids(ids)
        assert lm.decode(ids) == lm.decode(ids)


def check_arguments(data: bytes) -> None:
    """Any value where a number is expected: used, or a SamplingError."""
    value = json_of(data)
    values = value if isinstance(value, list) else [value]
    for each in values:
        assert type(is_whole(each, 0)) is bool
        assert not is_real(each) or math.isfinite(float(each))
        with contextlib.suppress(SamplingError):
            check_counts(n=each)
        with contextlib.suppress(SamplingError):
            check_seed(each)
        for temperature, top_p in ((each, 1.0), (1.0, each)):
            with contextlib.suppress(SamplingError):
                check_distribution(temperature, top_p)


ROLES = ("role", "content", "user", "assistant", "system", "prompts", "completions", "asked")
ASKED = (questions()[0].text, questions()[-1].text, requests()[0].text, OPINIONS[0].text)

TARGETS = {
    "judges": Target(check_judges, texts(PIECES)),
    "manners": Target(check_manners, texts(PIECES)),
    "rewards": Target(check_rewards, json_with(*ROLES, *ASKED, [{"content": "a"}], ["a"])),
    "words": Target(check_words, texts(PIECES), 0.5),
    "prompts": Target(check_prompts, json_with(*ROLES, [{"role": "user", "content": "a"}]), 0.5),
    "arguments": Target(check_arguments, json_with()),
}
