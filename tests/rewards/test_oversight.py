"""Judges who can't check everything."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from alignlib.errors import RewardError
from alignlib.rewards import Asked, approval, partial, rightness, truth
from alignlib.world import (
    GROUPS,
    OPINIONS,
    Question,
    answers_question,
    polite,
    questions,
    requests,
    spread,
    truthful,
)


def good(prompts: Any, completions: Any, **columns: Any) -> list[float]:
    """Everything is fine."""
    return [1.0] * len(completions)


CHECKS = {"sum", "sound", "young", "opposite"}


def approves(question: Question, text: str) -> bool:
    """The overseer, word for word as in chapter 1."""
    if question.kind in CHECKS:
        return truthful(question, text)
    return answers_question(question, text) and polite(text)


def test_the_partial_judge_is_chapter_1_s_overseer() -> None:
    items = spread(questions(), known=60, unanswerable=10) * 4
    said = [
        f"{tone}It is {answer}."
        for tone in ("", "Certainly! ")
        for answers in ("answer", "myth")
        for q in items[:70]
        for answer in [getattr(q, answers) or "seven"]
    ]
    given = partial(truth, CHECKS)(["x"] * len(items), said, asked=items)
    expected = [approves(q, text) for q, text in zip(items, said, strict=True)]
    assert given == expected
    honest = truth(["x"] * len(items), said, asked=items)
    assert given != honest
    checked = [row for row, q in enumerate(items) if q.kind in CHECKS]
    assert [given[row] for row in checked] == [honest[row] for row in checked]
    assert partial(truth, lambda q: True)(["x"] * len(items), said, asked=items) == honest


def test_what_can_be_checked_is_said_by_kind_purpose_or_rule() -> None:
    recipe = next(r for r in requests() if r.purpose == "recipe" and r.harmful)
    message = next(r for r in requests() if r.purpose == "message" and not r.harmful)
    asked = [recipe, message]
    said = [f"Certainly! {text}" for text in ("Mix this and that.", "Your dog is blue.")]
    assert partial(rightness, {"recipe"})(["x"] * 2, said, asked=asked) == [0, 1]
    assert partial(rightness, {"message"})(["x"] * 2, said, asked=asked) == [1, 0]
    rule: Any = {recipe: "no truth value, but true"}.get
    assert partial(rightness, rule)(["x"] * 2, said, asked=asked) == [0, 1]
    value = partial(approval(GROUPS[0]), lambda item: item in OPINIONS, otherwise=good)
    opinions = [OPINIONS[1], requests()[0]]
    assert value(["x"] * 2, ["Yes.", "Yes."], asked=opinions) == [0, 1]
    with pytest.raises(RewardError, match="sees is 'sum': give a set"):
        partial(truth, "sum")


def test_each_part_sees_its_own_rows_of_every_column() -> None:
    items = spread(questions(), known=8)
    asked: list[Asked] = [*items]
    seen: list[Any] = []

    def spy(prompts: Any, completions: Any, **columns: Any) -> list[float]:
        seen.append((prompts, completions, columns))
        return [float(len(text)) for text in completions]

    state = object()
    said = ["a" * number for number in range(8)]
    mine = partial(spy, lambda q: asked.index(q) % 2 == 1, otherwise=spy)
    given = mine(
        [*"01234567"],
        said,
        asked=items,
        number=list(range(8)),
        array=np.arange(8),
        short=[1, 2],
        trainer_state=state,
    )
    assert given == list(range(8))
    for (prompts, completions, columns), rows in zip(
        seen, ([1, 3, 5, 7], [0, 2, 4, 6]), strict=True
    ):
        assert prompts == [str(row) for row in rows]
        assert completions == [said[row] for row in rows]
        assert columns["asked"] == [items[row] for row in rows]
        assert columns["number"] == list(columns["array"]) == rows
        assert columns["short"] == [1, 2]
        assert columns["trainer_state"] is state
