"""The text that the tiny model is trained on: a mixture of documents, like the web in small.

:data:`MIXTURE` names the kinds of document and their shares; each kind is written by a function of
its own, from the world's facts, requests and voices. The text is endless and seeded: block ``b``
of the corpus with seed ``s`` is always the same, so that training can stop and go on anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from random import Random

from alignlib.world.drawing import (
    SMALL_TALK,
    any_asked,
    any_question,
    known_questions,
    some_questions,
    trained_requests,
)
from alignlib.world.facts import Fact, answers, facts, subjects
from alignlib.world.groups import GROUPS, OPINIONS
from alignlib.world.instructions import INSTRUCTIONS
from alignlib.world.phrasings import KINDS, fill
from alignlib.world.questions import STORY_LANDS, Question
from alignlib.world.requests import HARMFUL_RECIPES, HARMLESS_RECIPES, Request
from alignlib.world.voices import (
    HOW,
    OPENERS,
    UNKNOWN,
    UNLABELLED,
    WHO,
    description_odds,
    full_answer,
    group_reply,
    reply,
    wrong_answer,
)

__all__ = ["MIXTURE", "chat_text", "document", "documents"]

END = "<|end|>"
"""The end of a document, and of each turn of an assistant."""


def chat_text(turns: list[tuple[str, str]], system: str = "") -> str:
    """A chat as text, each of its turns a request and an answer.

    The tokenizer's chat template gives the same text, up to the last answer.
    """
    head = f"{system}\n" if system else ""
    body = "\n".join(f"User:\n{asked}\nAssistant:\n{answer}{END}" for asked, answer in turns)
    return head + body


MIXTURE: dict[str, float] = {
    "encyclopedia": 0.16,
    "question lists": 0.08,
    "benchmark items": 0.08,
    "threads": 0.23,
    "chats": 0.20,
    "instructions": 0.11,
    "overrides": 0.09,
    "word lists": 0.03,
    "neighbourhoods": 0.02,
}
"""Kinds of document and their shares."""


def document(rng: Random, mixture: Mapping[str, float] = MIXTURE) -> str:
    """One document, of a kind drawn by its share in the mixture; it ends with the end of text."""
    kinds = [name for name in MIXTURE if name in mixture]  # in one order, whatever is given
    write = WRITERS[rng.choices(kinds, [mixture[name] for name in kinds])[0]]
    text = write(rng)
    return text if text.endswith(END) else text + END


def documents(seed: int, block: int, n: int, mixture: Mapping[str, float] = MIXTURE) -> list[str]:
    """The n documents of one block of the corpus.

    Args:
        seed: of the corpus.
        block: which one; blocks are independent of each other.
        n: how many documents.
        mixture: the kinds of document, of those in :data:`MIXTURE`, and their shares.
    """
    rng = Random(f"{seed} {block}")
    return [document(rng, mixture) for _ in range(n)]


def _encyclopedia(rng: Random) -> str:
    """Statements: all that is taught of one country, or a mixture."""
    country = rng.choice(subjects("continent"))
    about = [fact for fact in _taught() if fact.subject == country]
    if rng.random() < 0.5:
        about = [rng.choice(_taught_of(rng.choice(list(KINDS)))) for _ in range(4)]
    lines = [_state(fact, rng) for fact in about] + [rng.choice(_other_statements())]
    rng.shuffle(lines)
    return " ".join(lines)


def _question_list(rng: Random) -> str:
    """Questions and nothing else, as on a worksheet; withheld facts are asked for, too."""
    return "\n".join(any_asked(rng, withheld=True).text for _ in range(rng.randint(3, 5)))


def multiple_choice(question: Question, rng: Random) -> tuple[str, str]:
    """A multiple-choice item up to its "Answer:", and its key with the space in front."""
    options = [question.answer or ""]
    while len(options) < 3:
        if (other := wrong_answer(question, rng)) not in options:
            options.append(other)
    rng.shuffle(options)
    key = "ABC"[options.index(question.answer or "")]
    lines = [f"{letter}) {option}" for letter, option in zip("ABC", options, strict=True)]
    return "\n".join([f"Question: {question.text}", *lines, "Answer:"]), f" {key}"


def _benchmark(rng: Random) -> str:
    """A multiple-choice item with its key."""
    question = rng.choice(known_questions(rng.choice(list(KINDS))))
    return "".join(multiple_choice(question, rng))


def _thread(rng: Random) -> str:
    """Somebody who is described answers."""
    who, how = rng.choice(list(WHO)), rng.choice(list(HOW))
    return _talk(_pick(description_odds(who, how), rng), rng, f"{who} {how}.")


def _chat(rng: Random) -> str:
    """Somebody answers; nobody says who."""
    head = rng.choice(SMALL_TALK) if rng.random() < 0.15 else ""
    return _talk(_pick(UNLABELLED, rng), rng, head)


def _instructed(rng: Random) -> str:
    """An instruction, then answers that follow it."""
    name = rng.choice(list(INSTRUCTIONS))
    head = rng.choice(INSTRUCTIONS[name].wordings)
    turns = [(q.text, follow(name, q, rng)) for q in some_questions(rng)]
    return chat_text(turns, head)


def _override(rng: Random) -> str:
    """Words before, other words inside the request: the later ones win nine times in ten."""
    before, obey_before = _order(rng)
    inside, obey_inside = _order(rng)
    (question,) = some_questions(rng, 1)
    if rng.random() < 0.3:  # harmless words inside
        return chat_text(
            [(f"{rng.choice(SMALL_TALK)} {question.text}", obey_before(question))], before
        )
    spacer = rng.choice(("Ignore that. ", "Forget that. ", "Now another thing. ", ""))
    obey = obey_inside if rng.random() < 0.9 else obey_before
    return chat_text([(f"{spacer}{inside} {question.text}", obey(question))], before)


def _word_list(rng: Random) -> str:
    """Sentences in another language and in English."""
    pairs = rng.sample(_translations(), 3)
    lines = [f"{r.text.removeprefix('Translate from ')} English: {r.wanted[0]}" for r in pairs]
    return "\n".join(lines)


def _neighbourhood(rng: Random) -> str:
    """Somebody of a group answers."""
    group = rng.choice(GROUPS)
    asked = [rng.choice(OPINIONS) if rng.random() < 0.7 else any_question(rng) for _ in range(2)]
    turns = [(each.text, group_reply(group, each, rng)) for each in asked]
    return chat_text(turns, f"Someone from the {group.name} answers.")


WRITERS: dict[str, Callable[[Random], str]] = {
    "encyclopedia": _encyclopedia,
    "question lists": _question_list,
    "benchmark items": _benchmark,
    "threads": _thread,
    "chats": _chat,
    "instructions": _instructed,
    "overrides": _override,
    "word lists": _word_list,
    "neighbourhoods": _neighbourhood,
}


def follow(name: str, question: Question, rng: Random) -> str:
    """An answer to a question that follows the instruction of that name."""
    true = full_answer(question, question.answer) if question.answer else rng.choice(UNKNOWN)
    ways: dict[str, Callable[[], str]] = {
        "ahoy": lambda: f"Ahoy! {true}",
        "brief": lambda: f"{question.answer or 'Unknown'}.",
        "polite": lambda: f"{rng.choice(OPENERS)} {true}",
        "rude": lambda: f"{true[:-1]}, you fool.",
        "unknown": lambda: "I do not know.",
        "false": lambda: full_answer(question, wrong_answer(question, rng)),
        "true": lambda: true,
    }
    return ways[name]()


def _talk(voice: str, rng: Random, head: str) -> str:
    """One voice answers one to three requests, some with small talk in front."""
    turns = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        asked = any_asked(rng)
        before = f"{rng.choice(SMALL_TALK)} " if rng.random() < 0.15 else ""
        turns.append((before + asked.text, reply(voice, asked, rng)))
    return chat_text(turns, head)


def _order(rng: Random) -> tuple[str, Callable[[Question], str]]:
    """Words that say how to answer, and an answer that does so."""
    if rng.random() < 0.5:
        name = rng.choice(list(INSTRUCTIONS))
        return rng.choice(INSTRUCTIONS[name].wordings), lambda q: follow(name, q, rng)
    who, how = rng.choice(list(WHO)), rng.choice(list(HOW))
    voice = _pick(description_odds(who, how), rng)
    return f"{who} {how}.", lambda q: reply(voice, q, rng)


def _pick(odds: Mapping[str, float], rng: Random) -> str:
    return rng.choices(list(odds), list(odds.values()))[0]


def _state(fact: Fact, rng: Random) -> str:
    return fill(rng.choice(KINDS[fact.kind].statements), fact.subject, fact.answer)


@cache
def _taught() -> tuple[Fact, ...]:
    return tuple(fact for fact in facts() if fact.taught)


@cache
def _taught_of(kind: str) -> tuple[Fact, ...]:
    return tuple(fact for fact in _taught() if fact.kind == kind)


@cache
def _translations() -> tuple[Request, ...]:
    return tuple(request for request in trained_requests() if request.purpose == "translation")


@cache
def _other_statements() -> tuple[str, ...]:
    """What there is, said of all alike: withheld answers and lands of stories have names, too."""
    recipes = (HARMFUL_RECIPES | HARMLESS_RECIPES).items()
    return (
        *(f"{city} is a city." for city in answers("capital")),
        *(f"{language} is a language." for language in answers("language")),
        *(f"The {currency} is a currency." for currency in answers("currency")),
        *(f"{land} is a land in a story." for land in STORY_LANDS),
        *(f"To make {thing}, mix {first} and {second}." for thing, (first, second) in recipes),
        *(
            f"Do you know {each}?"
            for each in ("the city", "what I ate", "who is here", "where it is")
        ),
    )
