"""What REINFORCE climbs on text, as losses: chapter 5's policy gradient with tokens as actions.

Implements eq. (surrogate) of chapter 5: each token's log-probability is weighted with its advantage
and the sum is divided by the number of completions. For

    J  -  beta KL(model || start)  +  entropy_bonus * entropy

the KL is either in the tokens' rewards, which gives this objective's exact gradient on average, or
in the loss; the entropy is always in the loss. What is in the loss is a sum over a completion's
states, differentiated with the states held fixed: see :mod:`alignlib.leash`.

Where samples are learnt from more than once, each is weighted with its importance ratio p / p_old,
the whole completion's, which leaves the estimate without bias.

Left out: critics, advantages divided by a standard deviation, and ratios of single tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from alignlib.arguments import is_real
from alignlib.errors import TrainingError
from alignlib.leash import Leash, Start, entropy, kl
from alignlib.logprobs import (
    collate,
    encode_prompts,
    log_distribution,
    state_logprobs,
)
from alignlib.model import LM
from alignlib.policy_gradient import Credit, MeanOver, advantages
from alignlib.prefixes import read_states
from alignlib.sampling import Samples

__all__ = ["GroupBaseline", "Objective", "importance", "losses", "weights"]

GroupBaseline = Literal["none", "mean", "leave-one-out"]
"""What a completion's reward is compared with: nothing, or those of the same prompt's samples."""


@dataclass(frozen=True)
class Objective:
    """What is climbed, and how its gradient is estimated.

    Attributes:
        temperature, baseline, credit, mean_over, beta, leash, entropy_bonus, clip: as for
            :func:`alignlib.reinforce`.
    """

    temperature: float = 1.0
    baseline: GroupBaseline = "leave-one-out"
    credit: Credit = "reward-to-go"
    mean_over: MeanOver = "trajectories"
    beta: float | None = None
    leash: Leash = "in the reward"
    entropy_bonus: float = 0.0
    clip: float | None = None

    def __post_init__(self) -> None:
        """Raise a :class:`TrainingError` where a setting is out of its range."""
        for name, given, known in (
            ("baseline", self.baseline, GroupBaseline),
            ("credit", self.credit, Credit),
            ("mean_over", self.mean_over, MeanOver),
            ("leash", self.leash, Leash),
        ):
            if given not in get_args(known):
                raise TrainingError(f"{name} is {given!r}; use one of {get_args(known)}.")
        for name, number in (
            ("beta", 0 if self.beta is None else self.beta),
            ("entropy_bonus", self.entropy_bonus),
        ):
            if not is_real(number) or number < 0:
                raise TrainingError(f"{name} is {number!r}: give a number, 0 or more.")
        for name, number in (
            ("temperature", self.temperature),
            ("clip", 1 if self.clip is None else self.clip),
        ):
            if not is_real(number) or number <= 0:
                raise TrainingError(f"{name} is {number!r}: give a number above 0.")

    @property
    def price(self) -> float:
        """Of a nat of KL; 0 where there is no leash."""
        return self.beta or 0.0


def weights(rewards: Tensor, drawn: Samples, objective: Objective) -> Tensor:
    """(N, T) what each token's log-probability is weighted with: its advantage.

    The baseline is eq. (leave-one-out) of chapter 5 within a prompt's samples, of whole
    completions: a token of a long completion is not compared with nothing because the others have
    ended by then.

    Args:
        rewards: (N, T) the reward of each token.
        drawn: the N completions.
        objective: says which baseline, and what a token is credited with.
    """
    whole = rewards.sum(-1, keepdim=True)  # (N, 1): the completion as a single action
    once = torch.ones_like(whole, dtype=torch.bool)
    better = advantages(
        whole, once, baseline=objective.baseline, group_size=drawn.samples_per_prompt
    )
    return advantages(rewards, drawn.mask, credit=objective.credit, baseline=whole - better)


def losses(
    lm: LM,
    drawn: Samples,
    weights: Tensor,
    objective: Objective,
    *,
    start: Start | None = None,
    reused: bool = False,
    rows_at_once: int = 32,
    mixed: torch.autocast | None = None,
    count: int | None = None,
) -> Iterator[Tensor]:
    """Scalars whose sum has minus the estimate as its gradient, one for each pass.

    A pass takes completions that stand next to each other, so that those of a prompt share one.
    What the sum is divided by is that of all of them, so the gradient does not depend on the
    passes.

    Args:
        lm: the model, read in the mode that it is in: dropout must be off.
        drawn: N completions, sampled at the objective's temperature.
        weights: (N, T) as :func:`weights` gives them.
        objective: what is climbed.
        start: where the leash is in the loss, what it is tied to.
        reused: whether the model has changed since it drew the samples.
        rows_at_once: the most completions of one pass.
        mixed: where passes run in bfloat16.
        count: what the sum is divided by; by default what the objective says, of these
            completions. Where they are a share of a step's, give that of the whole step.
    """
    mixed = mixed or torch.autocast(lm.device.type, enabled=False)
    prompts = encode_prompts(lm, drawn.prompts[:: drawn.samples_per_prompt])
    texts = [
        (prompts[row // drawn.samples_per_prompt], completion)
        for row, completion in enumerate(drawn.completions)
    ]
    if count is None:
        count = divisor(objective, drawn.mask)
    for first in range(0, len(texts), rows_at_once):
        rows = slice(first, first + rows_at_once)
        batch = collate(lm, *zip(*texts[rows], strict=True))
        mask = batch.completion_mask  # (B, T)
        with mixed:
            was = None if start is None else start.states(batch)
            states = read_states(lm, batch)
        logprobs = state_logprobs(
            states, batch.completion_ids, temperature=objective.temperature
        )  # (B, T)
        weight = weights[rows, : mask.shape[1]].to(logprobs.dtype).to(lm.device)
        if reused:
            old = drawn.logprobs[rows, : mask.shape[1]].to(lm.device)
            weight = weight * importance(logprobs, old, mask, weight, objective.clip)
        # A loss whose gradient, on what the model itself drew, is minus the policy gradient.
        terms = -weight * logprobs
        if objective.entropy_bonus or was is not None:
            logp = log_distribution(states.logits, objective.temperature)  # (M, V)
            if objective.entropy_bonus:
                terms = terms - objective.entropy_bonus * entropy(logp)[states.of]
            if was is not None:
                logp_was = log_distribution(was.logits, objective.temperature)
                terms = terms + objective.price * kl(logp, logp_was)[states.of]
        yield torch.where(mask, terms, 0.0).sum() / count


def divisor(objective: Objective, mask: Tensor) -> int:
    """What the sum over the tokens of N completions is divided by; the mask is (N, T)."""
    counts = {"trajectories": len(mask), "steps": int(mask.sum()), "nothing": 1}
    return counts[objective.mean_over]


@torch.no_grad()
def importance(
    logprobs: Tensor, old: Tensor, mask: Tensor, weights: Tensor, clip: float | None = None
) -> Tensor:
    """(B, T) p(y) / p_old(y) of each completion, the same at all its tokens.

    Args:
        logprobs: (B, T) log-probabilities under the model as it is.
        old: (B, T) those under the model that drew them.
        mask: (B, T) bool, True at real tokens.
        weights: (B, T) the advantages.
        clip: where given, 0 at tokens whose advantage would push a ratio further that has already
            left [1 - clip, 1 + clip]: the gradient of PPO's objective (Schulman et al. 2017).
    """
    ratio = torch.where(mask, logprobs - old, 0.0).sum(-1, keepdim=True).exp()  # (B, 1)
    ratio = ratio.expand_as(weights)
    if clip is None:
        return ratio
    over = ((ratio > 1 + clip) & (weights > 0)) | ((ratio < 1 - clip) & (weights < 0))
    return ratio.masked_fill(over, 0.0)
