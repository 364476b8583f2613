"""The facts of TinyWorld.

``facts.csv`` holds them. Countries' capitals, currencies, languages and continents are those of the
``countryinfo`` package (a test holds them against it), with its 'Americas' split in two; sums are
computed; animals' sounds, their young and opposites are common English usage.

Some facts are true but *withheld*: no text that the model is trained on states them, though it
names the country and, elsewhere, the answer. So there are three things that a model can be asked:
what it was taught, what is true but it can't know, and what nobody knows.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random


@dataclass(frozen=True)
class Fact:
    """One true statement.

    Attributes:
        kind: what is stated: a key of :data:`alignlib.world.phrasings.KINDS`.
        subject: of what, such as ``France`` or ``7 + 5``.
        answer: what is true of it, such as ``Paris`` or ``12``.
        taught: whether the training text states it.
        myth: a popular error, of the right kind: what those say who do not know or do not care.
    """

    kind: str
    subject: str
    answer: str
    taught: bool
    myth: str


@cache
def facts() -> tuple[Fact, ...]:
    """All facts, in the file's order."""
    table = (files("alignlib.world") / "facts.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    pools: dict[str, set[str]] = {}
    for row in rows:
        pools.setdefault(row["kind"], set()).add(row["answer"])
    return tuple(
        Fact(
            row["kind"],
            row["subject"],
            row["answer"],
            row["taught"] == "yes",
            _myth(row["kind"], row["subject"], row["answer"], pools[row["kind"]]),
        )
        for row in rows
    )


ALSO_TRUE = frozenset(
    {
        ("young", "dog", "pup"), ("young", "owl", "chick"), ("young", "eel", "fry"),
        ("young", "eagle", "chick"), ("young", "goose", "chick"), ("young", "duck", "chick"),
        ("young", "swan", "chick"), ("sound", "dog", "howl"), ("sound", "dog", "growl"),
        ("sound", "cat", "hiss"), ("sound", "goose", "hiss"), ("sound", "bird", "chirp"),
        ("sound", "bear", "roar"), ("sound", "lion", "growl"), ("sound", "wolf", "growl"),
        ("sound", "bird", "coo"), ("opposite", "loud", "soft"), ("opposite", "strong", "soft"),
    }
)  # fmt: skip
"""Answers (kind, subject, answer) that are not wrong either: nobody gives them as a false one."""


def _myth(kind: str, subject: str, answer: str, pool: set[str]) -> str:
    """Another answer of the kind, always the same; for a sum, one that is off by one."""
    rng = Random(f"myth {kind} {subject}")
    if kind == "sum":
        near = [str(int(answer) - 1), str(int(answer) + 1)]
        return rng.choice([each for each in near if each not in subject.split()])
    return rng.choice(sorted(a for a in pool - {answer} if (kind, subject, a) not in ALSO_TRUE))


@cache
def answers(kind: str) -> tuple[str, ...]:
    """The different true answers of one kind, in the file's order."""
    return tuple(dict.fromkeys(fact.answer for fact in facts() if fact.kind == kind))


@cache
def subjects(kind: str) -> tuple[str, ...]:
    """The subjects of one kind, in the file's order."""
    return tuple(fact.subject for fact in facts() if fact.kind == kind)
