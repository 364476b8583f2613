"""A whole class in one run: every right, wrong and hostile submission has the points it should."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from alignlib.cli import main
from tests.grading.hostile import write_cells, write_files
from tests.grading.notebooks import Expected, exercises, write_catalogue

SECONDS = 10


@dataclass(frozen=True)
class Graded:
    out: Path
    students: Path
    expected: dict[str, Expected]
    rows: dict[str, dict[str, str]]
    status: int


@pytest.fixture(scope="module")
def graded(bubblewrap: None, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """All submissions, graded once."""
    folder = tmp_path_factory.mktemp("class")
    students, out = folder / "students", folder / "out"
    students.mkdir()
    expected = write_catalogue(students) | write_cells(students) | write_files(students)
    arguments = [str(students), "--out", str(out), "--seed", "a secret", "--quiet"]
    status = main(["grade", *arguments, "--seconds", str(SECONDS), "--memory", "1.5"])
    with (out / "scores.csv").open(newline="", encoding="utf8") as file:
        rows = {row["student"].removeprefix("'"): row for row in csv.DictReader(file)}
    return Graded(out, students, expected, rows, status)


def test_nobody_is_lost(graded: Graded) -> None:
    assert graded.status == 0
    assert len(graded.expected) >= 200
    assert set(graded.rows) == set(graded.expected)


def test_every_score_is_as_expected(graded: Graded) -> None:
    wrong = []
    for student, should in graded.expected.items():
        row = graded.rows[student]
        got = {name for name, each in exercises().items() if row[name] == str(each.points)}
        points = sum(exercises()[name].points for name in should.right)
        if got != should.right or int(row["points"]) != points:
            wrong.append(f"{student}: {sorted(got)} and not {sorted(should.right)}: {row['notes']}")
    assert not wrong, "\n".join(wrong)


def test_every_loss_has_its_reason_or_its_hint(graded: Graded) -> None:
    wrong = []
    for result in (graded.out / "private").glob("*.json"):
        stored = json.loads(result.read_text(encoding="utf8"))
        student = stored["of"][1]
        words = [*stored["notes"], *(m["reason"] for m in stored["marks"])]
        words += [m["hint"] for m in stored["marks"] if m["hint"]]
        for says in graded.expected[student].says:
            if not any(says in text for text in words):
                wrong.append(f"{student}: nothing says {says!r}: {words}")
    assert not wrong, "\n".join(wrong)


def test_nothing_is_left_running() -> None:
    left = [p.info for p in psutil.process_iter(["pid", "cmdline"]) if _is_left(p)]
    assert not left


def test_what_students_wrote_runs_nowhere(graded: Graded) -> None:
    pages = list((graded.out / "students").glob("*/feedback.html"))
    assert len(pages) == len(graded.expected)
    for page in pages:
        assert "<script" not in page.read_text(encoding="utf8")
    assert not [row for row in graded.rows if row.startswith("<script>") is False and "\n" in row]
    table = (graded.out / "scores.csv").read_text(encoding="utf8")
    assert not any(line.startswith(("=", "+", "-", "@")) for line in table.splitlines())


def test_private_cases_are_told_to_nobody(graded: Graded) -> None:
    count = 0
    for folder in (graded.out / "students").iterdir():
        result = graded.out / "private" / f"{folder.name}.json"
        stored = json.loads(result.read_text(encoding="utf8"))
        details = [mark["detail"] for mark in stored["marks"] if mark["detail"]]
        count += len(details)
        for name in ("feedback.md", "feedback.html", "results.json"):
            told = (folder / name).read_text(encoding="utf8")
            assert not [detail for detail in details if detail in told]
    assert count > 200


def test_a_second_run_takes_all_over(graded: Graded, capsys: pytest.CaptureFixture[str]) -> None:
    before = (graded.out / "scores.csv").read_bytes()
    arguments = [str(graded.students), "--out", str(graded.out), "--seed", "a secret"]
    limits = ["--seconds", str(SECONDS), "--memory", "1.5"]
    assert main(["grade", *arguments, *limits]) == 0
    count = len(graded.expected)
    assert f"{count} students graded, {count} of them taken over" in capsys.readouterr().out
    assert (graded.out / "scores.csv").read_bytes() == before


def _is_left(process: psutil.Process) -> bool:
    try:
        line = process.cmdline()
    except psutil.Error:
        return False
    return "4242" in line or any("inside.runner" in word for word in line)
