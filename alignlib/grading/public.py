"""The public checks as they lie in the package: cases, right answers and hints, and no solution."""

from __future__ import annotations

import functools
import json
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from alignlib.errors import GradingError
from alignlib.grading.exercise import Exercise
from alignlib.grading.inside.codec import encode, plain
from alignlib.grading.key import Key, Mistake, Question, make_key

FOLDER = resources.files("alignlib.grading") / "public"


@dataclass(frozen=True)
class PublicCheck:
    """The key of the public cases, and what grading tries besides."""

    key: Key
    besides: str


def public_check(name: str) -> PublicCheck:
    """The public check of an exercise.

    Raises:
        GradingError: if there is no exercise of that name.
    """
    path = FOLDER / f"{name}.json"
    if not name.isidentifier() or not path.is_file():
        names = sorted(Path(str(p)).stem for p in FOLDER.iterdir() if str(p).endswith(".json"))
        raise GradingError(f"There is no exercise {name!r}; there are: {', '.join(names)}.")
    stored = json.loads(path.read_text(encoding="utf8"))
    key = Key(
        **{field: stored[field] for field in ("name", "style", "measure", "tolerance")},
        cases=[Question(**case) for case in stored["cases"]],
        right=_read(stored["right"]),
        mistakes=[
            Mistake(mistake["hint"], functools.partial(_read, mistake["gives"]))
            for mistake in stored["mistakes"]
        ],
    )
    return PublicCheck(key, stored["besides"])


def public_text(exercise: Exercise) -> str:
    """The file of an exercise's public check, the same for the same exercise."""
    key = make_key(exercise, exercise.public)
    stored = {
        **{field: getattr(key, field) for field in ("name", "style", "measure", "tolerance")},
        "besides": exercise.besides,
        "cases": [asdict(case) for case in key.cases],
        "right": [_write(value) for value in key.right],
        "mistakes": [
            {"hint": mistake.hint, "gives": [_write(value) for value in mistake.gives()]}
            for mistake in key.mistakes
        ],
    }
    return json.dumps(stored, separators=(",", ":"), ensure_ascii=False) + "\n"


def _read(values: list[Any]) -> list[Any]:
    return [plain(value) for value in values]


def _write(value: Any) -> Any:
    return encode(_rounded(value))


def _rounded(value: Any) -> Any:
    """Nine digits: far inside every tolerance, and the same on every machine."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        rounded = [float(f"{x:.9g}") for x in value.ravel()]
        return np.array(rounded).reshape(value.shape)
    return value
