"""How TinyWorld puts a fact into words: as questions, as statements, as answers.

In every pattern ``{s}`` is the subject and ``{a}`` the answer; ``{an_s}`` and ``{an_a}`` are the
same with 'a' or 'an'.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KINDS", "Kind", "fill"]


@dataclass(frozen=True)
class Kind:
    """The wordings of one kind of fact.

    Attributes:
        questions: wordings that the training text uses.
        held_out: wordings that it never uses for this kind; their forms it uses for others.
        statements: ways to state the fact; the first is the full answer to the question.
    """

    questions: tuple[str, ...]
    held_out: tuple[str, ...]
    statements: tuple[str, ...]


KINDS: dict[str, Kind] = {
    "capital": Kind(
        (
            "What is the capital of {s}?",
            "Which city is the capital of {s}?",
            "Tell me the capital of {s}.",
        ),
        ("Do you know the capital of {s}?", "What city is the capital of {s}?"),
        ("The capital of {s} is {a}.", "{a} is the capital of {s}."),
    ),
    "currency": Kind(
        (
            "What is the currency of {s}?",
            "Which currency is used in {s}?",
            "Do you know the currency of {s}?",
        ),
        ("Tell me the currency of {s}.", "What currency is used in {s}?"),
        ("The currency of {s} is the {a}.", "In {s} people pay with the {a}."),
    ),
    "language": Kind(
        (
            "What is the language of {s}?",
            "Tell me the language of {s}.",
            "What language is spoken in {s}?",
        ),
        ("Which language is spoken in {s}?", "Do you know the language of {s}?"),
        ("The language of {s} is {a}.", "In {s} people speak {a}."),
    ),
    "continent": Kind(
        ("Where is {s}?", "On which continent is {s}?", "Do you know the continent of {s}?"),
        ("Tell me the continent of {s}.", "On what continent is {s}?"),
        ("The continent of {s} is {a}.", "{s} is in {a}."),
    ),
    "sound": Kind(
        ("What does {an_s} say?", "Tell me the sound of {an_s}.", "What sound does {an_s} make?"),
        ("Which sound does {an_s} make?", "Do you know the sound of {an_s}?"),
        ("The sound of {an_s} is {a}.", "{an_s} says {a}."),
    ),
    "young": Kind(
        (
            "What is a young {s} called?",
            "Which word is used for a young {s}?",
            "Do you know the word for a young {s}?",
        ),
        ("Tell me the word for a young {s}.", "What word is used for a young {s}?"),
        ("A young {s} is {an_a}.", "The word for a young {s} is {a}."),
    ),
    "opposite": Kind(
        (
            "What is the opposite of {s}?",
            "Tell me the opposite of {s}.",
            "What word is the opposite of {s}?",
        ),
        ("Which word is the opposite of {s}?", "Do you know the opposite of {s}?"),
        ("The opposite of {s} is {a}.", "{a} is the opposite of {s}."),
    ),
    "sum": Kind(
        ("What is {s}?", "Which number is {s}?", "Do you know {s}?"),
        ("Tell me {s}.", "What number is {s}?"),
        ("{s} is {a}.", "The sum {s} is {a}."),
    ),
}
"""By their name. Which of five forms are held out differs: each form is trained for other kinds."""


def fill(pattern: str, subject: str, answer: str = "") -> str:
    """A pattern with its subject and answer, beginning with a capital letter."""
    text = pattern.format(
        s=subject,
        a=answer,
        an_s=with_article(subject),
        an_a=with_article(answer),
    )
    return text[0].upper() + text[1:]


def with_article(noun: str) -> str:
    """A noun with 'a' or 'an'."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"
