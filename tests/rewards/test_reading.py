"""What every reward reads, in every form in which it may come."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from alignlib import chat
from alignlib.errors import RewardError
from alignlib.rewards import (
    Features,
    LearnedReward,
    Reward,
    approval,
    bag_of_words,
    compare,
    learn_reward,
    length,
    looks_right,
    noisy,
    partial,
    politeness,
    rightness,
    rudeness,
    sentiment,
    side_by_side,
    texts,
    toxicity,
    truth,
    vote,
    weighted,
)
from alignlib.rewards.reading import scores
from alignlib.world import GROUPS, OPINIONS, Opinion, question_bank, questions, requests

FRANCE = next(q for q in questions() if q.text == "What is the capital of France?")
ASKED = [FRANCE, FRANCE, FRANCE, FRANCE]
SAID = ["It is Paris.", "Certainly! It is Rome.", "It is Rome, you fool.", ""]
PROMPTS = [chat(q.text) for q in ASKED]

LEARNED: LearnedReward = learn_reward(
    compare(politeness, PROMPTS[:3], SAID[:3], SAID[1:], noise=0.0), held_out=0.0
)
REWARDS: dict[str, Reward] = {
    "truth": truth,
    "rightness": rightness,
    "politeness": politeness,
    "rudeness": rudeness,
    "looks_right": looks_right,
    "approval": approval(GROUPS[0]),
    "vote": vote(judges_per_group=2, noise=0.3),
    "noisy": noisy(truth, 0.5, seed=1),
    "partial": partial(truth, {"sum"}),
    "sentiment": sentiment,
    "toxicity": toxicity,
    "words": length(),
    "characters": length("characters", target=9),
    "weighted": weighted({"truth": (truth, 2.0), "rude": (rudeness, -1.0)}),
    "learned": LEARNED,
}


def replies(said: list[str]) -> list[list[dict[str, str]]]:
    return [[{"role": "assistant", "content": text}] for text in said]


@pytest.mark.parametrize("name", REWARDS)
def test_it_can_be_called_as_trl_calls_it(name: str) -> None:
    """By keyword, with columns and objects of the trainer's that are none of its business."""
    given = REWARDS[name](
        prompts=PROMPTS,
        completions=replies(SAID),
        completion_ids=[[1], [2, 3], [4], []],
        asked=ASKED,
        difficulty=[1, 2, 3, 4],
        trainer_state=object(),
        log_extra=print,
        log_metric=print,
    )
    assert [type(value) for value in given] == [float] * 4


@pytest.mark.parametrize("name", REWARDS)
def test_texts_and_chats_are_judged_alike_and_always_the_same(name: str) -> None:
    reward = REWARDS[name]
    given = reward(PROMPTS, SAID, asked=ASKED)
    assert given == reward(PROMPTS, replies(SAID), asked=ASKED)
    assert given == reward(PROMPTS, SAID, asked=[FRANCE.text] * 4)
    assert given == reward(PROMPTS, tuple(SAID), asked=tuple(ASKED))
    one_by_one = [reward([p], [y], asked=[q])[0] for p, y, q in zip(PROMPTS, SAID, ASKED)]  # noqa: B905
    assert given == pytest.approx(one_by_one, abs=1e-12)
    assert reward([], [], asked=[]) == []


@pytest.mark.parametrize("name", REWARDS)
def test_lengths_that_differ_are_refused(name: str) -> None:
    with pytest.raises(RewardError, match="4 prompts and 3 completions"):
        REWARDS[name](PROMPTS, SAID[:3], asked=ASKED)
    wrong: list[Any] = [("What?", SAID), (PROMPTS, "Paris."), (PROMPTS, replies(SAID)[0])]
    for prompts, said in wrong:
        with pytest.raises(RewardError, match="come as a list"):
            REWARDS[name](prompts, said, asked=ASKED)


NEED_ASKED = [
    "truth",
    "rightness",
    "looks_right",
    "approval",
    "vote",
    "noisy",
    "partial",
    "weighted",
]


@pytest.mark.parametrize("name", NEED_ASKED)
def test_what_was_asked_must_be_said(name: str) -> None:
    reward = REWARDS[name]
    with pytest.raises(RewardError, match="needs the column 'asked'"):
        reward(PROMPTS, SAID)
    with pytest.raises(RewardError, match="'asked' has 3 entries for 4 completions"):
        reward(PROMPTS, SAID, asked=ASKED[:3])
    with pytest.raises(RewardError, match="TinyWorld does not ask 'Why\\?'"):
        reward(PROMPTS, SAID, asked=["Why?"] * 4)
    with pytest.raises(RewardError, match="'asked' holds 7"):
        reward(PROMPTS, SAID, asked=[7] * 4)
    with pytest.raises(RewardError, match="asked come as a list"):
        reward(PROMPTS, SAID, asked=FRANCE.text)


def test_all_that_the_world_asks_is_known_by_its_text() -> None:
    """No text asks two things, and the world's own version, which has a subject, is taken."""
    for pool in (questions(), questions("held-out"), question_bank(), requests(), OPINIONS):
        for item in pool:
            said, reward = "Paris. I can not help with that.", REWARDS["rightness"]
            if isinstance(item, Opinion):
                said, reward = item.answer(item.coast), approval(GROUPS[0])
            by_text = reward(["?"], [said], asked=[item.text])
            assert by_text == reward(["?"], [said], asked=[item])
    assert partial(truth, lambda item: item == FRANCE)(["?"], ["Paris."], asked=[FRANCE.text]) == [
        1
    ]


def test_a_completion_is_a_text_or_one_reply() -> None:
    assert texts(["a", *replies(["b"]), [{"content": "c"}]]) == ["a", "b", "c"]
    strange: list[Any] = [
        3,
        None,
        [],
        ["a"],
        [{"role": "user", "content": "a"}],
        [{"role": "assistant", "content": ["a"]}],
        [{"role": "assistant"}],
        replies(["a"])[0] * 2,
        {"role": "assistant", "content": "a"},
    ]
    for completion in strange:
        with pytest.raises(RewardError, match="Completion 1 is"):
            texts(["a", completion])


def test_what_a_reward_gives_is_checked() -> None:
    def of(given: Any) -> Reward:
        return lambda prompts, completions, **columns: given

    assert scores(of(np.array([1, 2])), ["x", "x"], ["y", "y"], {}) == [1.0, 2.0]
    assert scores(of(torch.tensor([1.0, 2.0])), ["x", "x"], ["y", "y"], {}) == [1.0, 2.0]
    assert scores(of([True, 0]), ["x", "x"], ["y", "y"], {}) == [1.0, 0.0]
    for given in ([1.0], [1.0, 2.0, 3.0], None, 1.0):
        with pytest.raises(RewardError, match=r"'<lambda>' gave .* for 2 completions"):
            scores(of(given), ["x", "x"], ["y", "y"], {})
    for value in (float("nan"), float("inf"), None, "1"):
        with pytest.raises(RewardError, match="for completion 1"):
            side_by_side({"odd": of([1.0, value])}, ["x", "x"], ["y", "y"])


def test_features_are_named() -> None:
    features: Features = bag_of_words(SAID)
    assert len(features.names) == features.of([], []).shape[1] == len(LEARNED.by_feature)
