"""Token and sequence log-probabilities.

Implements eq. (chain-rule) of chapter 2: log p(y | x) is the sum over the completion's tokens of
log p(y_t | x, y_<t). Prompts are padded on the left and completions on the right, so column t of
every (B, T) result is the completion's token t, and every row's positions start at 0 at its first
real token.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import torch
from torch import Tensor
from tqdm.auto import tqdm

from alignlib.arguments import check_counts, check_distribution
from alignlib.batching import Batch as Batch
from alignlib.batching import batches
from alignlib.batching import collate as collate
from alignlib.errors import PredictionError, PromptError
from alignlib.model import LM, Prompt, evaluating
from alignlib.out_of_memory import Passes
from alignlib.prefixes import States, read_states

Completion = str | Sequence[int]
"""A completion as text, or as the token ids that were sampled."""


@dataclass(frozen=True)
class LogProbs:
    """Log-probabilities of B given completions, padded to T columns.

    Attributes:
        tokens: (B, T) the completions' tokens.
        mask: (B, T) bool, True at real tokens.
        values: (B, T) log-probabilities in nats, 0 where the mask is False.
    """

    tokens: Tensor
    mask: Tensor
    values: Tensor

    @property
    def sequence(self) -> Tensor:
        """(B,) log p(completion | prompt), in nats: the sum over the completion's tokens."""
        return self.values.sum(-1)

    @classmethod
    def concatenate(cls, parts: Sequence[Self], pad_id: int) -> Self:
        """Stack parts of different T, each filled up on the right."""
        width = max(part.mask.shape[1] for part in parts)

        def stack(tensors: Sequence[Tensor], fill: float) -> Tensor:
            return torch.cat([_widen(tensor, width, fill) for tensor in tensors])

        return cls(
            stack([part.tokens for part in parts], pad_id),
            stack([part.mask for part in parts], False),
            stack([part.values for part in parts], 0.0),
        )


def logprobs(
    lm: LM,
    prompts: Sequence[Prompt],
    completions: Sequence[Completion],
    *,
    temperature: float = 1.0,
    top_p: float = 1.0,
    batch_size: int = 16,
    progress: bool = True,
) -> LogProbs:
    """Score given completions: log p(completion | prompt), token by token.

    The model is read in evaluation mode, whatever mode it is in. In float32 the scores of samples
    are the numbers that they were sampled with, to 1e-4; in bfloat16 or float16 they differ by a
    few hundredths of a nat, and with ``top_p`` or temperature 0 a sampled token that is not among
    the kept ones in this computation gets -inf.

    Args:
        lm: the model.
        prompts: B texts or chats.
        completions: B texts, or lists of token ids. A text is scored as it stands, without an end
            of text; token ids are scored as given. Score samples by their ids
            (``samples.completions``): a sampled text can have other tokens when it is read back.
        temperature, top_p: of the distribution to score under, as in :func:`alignlib.sample`.
        batch_size: rows in one forward pass; where they do not fit into memory they are halved,
            with a warning.
        progress: show a bar when it takes longer than two seconds.

    Returns:
        The log-probabilities, on the CPU, in the order given.

    Raises:
        PromptError: on an empty list, an empty prompt or completion, lists of unequal length, or
            a row longer than the model's context, or tokens that the model has not.
        SamplingError: if temperature, top_p or batch_size is out of range.
        PredictionError: if the model predicts what is no number.
        OutOfMemoryError: if memory does not suffice, even for one row at a time.
    """
    check_distribution(temperature, top_p)
    check_counts(batch_size=batch_size)
    passes = Passes("batch_size", batch_size)
    return score(lm, prompts, completions, passes, temperature, top_p, progress)


@torch.no_grad()
def score(
    lm: LM,
    prompts: Sequence[Prompt],
    completions: Sequence[Completion],
    passes: Passes,
    temperature: float = 1.0,
    top_p: float = 1.0,
    progress: bool = False,
) -> LogProbs:
    """As :func:`logprobs`, with passes that may have become smaller in scorings before."""
    _check_list("Prompts", "prompt", prompts)
    _check_list("Completions", "completion", completions)
    if len(prompts) != len(completions):
        raise PromptError(
            f"There are {len(prompts)} prompts and {len(completions)} completions: give as many of "
            "one as of the other."
        )
    prompt_ids = encode_prompts(lm, prompts)
    completion_ids = [_completion_ids(lm, completion) for completion in completions]
    for row, (prompt, completion) in enumerate(zip(prompt_ids, completion_ids, strict=True)):
        check_length(lm, row, len(prompt), len(completion))

    texts = [tuple(x + y) for x, y in zip(prompt_ids, completion_ids, strict=True)]
    plan = batches(texts, passes.most)
    parts: list[LogProbs] = []

    def read(rows: list[int]) -> LogProbs:
        batch = collate(lm, [prompt_ids[i] for i in rows], [completion_ids[i] for i in rows])
        values = completion_logprobs(lm, batch, temperature=temperature, top_p=top_p)
        check_predictions(lm, values)
        return LogProbs(batch.completion_ids.cpu(), batch.completion_mask.cpu(), values.cpu())

    def attempt(rows: list[int], at_once: int) -> list[LogProbs]:
        starts = range(0, len(rows), at_once)
        return [read(rows[start : start + at_once]) for start in starts]

    bar = tqdm(total=len(texts), desc="Scoring", delay=2, leave=False, disable=not progress)
    with evaluating(lm.model), bar:
        for rows in plan:
            parts += passes.fit(partial(attempt, rows), len(rows))
            bar.update(len(rows))
    scored = LogProbs.concatenate(parts, lm.pad_id)
    back = torch.tensor([row for rows in plan for row in rows]).argsort()
    return LogProbs(scored.tokens[back], scored.mask[back], scored.values[back])


def completion_logprobs(
    lm: LM, batch: Batch, *, temperature: float = 1.0, top_p: float = 1.0
) -> Tensor:
    """(B, T) log-probabilities of a batch's completions, differentiable; 0 where masked.

    The model is read in the mode that it is in: call ``lm.model.eval()`` first, or dropout changes
    the numbers.
    """
    states = read_states(lm, batch)
    values = state_logprobs(states, batch.completion_ids, temperature=temperature, top_p=top_p)
    return values.masked_fill(~batch.completion_mask, 0.0)


def completion_logits(lm: LM, batch: Batch) -> Tensor:
    """(B, T, V) the logits from which each of a batch's completion tokens was to be drawn."""
    states = read_states(lm, batch)
    return states.logits[states.of]


def state_logprobs(
    states: States, tokens: Tensor, *, temperature: float = 1.0, top_p: float = 1.0
) -> Tensor:
    """(B, T) the log-probability of each token in its state, in nats, as :func:`token_logprobs`.

    Args:
        states: M of them.
        tokens: (B, T) token ids.
        temperature, top_p: as in :func:`alignlib.sample`.
    """
    if temperature == 1.0 and top_p == 1.0:
        logits = states.logits.float() if states.logits.dtype != torch.float64 else states.logits
        return logits[states.of, tokens] - _normaliser(logits)[states.of]
    return log_distribution(states.logits, temperature, top_p)[states.of, tokens]


def token_logprobs(
    logits: Tensor, tokens: Tensor, *, temperature: float = 1.0, top_p: float = 1.0
) -> Tensor:
    """The log-probability of each token under its logits.

    Args:
        logits: (..., V), each already aligned with the token it predicts.
        tokens: (...) token ids.
        temperature, top_p: as in :func:`alignlib.sample`.

    Returns:
        (...) in nats, float32 or better; -inf for a token that can't be sampled.
    """
    if temperature == 1.0 and top_p == 1.0:  # the same number without a (..., V) copy
        logits = logits.float() if logits.dtype != torch.float64 else logits
        chosen = logits.gather(-1, tokens[..., None]).squeeze(-1)
        return chosen - _normaliser(logits)
    warped = log_distribution(logits, temperature, top_p)
    return warped.gather(-1, tokens[..., None]).squeeze(-1)


def log_distribution(logits: Tensor, temperature: float = 1.0, top_p: float = 1.0) -> Tensor:
    """The log of the distribution that is sampled from: eq. (temperature) of chapter 2.

    Args:
        logits: (..., V).
        temperature: divides the logits; 0 puts all mass on the (first) largest.
        top_p: keeps the fewest tokens whose probabilities reach it, and renormalises.

    Returns:
        (..., V) log-probabilities, float32 or better; -inf where the probability is 0.
    """
    logits = logits.float() if logits.dtype != torch.float64 else logits
    if temperature == 0.0:
        top, best = logits.max(-1, keepdim=True)
        point = torch.full_like(logits, -math.inf).scatter(-1, best, 0.0)
        return point + (top - top)  # which is 0, or NaN where the logits are no numbers
    logp = (logits if temperature == 1.0 else logits / temperature).log_softmax(-1)
    if top_p == 1.0:
        return logp
    ranked, index = logp.sort(dim=-1, descending=True, stable=True)
    p = ranked.exp()
    before = p.cumsum(-1) - p  # mass of the tokens ranked above
    dropped = (before >= top_p).scatter(-1, index, before >= top_p)
    return logp.masked_fill(dropped, -math.inf).log_softmax(-1)


def _normaliser(logits: Tensor) -> Tensor:
    """(...) the log of the sum of exponentials; NaN, not infinity, where logits overflow."""
    total = logits.logsumexp(-1)
    return total + (total - total).detach()


def encode_prompts(lm: LM, prompts: Sequence[Prompt]) -> list[list[int]]:
    """The tokens of every prompt, after checking that it is a list of prompts and not one."""
    _check_list("Prompts", "prompt", prompts)
    if not prompts:
        raise PromptError("The list of prompts is empty: give at least one prompt.")
    return [lm.encode(prompt) for prompt in prompts]


def check_length(lm: LM, row: int, prompt: int, completion: int) -> None:
    """Raise a :class:`PromptError` where a row would not fit the model's context."""
    length = lm.context_length
    if length is not None and prompt + completion > length:
        raise PromptError(
            f"Prompt {row} has {prompt} tokens and its completion up to {completion}: more than "
            f"the {length} that {lm.name!r} can read. Shorten one; nothing is cut "
            "off silently."
        )


def check_predictions(lm: LM, values: Tensor) -> None:
    """Raise a :class:`PredictionError` where log-probabilities are not numbers."""
    if values.isnan().any():
        raise PredictionError(
            f"The predictions of {lm.name!r} are not numbers (NaN): its weights are damaged, or "
            "too large for its dtype (load it in float32), or the temperature is too near 0."
        )


def _check_list(name: str, one: str, given: object) -> None:
    """Raise a :class:`PromptError` where a list was meant and one of its items was given."""
    if (
        not isinstance(given, Sequence)
        or isinstance(given, str | bytes)
        or (bool(given) and isinstance(given[0], Mapping))
    ):
        raise PromptError(f"{name} come as a list; write list({one}s) or [{one}].")


def _completion_ids(lm: LM, completion: Completion) -> list[int]:
    if isinstance(completion, str):
        ids = lm.encode_completion(completion)
    else:
        try:
            ids = [operator.index(token) for token in completion]
        except TypeError as error:
            raise PromptError(
                f"A completion is a text or a list of token numbers; got {completion!r}."
            ) from error
        lm.check_ids(ids)
    if not ids:
        raise PromptError("A completion is empty: there is nothing to score.")
    return ids


def _widen(tensor: Tensor, width: int, fill: float) -> Tensor:
    return torch.nn.functional.pad(tensor, (0, width - tensor.shape[1]), value=fill)
