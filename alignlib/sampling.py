"""Sampling from a language model: the only place that generates.

Ancestral sampling, eq. (chain-rule) of chapter 2 read forwards: draw y_1, then y_2 given y_1, and
so on until an end of text. A prompt is read once for all its samples, and what prompts have in
common at their beginning is read once for all of them.

Left out: beam search, repetition penalties, stop strings and every other change of the
distribution besides temperature and top-p, because what is sampled from must also be scored.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm

from alignlib.arguments import check_counts, check_distribution, check_seed
from alignlib.batching import Tokens, batches, rows_together
from alignlib.decoding import decoder
from alignlib.llama import Weights, weights_of
from alignlib.logprobs import (
    LogProbs,
    check_length,
    check_predictions,
    encode_prompts,
    log_distribution,
)
from alignlib.model import LM, Prompt, evaluating
from alignlib.out_of_memory import Passes
from alignlib.reading import read
from alignlib.record import Record


@dataclass(frozen=True)
class Samples:
    """N completions, the samples of one prompt next to each other.

    Attributes:
        prompts: (N,) the prompt of each row, as it was given.
        texts: (N,) the completions as text, without the end of text.
        tokens: (N, T) the completions' tokens, the end of text included, padded on the right.
        mask: (N, T) bool, True at real tokens (TRL's ``completion_mask``).
        logprobs: (N, T) log-probabilities in nats under the distribution sampled from
            (temperature and top-p applied), 0 where the mask is False.
        finished: (N,) bool, True where the model ended the text itself; False where it was cut
            off at ``max_new_tokens``.
        samples_per_prompt: how many rows each prompt has.
    """

    prompts: list[Prompt]
    texts: list[str]
    tokens: Tensor
    mask: Tensor
    logprobs: Tensor
    finished: Tensor
    samples_per_prompt: int = field(default=1)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def completions(self) -> list[list[int]]:
        """(N,) the tokens of each completion, unpadded."""
        rows = zip(self.tokens.tolist(), self.mask.sum(-1).tolist(), strict=True)
        return [tokens[:length] for tokens, length in rows]

    @property
    def by_prompt(self) -> list[list[str]]:
        """The texts, one list for each prompt."""
        k = self.samples_per_prompt
        return [self.texts[start : start + k] for start in range(0, len(self), k)]


@dataclass(frozen=True)
class Row:
    """One sample to draw: its prompt, and its own uniform numbers, one for each step."""

    prompt_ids: Tokens
    uniforms: np.ndarray


STAY = 0.9
"""The share of a batch's rows that go on, at which those that have ended are taken out."""


def sample(
    lm: LM,
    prompts: Sequence[Prompt],
    samples_per_prompt: int = 1,
    max_new_tokens: int = 64,
    *,
    temperature: float = 1.0,
    top_p: float = 1.0,
    seed: int = 0,
    batch_size: int | None = None,
    progress: bool = True,
) -> Samples:
    """Sample completions of prompts.

    The same seed gives the same samples on the same machine. Each sample has random numbers of its
    own, made from the seed, its prompt and its number among that prompt's samples: what else is in
    the list or the batch does not change it, and a prompt listed twice goes on where its first
    listing stopped.

    The model is read in evaluation mode, whatever mode it is in. In float32
    :func:`alignlib.logprobs` gives the same ``logprobs`` to 1e-4; in bfloat16 or float16 the two
    differ by a few hundredths of a nat, and with ``top_p`` or temperature 0 the recomputed one
    can be -inf.

    Args:
        lm: the model.
        prompts: texts to continue, or chats to answer.
        samples_per_prompt: how many completions of each.
        max_new_tokens: where to cut off a text that does not end by itself.
        temperature: 1 is the model's own distribution, 0 always takes the most likely token.
        top_p: sample among the fewest tokens whose probabilities reach this share.
        seed: of the random numbers.
        batch_size: rows generated together; more is faster until memory is short, and then they
            are halved, with a warning. By default as many as take about 256 MB, and no more than
            256.
        progress: show a bar when it takes longer than two seconds.

    Returns:
        N = len(prompts) * samples_per_prompt completions, on the CPU, in the prompts' order.

    Raises:
        PromptError: on an empty list, an empty prompt, or one that does not fit the context
            together with ``max_new_tokens``.
        SamplingError: if an argument is out of its range.
        PredictionError: if the model predicts what is no number.
        OutOfMemoryError: if memory does not suffice, even for one row at a time.
    """
    return draw(
        lm,
        prompts,
        samples_per_prompt,
        max_new_tokens,
        temperature=temperature,
        top_p=top_p,
        seed=seed,
        batch_size=batch_size,
        passes=Passes("batch_size"),
        progress=progress,
    )


@torch.no_grad()
def draw(
    lm: LM,
    prompts: Sequence[Prompt],
    samples_per_prompt: int,
    max_new_tokens: int,
    *,
    temperature: float,
    top_p: float = 1.0,
    seed: int,
    batch_size: int | None,
    passes: Passes,
    progress: bool,
) -> Samples:
    """As :func:`sample`, with passes that may have become smaller in samplings before."""
    check_distribution(temperature, top_p)
    check_counts(samples_per_prompt=samples_per_prompt, max_new_tokens=max_new_tokens)
    if batch_size is not None:
        check_counts(batch_size=batch_size)
    check_seed(seed)
    prompt_ids = encode_prompts(lm, prompts)
    for number, ids in enumerate(prompt_ids):
        check_length(lm, number, len(ids), max_new_tokens)

    rows = list(_rows(prompt_ids, samples_per_prompt, max_new_tokens, seed))
    columns = max(map(len, prompt_ids)) + max_new_tokens
    together = rows_together(lm, columns) if batch_size is None else batch_size
    plan = batches([row.prompt_ids for row in rows], together)
    parts: list[LogProbs] = []
    bar = tqdm(total=len(rows), desc="Sampling", delay=2, leave=False, disable=not progress)
    with evaluating(lm.model), bar:
        weights = weights_of(lm)
        for numbers in plan:
            drawing = [rows[i] for i in numbers]
            attempt = partial(_generate, lm, drawing, temperature, top_p, weights)
            parts += passes.fit(attempt, len(numbers))
            bar.update(len(numbers))
    drawn = LogProbs.concatenate(parts, lm.pad_id)
    back = torch.tensor([i for numbers in plan for i in numbers]).argsort()
    tokens, mask = drawn.tokens[back], drawn.mask[back]
    last = tokens.gather(1, mask.sum(-1, keepdim=True) - 1).squeeze(1)
    samples = Samples(
        prompts=[prompt for prompt in prompts for _ in range(samples_per_prompt)],
        texts=[],
        tokens=tokens,
        mask=mask,
        logprobs=drawn.values[back],
        finished=torch.isin(last, torch.tensor(lm.eos_ids, dtype=last.dtype)),
        samples_per_prompt=samples_per_prompt,
    )
    samples.texts.extend(lm.decode(completion) for completion in samples.completions)
    return samples


def _generate(
    lm: LM,
    rows: Sequence[Row],
    temperature: float,
    top_p: float,
    weights: Weights | None,
    at_once: int,
) -> list[LogProbs]:
    """Draw the rows, no more than so many together."""
    starts = range(0, len(rows), at_once)
    parts = (rows[start : start + at_once] for start in starts)
    return [generate(lm, part, temperature, top_p, weights) for part in parts]


def generate(
    lm: LM, rows: Sequence[Row], temperature: float, top_p: float, weights: Weights | None = None
) -> LogProbs:
    """Draw the rows together, token by token, until each has ended or is cut off.

    Args:
        lm: the model.
        rows: B of them, with as many uniform numbers as there may be tokens.
        temperature, top_p: as for :func:`sample`.
        weights: of the model, from :func:`alignlib.llama.weights_of`.
    """
    device = lm.device
    unique = list(dict.fromkeys(row.prompt_ids for row in rows))
    source = torch.tensor([unique.index(row.prompt_ids) for row in rows], device=device)
    # Each prompt is read once; then every one of its samples gets a copy of what was read.
    begun = read(lm, unique).rows(source)
    exact = torch.float32 if device.type == "mps" else torch.float64  # MPS has no float64
    uniforms = torch.tensor(np.stack([row.uniforms for row in rows], 1), dtype=exact, device=device)
    T, B = uniforms.shape
    eos_ids = torch.tensor(lm.eos_ids, dtype=torch.long, device=device)
    logits = begun.logits  # (B, V)
    text = decoder(lm, begun, T, weights)
    del begun  # and with it what the decoder has copied
    record = Record(lm, B, T, torch.promote_types(logits.dtype, torch.float32))
    going = torch.ones(B, dtype=torch.bool, device=device)  # of the rows in the batch, which go on
    for t in range(T):
        logp = log_distribution(logits, temperature, top_p)
        token = _draw(logp, uniforms[t])
        record.add(token, logp.gather(1, token[:, None]).squeeze(1), going)
        going = going & (token[:, None] != eos_ids).all(-1)
        if t == T - 1:
            break
        if text.drops_rows or t % 8 == 7:  # an accelerator is waited for, so it is asked rarely
            left = int(going.sum())
            if not left:
                break
            if text.drops_rows and left <= STAY * len(going):
                stays = going.nonzero().squeeze(1)
                text.keep(stays)
                record.keep(stays)
                token, going, uniforms = token[stays], going[stays], uniforms[:, stays]
        logits = text.step(token)
    drawn = record.drawn()
    check_predictions(lm, drawn.values)
    return drawn


def _draw(logp: Tensor, uniform: Tensor) -> Tensor:
    """(B,) one token from each row: where the cumulative probability passes a uniform number."""
    cumulative = logp.exp().cumsum(-1, dtype=uniform.dtype)  # (B, V)
    total = cumulative[:, -1]
    # `right` skips tokens of probability 0; where u * total rounds up to total, none would be left.
    threshold = torch.minimum(uniform * total, total.nextafter(torch.zeros_like(total)))
    token = torch.searchsorted(cumulative, threshold[:, None], right=True).squeeze(1)
    return token.clamp(max=logp.shape[-1] - 1)  # NaN has no place


def _rows(
    prompt_ids: Sequence[Sequence[int]], samples_per_prompt: int, max_new_tokens: int, seed: int
) -> Iterator[Row]:
    drawn: Counter[Tokens] = Counter()
    for ids in map(tuple, prompt_ids):
        digest = hashlib.sha256(np.array(ids, dtype=np.int64).tobytes()).digest()[:8]
        for _ in range(samples_per_prompt):
            entropy = [seed, int.from_bytes(digest, "big"), drawn[ids]]
            drawn[ids] += 1
            uniforms = np.random.default_rng(entropy).random(max_new_tokens)
            yield Row(ids, uniforms)
