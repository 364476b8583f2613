"""No grader can be fooled by a wrong answer that is known, and none fails a right one."""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from alignlib.grading import __main__ as publish
from alignlib.grading.exercise import Exercise
from alignlib.grading.public import public_check, public_text
from alignlib.grading.trial import Trial, try_exercise
from book.exercises import PLACE, read_answer
from book.project import load_project
from tests.grading.notebooks import (
    CATALOGUE,
    FOLDER,
    ROOT,
    exercises,
    notebook_path,
    of_chapter,
    solved,
    text,
)

NAMES = sorted(path.stem for path in CATALOGUE.glob("*.py"))
PUBLIC = Path(publish.__file__).parent / "public"


@pytest.fixture(params=NAMES)
def exercise(request: pytest.FixtureRequest) -> Exercise:
    return exercises()[request.param]


def test_each_wrong_answer_loses_and_gets_its_hint_and_each_right_one_keeps(
    exercise: Exercise,
) -> None:
    trial = _tried(exercise.name)
    assert not trial.problems, "\n".join(trial.problems)
    assert trial.killed == trial.wrong


def test_the_kill_rate_is_all(record_property: Callable[[str, object], None]) -> None:
    trials = [_tried(name) for name in exercises()]
    killed, wrong = sum(t.killed for t in trials), sum(t.wrong for t in trials)
    record_property("kill rate of the graders", f"{killed}/{wrong} = {killed / wrong:.0%}")
    assert killed == wrong


def test_the_catalogue_is_large_enough(exercise: Exercise) -> None:
    assert len(NAMES) >= 14
    assert len(set(exercise.wrong.values())) >= 6, "different mistakes, each with its hint"
    assert len(exercise.right) >= 2
    assert exercise.besides.endswith(".")


def test_an_answer_of_zeros_is_never_right(exercise: Exercise) -> None:
    """Where all that is right is zero, a tolerance would let anything small pass."""
    from alignlib.grading.compare import difference
    from alignlib.grading.key import make_key

    key = make_key(exercise, exercise.public)
    same = [difference(value, _zeroed(value), key.tolerance) is None for value in key.right]
    assert not all(same)


def agree(one: Any, other: Any) -> bool:
    """Whether two values of JSON are the same, but for what processors make of a last digit."""
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-5, abs=1e-6, nan_ok=True)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(agree(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(agree, one, other))
    return type(one) is type(other) and bool(one == other)


def test_the_public_check_is_in_step(exercise: Exercise) -> None:
    path = PUBLIC / f"{exercise.name}.json"
    stored, made = json.loads(path.read_text(encoding="utf8")), json.loads(public_text(exercise))
    assert agree(stored, made), "run: python -m alignlib.grading"
    assert public_check(exercise.name).besides == exercise.besides


def test_the_package_has_no_public_check_without_an_exercise() -> None:
    assert sorted(path.stem for path in PUBLIC.glob("*.json")) == NAMES


def test_the_public_check_holds_no_code(exercise: Exercise) -> None:
    stored = (PUBLIC / f"{exercise.name}.json").read_text(encoding="utf8")
    for function in (exercise.answer, *exercise.wrong, *exercise.right):
        lines = [line.strip() for line in exercise.source(function).splitlines()]
        code = [line for line in lines if line.startswith(("def ", "return ", "for "))]
        assert not [line for line in code if json.dumps(line)[1:-1] in stored]


def test_each_exercise_stands_in_its_chapter_once() -> None:
    for page in sorted(FOLDER.glob("ex*.md")):
        places = PLACE.findall(page.read_text(encoding="utf8"))
        assert places == list(of_chapter(page.stem)), "in the order of their numbers"


def test_a_students_notebook_has_no_solution(exercise: Exercise) -> None:
    """None of the lines of an answer's body stands in the notebook that is handed out."""
    if load_project(ROOT).solutions:
        pytest.skip("The solutions are released.")
    handed_out = notebook_path(exercise).read_text(encoding="utf8")
    tree = ast.parse(exercise.source())
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    body = [ast.unparse(node).splitlines()[0] for node in function.body[1:]]
    for line in exercise.source().splitlines():
        if line.strip() and line.strip() in {part.strip() for part in body} and len(line) > 24:
            assert line.strip() not in handed_out, line


def test_the_stub_has_signature_and_docstring(exercise: Exercise) -> None:
    answer = read_answer(CATALOGUE / f"{exercise.name}.py")
    namespace: dict[str, object] = {}
    exec("import math\nimport numpy as np\nimport torch\n" + answer.head + answer.stub, namespace)
    stub: Any = namespace[exercise.name]
    assert stub.__doc__ == exercise.answer.__doc__
    assert max(map(len, answer.stub.splitlines())) <= 88, "wider than a page"
    with pytest.raises(NotImplementedError):
        stub(*[None] * stub.__code__.co_argcount)


def test_answers_need_nothing_that_the_notebook_lacks(exercise: Exercise) -> None:
    """Every function of the catalogue stands on its own beside math, np and torch."""
    page = (FOLDER / f"{notebook_path(exercise).stem}.md").read_text(encoding="utf8")
    allowed = {"math", "np", exercise.name} | ({"torch"} if "\nimport torch\n" in page else set())
    for function in (exercise.answer, *exercise.wrong, *exercise.right):
        names = _globals(function.__code__) - set(dir(builtins)) - {function.__name__}
        assert names <= allowed, f"{function.__name__} uses {names - allowed}"


def test_the_guide_counts_them_right() -> None:
    guide = (FOLDER.parent / "instructors.md").read_text(encoding="utf8")
    for page in sorted(FOLDER.glob("ex*.md")):
        chosen = of_chapter(page.stem).values()
        names = ", ".join(f"`{each.name}`" for each in chosen)
        points, minutes = sum(e.points for e in chosen), sum(e.minutes for e in chosen)
        assert f"](exercises/{page.name}) | {names} | {points} | {minutes} |" in guide
    points = sum(each.points for each in exercises().values())
    minutes = sum(each.minutes for each in exercises().values())
    assert f"| together | {len(NAMES)} | {points} | {minutes} |" in guide


def test_the_readme_counts_them_right() -> None:
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf8").split())
    wrong = sum(len(each.wrong) for each in exercises().values())
    right = sum(len(each.right) for each in exercises().values())
    assert f"a catalogue of wrong answers, {wrong} in all" in readme
    assert f"and {right} other right answers have to keep theirs" in readme


def test_a_solved_notebook_holds_every_answer() -> None:
    for page in sorted(FOLDER.glob("ex*.md")):
        made = text(solved(page.stem))
        assert not re.search(r"raise NotImplementedError", made), page.stem


def _globals(code: CodeType) -> set[str]:
    names = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    return names.union(*(_globals(c) for c in code.co_consts if isinstance(c, CodeType)))


@functools.cache
def _tried(name: str) -> Trial:
    exercise = exercises()[name]
    seeds = 1 if exercise.style == "draws" else 5  # drawing takes its time
    return try_exercise(exercise, range(seeds))


def _zeroed(value: object) -> object:
    import numpy as np

    if isinstance(value, dict):
        return {key: _zeroed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_zeroed(item) for item in value]
    if isinstance(value, np.ndarray):
        return np.zeros_like(value)
    return 0 if isinstance(value, int | float) else value
