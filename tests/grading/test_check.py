"""What a student reads from the check in a notebook."""

from __future__ import annotations

import math
import time

import pytest

from alignlib.errors import GradingError
from alignlib.grading import check
from tests.grading.notebooks import exercises


def test_a_right_answer_passes_and_hears_what_grading_tries(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check("pass_at_k", exercises()["pass_at_k"].answer)
    said = capsys.readouterr().out
    assert said.startswith("✓ pass_at_k: right on all ")
    assert f"Grading also tries {exercises()['pass_at_k'].besides}" in said


def test_a_known_mistake_gets_its_hint_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    for exercise in exercises().values():
        for wrong, hint in exercise.wrong.items():
            assert not check(exercise.name, wrong)
            said = capsys.readouterr().out
            assert said.startswith(f"✗ {exercise.name}: ")
            assert f"Hint: {hint}" in said
            assert said.count("Hint:") == 1


def test_another_mistake_gets_the_first_difference(capsys: pytest.CaptureFixture[str]) -> None:
    assert not check("pass_at_k", lambda n, c, k: 0.123)
    said = capsys.readouterr().out
    assert "it is 0.123, and 0.4 is right" in said
    assert "Hint" not in said


def test_a_stub_is_not_wrong_but_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    def stub(n: int, c: int, k: int) -> float:
        raise NotImplementedError("write pass_at_k")

    assert not check("pass_at_k", stub)
    assert capsys.readouterr().out == "○ pass_at_k: not written yet.\n"


def test_an_exception_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert not check("pass_at_k", lambda n, c, k: math.comb(-1, k))
    assert "it raises ValueError: n must be a non-negative integer" in capsys.readouterr().out


def test_parameters_may_have_other_names() -> None:
    assert check("pass_at_k", lambda a, b, d: exercises()["pass_at_k"].answer(a, b, d))


def test_what_is_no_exercise_or_no_function_is_refused() -> None:
    with pytest.raises(
        GradingError, match=r"There is no exercise 'pass_at_kk'; there are: .*score"
    ):
        check("pass_at_kk", math.comb)
    with pytest.raises(GradingError, match="no exercise"):
        check("../public", math.comb)
    with pytest.raises(GradingError, match="leave out the parentheses"):
        check("pass_at_k", 0.5)  # type: ignore[arg-type]


def test_a_check_takes_no_longer_than_two_seconds() -> None:
    """Of the processor, so that a busy machine does not count."""
    for exercise in exercises().values():
        began = time.process_time()
        assert check(exercise.name, exercise.answer)
        assert time.process_time() - began < 2, exercise.name
