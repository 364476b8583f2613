"""What reward functions are given, and what is made of what they return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from transformers import TrainerState

from alignlib import chat
from alignlib.errors import RewardError, TrainingError
from alignlib.model import Prompt
from alignlib.reward_calls import GIVEN, TAKEN, Judges, RewardFunction, judges
from alignlib.sampling import Samples

STATE = TrainerState(global_step=4, max_steps=9)
PROMPTS: list[Prompt] = ["Once upon", chat("Who are you?", "Be brief.")]


def samples(prompts: list[Prompt] = PROMPTS, k: int = 2) -> Samples:
    N = len(prompts) * k
    return Samples(
        prompts=[prompt for prompt in prompts for _ in range(k)],
        texts=[f"text {row}" for row in range(N)],
        tokens=torch.arange(2 * N).reshape(N, 2),
        mask=torch.tensor([[True, row % 2 == 0] for row in range(N)]),
        logprobs=torch.zeros(N, 2),
        finished=torch.ones(N, dtype=torch.bool),
        samples_per_prompt=k,
    )


def judge(*functions: RewardFunction, **settings: Any) -> tuple[list[float], dict[str, float]]:
    """What four completions of two prompts are worth."""
    given = functions[0] if len(functions) == 1 else functions
    jury = judges(given, prompts=2, **settings)
    total, row = jury.judge(samples(), [7, 8] if "columns" not in settings else [1, 0], STATE)
    return total.tolist(), row


def returning(value: Any) -> RewardFunction:
    def constant(**given: Any) -> Any:
        return value

    return constant


def test_a_function_is_given_what_trl_gives_it() -> None:
    seen: dict[str, Any] = {}

    def spy(**given: Any) -> list[float]:
        seen.update(given)
        return [1, 2, 3, 4]

    total, row = judge(spy, columns={"answer": ["Paris", None]})
    assert total == [1, 2, 3, 4]
    assert row == {"reward": 2.5}
    assert seen["prompts"] == [PROMPTS[0]] * 2 + [PROMPTS[1]] * 2
    assert seen["completions"] == [
        "text 0",
        "text 1",
        [{"role": "assistant", "content": "text 2"}],
        [{"role": "assistant", "content": "text 3"}],
    ]
    assert seen["completion_ids"] == [[0, 1], [2], [4, 5], [6]]
    assert seen["answer"] == [None, None, "Paris", "Paris"]  # the prompts were asked in that order
    assert seen["trainer_state"].global_step == 4
    assert set(seen) == {*GIVEN, "answer"}


def test_what_a_function_does_to_its_messages_stays_with_it() -> None:
    def vandal(prompts: Any, completions: Any, **columns: Any) -> list[float]:
        prompts[2][0]["content"] = ""
        prompts.clear()
        completions.clear()
        return [0] * 4

    drawn = samples()
    judges(vandal).judge(drawn, [0, 1], STATE)
    assert drawn.prompts == samples().prompts
    assert PROMPTS[1] == chat("Who are you?", "Be brief.")


@pytest.mark.parametrize(
    "returned",
    [
        [1, 0.5, True, -2],
        (1, 0.5, 1, -2),
        np.array([1, 0.5, 1, -2]),
        np.array([1, 0.5, 1, -2], dtype=np.float16),
        torch.tensor([1, 0.5, 1, -2]),
        [torch.tensor(1), torch.tensor([0.5]), np.bool_(True), np.float32(-2)],
    ],
)
def test_numbers_of_all_kinds(returned: Any) -> None:
    total, _ = judge(returning(returned))
    assert total == [1, 0.5, 1, -2]


def test_a_generator_of_numbers() -> None:
    def gives(completions: Any, **columns: Any) -> Iterator[float]:
        yield from range(len(completions))

    jury = judges({"gives": gives})  # type: ignore[dict-item]
    assert jury.judge(samples(), [0, 1], STATE)[0].tolist() == [0, 1, 2, 3]


def test_several_are_added_up_by_their_weights_and_reported_by_name() -> None:
    def loud(**given: Any) -> list[float]:
        return [1, 0, 0, 0]

    def kind(**given: Any) -> list[float]:
        return [0, 0, 2, 4]

    assert judge(loud, kind) == ([1, 0, 2, 4], {"reward": 1.75, "loud": 0.25, "kind": 1.5})
    assert judge(loud, kind, weights=[2, -0.5])[0] == [2, 0, -1, -2]
    jury = judges({"a": loud, "b": partial(loud)}, [1, 10])
    assert jury.judge(samples(), [0, 1], STATE)[0].tolist() == [11, 0, 0, 0]
    assert list(judges(partial(partial(loud), lm=None)).rewards) == ["loud"]


def test_what_is_watched_is_measured_and_not_added() -> None:
    total, row = judge(returning([1] * 4), watch={"true_reward": returning([0, 0, 0, 2])})
    assert total == [1, 1, 1, 1]
    assert row == {"reward": 1, "true_reward": 0.5}


def test_a_reward_can_be_watched_by_its_own_name() -> None:
    calls = []

    def kind(**given: Any) -> list[float]:
        calls.append(1)
        return [1, 0, 0, 0]

    _, row = judge(kind, watch={"kind": kind, "true": returning([0] * 4)})
    assert row == {"reward": 0.25, "kind": 0.25, "true": 0}
    assert len(calls) == 1


def test_none_does_not_apply_and_adds_nothing() -> None:
    total, row = judge(
        *(partial(each) for each in (first, second, nobody)), watch={"never": returning([None] * 4)}
    )
    assert total == [1, 3, 30, 40]
    assert row == {"reward": 18.5, "first": 1.5, "second": (1 + 30 + 40) / 3}


def first(**given: Any) -> list[float | None]:
    return [1, 2, None, None]


def second(**given: Any) -> list[float | None]:
    return [None, 1, 30, 40]


def nobody(**given: Any) -> list[float | None]:
    return [None] * 4


def test_but_one_must_give_a_number() -> None:
    with pytest.raises(
        RewardError, match=r"'first' and 'nobody' said None of completion 2, 'text 2'"
    ):
        judge(first, nobody)


def test_metrics_that_functions_report() -> None:
    def reports(log_metric: Any, log_extra: Any, **given: Any) -> list[float]:
        log_metric("words", 3)
        log_metric("words", torch.tensor(4.0))
        log_extra("reason", ["", "", "", ""])
        return [0] * 4

    assert judge(reports)[1] == {"reward": 0, "words": 3.5}


def test_a_metric_takes_nobodys_name() -> None:
    def reports(log_metric: Any, **given: Any) -> list[float]:
        log_metric("loss", 3)
        return [0] * 4

    with pytest.raises(RewardError, match="'loss' stands for something else"):
        judge(reports)


def raising(completions: Any, **columns: Any) -> list[float]:
    raise ZeroDivisionError("no words in it")


def without_columns(prompts: Any, completions: Any) -> list[float]:
    return [0] * 4


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (raising, r"'raising' raised ZeroDivisionError: no words in it\. It was given 4.*'text 0'"),
        (without_columns, r"'without_columns' raised TypeError.*let it take \*\*columns"),
        (returning([0] * 3), r"returned 3 rewards for 4 completions.*'text 3'"),
        (returning([]), r"returned 0 rewards for 4"),
        (returning([0] * 5), r"returned more than 4 rewards for 4"),
        (returning(0.5), r"returned 0\.5: let it return a list of 4 numbers"),
        (returning(None), r"returned None: let it return a list"),
        (returning("0000"), r"returned '0000': let it"),
        (returning({0: 1}), r"returned \{0: 1\}: let it"),
        (returning(np.float64(1)), r"returned .*1\.0.*: let it"),
        (returning([0, 1, float("nan"), 1]), r"gave nan to completion 2, 'text 2', of the prompt"),
        (returning([0, 1, 1, -float("inf")]), r"gave -inf to completion 3, 'text 3'"),
        (returning(torch.tensor([0, torch.nan, 0, 0])), r"gave nan to completion 1, 'text 1'"),
        (returning(["1", "0", "0", "1"]), r"gave '1' to completion 0, 'text 0'.*'Once upon'"),
        (returning([[1], [0], [1], [0]]), r"gave \[1\] to completion 0"),
        (returning([1j] * 4), r"gave 1j to completion 0"),
        (returning([torch.zeros(2)] * 4), r"gave tensor.* to completion 0"),
        (returning(torch.zeros(4, 2)), r"gave \[0\.0, 0\.0\] to completion 0"),
    ],
)
def test_what_is_no_reward(function: RewardFunction, said: str) -> None:
    with pytest.raises(RewardError, match=said) as caught:
        judge(function)
    assert function.__name__ in str(caught.value)
    with pytest.raises(RewardError, match=said.replace(function.__name__, "true")):
        judge(returning([0] * 4), watch={"true": function})


async def slow(**given: Any) -> list[float]:
    return [0] * 4


ANYTHING: list[Any] = [3, slow]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: judges([]), "There is no reward function"),
        (lambda: judges({}), "There is no reward function"),
        (lambda: judges(ANYTHING[0]), "'int' is 3: give an ordinary function"),
        (lambda: judges(ANYTHING[1]), "'slow' is .*: give an ordinary function"),
        (lambda: judges([first, second, first]), r"the same name \(first, second, first\)"),
        (lambda: judges({"kl": first, "b": second}), "'kl' stands for something else"),
        (lambda: judges(first, watch={"first": second}), "watched as 'first' differ"),
        (
            lambda: judges(first, [1, 2]),
            r"reward_weights are \[1, 2\]: give a number for each of f",
        ),
        (lambda: judges(first, [float("nan")]), r"reward_weights are \[nan\]"),
        (lambda: judges(first, columns={"a": [1]}, prompts=2), "'a' has 1 values for 2 prompts"),
        (lambda: judges(first, columns={"a": "xy"}, prompts=2), "'a' has 2 values for 2 prompts"),
        (lambda: judges(first, columns={"prompts": [1]}, prompts=1), "can't be called 'prompts'"),
    ],
)
def test_what_can_not_be_asked(make: Callable[[], Judges], said: str) -> None:
    with pytest.raises(TrainingError, match=said):
        make()


def test_the_names_that_are_taken() -> None:
    for name in TAKEN:
        with pytest.raises(TrainingError, match=f"'{name}' stands for something else"):
            judges(first, watch={name: second})
        assert judges({name: first}).shown == []  # alone it is simply the reward
