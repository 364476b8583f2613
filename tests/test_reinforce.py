"""REINFORCE on text: what a step learns, from what, and what becomes of it when it is stopped.

That the estimates are the gradients which they stand for is in ``test_objective.py``; what reward
functions are given and may return, in ``test_reward_calls.py``.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from alignlib import LM, chat, logprobs, sample
from alignlib.errors import (
    DeviceError,
    MissingPackageError,
    PromptError,
    TrainingError,
)
from alignlib.history import History
from alignlib.leash import start_of
from alignlib.model import Prompt
from alignlib.reinforce import reinforce
from alignlib.world import Question, questions, spread, truthful
from tests.small_training import assert_at_rest, assert_same, fresh, gap, weights

PROMPTS: list[Prompt] = ["the cat ", "a dog ran to the mat and ", "x", "who is it? ", "say no. "]
CLOCKS = ["seconds", "samples_per_second"]


def vowels(completions: Sequence[Any], **columns: Any) -> list[float]:
    """A reward that differs between completions."""
    said = [each if isinstance(each, str) else each[0]["content"] for each in completions]
    return [sum(text.count(vowel) for vowel in "aeiou") - 0.1 * len(text) for text in said]


def truth(completions: Sequence[Any], asked: Sequence[Question], **columns: Any) -> list[float]:
    return [
        float(truthful(question, each[0]["content"]))
        for question, each in zip(asked, completions, strict=True)
    ]


def train(lm: LM, reward: Any = vowels, prompts: Any = PROMPTS, **settings: Any) -> History:
    """Three steps of two prompts with four completions each."""
    usual: dict[str, Any] = {
        "steps": 3, "prompts_per_step": 2, "samples_per_prompt": 4, "max_new_tokens": 6,
        "learning_rate": 1e-2, "progress": False,
    }  # fmt: skip
    return reinforce(lm, prompts, reward, **(usual | settings))


def table(history: History) -> pd.DataFrame:
    return history.frame.drop(columns=CLOCKS)


class Spy:
    """A reward function that keeps all that it is given."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def __call__(self, **given: Any) -> list[float]:
        self.calls.append(given)
        return vowels(**given)


def by_hand(
    lm: LM, was: LM, temperature: float, beta: float, bonus: float, in_loss: bool
) -> Tensor:
    """The loss of the second step on one prompt, each completion read alone, without padding."""
    drawn = sample(lm, PROMPTS[:1], 4, 6, temperature=temperature, seed=2, progress=False)
    prompt = lm.encode(PROMPTS[0])

    def read(model: LM, tokens: list[int]) -> Tensor:
        logits = model.model(input_ids=torch.tensor([prompt + tokens])).logits[0]
        logp: Tensor = (logits[len(prompt) - 1 : -1] / temperature).log_softmax(-1)  # (T, V)
        return logp

    rewards, parts = [], []
    for text, tokens in zip(drawn.texts, drawn.completions, strict=True):
        logp, logp_was = read(lm, tokens), read(was, tokens).detach()
        at = (torch.arange(len(tokens)), torch.tensor(tokens))
        paid = beta * (logp[at].detach() - logp_was[at]) * (not in_loss)
        earned = vowels([text])[0] - paid.flip(0).cumsum(0).flip(0)
        extra = (logp.exp() * (bonus * logp + beta * in_loss * (logp - logp_was))).sum()
        rewards.append(float(earned[0]))
        parts.append((logp[at], earned, extra))
    loss = torch.zeros(())
    for row, (chosen, earned, extra) in enumerate(parts):
        others = (sum(rewards) - rewards[row]) / 3
        loss = loss - (chosen * (earned - others)).sum() + extra
    return loss / 4


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"temperature": 0.7},
        {"temperature": 1.5, "beta": 0.3, "entropy_bonus": 0.2},
        {"temperature": 0.7, "beta": 0.3, "leash": "in the loss"},
        {"beta": 0.0, "rows_at_once": 3},
    ],
)
def test_the_gradient_of_a_step_is_the_one_by_hand(llama: LM, settings: dict[str, Any]) -> None:
    usual = {"prompts": PROMPTS[:1], "prompts_per_step": 1} | settings
    after, lm = fresh(llama), fresh(llama)
    train(after, steps=1, **usual)
    history = train(lm, steps=2, **usual)
    loss = by_hand(
        after, llama, settings.get("temperature", 1.0), settings.get("beta", 0.0),
        settings.get("entropy_bonus", 0.0), settings.get("leash") == "in the loss",
    )  # fmt: skip
    loss.backward()
    grads = [p.grad.flatten() for p in after.model.parameters() if p.grad is not None]
    row = history.rows[1]
    assert row["loss"] == pytest.approx(float(loss.detach()), rel=1e-4, abs=1e-5)
    assert row["gradient_norm"] == pytest.approx(float(torch.cat(grads).norm()), rel=1e-4)
    assert row["gradient_norm"] > 0.1


@pytest.mark.parametrize(("sign", "rises"), [(1.0, True), (-1.0, False)])
def test_a_reward_raises_what_was_sampled_and_a_punishment_lowers_it(
    llama: LM, sign: float, rises: bool
) -> None:
    def constant(completions: Any, **columns: Any) -> list[float]:
        return [sign] * len(completions)

    lm = fresh(llama)
    train(
        lm, constant, PROMPTS[:1], steps=1, prompts_per_step=1, samples_per_prompt=1,
        baseline="none", learning_rate=1e-4,
    )  # fmt: skip
    drawn = sample(llama, PROMPTS[:1], 1, 6, seed=1, progress=False)
    before = logprobs(llama, drawn.prompts, drawn.completions).sequence
    after = logprobs(lm, drawn.prompts, drawn.completions).sequence
    assert bool(after > before) is rises
    assert float((after - before).abs()) > 1e-3


def test_nothing_is_learnt_where_all_samples_of_a_prompt_are_worth_the_same(llama: LM) -> None:
    def by_prompt(prompts: Any, **columns: Any) -> list[float]:
        return [float(len(prompt)) for prompt in prompts]

    lm = fresh(llama)
    history = train(lm, by_prompt)
    assert [row["gradient_norm"] for row in history.rows] == [0, 0, 0]
    assert_same(weights(lm), weights(llama))


def test_dropout_is_off_where_it_samples_and_where_it_learns(dropping: LM) -> None:
    """With dropout, two passes over the same samples would differ: so would the passes' sizes."""
    one, other = fresh(dropping), fresh(dropping)
    whole = train(one, rows_at_once=8, steps=1)
    parts = train(other, rows_at_once=2, steps=1)
    assert parts.rows[0]["gradient_norm"] == pytest.approx(whole.rows[0]["gradient_norm"], rel=1e-4)
    assert_at_rest(one)


@pytest.mark.parametrize("temperature", [0.7, 1.0, 1.4])
def test_new_and_old_probabilities_are_one_at_the_first_update(
    dropping: LM, temperature: float
) -> None:
    """With a rate of 0 the second update sees the model that has sampled, as the first does."""
    once, twice = (
        train(
            fresh(dropping), learning_rate=0.0, steps=1, temperature=temperature,
            updates_per_step=updates, clip=1e-3,
        )
        for updates in (1, 2)
    )  # fmt: skip
    norm = once.rows[0]["gradient_norm"]
    assert twice.rows[0]["gradient_norm"] == pytest.approx(norm, rel=1e-4)
    drawn = sample(dropping, PROMPTS, 4, 6, temperature=temperature, progress=False)
    again = logprobs(dropping, drawn.prompts, drawn.completions, temperature=temperature)
    ratio = (again.values - drawn.logprobs).sum(-1).exp()
    torch.testing.assert_close(ratio, torch.ones_like(ratio), atol=1e-4, rtol=0.0)


def test_a_clipped_ratio_is_not_pushed_further(llama: LM) -> None:
    free, held = (
        train(fresh(llama), steps=1, updates_per_step=2, clip=clip, learning_rate=0.05)
        for clip in (None, 1e-3)
    )
    assert held.rows[0]["gradient_norm"] < 0.9 * free.rows[0]["gradient_norm"]


def test_each_epoch_asks_every_prompt_once_in_an_order_of_its_own(llama: LM) -> None:
    spy = Spy()
    train(fresh(llama), spy, steps=10, samples_per_prompt=2, learning_rate=0.0)  # four epochs
    asked = [prompt for call in spy.calls for prompt in call["prompts"][::2]]
    epochs = [asked[first : first + 5] for first in range(0, 20, 5)]
    assert all(Counter(epoch) == Counter(PROMPTS) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_a_step_can_take_more_prompts_than_there_are(llama: LM) -> None:
    spy = Spy()
    train(fresh(llama), spy, PROMPTS[:2], prompts_per_step=5, steps=1, samples_per_prompt=2)
    asked = spy.calls[0]["prompts"]
    assert sorted(Counter(asked[::2]).values()) == [2, 3]
    drawn = {
        (prompt, *ids) for prompt, ids in zip(asked, spy.calls[0]["completion_ids"], strict=True)
    }
    assert len(drawn) > 5  # none is drawn twice, unless by chance


def test_other_steps_draw_other_samples(llama: LM) -> None:
    spy = Spy()
    train(fresh(llama), spy, PROMPTS[:1], learning_rate=0.0, samples_per_prompt=8)
    assert spy.calls[0]["completion_ids"] != spy.calls[1]["completion_ids"]


# What rewards are told


def test_columns_reach_the_rewards_with_their_prompts(llama: LM) -> None:
    spy = Spy()
    train(fresh(llama), spy, columns={"number": range(5), "name": [*"abcde"]})
    for number, call in enumerate(spy.calls):
        assert call["prompts"] == [PROMPTS[i] for i in call["number"]]
        assert call["name"] == ["abcde"[i] for i in call["number"]]
        assert len(call["number"]) == 8
        assert (call["trainer_state"].global_step, call["trainer_state"].max_steps) == (number, 3)


def test_chats_are_answered_by_messages(tiny: LM) -> None:
    spy = Spy()
    train(fresh(tiny), spy, [chat("What is 1 + 2?")] * 2, steps=1, learning_rate=0.0)
    assert spy.calls[0]["prompts"][0] == [{"role": "user", "content": "What is 1 + 2?"}]
    for [message], ids in zip(
        spy.calls[0]["completions"], spy.calls[0]["completion_ids"], strict=True
    ):
        assert message == {"role": "assistant", "content": tiny.decode(ids)}


# What is reported


def test_a_row_says_what_was_sampled_and_earned(llama: LM) -> None:
    spy = Spy()

    def short(completion_ids: Any, log_metric: Any, **columns: Any) -> list[float | None]:
        log_metric("longest", max(map(len, completion_ids)))
        return [None if len(ids) == 6 else -len(ids) for ids in completion_ids]

    history = train(
        fresh(llama), {"spy": spy, "short": short}, reward_weights=[2, 0.5],
        watch={"true": vowels}, measures={"one": lambda lm: 1.0}, evaluate_every=2, beta=0.0,
    )  # fmt: skip
    assert list(history.frame) == [
        "step", "epoch", "samples", "mean_length", "finished", "entropy", "samples_per_second",
        "loss", "learning_rate", "gradient_norm", "seconds", "reward", "spy", "short", "true",
        "longest", "kl", "one",
    ]  # fmt: skip
    assert history.rows[0] == {"step": 0, "one": 1}
    for call, row in zip(spy.calls, history.rows[1:], strict=True):
        lengths = [len(ids) for ids in call["completion_ids"]]
        ends = [ids[-1] in llama.eos_ids for ids in call["completion_ids"]]
        finished = [-length for length in lengths if length < 6]
        assert row["samples"] == 8
        assert row["mean_length"] == pytest.approx(np.mean(lengths))
        assert row["finished"] == pytest.approx(np.mean(ends))
        assert row["longest"] == max(lengths)
        assert row["true"] == row["spy"] == pytest.approx(np.mean(vowels(**call)))
        total = 2 * np.mean(vowels(**call)) + 0.5 * sum(finished) / 8
        assert row["reward"] == pytest.approx(total)
        if finished:
            assert row["short"] == pytest.approx(np.mean(finished))
        assert row["samples_per_second"] == pytest.approx(8 / row["seconds"])
    assert [row.get("one") for row in history.rows] == [1, None, 1, 1]
    assert [row["epoch"] for row in history.rows[1:]] == pytest.approx([0.4, 0.8, 1.2])
    assert 0 < history.rows[1]["entropy"] < np.log(len(llama.tokenizer))


@pytest.mark.parametrize("rank", [None, 2])
def test_kl_is_measured_from_the_model_that_was_given(llama: LM, rank: int | None) -> None:
    """By hand, of the third step's samples; with an adapter, the base below it is the start."""
    lm, after = fresh(llama), fresh(llama)
    history = train(lm, beta=0.0, lora_rank=rank)
    train(after, beta=0.0, lora_rank=rank, steps=2)
    spy = Spy()
    train(fresh(llama), spy, lora_rank=rank)  # the same samples without a start model
    call = spy.calls[2]
    scored = [
        logprobs(model, call["prompts"], call["completion_ids"]).values.double()
        for model in (after, llama)
    ]
    ratio = scored[1] - scored[0]
    assert history.rows[0]["kl"] == pytest.approx(0, abs=1e-6)
    assert history.rows[2]["kl"] > 0.01
    expected = float((ratio.exp() - 1 - ratio).sum(-1).mean())
    assert history.rows[2]["kl"] == pytest.approx(expected, rel=1e-3)


# What it achieves


def test_tiny_becomes_truthful_from_a_judgment_alone(tiny: LM) -> None:
    """In fifteen steps, on questions in words that were never trained on, too."""
    lm = fresh(tiny)
    asked = spread(questions(), known=96, unanswerable=20)
    others = spread(questions("held-out"), known=48, unanswerable=12, seed=1)

    def share(lm: LM) -> float:
        drawn = sample(lm, [chat(q.text) for q in others], 2, 24, seed=9, progress=False)
        pairs = zip(others, drawn.by_prompt, strict=True)
        return float(np.mean([truthful(q, text) for q, texts in pairs for text in texts]))

    history = reinforce(
        lm, [chat(q.text) for q in asked], truth, steps=15, columns={"asked": asked},
        max_new_tokens=24, learning_rate=1e-3, measures={"others": share}, progress=False,
    )  # fmt: skip
    found = history.frame
    assert found["reward"][1] < 0.4
    assert found["reward"][13:].mean() > 0.75
    assert found["others"].iloc[0] < 0.4
    assert found["others"].iloc[-1] > 0.7


@pytest.mark.parametrize("leash", ["in the reward", "in the loss"])
def test_a_leash_keeps_it_close(llama: LM, leash: Any) -> None:
    gone = {}
    for beta in (0.0, 1.0):
        history = train(
            fresh(llama), steps=20, samples_per_prompt=8, learning_rate=3e-3, beta=beta, leash=leash
        )
        gone[beta] = history.frame["kl"][-5:].mean()
    assert gone[1.0] < 0.4 * gone[0.0]


def test_an_entropy_bonus_keeps_it_open(llama: LM) -> None:
    found = {
        bonus: train(fresh(llama), steps=12, entropy_bonus=bonus).rows[-1]["entropy"]
        for bonus in (0.0, 1.0)
    }
    assert found[1.0] > found[0.0] + 0.1


# The same again


def test_the_same_seed_gives_the_same_weights_and_another_one_others(llama: LM) -> None:
    one, other, another = fresh(llama), fresh(llama), fresh(llama)
    assert table(train(one, seed=3)).equals(table(train(other, seed=3)))
    train(another, seed=4)
    assert_same(weights(one), weights(other))
    assert gap(weights(one), weights(another)) > 1e-4


def test_the_start_model_and_the_judges_change_nothing(llama: LM) -> None:
    plain, watched = fresh(llama), fresh(llama)
    train(plain)
    train(watched, beta=0.0, watch={"true": Spy()}, measures={"one": lambda lm: 1.0})
    assert_same(weights(plain), weights(watched))


def test_the_passes_hardly_change_the_weights(llama: LM) -> None:
    one, other = (fresh(llama, torch.float64) for _ in range(2))
    train(one, rows_at_once=8)
    train(other, rows_at_once=3)
    assert gap(weights(one), weights(other)) < 1e-6


@pytest.mark.parametrize("rank", [None, 2])
def test_a_model_is_left_at_rest(llama: LM, rank: int | None) -> None:
    lm = fresh(llama)
    train(lm, lora_rank=rank, beta=0.5, leash="in the loss")
    assert_at_rest(lm)
    assert gap(weights(lm), weights(llama)) > 1e-4


def test_a_run_with_a_leash_goes_on_from_the_model_it_is_tied_to(llama: LM, tmp_path: Path) -> None:
    lm = fresh(llama)
    train(lm, beta=0.2, checkpoint=tmp_path)
    with pytest.raises(TrainingError, match="of another model"):
        train(lm, beta=0.2, checkpoint=tmp_path)  # which is trained by now


@pytest.mark.parametrize(
    "settings",
    [
        {"prompts": PROMPTS[:4]},
        {"temperature": 0.9},
        {"samples_per_prompt": 3},
        {"reward": {"another": vowels}},
        {"reward_weights": [2.0]},
        {"updates_per_step": 2},
        {"baseline": "mean"},
        {"beta": 0.1},
        {"seed": 1},
    ],
)
def test_a_run_with_other_settings_is_not_gone_on_with(
    llama: LM, tmp_path: Path, settings: dict[str, Any]
) -> None:
    train(fresh(llama), checkpoint=tmp_path, steps=1)
    with pytest.raises(TrainingError, match="with other settings"):
        train(fresh(llama), checkpoint=tmp_path, steps=1, **settings)


# What goes wrong


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"steps": 0}, "steps is 0"),
        ({"prompts_per_step": 0}, "prompts_per_step is 0"),
        ({"samples_per_prompt": 2.5}, "samples_per_prompt is 2.5"),
        ({"max_new_tokens": 0}, "max_new_tokens is 0"),
        ({"updates_per_step": True}, "updates_per_step is True"),
        ({"rows_at_once": 0}, "rows_at_once is 0"),
        ({"samples_per_prompt": 1}, "2 samples_per_prompt, or more"),
        ({"temperature": 0.0}, "temperature is 0.0"),
        ({"baseline": "critic"}, "baseline is 'critic'"),
        ({"beta": -1}, "beta is -1"),
        ({"learning_rate": -1}, "learning_rate is -1"),
        ({"evaluate_every": 0}, "measure_every is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"columns": {"a": [1, 2]}}, "'a' has 2 values for 5 prompts"),
        ({"reward_weights": [1, 2]}, "reward_weights are"),
        ({"measures": {"reward": lambda lm: 0.0}}, "has a 'reward' of its own"),
        (
            {"measures": {"true": lambda lm: 0.0}, "watch": {"true": vowels}},
            "has a 'true' of its own",
        ),
    ],
)
def test_settings_out_of_range_are_named_before_anything_is_done(
    llama: LM, settings: dict[str, Any], said: str
) -> None:
    spy, lm = Spy(), fresh(llama)
    with pytest.raises(TrainingError, match=said):
        train(lm, {"vowels": spy}, **settings)
    assert spy.calls == []
    assert_at_rest(lm)


@pytest.mark.parametrize("prompts", [[], ["a", ""], "a text", ["a" * 200]])
def test_prompts_that_can_not_be_given(llama: LM, prompts: Any) -> None:
    with pytest.raises(PromptError):
        train(fresh(llama), prompts=prompts)


def test_the_meta_device_is_refused(llama: LM) -> None:
    lm = fresh(llama)
    lm.model.to("meta")  # type: ignore[arg-type]
    with pytest.raises(DeviceError):
        train(lm)


# Elsewhere


def test_tensorboard_that_is_not_there_is_named(
    llama: LM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    lm = fresh(llama)
    with pytest.raises(MissingPackageError, match="pip install tensorboard"):
        train(lm, log_dir=tmp_path)
    assert_same(weights(lm), weights(llama))
    assert_at_rest(lm)


class Writer:
    """Stands for torch.utils.tensorboard.SummaryWriter, whose package need not be installed."""

    def __init__(self, folder: str, purge_step: int) -> None:
        WRITTEN.append((folder, purge_step))

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *error: object) -> None:
        WRITTEN.append("closed")

    def add_scalar(self, name: str, value: float, step: int) -> None:
        WRITTEN.append((name, value, step))


WRITTEN: list[Any] = []


def test_tensorboard_gets_every_number_as_it_comes(
    llama: LM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    WRITTEN.clear()
    stand_in = type(sys)("torch.utils.tensorboard")
    vars(stand_in)["SummaryWriter"] = Writer
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", stand_in)
    before: list[int] = []

    def late(**given: Any) -> list[float]:
        before.append(len(WRITTEN))
        return vowels(**given)

    settings: dict[str, Any] = {
        "log_dir": tmp_path / "board", "checkpoint": tmp_path / "run", "checkpoint_every": 1,
        "measures": {"one": lambda lm: 1.0},
    }  # fmt: skip
    history = train(fresh(llama), late, **settings)
    assert WRITTEN[0] == (str(tmp_path / "board"), 0)
    assert WRITTEN[-1] == "closed"
    assert sorted(WRITTEN[1:-1]) == sorted(
        (name, value, row["step"]) for row in history.rows for name, value in row.items()
        if name != "step"
    )  # fmt: skip
    assert before[0] < before[1] < before[2]  # while it goes on
    WRITTEN.clear()
    train(fresh(llama), late, **settings)
    assert WRITTEN.pop() == "closed"
    assert WRITTEN.pop() == (str(tmp_path / "board"), 4)
    assert not WRITTEN


def test_bfloat16_passes_are_close(llama: LM) -> None:
    wide, narrow = fresh(llama), fresh(llama)
    one = train(wide, steps=1, learning_rate=1e-3, precision="float32")
    other = train(narrow, steps=1, learning_rate=1e-3, precision="bfloat16", beta=0.1)
    assert narrow.model.dtype == torch.float32
    assert other.rows[0]["kl"] < 0.1
    assert other.rows[0]["gradient_norm"] > 0.1
    assert one.rows[0]["samples"] == other.rows[0]["samples"] == 8


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["float32", "auto"])
@pytest.mark.parametrize("rank", [None, 2])
def test_on_a_gpu(tiny: LM, precision: Any, rank: int | None) -> None:
    lm = fresh(tiny)
    lm.model.to("cuda")  # type: ignore[arg-type]
    asked = spread(questions(), known=48, unanswerable=8)
    history = reinforce(
        lm, [chat(q.text) for q in asked], truth, steps=8, columns={"asked": asked}, beta=0.01,
        leash="in the loss", max_new_tokens=24, learning_rate=1e-3, precision=precision,
        lora_rank=rank, progress=False,
    )  # fmt: skip
    assert lm.device.type == "cuda"
    assert lm.model.dtype == torch.float32
    assert history.rows[0]["kl"] < (1e-3 if precision == "float32" else 0.1)
    assert history.rows[-1]["reward"] > history.rows[0]["reward"] + (0.1 if rank is None else -0.1)


def test_the_start_model_is_a_copy_that_nothing_changes(llama: LM) -> None:
    lm = fresh(llama)
    start = start_of(lm)
    before = start.weights
    train(lm)
    assert_same(weights(start.lm), weights(llama))
    assert not any(parameter.requires_grad for parameter in start.lm.model.parameters())
    assert start_of(lm).weights != before == start_of(llama).weights
