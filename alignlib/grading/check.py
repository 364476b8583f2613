"""The check in a notebook: passed, or the one hint that fits the mistake, in a second or two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alignlib.errors import GradingError
from alignlib.grading.inside.calls import answer
from alignlib.grading.key import diagnose, is_error
from alignlib.grading.public import public_check


def check(name: str, function: Callable[..., Any]) -> bool:
    """Try an answer on the public cases, and print what came of it.

    Grading uses other cases besides; the line that is printed says which.

    Args:
        name: of the exercise, such as ``"pass_at_k"``.
        function: your answer.

    Returns:
        Whether all public cases are right.

    Raises:
        GradingError: if there is no such exercise, or ``function`` is none.
    """
    public = public_check(name)
    if not callable(function):
        raise GradingError(
            f"check({name!r}, ...) needs your function, and was given a "
            f"{type(function).__name__}: leave out the parentheses after its name."
        )
    key = public.key
    answers = [answer(function, key.style, case.inputs) for case in key.cases]
    if all(
        is_error(given) and given["error"]["type"] == "NotImplementedError" for given in answers
    ):
        print(f"○ {name}: not written yet.")
        return False
    verdict = diagnose(key, answers)
    if verdict.passed:
        print(f"✓ {name}: right on all {len(key.cases)} public cases.")
        print(f"  Grading also tries {public.besides}")
        return True
    print(f"✗ {name}: {verdict.detail}.")
    if verdict.hint:
        print(f"  Hint: {verdict.hint}")
    return False
