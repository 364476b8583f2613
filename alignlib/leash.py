"""How far a model has gone from the one it was, and how it is held back.

With p the model, p_0 the one it was when training began, and y a completion,

    KL(p || p_0) = E_{y ~ p}[ sum_t log p(y_t | y_<t) - log p_0(y_t | y_<t) ]
                 = E_{y ~ p}[ sum_t KL( p(. | y_<t) || p_0(. | y_<t) ) ].

The two sums have the same mean and not the same gradient, since the states y_<t come from p, too.
The first, given as a *reward* and not differentiated, makes eq. (gradient-policy) of chapter 5 the
gradient of J - beta KL: its own derivative is 0 on average, by eq. (zero-mean). The second,
differentiated in the *loss*, has the gradient of each state's KL with the states held fixed: that
an action leads to states far from the start is not counted.

Left out: a loss made of k3, the usual estimate. Its value is the KL's, but its derivative is on
average the gradient of another divergence, KL(p_0 || p), again state by state.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from alignlib.logprobs import Batch, score
from alignlib.model import LM
from alignlib.out_of_memory import Passes
from alignlib.prefixes import States, read_states
from alignlib.sampling import Samples
from alignlib.unfinished import digest

__all__ = ["Leash", "Start", "charged", "entropy", "k3", "kl", "start_of"]

Leash = Literal["in the reward", "in the loss"]
"""Where the KL is subtracted: from each token's reward, or from the objective, state by state."""


@dataclass(frozen=True)
class Start:
    """The model as it was before training; make it with :func:`start_of`.

    Attributes:
        lm: a frozen copy; or the model itself, where only an adapter is trained.
        adapted: which of the two.
        weights: a hash of the copy's weights.
    """

    lm: LM
    adapted: bool
    weights: str

    def logprobs(self, drawn: Samples, temperature: float, passes: Passes) -> Tensor:
        """(N, T) log p_0 of the tokens of N completions, without a graph; 0 where masked."""
        with self._as_it_was():
            given = drawn.prompts, drawn.completions
            return score(self.lm, *given, passes, temperature).values

    @torch.no_grad()
    def states(self, batch: Batch) -> States:
        """What it predicts at a batch's states, without a graph."""
        with self._as_it_was():
            return read_states(self.lm, batch)

    @contextlib.contextmanager
    def _as_it_was(self) -> Iterator[None]:
        """Inside, the model reads as if an adapter were not there."""
        if not self.adapted:
            yield
            return
        from peft.tuners.tuners_utils import BaseTunerLayer  # a second to import

        layers = [each for each in self.lm.model.modules() if isinstance(each, BaseTunerLayer)]
        for layer in layers:
            layer.enable_adapters(False)
        try:
            yield
        finally:
            for layer in layers:
                layer.enable_adapters(True)


def start_of(lm: LM, lora_rank: int | None = None) -> Start:
    """What a model is now, for later.

    Args:
        lm: the model, not yet adapted.
        lora_rank: of the adapter that will be trained; with one, no copy is needed.
    """
    if lora_rank is None:
        lm = replace(lm, model=copy.deepcopy(lm.model).eval().requires_grad_(False))
    return Start(lm, lora_rank is not None, digest(lm.model))


def charged(rewards: Tensor, logprobs: Tensor, start: Tensor, beta: float) -> Tensor:
    """(N, T) rewards less the price of the leash, which each token pays for itself.

    Args:
        rewards: (N, T) the reward of each token.
        logprobs: (N, T) log p of the tokens, which were drawn from p.
        start: (N, T) log p_0 of the same tokens.
        beta: the price of a nat.
    """
    return rewards - beta * (logprobs - start).detach()


def k3(logprobs: Tensor, start: Tensor) -> Tensor:
    """(...) for tokens drawn from p, an estimate of KL(p || p_0) that is never negative.

    It is r - 1 - log r with r = p_0/p (Schulman 2020). A number to look at, not to differentiate.

    Args:
        logprobs: (...) log p of the tokens, in nats.
        start: (...) log p_0 of the same tokens.
    """
    ratio = start - logprobs
    return ratio.expm1() - ratio


def kl(logp: Tensor, start: Tensor) -> Tensor:
    """(...) the exact KL(p || p_0) of each state, in nats, differentiable.

    Args:
        logp: (..., V) log p of every token.
        start: (..., V) log p_0 of every token.
    """
    return (logp.exp() * (logp - start)).sum(-1)


def entropy(logp: Tensor) -> Tensor:
    """(...) the exact entropy of each state, in nats, differentiable; ``logp`` is (..., V)."""
    return -(logp.exp() * logp).sum(-1)
