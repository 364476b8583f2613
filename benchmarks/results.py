"""Result files: one for each run, whole or not at all, and never one over another."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.goals import Goal
from benchmarks.row import BenchmarkError, Row


@dataclass(frozen=True)
class Result:
    """What a run found.

    Attributes:
        date: when it began, as yyyy-mm-dd.
        device: ``"cpu"`` or ``"cuda"``.
        machine: what it is: see :func:`benchmarks.machine.describe`.
        versions: of Python and packages.
        settings: the run's options.
        limits: what the machine can do at most; empty where it was not measured.
        rows: what was measured.
        goals: of the rows.
    """

    date: str
    device: str
    machine: dict[str, Any]
    versions: dict[str, str]
    settings: dict[str, Any]
    limits: dict[str, float]
    rows: list[Row]
    goals: list[Goal]


def write(result: Result, folder: Path) -> Path:
    """Write a result as ``<device>-<date>-<n>.json`` with the first n that is free."""
    made = {name: value for name, value in vars(result).items() if name not in ("rows", "goals")}
    made["goals"] = [vars(goal) | {"met": goal.met} for goal in result.goals]
    made["rows"] = [row.as_json() for row in result.rows]
    return write_json(made, folder, f"{result.device}-{result.date}")


def write_json(made: Mapping[str, Any], folder: Path, name: str) -> Path:
    """Write what was made as ``<name>-<n>.json`` with the first n that is free."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, written = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(made, file, indent=1, allow_nan=False)
            file.write("\n")
        os.chmod(written, 0o644)
        number = 1
        while True:
            path = folder / f"{name}-{number}.json"
            try:
                os.link(written, path)  # fails where there is one
            except FileExistsError:
                number += 1
            else:
                return path
    finally:
        os.unlink(written)


def read(path: Path) -> Result:
    """The result in a file.

    Raises:
        BenchmarkError: if there is none in it.
    """
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        goals = [Goal(each["goal"], each["wanted"], each["measured"]) for each in made.pop("goals")]
        rows = [Row.from_json(each) for each in made.pop("rows")]
        return Result(**made, rows=rows, goals=goals)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise BenchmarkError(
            f"{path} holds no result: {error}. Give files that `python -m benchmarks` wrote."
        ) from error


def of_same_machine(results: Sequence[Result]) -> dict[str, list[Result]]:
    """Results by the words for their machine."""
    found: dict[str, list[Result]] = {}
    for result in results:
        machine = result.machine
        name = (
            f"{machine['gpu'] or machine['cpu']}, {machine['cores']} cores, "
            f"{machine['threads']} threads, {machine['memory_gb']} GB"
        )
        found.setdefault(name, []).append(result)
    return found
