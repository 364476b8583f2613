"""Chapter 7: proxies, the leash and its optimum, judges who differ, and Bradley-Terry."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor

from alignlib.environments import text_mdp
from alignlib.exact import expected_return
from alignlib.leash import charged, kl
from alignlib.rewards import bradley_terry_loss, compare, vote, weighted
from alignlib.world import OPINIONS
from alignlib.world.groups import GROUPS, Group
from tests.equations import checks

TOKENS = ("yes", "no", "dear", "end")


@dataclass(frozen=True)
class Texts:
    """Every text of at most three tokens, in one context, with what it is worth.

    Attributes:
        texts: (M,) all of them.
        start: (S, V) the policy before training, a row for each prefix.
        policy: (S, V) another one.
        proxy, true: (M,) two rewards of a text.
    """

    texts: list[tuple[str, ...]]
    start: Tensor
    policy: Tensor
    proxy: Tensor
    true: Tensor

    def steps(self, policy: Tensor) -> list[Tensor]:
        """(T,) for each text, the log-probabilities of its tokens."""
        return [policy[_states(text), _actions(text)].log() for text in self.texts]

    def log_p(self, policy: Tensor) -> Tensor:  # (M,)
        return torch.stack([each.sum() for each in self.steps(policy)])

    @property
    def p(self) -> Tensor:  # (M,)
        return self.log_p(self.policy).exp()

    @property
    def p_0(self) -> Tensor:  # (M,)
        return self.log_p(self.start).exp()

    def exact(self, policy: Tensor, reward: Tensor) -> float:
        """The expected reward by dynamic programming, without a list of texts."""
        worth = dict(zip(self.texts, reward.tolist(), strict=True))
        mdp = text_mdp(TOKENS, 3, lambda text: worth[text], end="end")
        done = torch.full((1, len(TOKENS)), 1 / len(TOKENS), dtype=torch.float64)
        return expected_return(mdp, torch.cat([policy, done])).item()


PREFIXES = [each for t in range(3) for each in itertools.product(TOKENS[:-1], repeat=t)]


def _states(text: tuple[str, ...]) -> list[int]:
    return [PREFIXES.index(text[:t]) for t in range(len(text))]


def _actions(text: tuple[str, ...]) -> list[int]:
    return [TOKENS.index(token) for token in text]


@cache
def worlds() -> list[Texts]:
    texts = [(*prefix, "end") for prefix in PREFIXES]
    texts += [*itertools.product(TOKENS[:-1], repeat=3)]
    found = []
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        size = (2, len(PREFIXES), len(TOKENS))
        logits = torch.randn(size, generator=generator, dtype=torch.float64)
        start, policy = logits.softmax(-1)
        courteous = torch.tensor([float("dear" in text) for text in texts], dtype=torch.float64)
        noise = torch.randn(len(texts), generator=generator, dtype=torch.float64)
        correct = torch.tensor([text.count("yes") - 1.0 for text in texts], dtype=torch.float64)
        found.append(Texts(texts, start, policy, 2 * courteous + 0.3 * noise, correct + courteous))
    return found


def close(value: float) -> Any:
    return pytest.approx(value, abs=1e-9)


# The proxy's and the true expected reward.
Two = Callable[[Texts], tuple[float, float]]


@checks(
    "proxy",
    right={
        "alignlib": lambda w: (w.exact(w.policy, w.proxy), w.exact(w.policy, w.true)),
        "as printed": lambda w: (float(w.p @ w.proxy), float(w.p @ w.true)),
    },
    wrong={
        "the other way round": lambda w: (float(w.p @ w.true), float(w.p @ w.proxy)),
        "of the start": lambda w: (float(w.p_0 @ w.proxy), float(w.p_0 @ w.true)),
        "each under a policy of its own": lambda w: (
            float(w.p @ w.proxy),
            float(w.p_0 @ w.true),
        ),
        "every text alike": lambda w: (w.proxy.mean().item(), w.true.mean().item()),
        "without p": lambda w: (w.proxy.sum().item(), w.true.sum().item()),
    },
)
def proxy_and_true(two: Two) -> None:
    """Against a forward pass over prefixes: who is where, and which text ends there."""
    for w in worlds():
        expected = [0.0, 0.0]
        for text, proxy, true in zip(w.texts, w.proxy.tolist(), w.true.tolist(), strict=True):
            here = 1.0
            for state, action in zip(_states(text), _actions(text), strict=True):
                here *= w.policy[state, action].item()
            expected[0] += here * proxy
            expected[1] += here * true
        assert two(w) == (close(expected[0]), close(expected[1]))


# J of a policy on a leash.
Leashed = Callable[[Texts, float], float]


def by_tokens(w: Texts, beta: float) -> float:
    """What ``reinforce`` maximises: the rewards of all tokens, each with its own price."""
    total = 0.0
    both = zip(w.steps(w.policy), w.steps(w.start), strict=True)
    for number, (now, was) in enumerate(both):
        earned = torch.zeros(1, len(now), dtype=torch.float64)
        earned[0, -1] = w.proxy[number]
        earned = charged(earned, now[None], was[None], beta)
        total += float(w.p[number] * earned.sum())
    return total


def by_states(w: Texts, beta: float) -> float:
    """With the exact KL of each state that is passed through."""
    each = kl(w.policy.log(), w.start.log())  # (S,)
    passed = [each[_states(text)].sum() for text in w.texts]
    return float(w.p @ (w.proxy - beta * torch.stack(passed)))


def divergence(p: Tensor, q: Tensor) -> float:
    return float(p @ (p.log() - q.log()))


def mean_kl(w: Texts) -> float:
    """The mistake of a mean over tokens: a long text pays less for each."""
    both = zip(w.steps(w.policy), w.steps(w.start), strict=True)
    return float(w.p @ torch.stack([(now - was).mean() for now, was in both]))


@checks(
    "kl-leash",
    right={
        "alignlib, in the reward": by_tokens,
        "alignlib, state by state": by_states,
        "as printed": lambda w, beta: float(w.p @ w.proxy) - beta * divergence(w.p, w.p_0),
    },
    wrong={
        "the other KL": lambda w, beta: float(w.p @ w.proxy) - beta * divergence(w.p_0, w.p),
        "added": lambda w, beta: float(w.p @ w.proxy) + beta * divergence(w.p, w.p_0),
        "without beta": lambda w, beta: float(w.p @ w.proxy) - divergence(w.p, w.p_0),
        "divided by beta": lambda w, beta: float(w.p @ w.proxy) - divergence(w.p, w.p_0) / beta,
        "a mean over tokens": lambda w, beta: float(w.p @ w.proxy) - beta * mean_kl(w),
        "an entropy": lambda w, beta: float(w.p @ w.proxy) + beta * float(w.p @ w.p.log()),
        "in bits": lambda w, beta: (
            float(w.p @ w.proxy) - beta * divergence(w.p, w.p_0) / math.log(2)
        ),
        "the reward of the start": lambda w, beta: (
            float(w.p_0 @ w.proxy) - beta * divergence(w.p, w.p_0)
        ),
    },
)
def leash(objective: Leashed) -> None:
    """The reward, less beta times the cross entropy with the start, plus beta times the entropy."""
    for w in worlds():
        for beta in (0.1, 0.7, 2.0):
            reward = w.exact(w.policy, w.proxy)
            crossed = w.exact(w.policy, -w.log_p(w.start))
            own = w.exact(w.policy, -w.log_p(w.policy))
            assert objective(w, beta) == close(reward - beta * (crossed - own))


# (M,) the distribution over texts that is best on a leash.
Optimum = Callable[[Texts, float], Tensor]


def tilted(p: Tensor, gain: Tensor) -> Tensor:
    weights = p * gain.exp()
    return weights / weights.sum()


@checks(
    "leash-optimum",
    right={
        "as printed": lambda w, beta: tilted(w.p_0, w.proxy / beta),
        "as a softmax": lambda w, beta: (w.log_p(w.start) + w.proxy / beta).softmax(0),
    },
    wrong={
        "times beta": lambda w, beta: tilted(w.p_0, w.proxy * beta),
        "of nothing": lambda w, beta: (w.proxy / beta).softmax(0),
        "the start's root": lambda w, beta: tilted(w.p_0.sqrt(), w.proxy / beta),
        "the reward, not its exponential": lambda w, beta: (
            w.p_0 * w.proxy.abs() / (w.p_0 @ w.proxy.abs())
        ),
        "the wrong sign": lambda w, beta: tilted(w.p_0, -w.proxy / beta),
        "the best text alone": lambda w, beta: tilted(w.p_0, 1e3 * w.proxy),
        "the start": lambda w, beta: w.p_0,
        "of the policy": lambda w, beta: tilted(w.p, w.proxy / beta),
        "not normalised": lambda w, beta: w.p_0 * (w.proxy / beta).exp(),
    },
)
def leash_optimum(optimum: Optimum) -> None:
    """A distribution, no worse than what ascent finds, and better than all its neighbours."""
    for w, beta in itertools.product(worlds(), (0.3, 1.0, 3.0)):
        best = optimum(w, beta)
        assert float(best.sum()) == close(1.0)

        def objective(logits: Tensor, w: Texts = w, beta: float = beta) -> Tensor:
            p = logits.softmax(0)
            return p @ w.proxy - beta * (p @ (p.log() - w.p_0.log()))

        logits = best.clamp(min=1e-300).log()
        slope = torch.autograd.functional.jacobian(objective, logits)
        assert slope.abs().max().item() == pytest.approx(0.0, abs=1e-9)
        # The objective is concave in p: what is best among its neighbours is best of all.
        generator = torch.Generator().manual_seed(0)
        for _ in range(20):
            step = torch.randn(len(logits), generator=generator, dtype=torch.float64)
            assert objective(logits + 0.1 * step) < objective(logits)
            assert objective(step) < objective(logits)


# How fast the true reward changes with the pressure 1 / beta.
Rate = Callable[[Texts, float], float]


def covariance(p: Tensor, a: Tensor, b: Tensor) -> float:
    return float(p @ (a * b) - (p @ a) * (p @ b))


def bent(w: Texts, pressure: float) -> Tensor:
    return tilted(w.p_0, w.proxy * pressure)


@checks(
    "goodhart",
    right={
        "as printed": lambda w, x: covariance(bent(w, x), w.true, w.proxy),
        "centred": lambda w, x: float(
            bent(w, x) @ ((w.true - bent(w, x) @ w.true) * (w.proxy - bent(w, x) @ w.proxy))
        ),
    },
    wrong={
        "under the start": lambda w, x: covariance(w.p_0, w.true, w.proxy),
        "the proxy's variance": lambda w, x: covariance(bent(w, x), w.proxy, w.proxy),
        "the true reward's variance": lambda w, x: covariance(bent(w, x), w.true, w.true),
        "not centred": lambda w, x: float(bent(w, x) @ (w.true * w.proxy)),
        "the correlation": lambda w, x: (
            covariance(bent(w, x), w.true, w.proxy)
            / math.sqrt(
                covariance(bent(w, x), w.true, w.true) * covariance(bent(w, x), w.proxy, w.proxy)
            )
        ),
        "the wrong sign": lambda w, x: -covariance(bent(w, x), w.true, w.proxy),
        "by beta": lambda w, x: -(x**2) * covariance(bent(w, x), w.true, w.proxy),
        "every text alike": lambda w, x: covariance(
            torch.full_like(w.p_0, 1 / len(w.p_0)), w.true, w.proxy
        ),
    },
)
def goodhart(rate: Rate) -> None:
    """The slope of the true reward, by differences."""
    for w, x in itertools.product(worlds(), (0.2, 0.8, 2.5)):
        step = 1e-5
        slope = float((bent(w, x + step) - bent(w, x - step)) @ w.true) / 2 / step
        assert rate(w, x) == pytest.approx(slope, abs=1e-7)


# The reward of an answer, from what each group thinks of it and how much each counts.
Vote = Callable[[Mapping[str, float], Sequence[str]], list[float]]

ITEMS = [opinion for opinion in OPINIONS if opinion.contested][:6] + list(OPINIONS[8:10])


def approvals(texts: Sequence[str]) -> dict[str, list[float]]:
    return {
        group.name: [
            float(group.approves(item, text)) for item, text in zip(ITEMS, texts, strict=True)
        ]
        for group in GROUPS
    }


def by_vote(weights: Mapping[str, float], texts: Sequence[str]) -> list[float]:
    return vote(GROUPS, weights)([""] * len(texts), list(texts), asked=ITEMS)


def by_parts(weights: Mapping[str, float], texts: Sequence[str]) -> list[float]:
    def opinion_of(name: str) -> Callable[..., list[float]]:
        return lambda prompts, completions, **columns: approvals(completions)[name]

    parts = {name: (opinion_of(name), weight) for name, weight in weights.items()}
    return weighted(parts)([""] * len(texts), list(texts))


def added(weights: Mapping[str, float], texts: Sequence[str]) -> list[float]:
    said = approvals(texts)
    return [sum(weights[name] * said[name][row] for name in weights) for row in range(len(texts))]


def majority(weights: Mapping[str, float], texts: Sequence[str]) -> list[float]:
    return [float(value > 0.5) for value in added(weights, texts)]


@checks(
    "weighted-judges",
    right={"alignlib, a vote": by_vote, "alignlib, a sum": by_parts, "as printed": added},
    wrong={
        "the majority's alone": majority,
        "weights swapped": lambda weights, texts: added(
            dict(zip(weights, reversed(weights.values()), strict=True)), texts
        ),
        "every group alike": lambda weights, texts: added(dict.fromkeys(weights, 0.5), texts),
        "a product": lambda weights, texts: [
            math.prod(said[row] ** weights[name] for name, said in approvals(texts).items())
            for row in range(len(texts))
        ],
        "the first group's": lambda weights, texts: approvals(texts)["coast"],
        "the least": lambda weights, texts: [
            min(said[row] for said in approvals(texts).values()) for row in range(len(texts))
        ],
        "a mean over groups": lambda weights, texts: [
            value / len(weights) for value in added(weights, texts)
        ],
    },
)
def weighted_judges(reward: Vote) -> None:
    """The share of a hundred people who approve, asked one by one."""
    people: dict[str, Group] = {group.name: group for group in GROUPS}
    for coast in (30, 70, 90):
        weights = {"coast": coast / 100, "hills": 1 - coast / 100}
        crowd = ["coast"] * coast + ["hills"] * (100 - coast)
        for answers in itertools.product((True, False), repeat=3):
            texts = [item.answer(yes) for item, yes in zip(ITEMS, itertools.cycle(answers))]
            expected = [
                sum(people[who].approves(item, text) for who in crowd) / 100
                for item, text in zip(ITEMS, texts, strict=True)
            ]
            assert reward(weights, texts) == pytest.approx(expected, abs=1e-9)


# The probability that the first of two answers is preferred, from their rewards.
Preferred = Callable[[float, float], float]


def by_choices(a: float, b: float) -> float:
    """How often ``compare`` chooses the first, of many judgments."""
    n = 40_000
    worth = {"a": a, "b": b}
    chosen = compare(
        lambda prompts, completions, **_: [worth[str(each)] for each in completions],
        [""] * n,
        ["a"] * n,
        ["b"] * n,
        seed=1,
    )
    return sum(each.chosen == "a" for each in chosen) / n


def by_loss(a: float, b: float) -> float:
    return math.exp(-bradley_terry_loss(torch.tensor([a]), torch.tensor([b])).item())


@checks(
    "bradley-terry",
    right={
        "alignlib, judgments": by_choices,
        "alignlib, the loss": by_loss,
        "as printed": lambda a, b: 1 / (1 + math.exp(-(a - b))),
        "strengths": lambda a, b: math.exp(a) / (math.exp(a) + math.exp(b)),
    },
    wrong={
        "the other way round": lambda a, b: 1 / (1 + math.exp(a - b)),
        "the ratio of rewards": lambda a, b: abs(a) / (abs(a) + abs(b) + 1e-9),
        "in base 2": lambda a, b: 1 / (1 + 2 ** (b - a)),
        "half the difference": lambda a, b: 1 / (1 + math.exp(-(a - b) / 2)),
        "a step": lambda a, b: 0.5 if a == b else float(a > b),
        "the first alone": lambda a, b: 1 / (1 + math.exp(-a)),
        "a normal's": lambda a, b: 0.5 * (1 + math.erf((a - b) / math.sqrt(2))),
    },
)
def bradley_terry(preferred: Preferred) -> None:
    """The race of two clocks: the first to ring, of rates exp(a) and exp(b), is preferred."""
    for a, b in ((0.0, 0.0), (1.0, 0.0), (-0.5, 1.2), (2.0, 1.0), (0.3, -1.7)):
        width, rings = 1e-4, 0.0
        for step in range(200_000):  # the first rings at this time, the second has not yet
            time = (step + 0.5) * width
            rings += math.exp(a - (math.exp(a) + math.exp(b)) * time) * width
        assert preferred(a, b) == pytest.approx(rings, abs=0.01)


# The loss of judgments, from the rewards of what was chosen and of what was not.
Loss = Callable[[list[float], list[float]], float]


def surprise(a: float, b: float) -> float:
    return math.log1p(math.exp(b - a))


def each_surprise(chosen: list[float], rejected: list[float]) -> list[float]:
    return [surprise(a, b) for a, b in zip(chosen, rejected, strict=True)]


@checks(
    "preference-loss",
    right={
        "alignlib": lambda chosen, rejected: bradley_terry_loss(
            torch.tensor(chosen, dtype=torch.float64), torch.tensor(rejected, dtype=torch.float64)
        ).item(),
        "as printed": lambda a, b: sum(each_surprise(a, b)) / len(a),
    },
    wrong={
        "a sum": lambda a, b: sum(each_surprise(a, b)),
        "the other way round": lambda a, b: sum(each_surprise(b, a)) / len(a),
        "without the minus": lambda a, b: -sum(each_surprise(a, b)) / len(a),
        "without the logarithm": lambda a, b: (
            sum(math.exp(-x) for x in each_surprise(a, b)) / len(a)
        ),
        "in bits": lambda a, b: sum(each_surprise(a, b)) / len(a) / math.log(2),
        "of the mean difference": lambda a, b: surprise(sum(a) / len(a), sum(b) / len(b)),
        "a hinge": lambda a, b: (
            sum(max(0.0, 1 - x + y) for x, y in zip(a, b, strict=True)) / len(a)
        ),
    },
)
def preference_loss(loss: Loss) -> None:
    """Minus the log of the probability that all judgments fall out as they did, for each."""
    for chosen, rejected in (([1.0, 0.2, -2.0], [0.0, 0.9, -1.5]), ([0.4, 3.0], [2.0, -0.3])):
        p = 1.0
        for a, b in zip(chosen, rejected, strict=True):
            p *= math.exp(a) / (math.exp(a) + math.exp(b))
        assert loss(chosen, rejected) == close(-math.log(p) / len(chosen))
