"""A reward function does what it should not. It is the user's own code, and can be anything."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from alignlib import LM, chat
from alignlib.errors import RewardError, TrainingError
from alignlib.history import Row
from alignlib.model import Prompt
from alignlib.reinforce import reinforce
from tests.faults.report import Fault
from tests.small_training import assert_at_rest, assert_same, fresh, gap, weights

PROMPTS: list[Prompt] = ["the cat ", "a dog ran to the mat and ", "x", "who is it? ", "say no. "]
COLUMNS: dict[str, list[Any]] = {
    "notes": [{"words": ["sat", "mat"], "wanted": number} for number in range(5)],
    "scores": [np.arange(3.0) + number for number in range(5)],
    "marks": [torch.arange(3.0) for _ in range(5)],
}


def vowels(completions: Sequence[Any], **columns: Any) -> list[float]:
    """A reward that differs between completions."""
    said = [each if isinstance(each, str) else each[0]["content"] for each in completions]
    return [sum(text.count(vowel) for vowel in "aeiou") - 0.1 * len(text) for text in said]


def rewarded(lm: LM, reward: Any = vowels, **settings: Any) -> list[Row]:
    """Three steps of two prompts with four completions each."""
    usual: dict[str, Any] = {
        "steps": 3, "prompts_per_step": 2, "samples_per_prompt": 4, "max_new_tokens": 6,
        "learning_rate": 1e-2, "progress": False,
    }  # fmt: skip
    rows = reinforce(lm, settings.pop("prompts", PROMPTS), reward, **(usual | settings)).rows
    return [{name: row[name] for name in row if "second" not in name} for row in rows]


def hostile(**given: Any) -> list[float]:
    """Rewards as they should be, from a function that ruins all that it can reach."""
    said = vowels(**given)
    given["completions"].sort()
    given["completions"][0] = "a completion of its own"
    given["prompts"].reverse()
    for tokens in given["completion_ids"]:
        tokens.clear()
    for note in given["notes"]:
        note["words"].append("bat")
        note.pop("wanted")
    for scores, marks in zip(given["scores"], given["marks"], strict=True):
        scores.sort()
        scores[:] = math.nan
        marks.fill_(math.nan)
    given["trainer_state"].global_step = given["trainer_state"].max_steps = -1
    given["trainer_state"].log_history.append("nonsense")
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(0)
    torch.set_grad_enabled(False)
    given.clear()
    return said


def test_what_it_does_to_what_it_is_given_stays_with_it(llama: LM, fault: Fault) -> None:
    def careful(**given: Any) -> list[float]:
        """Sees the same, whoever came before."""
        assert all(set(note) == {"words", "wanted"} for note in given["notes"])
        assert all(note["words"] == ["sat", "mat"] for note in given["notes"])
        assert all(np.isfinite(scores).all() for scores in given["scores"])
        assert given["trainer_state"].max_steps == 3
        assert all(given["completion_ids"])
        return vowels(**given)

    lm, expected, prompts = fresh(llama), fresh(llama), list(PROMPTS)
    said = rewarded(expected, vowels, watch={"careful": careful}, columns=COLUMNS)
    try:
        found = rewarded(
            lm, {"vowels": hostile}, watch={"careful": careful}, columns=COLUMNS, prompts=prompts
        )
        assert torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    assert found == said
    assert_same(weights(lm), weights(expected))
    assert gap(weights(lm), weights(llama)) > 1e-3
    assert prompts == PROMPTS
    assert COLUMNS["notes"] == [{"words": ["sat", "mat"], "wanted": n} for n in range(5)]
    assert [list(each) for each in COLUMNS["scores"]] == [[n, n + 1, n + 2] for n in range(5)]
    fault(
        "A reward sorts, empties and overwrites what it is given, and seeds every generator",
        happens="nothing: each function is given copies of its own",
        kept="prompts, columns and the training, bit for bit",
    )


def test_messages_of_chats_are_copies_too(tiny: LM) -> None:
    def vandal(prompts: Any, completions: Any, **_: Any) -> list[float]:
        said = vowels(completions)
        for messages in (*prompts, *completions):
            messages[0]["content"] = ""
            messages.append({"role": "user", "content": "more"})
        return said

    asked: list[Prompt] = [chat("What is 1 + 1?"), chat("Who are you?", "Be brief.")]
    lm, expected = fresh(tiny), fresh(tiny)
    usual: dict[str, Any] = {"steps": 2, "prompts": asked, "learning_rate": 1e-3}
    said = rewarded(expected, {"one": vowels, "two": vowels}, **usual)
    assert rewarded(lm, {"one": vandal, "two": vowels}, **usual) == said
    assert_same(weights(lm), weights(expected))
    assert asked == [chat("What is 1 + 1?"), chat("Who are you?", "Be brief.")]


def test_a_model_that_it_puts_into_training_mode_learns_without_dropout(
    dropping: LM, fault: Fault
) -> None:
    lm, expected = fresh(dropping), fresh(dropping)

    def wakes(**given: Any) -> list[float]:
        lm.model.train()
        return vowels(**given)

    said = rewarded(expected)
    assert rewarded(lm, {"wakes": wakes}) == said
    assert_same(weights(lm), weights(expected))
    assert_at_rest(lm)
    fault(
        "A reward puts the model into training mode",
        happens="nothing: dropout is off wherever it is learnt from",
        kept="the training, bit for bit",
    )


class Unspeakable:
    """It can't even be shown."""

    def __repr__(self) -> str:
        raise ZeroDivisionError


def gives(value: Any) -> Callable[..., Any]:
    def given(**_: Any) -> Any:
        if isinstance(value, BaseException):
            raise value
        return value() if callable(value) else value

    return given


def endless() -> Iterator[float]:
    while True:
        yield 0.0


def breaks_off() -> Iterator[float]:
    yield 0.0
    raise ZeroDivisionError("no more")


def test_an_error_in_it_ends_the_run(llama: LM, fault: Fault) -> None:
    def fails(**_: Any) -> list[float]:
        raise ZeroDivisionError("no words in it")

    with pytest.raises(RewardError, match="'fails' raised ZeroDivisionError: no words") as caught:
        rewarded(fresh(llama), fails)
    caught.value.args = (str(caught.value).partition(" It was given ")[0] + " ...",)
    fault("A reward raises", happens=caught.value, kept="the weights before the step")


@pytest.mark.parametrize("rank", [None, 2])
@pytest.mark.parametrize(
    "returned",
    [
        RuntimeError("no"), [0.0] * 7, [0.0] * 9, ["x"] * 8, [None] * 8, [math.nan] * 8,
        [-math.inf] * 8, None, "00000000", [10**400] * 8, [10**5000] * 8, Unspeakable(),
        [Unspeakable()] * 8, endless, breaks_off, MemoryError(), StopIteration(),
    ],
    ids=lambda returned: type(returned).__name__,
)  # fmt: skip
def test_nothing_is_learnt_from_what_is_no_reward(
    llama: LM, returned: Any, rank: int | None, fault: Fault
) -> None:
    calls = 0

    def fails(**given: Any) -> Any:
        nonlocal calls
        calls += 1
        return vowels(**given) if calls < 3 else gives(returned)()

    lm, after = fresh(llama), fresh(llama)
    if rank is None:  # the second of three steps is the last that counts

        def stop(**given: Any) -> list[float]:
            nonlocal calls
            calls += 1
            if calls == 3:
                raise ZeroDivisionError
            return vowels(**given)

        with pytest.raises(RewardError):
            rewarded(after, {"fails": stop})
        calls = 0
    with pytest.raises(RewardError, match="'fails'") as caught:
        rewarded(lm, fails, lora_rank=rank)
    assert len(str(caught.value)) < 600
    if rank is None:
        assert_same(weights(lm), weights(after))
    assert_at_rest(lm)
    assert gap(weights(lm), weights(llama)) > 1e-3  # of the two steps before
    fault(
        "A reward returns NaN, infinity, None, texts, numbers without end, or too few of them",
        happens="RewardError, which names the function, what it gave and to which completion",
        kept="the weights before the step, from whose completions nothing was learnt",
    )


def test_it_can_end_the_program(llama: LM, fault: Fault) -> None:
    lm = fresh(llama)
    with pytest.raises(SystemExit):
        rewarded(lm, gives(SystemExit(3)))
    assert_same(weights(lm), weights(llama))
    assert_at_rest(lm)
    fault(
        "A reward calls sys.exit",
        happens="the program ends, as it says",
        kept="the weights before the step, and the checkpoint",
    )


def test_rewards_that_are_too_large_for_a_gradient(llama: LM, fault: Fault) -> None:
    lm = fresh(llama)
    with pytest.raises(TrainingError, match="step 1 is no number") as caught:
        rewarded(lm, lambda completions, **_: [1e300 * i for i in range(len(completions))])
    assert_same(weights(lm), weights(llama))
    assert_at_rest(lm)
    fault(
        "Rewards are finite and far too large",
        happens=caught.value,
        kept="the weights before the step",
    )
