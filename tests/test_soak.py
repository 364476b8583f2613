"""The soaks, made short: they run, count what they should, and notice what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alignlib.grading.grading import Grades
from alignlib.grading.marking import Mark, Marked
from benchmarks.classes import Class, wrong_marks
from benchmarks.soak import Look, Watch, main
from tests.grading.conftest import bubblewrap
from tests.grading.notebooks import Expected

__all__ = ["bubblewrap"]  # a fixture


def soaked(folder: Path, *arguments: str) -> dict[str, Any]:
    """What a short run wrote."""
    assert main(["--out", str(folder), *arguments]) == 0
    (path,) = folder.glob(f"soak-{arguments[0]}-*-1.json")
    found: dict[str, Any] = json.loads(path.read_text())
    assert found["machine"]["cores"] >= 1
    assert set(found["at"]["100%"]) == set(Look.__annotations__)
    assert found["at"]["100%"]["mb"] > 50
    assert found["at"]["100%"]["tensors"] > 10
    return found


def test_reinforce_ends_when_its_time_is_up(tmp_path: Path) -> None:
    found = soaked(tmp_path, "reinforce", "--minutes", "0", "--every", "1")
    assert found["steps"] == 2
    assert found["finite"] is True
    assert [each["done"] for each in found["looks"]] == [0, 1, 2, 2]
    assert found["growth"]["low"] <= found["growth"]["mb_per_hour"] <= found["growth"]["high"]


def test_samples_from_several_threads_are_the_same(tmp_path: Path) -> None:
    found = soaked(tmp_path, "sample", "--calls", "8")
    assert found["differ"] == 0
    assert [each["done"] for each in found["looks"]] == [0, 8]


def test_a_class_has_the_marks_that_are_due(bubblewrap: None, tmp_path: Path) -> None:
    found = soaked(tmp_path, "grade", "--submissions", "4")
    assert (found["submissions"], found["wrong"]) == (4, [])
    before, after = found["looks"]
    for name in ("files", "processes", "temporary"):
        assert after[name] == before[name], name


def test_marks_that_are_not_due_are_named() -> None:
    marks = [Mark("one", 3, 3, ""), Mark("two", 0, 2, ""), Mark("three", 1, 2, "")]
    grades = Grades([Marked("ada", marks, [], 0.0)], {"bob": "it hung"}, 0)
    expected = {name: Expected({"one", "three"}) for name in ("ada", "bob", "eve")}
    assert wrong_marks(Class(grades, expected)) == [
        "bob was not graded: it hung",
        "ada has ['one'] and should have ['one', 'three']",
        "eve is lost",
    ]


def test_growth_is_the_slope_after_the_warm_up() -> None:
    watch = Watch()
    for minute in range(61):
        mb = 500 + minute / 10 - (200 if minute < 6 else 0)
        watch.looks.append(Look(minute, minute, mb, 1, 1, 1, 1, 0, 0))
    assert watch.growth["mb_per_hour"] == pytest.approx(6.0)
    assert watch.at(0.5).done == 30
