"""REINFORCE against TRL's ``RLOOTrainer``: tokens, calls of rewards, advantages, loss, gradients.

One thing of TRL's is replaced, the generation (``_generate_single_turn``), because there is no
other way to let it have samples that are given: two generators that draw the same tokens from the
same random numbers do not exist. All else is TRL's own: it tokenizes the prompts, decodes the
completions, calls the rewards, asks its copy of the start model, and computes its loss.

What differs on purpose is set equal here, or named:

- TRL's KL is a part of the whole completion's reward: ``credit="whole return"``.
- TRL's loss has the importance ratio as its value also where it is 1. Its gradient is compared as
  it is, its value with that of the same formula on our advantages.
- TRL decodes without special tokens, alignlib with them; the samples here have none but the end.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from alignlib import LM, chat, sample
from alignlib.leash import Start, charged, start_of
from alignlib.logprobs import collate, completion_logprobs
from alignlib.model import Prompt
from alignlib.objective import Objective, importance, losses, weights
from alignlib.out_of_memory import Passes
from alignlib.policy_gradient import at_the_end
from alignlib.reinforce import reinforce
from alignlib.sampling import Samples
from tests.small_training import fresh, gap

K = 4
CHATS: list[Prompt] = [
    chat("What is the capital of France?"),
    chat("Who are you?", "An expert answers."),
    chat("How many fish are in the sea?"),
]
TEXTS: list[Prompt] = ["User:\nWhat is 1 + 2?\nAssistant:\n", "What is", "The capital of France is"]

WANTED = [0, 7, 14]
"""A column: how long each prompt's completions should be."""


pytestmark = pytest.mark.usefixtures("trl")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hub and no reports."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("WANDB_DISABLED", "true")


class Length:
    """A reward function for both; it keeps what it is given."""

    __name__ = "length"

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def __call__(
        self, prompts: Any, completions: Any, wanted: Sequence[int], **columns: Any
    ) -> list[float]:
        self.calls.append(
            {"prompts": prompts, "completions": completions, "wanted": wanted} | columns
        )
        said = [each if isinstance(each, str) else each[0]["content"] for each in completions]
        return [-abs(len(text) - n) / 10 for text, n in zip(said, wanted, strict=True)]


def capitals(completions: Any, **columns: Any) -> list[float | None]:
    """One that does not apply to every completion."""
    said = [each if isinstance(each, str) else each[0]["content"] for each in completions]
    return [float(sum(map(str.isupper, text))) if len(text) % 3 else None for text in said]


def rloo_trainer(
    lm: LM,
    prompts: Sequence[Prompt],
    rewards: Any,
    folder: Path,
    wanted: Sequence[int] | None = None,
    **settings: Any,
) -> Any:
    """TRL's trainer of a model, on the CPU in float32; one batch takes all prompts."""
    trl, datasets = map(importlib.import_module, ("trl", "datasets"))  # which take seconds
    tokenizer = copy.deepcopy(lm.tokenizer)
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(lm.pad_id)
    usual: dict[str, Any] = {
        "output_dir": str(folder),
        "use_cpu": True,
        "bf16": False,
        "beta": 0.0,
        "num_generations": K,
        "per_device_train_batch_size": K * len(prompts),
        "activation_checkpointing": False,
        "shuffle_dataset": False,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
    }
    rows = [
        {"prompt": prompt, "wanted": n} for prompt, n in zip(prompts, wanted or WANTED, strict=True)
    ]
    return trl.RLOOTrainer(
        model=lm.model,
        reward_funcs=rewards,
        args=trl.RLOOConfig(**(usual | settings)),
        train_dataset=datasets.Dataset.from_list(rows),
        processing_class=tokenizer,
    )


def theirs(trainer: Any, drawn: Samples) -> dict[str, Any]:
    """What TRL makes of completions that are given to it in place of its own."""
    trainer.model.train()  # tiny has no dropout; TRL reports training and evaluation apart
    trainer._generate_single_turn = lambda prompt_ids, images, fields: drawn.completions
    [rows] = list(trainer.get_train_dataloader())
    made: dict[str, Any] = trainer._generate_and_score_completions(rows)
    return made


def unpadded(made: dict[str, Any], part: str) -> list[list[int]]:
    pairs = zip(made[f"{part}_ids"], made[f"{part}_mask"].bool(), strict=True)
    return [ids[mask].tolist() for ids, mask in pairs]


def gradients(lm: LM, loss: Tensor) -> dict[str, Tensor]:
    lm.model.zero_grad()
    loss.backward()
    return {name: p.grad.clone() for name, p in lm.model.named_parameters() if p.grad is not None}


def ours(
    lm: LM, drawn: Samples, rewards: Tensor, objective: Objective, start: Start | None
) -> tuple[Tensor, Tensor]:
    """(N, T) the advantages, and the loss."""
    earned = at_the_end(rewards, drawn.mask)
    if start is not None:
        was = start.logprobs(drawn, objective.temperature, Passes("rows_at_once", 32))
        earned = charged(earned, drawn.logprobs, was, objective.price)
    weight = weights(earned, drawn, objective)
    return weight, torch.stack(list(losses(lm, drawn, weight, objective))).sum()


@pytest.mark.parametrize("prompts", [CHATS, TEXTS], ids=["chats", "texts"])
@pytest.mark.parametrize(("temperature", "beta"), [(1.0, 0.0), (0.7, 0.0), (1.0, 0.2), (0.7, 0.2)])
def test_the_loss_and_its_gradient(
    tiny: LM, tmp_path: Path, prompts: list[Prompt], temperature: float, beta: float
) -> None:
    one, other = (fresh(tiny, torch.float64) for _ in range(2))
    start = start_of(one) if beta else None
    reward = Length()
    trainer = rloo_trainer(other, prompts, reward, tmp_path, temperature=temperature, beta=beta)
    for lm in (one, other):  # away from the start model, which TRL has read from its folder
        torch.manual_seed(0)
        for parameter in lm.model.parameters():
            parameter.data += 0.02 * torch.randn_like(parameter)
    drawn = sample(one, prompts, K, 12, temperature=temperature, seed=1, progress=False)
    made = theirs(trainer, drawn)

    assert unpadded(made, "completion") == drawn.completions
    assert unpadded(made, "prompt") == [one.encode(prompt) for prompt in drawn.prompts]
    torch.testing.assert_close(
        made["old_logps"], drawn.logprobs.sum(-1).float(), atol=1e-4, rtol=0.0
    )

    objective = Objective(temperature=temperature, credit="whole return", beta=beta or None)
    rewards = torch.tensor(reward(**reward.calls[0]), dtype=torch.float64)
    weight, loss = ours(one, drawn, rewards, objective, start)
    torch.testing.assert_close(made["advantages"], weight[:, 0].float(), atol=1e-5, rtol=0.0)
    if beta:
        [reported] = trainer._metrics["train"]["kl"]
        assert reported > 0.01

    their_loss = trainer.compute_loss(other.model, made)
    assert float(their_loss.detach()) == pytest.approx(-float(weight[:, 0].mean()), abs=1e-5)
    expected, found = gradients(other, their_loss), gradients(one, loss)
    assert gap(found, expected) < 1e-5
    assert max(float(each.abs().max()) for each in expected.values()) > 1e-3


@pytest.mark.parametrize("clip", [0.2, 1e-3])
def test_the_ratio_and_its_clipping(tiny: LM, tmp_path: Path, clip: float) -> None:
    """The model moves on after the samples were drawn, and learns from them again."""
    one, other = (fresh(tiny, torch.float64) for _ in range(2))
    reward = Length()
    trainer = rloo_trainer(other, CHATS, reward, tmp_path, epsilon=clip)
    drawn = sample(one, CHATS, K, 12, seed=1, progress=False)
    made = theirs(trainer, drawn)
    for lm in (one, other):
        torch.manual_seed(0)
        for parameter in lm.model.parameters():
            parameter.data += 0.003 * torch.randn_like(parameter)
    objective = Objective(credit="whole return", clip=clip)
    rewards = torch.tensor(reward(**reward.calls[0]), dtype=torch.float64)
    weight = weights(at_the_end(rewards, drawn.mask), drawn, objective)
    parts = list(losses(one, drawn, weight, objective, reused=True))
    their_loss = trainer.compute_loss(other.model, made)
    expected = gradients(other, their_loss)
    found = gradients(one, torch.stack(parts).sum())
    assert gap(found, expected) < 1e-5

    prompt_ids = [one.encode(prompt) for prompt in drawn.prompts]
    with torch.no_grad():
        logprobs = completion_logprobs(one, collate(one, prompt_ids, drawn.completions))
    ratio = importance(logprobs, drawn.logprobs, drawn.mask, weight)[:, 0]
    A = weight[:, 0]
    value = -torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A).mean()
    assert float(their_loss.detach()) == pytest.approx(float(value), abs=1e-5)
    assert float((ratio - 1).abs().max()) > 0.05


@pytest.mark.parametrize("prompts", [CHATS, TEXTS], ids=["chats", "texts"])
def test_a_reward_is_called_alike(tiny: LM, tmp_path: Path, prompts: list[Prompt]) -> None:
    """The same functions get the same arguments in both trainers, and are added up alike."""
    here, there = Length(), Length()
    history = reinforce(
        fresh(tiny), prompts, [here, capitals], steps=1, prompts_per_step=3, samples_per_prompt=K,
        max_new_tokens=12, columns={"wanted": WANTED}, reward_weights=[1.0, 0.5],
        learning_rate=0.0, progress=False,
    )  # fmt: skip
    [mine] = here.calls
    order = [prompts.index(prompt) for prompt in mine["prompts"][::K]]
    asked = [prompts[number] for number in order]
    trainer = rloo_trainer(
        fresh(tiny), asked, [there, capitals], tmp_path, [WANTED[number] for number in order],
        reward_weights=[1.0, 0.5],
    )  # fmt: skip
    theirs(trainer, sample(tiny, asked, K, 12, seed=1, progress=False))
    [yours] = there.calls
    assert set(yours) == set(mine)
    for name in ("prompts", "completions", "completion_ids", "wanted"):
        assert yours[name] == mine[name]
    assert yours["trainer_state"].global_step == mine["trainer_state"].global_step == 0
    metrics, row = trainer._metrics["train"], history.rows[0]
    assert [row["reward"]] == pytest.approx(metrics["reward"], rel=1e-5)
    for name in ("length", "capitals"):
        assert [row[name]] == pytest.approx(metrics[f"rewards/{name}/mean"], rel=1e-5)
