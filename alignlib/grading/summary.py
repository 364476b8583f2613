"""How a class did: how many have each exercise right, and which mistakes were made how often."""

from __future__ import annotations

import csv
import io
from collections import Counter

import numpy as np

from alignlib.grading.grading import Grades
from alignlib.grading.marking import ABSENT, NOT_WRITTEN, UNREAD, Mark
from alignlib.grading.reports import cell, one_line

NOTHING = (NOT_WRITTEN, ABSENT, UNREAD)


def summary(grades: Grades) -> str:
    """The class in some lines of text."""
    count = len(grades.marked)
    lines = [f"{count} student{'s' if count != 1 else ''} graded"]
    if grades.taken_over:
        lines[0] += f", {grades.taken_over} of them taken over from before"
    if grades.marked:
        points = [marked.points for marked in grades.marked]
        lines[0] += f"; the median is {np.median(points):g} of {grades.marked[0].of} points."
        wide = max(len(mark.name) for mark in grades.marked[0].marks)
        lines.append(f"{'exercise':{wide}}  right  wrong  not written")
        for marks in zip(*(marked.marks for marked in grades.marked), strict=True):
            right = sum(mark.points == mark.of for mark in marks)
            unwritten = sum(mark.reason in NOTHING for mark in marks)
            wrong = count - right - unwritten
            lines.append(f"{marks[0].name:{wide}}{right:7}{wrong:7}{unwritten:13}")
    unread = [
        one_line(m.student) for m in grades.marked if all(k.reason == UNREAD for k in m.marks)
    ]
    if unread:
        lines.append(f"No notebook could be read of: {', '.join(unread)}. The notes say why.")
    lines += [one_line(f"Not graded: {student}: {why}") for student, why in grades.failed.items()]
    return "\n".join(lines)


def mistakes_text(grades: Grades) -> str:
    """A table of mistakes by exercise, the most frequent first."""
    counts = Counter(
        (mark.name, _mistake(mark))
        for marked in grades.marked
        for mark in marked.marks
        if mark.points < mark.of and mark.reason not in NOTHING
    )
    names = list(dict.fromkeys(mark.name for m in grades.marked for mark in m.marks))
    rows = sorted(counts.items(), key=lambda item: (names.index(item[0][0]), -item[1]))
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["exercise", "students", "mistake"])
    table.writerows([name, number, what] for (name, what), number in rows)
    return file.getvalue()


def wrong_text(grades: Grades) -> str:
    """A table of every wrong answer with the first case that is wrong: not for students."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["student", "exercise", "reason", "hint", "first case that is wrong"])
    table.writerows(
        [cell(text) for text in (m.student, mark.name, mark.reason, mark.hint or "", mark.detail)]
        for m in grades.marked
        for mark in m.marks
        if mark.points < mark.of and mark.reason not in NOTHING
    )
    return file.getvalue()


def _mistake(mark: Mark) -> str:
    return mark.hint or "another mistake"
