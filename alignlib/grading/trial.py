"""A trial of the graders: every wrong answer loses its points, every right one keeps them.

Each function of the catalogue is judged as a student's would be, on the public cases and on the
private ones of several seeds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from alignlib.grading.exercise import Answer, Exercise
from alignlib.grading.inside.calls import answer
from alignlib.grading.key import Key, Verdict, diagnose, make_key


@dataclass(frozen=True)
class Trial:
    """What came of one exercise's catalogue.

    Attributes:
        wrong, right: how many wrong and other right functions it has.
        killed: wrong functions that lost their points on every set of cases.
        problems: a sentence for each function that was not judged as it should be.
    """

    name: str
    wrong: int
    right: int
    killed: int
    problems: tuple[str, ...]


def try_exercise(exercise: Exercise, seeds: Iterable[int] = range(3)) -> Trial:
    """Judge every function of an exercise's catalogue on public cases and on those of each seed."""
    keys = {"in public": make_key(exercise, exercise.public)}
    for seed in seeds:
        cases = exercise.private(np.random.default_rng(seed))
        keys[f"with seed {seed}"] = make_key(exercise, cases)
    problems, killed = [], 0
    for wrong, hint in exercise.wrong.items():
        verdicts = {where: judge(key, wrong) for where, key in keys.items()}
        killed += not any(verdict.passed for verdict in verdicts.values())
        for where, verdict in verdicts.items():
            name = f"{exercise.name}, {wrong.__name__}, {where}"
            if verdict.passed:
                problems.append(f"{name}: a wrong answer keeps its points")
            elif verdict.hint != hint:
                problems.append(f"{name}: gets another hint: {verdict.hint!r} ({verdict.detail})")
    for right in (exercise.answer, *exercise.right):
        for where, key in keys.items():
            verdict = judge(key, right)
            if not verdict.passed:
                name = f"{exercise.name}, {right.__name__}, {where}"
                problems.append(f"{name}: a right answer loses its points: {verdict.detail}")
    return Trial(exercise.name, len(exercise.wrong), len(exercise.right), killed, tuple(problems))


def judge(key: Key, function: Answer) -> Verdict:
    """The verdict on a function that is run here."""
    return diagnose(key, [answer(function, key.style, case.inputs) for case in key.cases])


def table(exercises: Mapping[str, Exercise], seeds: Iterable[int] = range(3)) -> str:
    """The kill rate of every exercise, and what is not as it should be."""
    trials = [try_exercise(exercise, tuple(seeds)) for exercise in exercises.values()]
    wide = max(len(trial.name) for trial in trials)
    lines = [f"{'exercise':{wide}}  wrong  killed  right"]
    lines += [f"{t.name:{wide}}{t.wrong:7}{t.killed:8}{t.right:7}" for t in trials]
    wrong, killed = sum(t.wrong for t in trials), sum(t.killed for t in trials)
    lines.append(f"kill rate {killed}/{wrong} = {killed / wrong:.0%}")
    return "\n".join(lines + [problem for trial in trials for problem in trial.problems])
