"""A run of the grader: resumed, repeated, alone in its folder; and what it writes."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from alignlib.cli import main
from alignlib.errors import GradingError
from alignlib.grading.exercise import choose, load_exercises
from alignlib.grading.gradescope import write_gradescope
from alignlib.grading.grading import Grades, prepare
from alignlib.grading.marking import Mark, Marked
from alignlib.grading.reports import feedback_html, feedback_markdown, gradescope_text, scores_text
from alignlib.grading.summary import mistakes_text, summary, wrong_text
from tests.grading.notebooks import CATALOGUE, ROOT, exercises, of_chapter, solved, text

sandboxed = pytest.mark.usefixtures("bubblewrap")

CHAPTER = "ex2-ask"
POINTS = sum(each.points for each in of_chapter(CHAPTER).values())
SLOW = "import time\ntime.sleep(2)"


def grade(students: Path, out: Path, *options: str, seed: str = "s") -> int:
    folder = ["--exercises", str(CATALOGUE), "--chapters", "2"]
    return main(["grade", str(students), "--out", str(out), "--seed", seed, *folder, *options])


def hand_in(folder: Path, student: str, **answers: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{student}.ipynb").write_text(text(solved(CHAPTER, answers)), encoding="utf8")


def points(out: Path) -> dict[str, str]:
    with (out / "scores.csv").open(newline="", encoding="utf8") as file:
        return {row["student"]: row["points"] for row in csv.DictReader(file)}


@sandboxed
def test_a_class_of_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    students, out = tmp_path / "students", tmp_path / "out"
    wrong = next(iter(exercises()["pass_at_k"].wrong))
    hand_in(students, "ada")
    hand_in(students, "bob", pass_at_k=exercises()["pass_at_k"].source(wrong))
    assert grade(students, out) == 0
    said = capsys.readouterr().out
    assert "2 students graded; the median is" in said
    assert points(out) == {"ada": str(POINTS), "bob": str(POINTS - exercises()["pass_at_k"].points)}
    hint = exercises()["pass_at_k"].wrong[wrong]
    for name in ("feedback.md", "results.json"):
        assert hint in (out / "students/bob" / name).read_text(encoding="utf8")
    assert "Hint: " in (out / "students/bob/feedback.html").read_text(encoding="utf8")
    with (out / "mistakes.csv").open(newline="", encoding="utf8") as file:
        assert list(csv.DictReader(file)) == [
            {"exercise": "pass_at_k", "students": "1", "mistake": hint}
        ]


@sandboxed
def test_only_what_changed_is_graded_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    students, out = tmp_path / "students", tmp_path / "out"
    hand_in(students, "ada")
    hand_in(students, "bob", pass_at_k="def pass_at_k(n, c, k): return 0")
    assert grade(students, out) == 0
    hand_in(students, "bob")
    capsys.readouterr()
    assert grade(students, out) == 0
    assert "2 students graded, 1 of them taken over" in capsys.readouterr().out
    assert points(out)["bob"] == str(POINTS)
    assert grade(students, out, seed="another") == 0
    assert "taken over" not in capsys.readouterr().out
    (out / "private/ada.json").write_text('{"of": ')
    assert grade(students, out, seed="another") == 0
    assert "1 of them taken over" in capsys.readouterr().out


@sandboxed
def test_a_killed_run_goes_on_and_leaves_nothing_running(tmp_path: Path) -> None:
    students, out = tmp_path / "students", tmp_path / "out"
    for name in ("ada", "bob", "cy", "dee"):
        students.mkdir(exist_ok=True)
        made = solved(CHAPTER, before=[SLOW, "marker_of_the_killed_run = 1"])
        (students / f"{name}.ipynb").write_text(text(made), encoding="utf8")
    command = [sys.executable, "-m", "alignlib", "grade", str(students), "--out", str(out)]
    command += ["--seed", "s", "--chapters", "2", "--jobs", "1", "--quiet"]
    process = subprocess.Popen(command, cwd=ROOT)
    results = out / "private"
    deadline = time.monotonic() + 120
    while len(list(results.glob("*.json"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert not list(results.glob(".*")), "a half-written file"
    kept = {p.name: p.stat().st_mtime_ns for p in results.glob("*.json")}
    assert 2 <= len(kept) < 4
    assert subprocess.run(command, cwd=ROOT).returncode == 0
    assert points(out) == dict.fromkeys(("ada", "bob", "cy", "dee"), str(POINTS))
    for name, before in kept.items():
        assert (results / name).stat().st_mtime_ns == before


@sandboxed
def test_an_interrupted_run_says_how_to_go_on(tmp_path: Path) -> None:
    students, out = tmp_path / "students", tmp_path / "out"
    students.mkdir()
    made = solved(CHAPTER, before=["import time\ntime.sleep(25)"])
    (students / "ada.ipynb").write_text(text(made), encoding="utf8")
    command = [sys.executable, "-m", "alignlib", "grade", str(students), "--out", str(out)]
    process = subprocess.Popen(
        [*command, "--seed", "s"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while not (out / ".lock").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "interrupted. What was graded is kept" in said
    assert time.monotonic() - began < 15


@sandboxed
def test_one_students_folder_makes_no_tables(tmp_path: Path) -> None:
    students, out = tmp_path / "ada", tmp_path / "out"
    hand_in(students, "ex2-ask")
    assert grade(students, out, "--single", "Ada") == 0
    assert sorted(path.name for path in out.iterdir()) == [".lock", "private", "students"]
    results = json.loads((out / "students/Ada/results.json").read_text(encoding="utf8"))
    assert results["score"] == POINTS


@sandboxed
def test_who_handed_in_nothing_that_can_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    students, out = tmp_path / "students", tmp_path / "out"
    hand_in(students, "ada")
    (students / "bob.ipynb").write_text(text(solved(CHAPTER))[:500], encoding="utf8")
    (students / "cy.docx").write_bytes(b"PK")
    assert grade(students, out) == 0
    assert "No notebook could be read of: bob, cy." in capsys.readouterr().out
    feedback = (out / "students/bob/feedback.md").read_text(encoding="utf8")
    assert "No notebook could be read" in feedback
    assert "it is no notebook, or was cut off" in feedback


@sandboxed
def test_the_instructor_sees_what_was_wrong_and_students_do_not(tmp_path: Path) -> None:
    students, out = tmp_path / "students", tmp_path / "out"
    hand_in(students, "ada", pass_at_k="def pass_at_k(N, c, k):\n    return 0.123")
    assert grade(students, out) == 0
    with (out / "wrong.csv").open(newline="", encoding="utf8") as file:
        (row,) = csv.DictReader(file)
    assert "it is 0.123, and 0." in row["first case that is wrong"]
    assert "they also try " in row["reason"]
    for path in (out / "students").rglob("*"):
        if path.is_file():
            assert "it is 0.123" not in path.read_text(encoding="utf8")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--seed", " "], "seed is empty"),
        (["--seed", "s", "--chapters", "9"], "No chapter '9' has exercises; these have: 1, 2"),
        (["--seed", "s", "--exercises", "/nowhere"], "no exercises in /nowhere"),
        (["--seed", "s", "--jobs", "0"], "--jobs is 0"),
        (["--seed", "s", "--seconds", "0"], "above 0"),
        (["--seed-file", "/nowhere"], "can't be read from /nowhere"),
        ([], "need a secret seed"),
    ],
)
def test_bad_options_are_refused_with_a_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    says: str,
) -> None:
    monkeypatch.delenv("ALIGNLIB_SEED", raising=False)
    monkeypatch.chdir(ROOT)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/ada.ipynb").write_text("{}")
    assert main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), *options]) == 1
    assert says in capsys.readouterr().err


@sandboxed
def test_results_do_not_go_among_submissions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(tmp_path / "in", "ada")
    assert grade(tmp_path / "in", tmp_path / "in/out") == 1
    assert "lie in each other" in capsys.readouterr().err


def test_the_seed_makes_the_cases() -> None:
    chosen = {"pass_at_k": exercises()["pass_at_k"]}
    one, same, other = (prepare(chosen, seed)["pass_at_k"].key for seed in ("a", "a", "b"))
    assert one.cases == same.cases
    assert one.cases != other.cases


def test_chapters_are_chosen_by_number() -> None:
    assert set(choose(exercises(), ["2"])) == set(of_chapter("ex2-ask"))
    for given in (["2", "3"], ["2,3"], ["02", "3"]):
        assert set(choose(exercises(), given)) == {
            *of_chapter("ex2-ask"),
            *of_chapter("ex3-show"),
        }
    assert choose(exercises(), []) == exercises()


def test_a_catalogue_with_a_bad_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("EXERCISE = None\n")
    with pytest.raises(GradingError, match="no EXERCISE for a function called f"):
        load_exercises(tmp_path)


EVIL = Marked(
    "=cmd|' /C calc'!A0\n<b>",
    (Mark("f", 0, 3, "raises E: <script>x</script> ``` **b**", "A hint.", "n = 3: secret"),),
    ("a\x1b[31mnote", "@SUM(1)"),
    1.234,
)


def test_reports_take_what_a_student_wrote_for_text() -> None:
    grades = Grades([EVIL], {"+1": "no process could be started"}, 0)
    rows = list(csv.reader(scores_text(grades).splitlines()))
    assert rows[1][:4] == ["'=cmd|' /C calc'!A0 <b>", "0", "3", "0"]
    assert rows[2][0] == "'+1"
    assert rows[2][-1] == "not graded: no process could be started"
    page = feedback_html(EVIL)
    assert "<script" not in page
    assert "<b>" not in page
    assert "\x1b" not in page
    markdown = feedback_markdown(EVIL)
    assert "````text\nRaises E: <script>x</script> ``` **b**.\n````" in markdown
    assert "\x1b" not in markdown


def test_the_private_case_is_told_only_when_asked_for() -> None:
    for write in (feedback_html, feedback_markdown, gradescope_text):
        assert "secret" not in write(EVIL)
        assert "n = 3: secret" in write(EVIL, True)


def test_gradescope_reads_the_results() -> None:
    results = json.loads(gradescope_text(EVIL))
    assert results["score"] == 0
    (one,) = results["tests"]
    assert (one["name"], one["score"], one["max_score"]) == ("f", 0, 3)
    assert one["status"] == "failed"
    assert "Hint: A hint." in one["output"]
    assert {results["output_format"], one["output_format"]} == {"text"}


def test_a_class_without_a_grade_has_a_summary() -> None:
    grades = Grades([], {"ada": "no process could be started"}, 0)
    assert "Not graded: ada: no process" in summary(grades)
    assert mistakes_text(grades) == "exercise,students,mistake\n"
    assert wrong_text(grades).count("\n") == 1


@sandboxed
def test_gradescopes_folder_grades_a_submission(tmp_path: Path) -> None:
    """As Gradescope does it, with this environment in place of what setup.sh installs."""
    upload = tmp_path / "source"
    write_gradescope(upload, CATALOGUE, ["2"], "a secret")
    for name in ("setup.sh", "run_autograder"):
        assert os.access(upload / name, os.X_OK)
        assert subprocess.run(["bash", "-n", upload / name]).returncode == 0
    (upload / "env").symlink_to(sys.prefix)
    (tmp_path / "submission").mkdir()
    made = solved(CHAPTER, {"pass_at_k": "def pass_at_k(n, c, k): return c / n"})
    (tmp_path / "submission/ex2-ask.ipynb").write_text(text(made), encoding="utf8")
    environment = {**os.environ, "AUTOGRADER": str(tmp_path)}
    done = subprocess.run([upload / "run_autograder"], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    results = json.loads((tmp_path / "results/results.json").read_text(encoding="utf8"))
    assert results["score"] == POINTS - exercises()["pass_at_k"].points
    assert {each["name"] for each in results["tests"]} == set(of_chapter(CHAPTER))


def test_gradescopes_folder_has_the_package_and_no_more_than_it_needs(tmp_path: Path) -> None:
    out = tmp_path / "upload"
    write_gradescope(out, CATALOGUE, [], "a secret", unprotected=True)
    names = {path.name for path in out.iterdir()}
    scripts = {"run_autograder", "setup.sh", "constraints.txt"}
    assert names == {"catalogue", "course", "seed", *scripts}
    assert (out / "seed").stat().st_mode & 0o077 == 0
    assert (out / "course/alignlib/grading/inside/runner.py").is_file()
    assert not list(out.rglob("__pycache__"))
    assert "--unprotected" in (out / "run_autograder").read_text()
    with pytest.raises(GradingError, match="is there already"):
        write_gradescope(out, CATALOGUE, [], "a secret")
