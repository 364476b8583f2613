"""Grade a folder of submissions: over the cores, from where a run that was stopped had come to.

A student's result is written whole as soon as it is there, under what it depends on: the student's
files, the exercises and the secret seed. The next run takes over what still fits, and grades the
rest.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from alignlib import files
from alignlib.errors import GradingError
from alignlib.grading.exercise import Exercise
from alignlib.grading.inside.codec import encode
from alignlib.grading.key import make_key
from alignlib.grading.marking import Graded, Mark, Marked, mark
from alignlib.grading.session import Limits
from alignlib.grading.submissions import Submission
from alignlib.grading.wall import Wall


class OutputError(GradingError):
    """The folder of results can't be written."""


VERSION = 1
"""Of what a stored result means; a result of another version is not taken over."""


@dataclass(frozen=True)
class Grades:
    """Every student's marks, in the order of their names, and who could not be graded, and why."""

    marked: Sequence[Marked]
    failed: Mapping[str, str]
    taken_over: int


def prepare(exercises: Mapping[str, Exercise], secret: str) -> dict[str, Graded]:
    """Each exercise with its private cases and what is right for them, from the secret seed.

    Raises:
        GradingError: if the seed is empty, or an exercise's own answer fails.
    """
    if not secret.strip():
        raise GradingError("The secret seed is empty: give any words that students don't know.")
    graded = {}
    for name, exercise in exercises.items():
        digest = hashlib.sha256(f"{secret}\0{name}".encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:16], "big"))
        graded[name] = Graded(exercise, make_key(exercise, exercise.private(rng)))
    return graded


def grade(
    submissions: Sequence[Submission],
    graded: Mapping[str, Graded],
    out: Path,
    wall: Wall,
    *,
    limits: Limits | None = None,
    jobs: int | None = None,
    progress: bool = True,
) -> Grades:
    """Grade every submission, and store each result in its folder below ``out``.

    Args:
        submissions: whose, read and not yet run.
        graded: the exercises that count, by name.
        out: where results go; made if need be.
        wall: what stands between the students' code and the machine.
        limits: what each submission may use.
        jobs: how many at a time, by default as many as there are cores.
        progress: show a bar.

    Raises:
        GradingError: if another run is writing there.
    """
    limits = limits or Limits()
    cancelled = threading.Event()
    marked: dict[str, Marked] = {}
    failed: dict[str, str] = {}
    with _only_one(out), ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        context = _context(graded, limits)
        todo: dict[Future[Marked], Submission] = {}
        for submission in submissions:
            stored = _stored(_result(out, submission), submission, context)
            if stored is None:
                job = pool.submit(mark, submission, graded, wall, limits, cancelled)
                todo[job] = submission
            else:
                marked[submission.student] = stored
        taken_over = len(marked)
        try:
            bar = tqdm(
                as_completed(todo),
                total=len(submissions),
                initial=taken_over,
                unit="student",
                disable=not progress,
            )
            for future in bar:
                submission = todo[future]
                try:
                    result = future.result()
                except Exception as error:  # of one student only
                    own = isinstance(error, GradingError)
                    failed[submission.student] = str(error) if own else repr(error)[:300]
                    continue
                _store(_result(out, submission), submission, context, result)
                marked[submission.student] = result
        except BaseException:
            cancelled.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    order = [submission.student for submission in submissions]
    return Grades([marked[name] for name in order if name in marked], failed, taken_over)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there with all its text or not at all.

    Raises:
        OutputError: if it can't be written, as on a full disk.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_whole(path, text)


@contextlib.contextmanager
def _only_one(out: Path) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        with writing(out):
            out.mkdir(parents=True, exist_ok=True)
            stack.enter_context(files.alone_in(out, GradingError))
        yield


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise an :class:`OutputError` where a path can't be written inside the block."""
    try:
        yield
    except OSError as error:
        why = error.args[0][-1][2] if isinstance(error, shutil.Error) else error.strerror
        raise OutputError(
            f"{path} can't be written: {why}. What was written before is kept: make "
            "room or give a folder that you can write to, and give the command again."
        ) from None


def _result(out: Path, submission: Submission) -> Path:
    return out / "private" / f"{submission.folder}.json"


def _context(graded: Mapping[str, Graded], limits: Limits) -> str:
    """A digest of the keys: exercises, secret seed and version; and of the limits."""
    made = hashlib.sha256(f"{VERSION} {limits}".encode())
    for each in graded.values():
        exercise, key = each.exercise, each.key
        cases = [[case.label, case.inputs, encode(case.known)] for case in key.cases]
        wrong = [[exercise.source(function), hint] for function, hint in exercise.wrong.items()]
        how = [key.name, key.style, key.measure, key.tolerance, exercise.points]
        made.update(json.dumps([how, cases, encode(key.right), wrong]).encode())
    return made.hexdigest()


def _stored(path: Path, submission: Submission, context: str) -> Marked | None:
    try:
        stored = json.loads(path.read_text(encoding="utf8"))
        if stored["of"] != [context, submission.student, submission.digest]:
            return None
        marks = tuple(Mark(**each) for each in stored["marks"])
        return Marked(submission.student, marks, tuple(stored["notes"]), stored["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not there, or no longer what it was: grade it


def _store(path: Path, submission: Submission, context: str, marked: Marked) -> None:
    stored: dict[str, Any] = {
        "of": [context, submission.student, submission.digest],
        "marks": [dataclasses.asdict(each) for each in marked.marks],
        "notes": list(marked.notes),
        "seconds": round(marked.seconds, 3),
    }
    write_whole(path, json.dumps(stored, indent=1) + "\n")
