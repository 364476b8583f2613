"""Every target, for a bounded time; and every input that broke one before.

``FUZZ_SECONDS=600 pytest tests/fuzz`` takes that long in all, with other inputs than the usual.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.target import FOUND, Target
from tests.fuzz.targets import TARGETS

EXAMPLES = 100
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))


def run(target: Target, number: int) -> None:
    """Give a target examples that follow from a number."""

    @seed(number)
    @settings(
        max_examples=int(EXAMPLES * target.share),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(target.examples)
    def check(data: bytes) -> None:
        target.check(data)

    check()


def rounds(seconds: float) -> Iterator[int]:
    """One, and more of them while there is time."""
    yield 0
    end = time.monotonic() + seconds
    number = 1
    while time.monotonic() < end:
        yield number
        number += 1


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_is_given_is_answered_or_refused(name: str) -> None:
    for number in rounds(SECONDS / len(TARGETS)):
        run(TARGETS[name], number)


@pytest.mark.parametrize("file", sorted(FOUND.glob("*/*")), ids=lambda file: str(file.name))
def test_what_broke_a_target_once_does_so_no_more(file: Path) -> None:
    TARGETS[file.parent.name].check(file.read_bytes())


def test_what_was_found_is_of_a_target() -> None:
    assert {file.parent.name for file in FOUND.glob("*/*")} <= set(TARGETS)
