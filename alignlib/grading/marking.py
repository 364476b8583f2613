"""Marks for one student: each notebook is run from top to bottom, then its functions are called.

What can't be run costs only itself. A cell that does not come back is left out, and the notebook
is run anew without it. A function that does not come back loses its own points. And before an
answer is held to be wrong for a reason that no known mistake explains, it is tried once more beside
those cells alone that it needs, in case another one did something to it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from alignlib.grading.exercise import Exercise
from alignlib.grading.key import Key, Verdict, diagnose, is_error, said
from alignlib.grading.notebooks import UnreadableError, code_cells, definers, needed
from alignlib.grading.session import LateError, Limits, Session, StoppedError
from alignlib.grading.submissions import Submission
from alignlib.grading.wall import Wall


@dataclass(frozen=True)
class Graded:
    """An exercise with the key of its private cases."""

    exercise: Exercise
    key: Key


@dataclass(frozen=True)
class Mark:
    """The points for one exercise.

    Attributes:
        reason: what was seen, in words that give no private case away.
        hint: of the known mistake that gives just this, or None.
        detail: the first private case that is wrong, with the right answer: for the instructor.
    """

    name: str
    points: int
    of: int
    reason: str
    hint: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class Marked:
    """A student's marks, in the order of the exercises, and what the grader noticed."""

    student: str
    marks: Sequence[Mark]
    notes: Sequence[str]
    seconds: float

    @property
    def points(self) -> int:
        return sum(mark.points for mark in self.marks)

    @property
    def of(self) -> int:
        return sum(mark.of for mark in self.marks)


MOST_NOTES = 30
"""On one student."""
NOT_WRITTEN = "not written yet"
ABSENT = "not there: no cell defines it"
UNREAD = "no notebook could be read: see what was noticed"


@dataclass
class _Run:
    """A notebook that is being marked, and what became of its cells."""

    name: str
    cells: Sequence[str]
    wall: Wall
    limits: Limits
    deadline: float
    cancelled: threading.Event
    stopped: dict[int, StoppedError] = field(default_factory=dict)
    raised: dict[int, str] = field(default_factory=dict)

    @contextlib.contextmanager
    def session(self, places: Iterable[int]) -> Iterator[Session]:
        """A session in which the cells at these places have run, but for those that stopped it."""
        modules = ("torch",) if any("torch" in cell for cell in self.cells) else ("numpy",)
        places = sorted(places)
        while True:
            with Session(self.wall, self.limits, modules, self.cancelled) as session:
                if self._all_came_back(session, places):
                    yield session
                    return

    def seconds(self) -> float:
        """How long the next thing may take.

        Raises:
            StoppedError: if the student's time is used up.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise LateError("all the time for one student was used up before")
        return min(left, self.limits.seconds)

    def _all_came_back(self, session: Session, places: Sequence[int]) -> bool:
        for place in places:
            if place in self.stopped:
                continue
            seconds = self.seconds()
            try:
                reply = session.run(self.cells[place], seconds)
            except StoppedError as error:
                self.stopped[place] = error
                return False
            if is_error(reply):
                self.raised[place] = said(reply["error"])
        return True


def mark(
    submission: Submission,
    graded: Mapping[str, Graded],
    wall: Wall,
    limits: Limits,
    cancelled: threading.Event,
) -> Marked:
    """Mark what one student handed in.

    Args:
        submission: read, not yet run.
        graded: the exercises that count, by name.
        wall: what stands between the student's code and the machine.
        limits: what it may use.
        cancelled: set it, and the marking ends within a moment.

    Raises:
        CancelledError: if it was set.
        GradingError: if no process can be started for it.
    """
    began = time.monotonic()
    notes = list(submission.problems)
    read = 0
    marks = {name: Mark(name, 0, each.exercise.points, ABSENT) for name, each in graded.items()}
    for name, data in sorted(submission.notebooks.items()):
        try:
            cells = code_cells(data)
        except UnreadableError as error:
            notes.append(f"{name}: {error}")
            continue
        run = _Run(name, cells, wall, limits, began + limits.total_seconds, cancelled)
        wanted = {n: each for n, each in graded.items() if any(n in cell for cell in cells)}
        for each in _mark_notebook(run, wanted):
            if each.points >= marks[each.name].points:
                marks[each.name] = each
        notes += _notes(run, wanted)
        read += 1
    if not submission.notebooks:
        notes.append("no notebook was handed in")
    if not read:
        marks = {name: replace(each, reason=UNREAD) for name, each in marks.items()}
    notes = [note if len(note) <= 300 else f"{note[:297]}..." for note in notes]
    if len(notes) > MOST_NOTES:
        notes[MOST_NOTES:] = [f"and {len(notes) - MOST_NOTES} things more"]
    seconds = time.monotonic() - began
    return Marked(submission.student, tuple(marks.values()), tuple(notes), seconds)


def _mark_notebook(run: _Run, wanted: Mapping[str, Graded]) -> list[Mark]:
    marks: dict[str, Mark] = {}
    todo = list(wanted)
    while todo:
        before = len(todo)
        with contextlib.suppress(StoppedError), run.session(range(len(run.cells))) as session:
            while todo:  # what stops the session is not tried again here
                name = todo.pop(0)
                marks[name] = _mark_exercise(session, wanted[name], run)
        if len(todo) == before:
            break  # no time is left
    for name, each in wanted.items():
        if name not in marks or _is_unexplained(marks[name]):
            alone = _mark_alone(run, name, each)
            if name not in marks or alone.points:
                marks[name] = alone
    return list(marks.values())


def _mark_alone(run: _Run, name: str, each: Graded) -> Mark:
    """Mark an exercise beside those cells alone that its answer needs.

    One that was left out gets a second chance, since another may have ended the process while it
    ran. One that was late was so by itself.
    """
    late: dict[int, StoppedError] = {
        place: why for place, why in run.stopped.items() if isinstance(why, LateError)
    }
    run = replace(run, stopped=late)
    try:
        with run.session(needed(run.cells, name)) as session:
            return _mark_exercise(session, each, run)
    except StoppedError as error:
        return Mark(name, 0, each.exercise.points, f"stopped: {error}")


def _mark_exercise(session: Session, each: Graded, run: _Run) -> Mark:
    exercise, key = each.exercise, each.key
    end = time.monotonic() + run.seconds()
    answers = []
    for case in key.cases:
        seconds = max(0.0, end - time.monotonic())
        reply = session.call(key.name, key.style, case.inputs, seconds)
        if "missing" in reply:
            return Mark(key.name, 0, exercise.points, _absent(run, key.name))
        answers.append(reply)
    if all(is_error(a) and a["error"].get("type") == "NotImplementedError" for a in answers):
        return Mark(key.name, 0, exercise.points, NOT_WRITTEN)
    began = time.monotonic()
    try:
        verdict = diagnose(key, answers)
    except Exception as error:  # of data that was made up
        verdict = Verdict(False, None, f"unreadable answers: {error!r}"[:300], len(answers))
    run.deadline += time.monotonic() - began  # the grader's time, not the student's
    if verdict.passed:
        return Mark(key.name, exercise.points, exercise.points, "right on all private cases")
    return Mark(
        key.name, 0, exercise.points, _reason(verdict, each, answers), verdict.hint, verdict.detail
    )


def _reason(verdict: Verdict, each: Graded, answers: Sequence[Any]) -> str:
    raised = [a["error"] for a in answers if is_error(a)]
    text = f"wrong on {verdict.failed} of {len(answers)} private cases"
    if raised:
        line = raised[0].get("line")
        where = f" in line {line} of the function" if isinstance(line, int) else ""
        return f"{text}; raises {str(raised[0].get('type'))[:100]}{where}"
    return text if verdict.hint else f"{text}; they also try {each.exercise.besides.rstrip('.')}"


def _is_unexplained(mark: Mark) -> bool:
    return not mark.points and mark.hint is None and mark.reason != NOT_WRITTEN


def _absent(run: _Run, name: str) -> str:
    for place in reversed(definers(run.cells, name)):
        if place in run.stopped:
            return f"not there: code cell {place + 1} was left out: {run.stopped[place]}"
        if place in run.raised:
            return f"not there: code cell {place + 1} ended in an error: {run.raised[place]}"
    return ABSENT


def _notes(run: _Run, wanted: Mapping[str, Graded]) -> list[str]:
    """What a student should know of a notebook: cells that failed, names that stand twice."""
    notes = []
    for place, why in sorted(run.stopped.items()):
        notes.append(f"{run.name}: code cell {place + 1} was left out: {why}")
    for place, message in sorted(run.raised.items()):
        if "NotImplementedError" not in message:
            notes.append(f"{run.name}: code cell {place + 1} ended in an error: {message[:300]}")
    for name in wanted:
        places = [str(place + 1) for place in definers(run.cells, name)]
        if len(places) > 1:
            notes.append(
                f"{run.name}: {name} is defined in the code cells {' and '.join(places)}; the "
                "last counts"
            )
    return notes
