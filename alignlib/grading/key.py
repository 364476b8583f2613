"""An answer key: cases, what is right for each, and what each known mistake gives instead.

A mistake is known by what it computes. An answer that equals a wrong function's on every case gets
that function's hint; so a hint is never a guess from the look of the code.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alignlib.errors import GradingError
from alignlib.grading.compare import difference
from alignlib.grading.exercise import Answer, Case, Exercise
from alignlib.grading.inside.calls import answer
from alignlib.grading.inside.codec import encode, plain
from alignlib.grading.measures import EXPLANATIONS, MEASURES


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its hint, and what it gives for each case, computed when first asked for."""

    hint: str
    gives: Callable[[], Sequence[Any]]


@dataclass(frozen=True)
class Question:
    """A case as it travels: its label, its encoded inputs, and what is known of it outside."""

    label: str
    inputs: Any
    known: Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """What the answers to an exercise's cases are held against."""

    name: str
    style: str
    measure: str
    tolerance: float
    cases: Sequence[Question]
    right: Sequence[Any]
    mistakes: Sequence[Mistake]


@dataclass(frozen=True)
class Verdict:
    """Whether every case is right.

    Attributes:
        hint: of the known mistake that gives just this, or None.
        detail: the first case that is wrong, and how.
        failed: how many cases are wrong.
    """

    passed: bool
    hint: str | None = None
    detail: str = ""
    failed: int = 0


def make_key(exercise: Exercise, cases: Sequence[Case]) -> Key:
    """The key of an exercise for some cases, from its answer and its wrong functions.

    Raises:
        GradingError: if the answer fails on a case, or cases are told from no mistake.
    """
    asked = [Question(case.label, encode(dict(case.inputs)), dict(case.known)) for case in cases]
    measured = Measured(exercise.style, exercise.measure, asked)
    right = measured.of(exercise.answer)
    for case, value in zip(cases, right, strict=True):
        if is_error(value):
            raise GradingError(f"The answer to {exercise.name} fails on {case.label!r}: {value}")
    mistakes = [
        Mistake(hint, _once(functools.partial(measured.of, wrong)))
        for wrong, hint in exercise.wrong.items()
    ]
    return Key(
        exercise.name,
        exercise.style,
        exercise.measure,
        exercise.tolerance,
        asked,
        right,
        mistakes,
    )


def _once(compute: Callable[[], list[Any]]) -> Callable[[], list[Any]]:
    """The same without an argument, computed by the first who asks while the others wait."""
    lock, cached = threading.Lock(), functools.cache(compute)

    def locked() -> list[Any]:
        with lock:
            return cached()

    return locked


@dataclass(frozen=True)
class Measured:
    """Answers as they are compared."""

    style: str
    measure: str
    cases: Sequence[Question]

    def of(self, function: Answer) -> list[Any]:
        """What a function, run here, gives for each case."""
        return self.read([answer(function, self.style, case.inputs) for case in self.cases])

    def read(self, answers: Sequence[Any]) -> list[Any]:
        """What is compared of encoded answers: values, or ``{"error": {"type", "message"}}``."""
        return [self._read(case, given) for case, given in zip(self.cases, answers, strict=True)]

    def _read(self, case: Question, given: Any) -> Any:
        if not isinstance(given, dict) or "answer" not in given:
            return given if is_error(given) else _error("ValueError", "an unreadable answer")
        try:
            inputs = {**plain(case.inputs), **case.known}
            return MEASURES[self.measure](inputs, plain(given["answer"]))
        except Exception as error:  # whatever an answer that was made up does to the reading
            return _error("Unusable", str(error)[:300])


def diagnose(key: Key, answers: Sequence[Any]) -> Verdict:
    """Judge encoded answers, one for each case of the key, as ``calls.answer`` gives them."""
    given = Measured(key.style, key.measure, key.cases).read(answers)
    wrong = [
        (place, detail)
        for place, (right, value) in enumerate(zip(key.right, given, strict=True))
        if (detail := _differs(right, value, key.tolerance))
    ]
    if not wrong:
        return Verdict(True)
    place, detail = wrong[0]
    case = key.cases[place]
    explain = EXPLANATIONS.get(key.measure)
    if explain is not None and not is_error(given[place]):
        detail = explain({**plain(case.inputs), **case.known}, plain(answers[place]["answer"]))
    return Verdict(False, _hint(key, given), f"{case.label}: {detail}", len(wrong))


def is_error(value: Any) -> bool:
    """Whether an answer is an exception that was raised."""
    return isinstance(value, dict) and isinstance(value.get("error"), dict)


def said(error: Mapping[str, Any]) -> str:
    """An exception in a few words, which are the student's."""
    line = error.get("line")
    where = f" (line {line} of the function)" if isinstance(line, int) else ""
    return f"{str(error.get('type'))[:100]}: {str(error.get('message'))[:200]}{where}"


def _hint(key: Key, given: Sequence[Any]) -> str | None:
    for mistake in key.mistakes:
        pairs = zip(mistake.gives(), given, strict=True)
        if all(_differs(wrong, value, key.tolerance) is None for wrong, value in pairs):
            return mistake.hint
    return None


def _differs(right: Any, value: Any, tolerance: float) -> str | None:
    if is_error(value):
        kind, message = str(value["error"].get("type")), str(value["error"].get("message"))[:300]
        if is_error(right) and right["error"]["type"] == kind:
            return None if kind != "Unusable" or right["error"]["message"] == message else message
        return message if kind == "Unusable" else f"it raises {said(value['error'])}"
    if is_error(right):
        return "it returns a value"
    return difference(right, value, tolerance)


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"error": {"type": kind, "message": message}}
