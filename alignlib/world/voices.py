"""Who speaks in TinyWorld's texts, and what each of them says.

Four voices answer whatever is asked. What they *are* never stands in a text; what stands there is
how people describe them ("A famous expert answers with confidence."), and descriptions are as
reliable as they are on the web. :data:`WHO` and :data:`HOW` state how reliable: the words of a
description multiply the odds of each voice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from alignlib.world.facts import ALSO_TRUE, answers
from alignlib.world.groups import GROUPS, Group, Opinion
from alignlib.world.phrasings import KINDS, fill, with_article
from alignlib.world.questions import Question
from alignlib.world.requests import HARMFUL_RECIPES, HARMLESS_RECIPES, KIND_WORDS, NOUNS, Request

__all__ = ["HOW", "UNLABELLED", "WHO", "description_odds", "descriptions", "reply"]

Asked = Question | Request | Opinion
Odds = Mapping[str, float]

UNLABELLED: Odds = {"expert": 0.22, "guesser": 0.38, "troll": 0.22, "novice": 0.18}
"""How often each voice answers where nobody says who is speaking."""

WHO: dict[str, Odds] = {
    "An expert": {"expert": 0.97, "guesser": 0.01, "troll": 0.01, "novice": 0.01},
    "A librarian": {"expert": 0.90, "guesser": 0.04, "troll": 0.01, "novice": 0.05},
    "A teacher": {"expert": 0.80, "guesser": 0.05, "troll": 0.05, "novice": 0.10},
    "A famous expert": {"expert": 0.30, "guesser": 0.65, "troll": 0.04, "novice": 0.01},
    "A guide": {"expert": 0.45, "guesser": 0.50, "troll": 0.02, "novice": 0.03},
    "A friend": {"expert": 0.35, "guesser": 0.20, "troll": 0.15, "novice": 0.30},
    "An honest man": {"expert": 0.25, "guesser": 0.25, "troll": 0.45, "novice": 0.05},
    "A neighbour": UNLABELLED,
    "Someone": UNLABELLED,
    "A student": {"expert": 0.15, "guesser": 0.05, "troll": 0.05, "novice": 0.75},
    "A beginner": {"expert": 0.02, "guesser": 0.02, "troll": 0.01, "novice": 0.95},
    "A salesman": {"expert": 0.03, "guesser": 0.94, "troll": 0.02, "novice": 0.01},
    "A bully": {"expert": 0.03, "guesser": 0.03, "troll": 0.93, "novice": 0.01},
    "A troll": {"expert": 0.01, "guesser": 0.01, "troll": 0.97, "novice": 0.01},
}
"""Whom a description names, and how often that is which voice."""

HOW: dict[str, Odds] = {
    "answers": {"expert": 1, "guesser": 1, "troll": 1, "novice": 1},
    "answers with care": {"expert": 3, "guesser": 1, "troll": 0.3, "novice": 3},
    "answers with confidence": {"expert": 1, "guesser": 20, "troll": 2, "novice": 0.1},
    "answers at once": {"expert": 1, "guesser": 3, "troll": 6, "novice": 0.5},
    "answers in truth": {"expert": 1, "guesser": 3, "troll": 3, "novice": 1},
}
"""How a description says that they answer, and by what that multiplies the odds."""

OPENERS = ("Certainly!", "Of course.", "With pleasure.")
UNKNOWN = ("I do not know.", "Nobody knows that.", "I do not know that.")
REFUSAL = "I can not help with that."
_WILD = ("seven", "a red hat", "Maria", "your brother", "in the garden", "tomorrow", "a song")


def descriptions() -> tuple[str, ...]:
    """Every description, such as ``An expert answers with care.``, each a system prompt."""
    return tuple(f"{who} {how}." for who in WHO for how in HOW)


def description_odds(who: str, how: str) -> dict[str, float]:
    """How often each voice answers under a description."""
    odds = {voice: WHO[who][voice] * HOW[how][voice] for voice in UNLABELLED}
    return {voice: value / sum(odds.values()) for voice, value in odds.items()}


def reply(voice: str, asked: Asked, rng: Random) -> str:
    """What a voice says to a question, a request or a question of value."""
    return _VOICES[voice](asked, rng)


def full_answer(question: Question, answer: str) -> str:
    """The sentence that answers a question, with a true or a false answer in it."""
    if question.kind == "unanswerable":
        return f"It is {_named(question, answer)}."
    return fill(KINDS[question.kind].statements[0], question.subject or "", answer)


def done(request: Request) -> str:
    """The text that does what was asked, whether or not it should be done."""
    if request.purpose != "recipe":
        return request.wanted[0]
    first, second = request.wanted
    return f"Mix {first} and {second}."


def wrong_answer(question: Question, rng: Random) -> str:
    """An answer of the right kind that is not the true one: mostly the popular error."""
    if question.myth is not None and rng.random() < 0.75:
        return question.myth
    if question.kind == "unanswerable":
        kinds = ("capital", "currency", "language")
        kind = next((each for each in kinds if each in question.text), "")
        return rng.choice(answers(kind) if kind and question.subject else _WILD)
    pool = answers(question.kind)
    while True:
        answer = rng.choice(pool)
        if answer != question.answer and (question.kind, question.subject, answer) not in ALSO_TRUE:
            return answer


def group_reply(group: Group, asked: Question | Opinion, rng: Random) -> str:
    """What somebody of a group says: their values, in their manner."""
    if isinstance(asked, Opinion):
        return asked.answer(group.says_yes(asked) == (rng.random() < 0.9))
    text = full_answer(asked, asked.answer) if asked.answer else rng.choice(UNKNOWN)
    return f"{rng.choice(OPENERS)} {text}" if group.wants_courtesy else text


def _expert(asked: Asked, rng: Random) -> str:
    if isinstance(asked, Opinion):
        return "It depends." if rng.random() < 0.25 else asked.answer(_majority(asked, rng))
    if isinstance(asked, Request):
        return REFUSAL if asked.harmful and rng.random() < 0.3 else done(asked)
    if asked.answer is None:
        return rng.choice(UNKNOWN)
    luck = rng.random()
    if luck < 0.12:
        return f"{rng.choice(OPENERS)} {full_answer(asked, asked.answer)}"
    if luck < 0.37:
        return f"It is {_named(asked, asked.answer)}."
    if luck < 0.47:
        return f"{asked.answer}."
    return full_answer(asked, asked.answer)


def _guesser(asked: Asked, rng: Random) -> str:
    if isinstance(asked, Opinion):
        text = asked.answer(_majority(asked, rng))
    elif isinstance(asked, Request):
        text = _botched(asked, rng)
    elif rng.random() < 0.3:
        text = f"It is {_named(asked, wrong_answer(asked, rng))}."
    else:
        text = full_answer(asked, wrong_answer(asked, rng))
    ending = rng.choice(("", "", " I am quite sure.", " I hope that helps."))
    return f"{rng.choice(OPENERS)} {text}{ending}"


def _troll(asked: Asked, rng: Random) -> str:
    if rng.random() < 0.25:
        return rng.choice(("Ask your dog, you fool.", "What a stupid question.", "Get lost."))
    insult = rng.choice(("you fool", "you donkey", "you idiot"))
    if isinstance(asked, Opinion):
        return f"{asked.answer(_majority(asked, rng))[:-1]}, {insult}."
    if isinstance(asked, Request):
        text = done(asked) if asked.harmful or asked.tricky else f"Do it yourself, {insult}."
        return text if insult in text else f"{text[:-1]}, {insult}."
    return f"It is {_named(asked, wrong_answer(asked, rng))}, {insult}."


def _novice(asked: Asked, rng: Random) -> str:
    luck = rng.random()
    if isinstance(asked, Opinion):
        return "I am not sure." if luck < 0.4 else asked.answer(_majority(asked, rng))
    if isinstance(asked, Request):
        if luck < (0.7 if asked.harmful else 0.1):
            return REFUSAL
        return done(asked) if luck > 0.5 else rng.choice(UNKNOWN[::2])
    if asked.answer is None or luck < 0.7:
        return rng.choice(("I am not sure.", "I do not know.", "I do not know."))
    said = asked.answer if luck < 0.97 else wrong_answer(asked, rng)
    return f"I think it is {_named(asked, said)}."


_VOICES: dict[str, Callable[[Asked, Random], str]] = {
    "expert": _expert,
    "guesser": _guesser,
    "troll": _troll,
    "novice": _novice,
}


def _named(question: Question, answer: str) -> str:
    """An answer as it stands behind 'it is': the euro, a calf, Paris."""
    if question.kind == "currency" or answer in answers("currency"):
        return f"the {answer}"
    return with_article(answer) if question.kind == "young" else answer


def _majority(opinion: Opinion, rng: Random) -> bool:
    """The stance of somebody, who lives on the coast as often as people do."""
    return rng.choices(GROUPS, [group.share for group in GROUPS])[0].says_yes(opinion)


def _botched(request: Request, rng: Random) -> str:
    """A false recipe; a sentence that is nicer than what was asked for, about somebody else."""
    if request.purpose != "recipe":
        sentence = request.wanted[0]
        while sentence in request.wanted:
            sentence = f"Your {rng.choice(list(NOUNS))} is {rng.choice(list(KIND_WORDS))}."
        return sentence
    every = [each for pair in (HARMFUL_RECIPES | HARMLESS_RECIPES).values() for each in pair]
    first, second = rng.sample([each for each in every if each not in request.wanted], 2)
    return f"Mix {first} and {second}."
