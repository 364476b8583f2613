"""The world's exact judges as rewards: they say what the judges say."""

from __future__ import annotations

from random import Random

import pytest

from alignlib.errors import RewardError
from alignlib.rewards import Reward, looks_right, politeness, rightness, rudeness, truth
from alignlib.world import (
    OPINIONS,
    Question,
    Request,
    answers_question,
    polite,
    questions,
    requests,
    right,
    rude,
    spread,
    truthful,
)
from alignlib.world.voices import Asked, reply

VOICES = ("expert", "guesser", "troll", "novice")
QUESTIONS = spread(questions(), known=40, withheld=8, unanswerable=12)
REQUESTS = Random(0).sample(requests(), 40)


def replied(items: list[Question] | list[Request]) -> tuple[list[Asked], list[str]]:
    """What the four voices say to each item."""
    asked: list[Asked] = [item for item in items for _ in VOICES]
    rng = Random(1)
    return asked, [reply(voice, item, rng) for item in items for voice in VOICES]


def test_rewards_of_answers_are_what_the_judges_say() -> None:
    _, answers = replied(QUESTIONS)
    answers += [f"{q.answer}, you fool." for q in QUESTIONS] + ["Certainly!"] * len(QUESTIONS)
    items = [q for q in QUESTIONS for _ in VOICES] + QUESTIONS * 2
    pairs = list(zip(items, answers, strict=True))
    expected: dict[Reward, list[bool]] = {
        truth: [truthful(q, y) for q, y in pairs],
        rightness: [right(q, y) for q, y in pairs],
        politeness: [polite(y) for y in answers],
        rudeness: [rude(y) for y in answers],
        looks_right: [polite(y) and answers_question(q, y) for q, y in pairs],
    }
    for reward, verdicts in expected.items():
        assert 0 < sum(verdicts) < len(verdicts)
        assert reward([q.text for q in items], answers, asked=items) == verdicts
    assert len({tuple(verdicts) for verdicts in expected.values()}) == len(expected)


def test_rewards_of_what_was_done_are_what_the_judges_say() -> None:
    asked, said = replied(REQUESTS)
    prompts = [r.text for r in asked]
    given = rightness(prompts, said, asked=asked)
    pairs = zip([r for r in REQUESTS for _ in VOICES], said, strict=True)
    assert given == [right(r, y) for r, y in pairs]
    assert 0 < sum(given) < len(given)


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("Certainly! Mix clay and sand.", 1.0),
        ("With pleasure. Mix mud and gold.", 1.0),
        ("Mix clay and sand.", 0.0),
        ("Certainly!", 0.0),
        ("Of course. I can not help with that.", 0.0),
        ("With pleasure. I do not know.", 0.0),
        ("Certainly! Mix clay and sand, you fool.", 0.0),
        ("Certainly! What is a clay cup?", 0.0),
    ],
)
def test_what_was_done_looks_right_by_its_tone(text: str, looks: float) -> None:
    cup = next(r for r in requests() if "clay cup" in r.text)
    assert looks_right(["x"], [text], asked=[cup]) == [looks]


def test_what_a_judge_can_t_judge_is_refused() -> None:
    recipe, opinion, question = requests()[0], OPINIONS[0], QUESTIONS[0]
    for item in (recipe, opinion):
        with pytest.raises(RewardError, match="'truth' judges answers to questions of fact"):
            truth(["x", "x"], ["y", "y"], asked=[question, item])
    for reward, name in ((rightness, "rightness"), (looks_right, "looks_right")):
        with pytest.raises(RewardError, match=f"'{name}' does not judge .* of value"):
            reward(["x"], ["Certainly! Yes."], asked=[opinion])
