"""Classes of right, wrong and hostile submissions, graded, and marks held to what is due."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from alignlib.grading.grading import Grades, grade, prepare
from alignlib.grading.session import Limits
from alignlib.grading.submissions import collect
from alignlib.grading.wall import raise_wall
from tests.grading.hostile import write_cells, write_files
from tests.grading.notebooks import Expected, exercises, write_catalogue


@dataclass(frozen=True)
class Class:
    """A class that was graded, and what each of its students should have."""

    grades: Grades
    expected: dict[str, Expected]


def classes(submissions: int, seconds: float) -> Iterator[Class]:
    """Classes with that many submissions in all, each in an empty folder and with its own seed.

    Args:
        submissions: the last class is cut off. A class has as many as the tests can write.
        seconds: that a cell may take.
    """
    limits = Limits(seconds, 6 * seconds, int(1.5 * 2**30))
    done = 0
    while done < submissions:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            students = folder / "students"
            students.mkdir()
            expected = write_catalogue(students) | write_cells(students) | write_files(students)
            handed_in = collect(students)
            step = max(1, len(handed_in) // (submissions - done))  # of a part, each kind has some
            chosen = handed_in[::step][: submissions - done]
            grades = grade(
                chosen,
                prepare(exercises(), f"a secret of class {done}"),
                folder / "graded",
                raise_wall(False, [folder]),
                limits=limits,
            )
            due = {each.student: expected[each.student] for each in chosen}
        done += len(chosen)
        yield Class(grades, due)


def wrong_marks(graded: Class) -> list[str]:
    """A sentence for each student who has not the marks that are due."""
    wrong = [f"{student} was not graded: {why}" for student, why in graded.grades.failed.items()]
    for marked in graded.grades.marked:
        got = {mark.name for mark in marked.marks if mark.points == mark.of}
        due = graded.expected[marked.student].right
        partly = [mark.name for mark in marked.marks if 0 < mark.points < mark.of]
        if got != due or partly:
            wrong.append(f"{marked.student} has {sorted(got)} and should have {sorted(due)}")
    missing = graded.expected.keys() - {each.student for each in graded.grades.marked}
    return wrong + [f"{name} is lost" for name in missing - graded.grades.failed.keys()]
