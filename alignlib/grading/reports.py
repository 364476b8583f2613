"""What comes of grading: a table for the instructor, and feedback for each student.

Whatever a student wrote is text here: escaped in HTML, fenced in Markdown, and never a formula in
the table.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from alignlib.grading.grading import Grades, write_whole
from alignlib.grading.marking import Mark, Marked
from alignlib.grading.submissions import Submission

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1b1b;background:#fff}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #bbb}"
    "td.n,th code{white-space:nowrap}code{overflow-wrap:anywhere}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#181818}}"
)


FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a formula begins with; the wide ones are the same to a spreadsheet in Japanese."""


def write_feedback(
    grades: Grades, submissions: Sequence[Submission], out: Path, *, show_cases: bool = False
) -> None:
    """Write ``feedback.md``, ``feedback.html`` and ``results.json`` for each student.

    Args:
        grades: of these submissions.
        submissions: whose.
        out: the folder of results.
        show_cases: also tell students the private case that is wrong, and what is right for it.
    """
    folders = {submission.student: submission.folder for submission in submissions}
    for marked in grades.marked:
        folder = out / "students" / folders[marked.student]
        write_whole(folder / "feedback.md", feedback_markdown(marked, show_cases))
        write_whole(folder / "feedback.html", feedback_html(marked, show_cases))
        write_whole(folder / "results.json", gradescope_text(marked, show_cases))


def scores_text(grades: Grades) -> str:
    """The table of points, one row a student; one who could not be graded has a reason instead."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    names = [mark.name for mark in grades.marked[0].marks] if grades.marked else []
    table.writerow(["student", "points", "of", *names, "notes"])
    rows: list[list[Any]] = [
        [
            cell(marked.student),
            marked.points,
            marked.of,
            *(mark.points for mark in marked.marks),
            cell("; ".join(marked.notes)),
        ]
        for marked in grades.marked
    ]
    rows += [
        [cell(student), "", "", *("" for _ in names), cell(f"not graded: {why}")]
        for student, why in grades.failed.items()
    ]
    table.writerows(rows)
    return file.getvalue()


def feedback_markdown(marked: Marked, show_cases: bool = False) -> str:
    """One student's feedback as Markdown."""
    lines = [f"# {marked.points} of {marked.of} points", "", _fenced(marked.student), ""]
    for mark in marked.marks:
        lines += [f"## {mark.name}: {mark.points} of {mark.of}", "", _fenced(_reason(mark)), ""]
        if mark.hint:
            lines += [f"Hint: {mark.hint}", ""]
        if show_cases and mark.detail:
            lines += ["The first case that is wrong:", "", _fenced(mark.detail), ""]
    if marked.notes:
        lines += ["## Noticed", ""]
        for note in marked.notes:
            lines += [_fenced(note), ""]
    return "\n".join(lines)


def feedback_html(marked: Marked, show_cases: bool = False) -> str:
    """One student's feedback as a page that runs no script and loads nothing."""
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(mark.name)}</code></th>'
        f'<td class="n">{mark.points} of {mark.of}</td><td>{_html(mark, show_cases)}</td></tr>'
        for mark in marked.marks
    )
    notes = "".join(f"<li>{escape(one_line(note))}</li>" for note in marked.notes)
    noticed = f"<h2>Noticed</h2><ul>{notes}</ul>" if notes else ""
    title = f"{marked.points} of {marked.of} points"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1><p>{escape(one_line(marked.student))}</p>"
        '<table><thead><tr><th scope="col">Exercise</th><th scope="col">Points</th>'
        f'<th scope="col">Why</th></tr></thead><tbody>{rows}</tbody></table>'
        f"{noticed}</main></body></html>\n"
    )


def gradescope_text(marked: Marked, show_cases: bool = False) -> str:
    """One student's ``results.json``, as Gradescope reads it."""
    results = {
        "score": marked.points,
        "execution_time": round(marked.seconds, 1),
        "output": "\n".join(map(one_line, marked.notes)) or "Every cell ran.",
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            {
                "name": mark.name,
                "score": mark.points,
                "max_score": mark.of,
                "status": "passed" if mark.points == mark.of else "failed",
                "output": "\n".join(_words(mark, show_cases)),
                "output_format": "text",
                "visibility": "visible",
            }
            for mark in marked.marks
        ],
    }
    return json.dumps(results, indent=1) + "\n"


def _html(mark: Mark, show_cases: bool) -> str:
    return "<br>".join(escape(words) for words in _words(mark, show_cases))


def _words(mark: Mark, show_cases: bool) -> list[str]:
    words = [one_line(_reason(mark))]
    if mark.hint:
        words.append(f"Hint: {mark.hint}")
    if show_cases and mark.detail:
        words.append(one_line(f"The first case that is wrong: {mark.detail}"))
    return words


def _reason(mark: Mark) -> str:
    return f"{mark.reason[:1].upper()}{mark.reason[1:]}."


def one_line(text: str) -> str:
    """A text in one line of printable characters."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def _fenced(text: str) -> str:
    """A text that Markdown shows as it is."""
    line = one_line(text)
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{line}\n{fence}"


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    line = one_line(text)
    return f"'{line}" if line.startswith(FORMULA) else line
