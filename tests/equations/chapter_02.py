"""Chapter 2: the probability of an answer, the temperature, and a share with its interval."""

from __future__ import annotations

import itertools
import math
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from statistics import NormalDist, median

import pytest
import torch
from torch import Tensor

import alignlib
from alignlib import LM, logprobs, proportion
from alignlib.logprobs import log_distribution
from alignlib.world import Question, question_bank, truthful
from tests.equations import checks
from tests.random_models import write_model

# p(y | x) of completions y of T = 2 tokens to a prompt x: (B,), in float64.
Sequences = Callable[[LM, str, list[list[int]]], Tensor]


@cache
def random_llama() -> LM:
    with tempfile.TemporaryDirectory() as folder:
        return alignlib.load(write_model(Path(folder), "llama"), device="cpu")


@torch.no_grad()
def step(lm: LM, tokens: list[int]) -> Tensor:
    """(V,) the distribution of the token after these, by one forward pass of its own."""
    logits: Tensor = lm.model(torch.tensor([tokens])).logits[0, -1]
    return logits.double().softmax(-1)


def scored(lm: LM, x: str, ys: list[list[int]]) -> Tensor:
    """(B, T) log p(y_t | x, y_<t) by alignlib, beside a longer prompt so that there is padding."""
    beside = logprobs(lm, [x] * len(ys) + [x + " and more"], [*ys, [1]], batch_size=301)
    return beside.values[:-1].double()


@torch.no_grad()
def one_late(lm: LM, x: str, ys: list[list[int]]) -> Tensor:
    """The mistake of taking each token's probability from its own column."""
    P = len(lm.encode(x))
    logits = lm.model(torch.tensor([lm.encode(x) + y for y in ys])).logits[:, P:]  # (B, T, V)
    logp = logits.double().log_softmax(-1)
    values: Tensor = logp.gather(-1, torch.tensor(ys)[..., None]).squeeze(-1)
    return values.sum(-1).exp()


def prompt_only(lm: LM, x: str, ys: list[list[int]]) -> Tensor:
    """The mistake of forgetting the tokens before; it sums to 1 all the same."""
    p = step(lm, lm.encode(x))
    return torch.stack([p[y].prod() for y in ys])


@checks(
    "chain-rule",
    right={"alignlib": lambda lm, x, ys: scored(lm, x, ys).sum(-1).exp()},
    wrong={
        "without the last token": lambda lm, x, ys: scored(lm, x, ys)[:, :-1].sum(-1).exp(),
        "without the first token": lambda lm, x, ys: scored(lm, x, ys)[:, 1:].sum(-1).exp(),
        "shifted by one": one_late,
        "given the prompt only": prompt_only,
        "mean over tokens": lambda lm, x, ys: scored(lm, x, ys).mean(-1).exp(),
        "sum of probabilities": lambda lm, x, ys: scored(lm, x, ys).exp().sum(-1),
        "another prompt": lambda lm, x, ys: scored(lm, x + ".", ys).sum(-1).exp(),
    },
)
def chain_rule(sequences: Sequences) -> None:
    """All completions of two tokens: each the product of its steps, together 1."""
    lm, x = random_llama(), "the cat"
    V = lm.model.config.vocab_size
    ys = [[first, second] for first, second in itertools.product(range(V), repeat=2)]
    first = step(lm, lm.encode(x))
    then = torch.stack([step(lm, [*lm.encode(x), token]) for token in range(V)])
    p = sequences(lm, x, ys)
    torch.testing.assert_close(p, (first[:, None] * then).flatten(), rtol=1e-3, atol=1e-9)
    assert p.sum().item() == pytest.approx(1.0, abs=1e-5)


# The distribution over a vocabulary, from its logits and a temperature above 0.
Distribution = Callable[[list[float], float], list[float]]


def tensor(z: list[float]) -> Tensor:
    return torch.tensor(z, dtype=torch.float64)


def softmax_as_printed(z: list[float], kappa: float) -> list[float]:
    total = sum(math.exp(u / kappa) for u in z)
    return [math.exp(v / kappa) / total for v in z]


@checks(
    "temperature",
    right={
        "alignlib": lambda z, kappa: log_distribution(tensor(z), kappa).exp().tolist(),
        "as printed": softmax_as_printed,
    },
    wrong={
        "multiplied": lambda z, kappa: log_distribution(tensor(z), 1 / kappa).exp().tolist(),
        "left out": lambda z, _: tensor(z).softmax(-1).tolist(),
        "probabilities divided": lambda z, kappa: (tensor(z).softmax(-1) / kappa).tolist(),
        "softmax twice": lambda z, kappa: (tensor(z).softmax(-1) / kappa).softmax(-1).tolist(),
        "not normalised": lambda z, kappa: (tensor(z) / kappa).exp().tolist(),
        "powers of 2": lambda z, kappa: (tensor(z) / kappa * math.log(2)).softmax(-1).tolist(),
    },
)
def temperature(distribution: Distribution) -> None:
    """A distribution whose log-ratios are the logits' differences over kappa, and its limits."""
    for z in ([2.0, 1.0, 0.0, -1.5], [0.3, 0.3], [-4.0, 5.0, 4.5], [7.0]):
        for kappa in (0.1, 0.5, 1.0, 1.3, 4.0):
            p = distribution(z, kappa)
            assert sum(p) == pytest.approx(1.0)
            for (v, p_v), (u, p_u) in itertools.product(zip(z, p, strict=True), repeat=2):
                assert p_v == pytest.approx(p_u * math.exp((v - u) / kappa), rel=1e-6)
    z = [2.0, 1.0, 0.0, -1.5]
    assert distribution(z, 0.01) == pytest.approx([1.0, 0.0, 0.0, 0.0], abs=1e-12)
    assert distribution(z, 1e6) == pytest.approx([0.25] * 4, abs=1e-5)


# The share of truthful answers to questions.
Share = Callable[[Sequence[Question], Sequence[str]], float]


def judged(questions: Sequence[Question], answers: Sequence[str]) -> list[bool]:
    return [truthful(q, y) for q, y in zip(questions, answers, strict=True)]


def of_known_only(questions: Sequence[Question], answers: Sequence[str]) -> float:
    pairs = [(q, y) for q, y in zip(questions, answers, strict=True) if q.answerable]
    return sum(truthful(q, y) for q, y in pairs) / len(pairs)


@checks(
    "truthfulness",
    right={
        "alignlib": lambda questions, answers: proportion(judged(questions, answers)).value,
        "as printed": lambda questions, answers: sum(judged(questions, answers)) / len(questions),
    },
    wrong={
        "a sum": lambda questions, answers: float(sum(judged(questions, answers))),
        "a median": lambda questions, answers: float(median(judged(questions, answers))),
        "the share of false answers": lambda questions, answers: (
            1 - sum(judged(questions, answers)) / len(questions)
        ),
        "n - 1": lambda questions, answers: sum(judged(questions, answers)) / (len(questions) - 1),
        "only questions with an answer": of_known_only,
        "answers one question late": lambda questions, answers: (
            sum(judged(questions, [*answers[1:], answers[0]])) / len(questions)
        ),
    },
)
def truthfulness(share: Share) -> None:
    """Every pattern of true and false answers to a few questions, with its number of true ones."""
    bank = question_bank()
    questions = [next(q for q in bank if q.kind == kind) for kind in ("capital", "sum", "language")]
    questions.append(next(q for q in bank if not q.answerable))
    for pattern in itertools.product([True, False], repeat=len(questions)):
        answers = [
            (q.answer or "I do not know.") if is_true else "Something else."
            for q, is_true in zip(questions, pattern, strict=True)
        ]
        assert share(questions, answers) == pytest.approx(pattern.count(True) / len(pattern))


# The ends of the interval, from the number of successes, of observations, and the confidence.
Interval = Callable[[int, int, float], tuple[float, float]]


def z_of(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)


def by_alignlib(successes: int, n: int, confidence: float) -> tuple[float, float]:
    estimate = proportion([True] * successes + [False] * (n - successes), confidence)
    return estimate.low, estimate.high


def as_printed(
    successes: int,
    n: int,
    confidence: float,
    *,
    shift: bool = True,
    spread: bool = True,
    shrink: bool = True,
    one_sided: bool = False,
) -> tuple[float, float]:
    """The formula on the page; each switch leaves out or spoils a part of it."""
    z = z_of(2 * confidence - 1) if one_sided else z_of(confidence)
    mean = successes / n
    centre = mean + z**2 / (2 * n) * shift
    half = z * math.sqrt(mean * (1 - mean) / n + z**2 / (4 * n**2) * spread)
    scale = 1 / (1 + z**2 / n) if shrink else 1.0
    return scale * (centre - half), scale * (centre + half)


@checks(
    "wilson",
    right={"alignlib": by_alignlib, "as printed": as_printed},
    wrong={
        "without z^2/4n^2": lambda s, n, c: as_printed(s, n, c, spread=False),
        "without z^2/2n": lambda s, n, c: as_printed(s, n, c, shift=False),
        "without 1/(1 + z^2/n)": lambda s, n, c: as_printed(s, n, c, shrink=False),
        "Wald's": lambda s, n, c: as_printed(s, n, c, shift=False, spread=False, shrink=False),
        "one-sided z": lambda s, n, c: as_printed(s, n, c, one_sided=True),
        "always 95 %": lambda s, n, _: as_printed(s, n, 0.95),
        "both ends the lower": lambda s, n, c: (as_printed(s, n, c)[0],) * 2,
    },
)
def wilson(interval: Interval) -> None:
    """The ends are the two shares p from which the observed one is z standard errors away."""
    assert z_of(0.95) == pytest.approx(1.96, abs=1e-3)  # as the page says
    for n, confidence in itertools.product([1, 2, 12, 66], [0.8, 0.95, 0.99]):
        z = z_of(confidence)
        for successes in range(n + 1):
            observed = successes / n
            low, high = interval(successes, n, confidence)
            for p in (low, high):
                away = (observed - p) ** 2
                assert away == pytest.approx(z**2 * p * (1 - p) / n, rel=1e-6, abs=1e-12)
            assert low - 1e-9 <= observed <= high + 1e-9
            assert high - low > 1e-3
