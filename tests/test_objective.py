"""The losses of REINFORCE on text against exact gradients: every completion is enumerated."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from alignlib import LM
from alignlib.errors import TrainingError
from alignlib.leash import Start, charged, entropy, k3, kl, start_of
from alignlib.logprobs import collate, completion_logits, completion_logprobs, log_distribution
from alignlib.objective import Objective, importance, losses, weights
from alignlib.out_of_memory import Passes
from alignlib.policy_gradient import at_the_end, policy_gradient_loss
from alignlib.sampling import Samples

END = 2
PROMPT = "ab"
EVERY = [[END], [0, END], [1, END], [0, 0], [0, 1], [1, 0], [1, 1]]
"""All completions of at most two tokens."""

REWARDS = torch.tensor([0.3, -1.0, 2.0, 0.5, 1.5, -0.7, 0.1], dtype=torch.float64)


def toy(seed: int) -> LM:
    """A random model of the words a and b and an end, in float64."""
    core = Tokenizer(models.WordLevel({"a": 0, "b": 1, "<end>": END}, unk_token="a"))
    core.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<end>")
    torch.manual_seed(seed)
    config = GPT2Config(
        vocab_size=3, n_embd=8, n_layer=1, n_head=2, n_positions=16, initializer_range=0.7,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    )  # fmt: skip
    model = GPT2LMHeadModel(config).double().eval()
    return LM(model, tokenizer, "toy", eos_ids=(END,), pad_id=0)


@pytest.fixture(scope="module")
def lm() -> LM:
    return toy(0)


@pytest.fixture(scope="module")
def start() -> Start:
    """Another model, as if the first had gone far from it."""
    return start_of(toy(1))


def scored(lm: LM, completions: Sequence[Sequence[int]], temperature: float) -> Tensor:
    """(N, T) with a graph."""
    batch = collate(lm, [lm.encode(PROMPT)] * len(completions), completions)
    return completion_logprobs(lm, batch, temperature=temperature)


def drawn(lm: LM, rows: Sequence[int], temperature: float, prompts: int = 1) -> Samples:
    """Completions as if they had been sampled, as many for each prompt."""
    completions = [EVERY[row] for row in rows]
    batch = collate(lm, [lm.encode(PROMPT)] * len(rows), completions)
    with torch.no_grad():
        logprobs = completion_logprobs(lm, batch, temperature=temperature)
    return Samples(
        prompts=[PROMPT] * len(rows),
        texts=[lm.decode(completion) for completion in completions],
        tokens=batch.completion_ids,
        mask=batch.completion_mask,
        logprobs=logprobs,
        finished=torch.tensor([completion[-1] == END for completion in completions]),
        samples_per_prompt=len(rows) // prompts,
    )


def gradient(lm: LM, scalar: Tensor) -> Tensor:
    grads = torch.autograd.grad(scalar, list(lm.model.parameters()))
    return torch.cat([each.flatten() for each in grads])


def estimate(
    lm: LM, rows: Sequence[int], objective: Objective, start: Start | None = None, **options: Any
) -> Tensor:
    """The gradient of J that is estimated from these completions, as reinforce puts it together."""
    samples = drawn(lm, rows, objective.temperature)
    earned = at_the_end(REWARDS[list(rows)], samples.mask)
    if start is not None and objective.leash == "in the reward":
        was = start.logprobs(samples, objective.temperature, Passes("rows_at_once", 32))
        earned = charged(earned, samples.logprobs, was, objective.price)
    in_loss = start if objective.leash == "in the loss" else None
    parts = losses(
        lm, samples, weights(earned, samples, objective), objective, start=in_loss, **options
    )
    return -gradient(lm, torch.stack(list(parts)).sum())


def expected(lm: LM, objective: Objective, N: int = 1, start: Start | None = None) -> Tensor:
    """The estimate's exact expectation, over all N-tuples of completions."""
    with torch.no_grad():
        p = scored(lm, EVERY, objective.temperature).sum(-1).exp()
    total = torch.zeros(sum(each.numel() for each in lm.model.parameters()), dtype=torch.float64)
    for rows in product(range(len(EVERY)), repeat=N):
        total += p[list(rows)].prod() * estimate(lm, rows, objective, start)
    return total


def exact(
    lm: LM, temperature: float = 1.0, beta: float = 0.0, start: Start | None = None
) -> Tensor:
    """The gradient of E[r] - beta KL(p || p_0), by autograd through the enumeration."""
    logp = scored(lm, EVERY, temperature).sum(-1)
    objective = (logp.exp() * REWARDS).sum()
    if start is not None:
        with torch.no_grad():
            was = scored(start.lm, EVERY, temperature).sum(-1)
        objective = objective - beta * (logp.exp() * (logp - was)).sum()
    return gradient(lm, objective)


def assert_equal(a: Tensor, b: Tensor) -> None:
    torch.testing.assert_close(a, b, atol=1e-10, rtol=0.0)
    assert a.abs().max() > 1e-3


def test_the_enumeration_is_whole(lm: LM) -> None:
    for temperature in (0.7, 1.0):
        assert float(scored(lm, EVERY, temperature).sum(-1).exp().sum().detach()) == pytest.approx(
            1
        )


@pytest.mark.parametrize("temperature", [0.7, 1.0, 1.6])
def test_the_expected_gradient_is_that_of_the_expected_reward(lm: LM, temperature: float) -> None:
    plain = Objective(temperature=temperature, baseline="none")
    assert_equal(expected(lm, plain), exact(lm, temperature))


def test_temperature_must_be_the_same_in_the_score(lm: LM) -> None:
    """Sampled at 0.7 and scored at 1 it is another gradient: the check above would see it."""
    wrong = expected(lm, Objective(baseline="none")) - exact(lm, 0.7)
    assert wrong.abs().max() > 0.05


def test_left_out_and_whole_means(lm: LM) -> None:
    assert_equal(expected(lm, Objective(baseline="leave-one-out"), N=2), exact(lm))
    assert_equal(expected(lm, Objective(baseline="mean"), N=2), exact(lm) / 2)


@pytest.mark.parametrize("credit", ["reward-to-go", "whole return"])
@pytest.mark.parametrize(("baseline", "N"), [("none", 1), ("leave-one-out", 2)])
@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_a_leash_in_the_reward_has_the_gradient_of_the_kl(
    lm: LM, start: Start, credit: Any, baseline: Any, N: int, temperature: float
) -> None:
    beta = 0.8
    tied = Objective(temperature=temperature, baseline=baseline, credit=credit, beta=beta)
    right = exact(lm, temperature, beta, start)
    assert_equal(expected(lm, tied, N, start), right)
    assert (right - exact(lm, temperature)).abs().max() > 0.05  # it is no small thing


def per_state(lm: LM, start: Start, beta: float, bonus: float) -> Tensor:
    """The gradient of E[sum_t bonus H_t - beta KL_t], the probabilities of states held fixed."""
    batch = collate(lm, [lm.encode(PROMPT)] * len(EVERY), EVERY)
    logp = log_distribution(completion_logits(lm, batch))  # (7, 2, V)
    with torch.no_grad():
        p = completion_logprobs(lm, batch).sum(-1).exp()
        was = log_distribution(completion_logits(start.lm, batch))
    # By hand, not by the functions that are under test.
    states = (-logp.exp() * (bonus * logp + beta * (logp - was))).sum(-1)
    return gradient(lm, (p[:, None] * states * batch.completion_mask).sum())


def test_a_leash_in_the_loss_has_the_gradient_of_each_state(lm: LM, start: Start) -> None:
    tied = Objective(baseline="none", beta=0.8, leash="in the loss", entropy_bonus=0.3)
    assert_equal(expected(lm, tied, 1, start), exact(lm) + per_state(lm, start, 0.8, 0.3))


def test_which_is_not_the_gradient_of_the_kl(lm: LM, start: Start) -> None:
    """The caveat in the docstring is real."""
    fixed = exact(lm) + per_state(lm, start, 0.8, 0.0)
    assert (fixed - exact(lm, 1.0, 0.8, start)).abs().max() > 0.01


def test_k3_as_a_loss_is_another_divergence(lm: LM, start: Start) -> None:
    """Why it is not offered: the right value, and the gradient of each state's KL(p_0 || p)."""
    logp = scored(lm, EVERY, 1.0)
    with torch.no_grad():
        was = scored(start.lm, EVERY, 1.0)
    p = logp.detach().sum(-1).exp()
    value = (p * k3(logp, was).sum(-1)).sum()
    assert float(value.detach()) == pytest.approx(float((p * (logp - was).sum(-1)).sum().detach()))

    batch = collate(lm, [lm.encode(PROMPT)] * len(EVERY), EVERY)
    with torch.no_grad():
        theirs = log_distribution(completion_logits(start.lm, batch))
    ours = log_distribution(completion_logits(lm, batch))
    swapped = (theirs.exp() * (theirs - ours)).sum(-1)  # (7, 2)
    found = gradient(lm, value)
    assert_equal(found, gradient(lm, (p[:, None] * swapped * batch.completion_mask).sum()))
    assert (found + per_state(lm, start, 1.0, 0.0)).abs().max() > 0.05


def test_the_measures_of_a_state(lm: LM, start: Start) -> None:
    logp = torch.tensor([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]], dtype=torch.float64).log()
    even = torch.full((2, 3), 1 / 3, dtype=torch.float64).log()
    logp = logp.clamp(min=-700)
    bits = torch.tensor([1.5, 0.0], dtype=torch.float64) * torch.tensor(2.0).log()
    torch.testing.assert_close(entropy(logp), bits)
    torch.testing.assert_close(kl(logp, even), torch.tensor(3.0).double().log() - bits)
    assert k3(torch.tensor(-1.0), torch.tensor(-1.0)) == 0
    assert (k3(torch.tensor([-1.0, -3.0]), torch.tensor([-3.0, -1.0])) > 0).all()


def test_the_gradient_does_not_depend_on_the_passes(lm: LM, start: Start) -> None:
    tied = Objective(beta=0.5, leash="in the loss", entropy_bonus=0.1, mean_over="steps")
    rows = [0, 6, 2, 3, 1, 5]
    whole = estimate(lm, rows, tied, start)
    for rows_at_once in (1, 2, 4):
        assert_equal(estimate(lm, rows, tied, start, rows_at_once=rows_at_once), whole)


@pytest.mark.parametrize("mean_over", ["trajectories", "steps", "nothing"])
def test_it_is_the_loss_of_chapter_5(lm: LM, mean_over: Any) -> None:
    """Completions of equal length, so that the two baselines are one."""
    rows = [1, 2, 3, 4]
    samples = drawn(lm, rows, 1.0)
    rewards = at_the_end(REWARDS[rows], samples.mask)
    theirs = policy_gradient_loss(
        scored(lm, [EVERY[row] for row in rows], 1.0), rewards, samples.mask,
        baseline="leave-one-out", mean_over=mean_over,
    )  # fmt: skip
    objective = Objective(mean_over=mean_over)
    (ours,) = losses(lm, samples, weights(rewards, samples, objective), objective)
    assert float(ours.detach()) == pytest.approx(float(theirs.detach()))
    assert_equal(gradient(lm, ours), gradient(lm, theirs))


def test_a_long_completion_is_not_better_for_being_long(lm: LM) -> None:
    """All are worth the same, so there is nothing to learn, of whatever length they are."""
    samples = drawn(lm, [0, 1, 4], 1.0)
    same = at_the_end(torch.ones(3), samples.mask)
    assert not weights(same, samples, Objective()).any()


def test_groups_are_of_one_prompt(lm: LM) -> None:
    samples = drawn(lm, [1, 2, 3, 4], 1.0, prompts=2)
    rewards = at_the_end(torch.tensor([1.0, 0.0, 5.0, 5.0]), samples.mask)
    found = weights(rewards, samples, Objective())
    assert found.tolist() == [[1, 1], [-1, -1], [0, 0], [0, 0]]


def test_with_its_ratio_a_used_sample_has_the_gradient_of_the_new_model(lm: LM) -> None:
    """Drawn from one model and learnt from by another, without bias; without the ratio, with."""
    old = toy(5)
    objective = Objective(baseline="none")
    with torch.no_grad():
        p = scored(old, EVERY, 1.0).sum(-1).exp()
    found = {True: torch.zeros(()), False: torch.zeros(())}
    for row in range(len(EVERY)):
        samples = drawn(old, [row], 1.0)
        weight = weights(at_the_end(REWARDS[[row]], samples.mask), samples, objective)
        for reused in found:
            (loss,) = losses(lm, samples, weight, objective, reused=reused)
            found[reused] = found[reused] - p[row] * gradient(lm, loss)
    assert_equal(found[True], exact(lm))
    assert (found[False] - exact(lm)).abs().max() > 0.05


def test_clipping_is_ppos(lm: LM) -> None:
    """Against the derivative of min(ratio A, clamp(ratio) A), on both sides of both bounds."""
    mask = torch.tensor([[True, True], [True, False]] * 6)
    old = torch.zeros(12, 2, dtype=torch.float64)
    moved = torch.tensor([-0.5, -0.1, 0.0, 0.1, 0.3, 0.7], dtype=torch.float64)
    logprobs = (moved.repeat_interleave(2)[:, None] * torch.tensor([[0.6, 0.4]])).double()
    logprobs = logprobs.masked_fill(~mask, 0.0).requires_grad_()
    for advantage in (1.5, -0.5):
        weight = torch.full_like(old, advantage).masked_fill(~mask, 0.0)
        ratio = (logprobs - old).sum(-1).exp()
        ppo = torch.minimum(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage).sum()
        (right,) = torch.autograd.grad(ppo, logprobs)
        right = right.masked_fill(~mask, 0.0)
        ours = weight * importance(logprobs, old, mask, weight, clip=0.2)
        torch.testing.assert_close(ours, right)
        clipped = (right == 0) & mask
        assert clipped.any()
        assert not clipped.all()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"temperature": 0.0}, "temperature is 0.0: give a number above 0"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"baseline": "average"}, "baseline is 'average'; use one of"),
        ({"credit": "all"}, "credit is 'all'; use one of"),
        ({"mean_over": "tokens"}, "mean_over is 'tokens'; use one of"),
        ({"leash": "k3"}, "leash is 'k3'; use one of"),
        ({"beta": -0.1}, "beta is -0.1: give a number, 0 or more"),
        ({"entropy_bonus": float("inf")}, "entropy_bonus is inf"),
        ({"clip": 0}, "clip is 0: give a number above 0"),
        ({"clip": True}, "clip is True"),
    ],
)
def test_settings_out_of_range(setting: dict[str, Any], said: str) -> None:
    with pytest.raises(TrainingError, match=said):
        Objective(**setting)
