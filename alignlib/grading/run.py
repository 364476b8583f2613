"""One run of ``alignlib grade``, from its options to its reports."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

from alignlib.grading.exercise import choose, load_exercises
from alignlib.grading.grading import grade, prepare, write_whole
from alignlib.grading.reports import scores_text, write_feedback
from alignlib.grading.session import Limits
from alignlib.grading.submissions import collect, collect_one
from alignlib.grading.summary import mistakes_text, summary, wrong_text
from alignlib.grading.wall import raise_wall, unprotected_means


def run(options: argparse.Namespace, secret: str) -> int:
    """Grade, write every report, say how the class did; 0 if every student was graded.

    Raises:
        GradingError: if there is nothing to grade, or no sandbox to grade it in.
    """
    with _terminated_as_interrupted():
        return _run(options, secret)


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does, which leaves nothing behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(options: argparse.Namespace, secret: str) -> int:
    exercises = choose(load_exercises(options.exercises), options.chapters)
    hidden = [options.submissions, options.out, options.exercises]
    wall = raise_wall(options.unprotected, [path.resolve() for path in hidden])
    if not wall.bubblewrap:
        print(f"alignlib grade: no sandbox. {unprotected_means()}", file=sys.stderr)
    if options.single is None:
        submissions = collect(options.submissions)
    else:
        submissions = [collect_one(options.submissions, options.single)]
    limits = Limits(
        seconds=options.seconds,
        total_seconds=6 * options.seconds,
        memory_bytes=int(options.memory * 2**30),
    )
    grades = grade(
        submissions,
        prepare(exercises, secret),
        options.out,
        wall,
        limits=limits,
        jobs=options.jobs,
        progress=not options.quiet,
    )
    write_feedback(grades, submissions, options.out, show_cases=options.show_cases)
    if options.single is None:
        for name, text in (
            ("scores", scores_text),
            ("mistakes", mistakes_text),
            ("wrong", wrong_text),
        ):
            write_whole(options.out / f"{name}.csv", text(grades))
    if not options.quiet:
        print(summary(grades))
        print(f"Feedback is in {options.out / 'students'}, tables in {options.out}.")
    return int(bool(grades.failed))
