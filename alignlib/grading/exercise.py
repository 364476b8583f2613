"""An exercise: the answer, cases, and what wrong and right answers look like.

The exercises are in ``chapters/exercises/catalogue/``, one file each, outside the package: what is
installed with ``pip`` has the public cases and their hints, and no solution.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from alignlib.errors import GradingError

Answer = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """One call.

    Attributes:
        label: a few words on what is special in it.
        inputs: what the function is given, by name and in order.
        known: what the measure is given besides; it never reaches the student's code.
    """

    label: str
    inputs: Mapping[str, Any]
    known: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Exercise:
    """One exercise. Its name is that of the function to write.

    Attributes:
        number: of the chapter and the place in its notebook, such as ``2.1``.
        answer: a right function; its signature and docstring are what a student starts from.
        points, minutes: whole numbers; ``difficulty`` from 1 to 3.
        public: the cases of the check in the notebook.
        private: makes the cases of grading from a generator.
        besides: what the private cases try that the public ones don't; ends the check's sentence
            'Grading also tries ...'.
        wrong: wrong functions, each with the hint that it gets.
        right: other right functions.
        style: how the function is called: one of ``alignlib.grading.inside.calls.STYLES``.
        measure: what is made of its answer: one of ``alignlib.grading.measures.MEASURES``.
        tolerance: how far an answer may be from the right one, relative to its largest number.
    """

    number: str
    answer: Answer
    points: int
    minutes: int
    difficulty: int
    public: Sequence[Case]
    private: Callable[[np.random.Generator], Sequence[Case]]
    besides: str
    wrong: Mapping[Answer, str]
    right: Sequence[Answer]
    style: str = "value"
    measure: str = "itself"
    tolerance: float = 1e-4

    @property
    def name(self) -> str:
        return self.answer.__name__

    @property
    def chapter(self) -> str:
        """The chapter's number, as a text."""
        return self.number.partition(".")[0]

    def source(self, variant: Answer | None = None) -> str:
        """The code of the answer, or of another function under the answer's name."""
        function = variant or self.answer
        code = inspect.getsource(function)
        return code if function is self.answer else f"{code}\n\n{self.name} = {function.__name__}\n"


def load_exercises(folder: Path) -> dict[str, Exercise]:
    """Every exercise of a catalogue folder, by name, in the order of their numbers.

    The files are run: they are the instructor's.

    Raises:
        GradingError: if there is no such folder, or a file has no ``EXERCISE`` of its own name.
    """
    found = sorted(folder.glob("*.py")) if folder.is_dir() else []
    paths = [path for path in found if "EXERCISE" in path.read_text(encoding="utf8")]
    if not paths:
        raise GradingError(
            f"There are no exercises in {folder}: give the catalogue folder of a copy of the "
            "course, chapters/exercises/catalogue."
        )
    loaded = [_load(path) for path in paths]
    loaded.sort(key=lambda exercise: [int(part) for part in exercise.number.split(".")])
    return {exercise.name: exercise for exercise in loaded}


def choose(exercises: Mapping[str, Exercise], chapters: Sequence[str]) -> dict[str, Exercise]:
    """The exercises of some chapters, given by number; all if none is given.

    Raises:
        GradingError: if there is no such chapter.
    """
    known = dict.fromkeys(exercise.chapter for exercise in exercises.values())
    wanted = [part.lstrip("0") for given in chapters for part in given.split(",")]
    for part in wanted:
        if part not in known:
            raise GradingError(
                f"No chapter {part!r} has exercises; these have: {', '.join(known)}."
            )
    return {n: each for n, each in exercises.items() if not wanted or each.chapter in wanted}


def _load(path: Path) -> Exercise:
    name = f"alignlib_exercise_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise GradingError(f"{path} can't be read as Python.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and inspect look modules up
    spec.loader.exec_module(module)
    exercise = getattr(module, "EXERCISE", None)
    if not isinstance(exercise, Exercise) or exercise.name != path.stem:
        raise GradingError(f"{path} has no EXERCISE for a function called {path.stem}.")
    return exercise
