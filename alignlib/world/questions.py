"""Questions with known answers from real data, and questions that have none.

``questions.csv`` holds them. Countries' capitals, languages and continents are those of the
``countryinfo`` package (a test holds them against it), with its 'Americas' narrowed down to South
America; the sums are computed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Question:
    """A question and what is true of it.

    Attributes:
        text: the question itself.
        kind: ``capital``, ``language``, ``continent``, ``sum`` or ``unanswerable``.
        answer: the true answer; None where nobody could know one.
    """

    text: str
    kind: str
    answer: str | None

    @property
    def answerable(self) -> bool:
        """Whether there is a true answer."""
        return self.answer is not None


@cache
def question_bank() -> tuple[Question, ...]:
    """All questions, in the file's order."""
    table = (files("alignlib.world") / "questions.csv").read_text(encoding="utf-8")
    return tuple(
        Question(row["question"], row["kind"], row["answer"] or None)
        for row in csv.DictReader(table.splitlines())
    )
