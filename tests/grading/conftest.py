"""The sandbox that the grader's tests need."""

from __future__ import annotations

import os

import pytest

from alignlib.grading.wall import why_no_bubblewrap


@pytest.fixture(scope="session")
def bubblewrap() -> None:
    """Without bubblewrap these tests are skipped, but in CI they fail."""
    why = why_no_bubblewrap()
    if why is None:
        return
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(why)
    pytest.skip(why)
