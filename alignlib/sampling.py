"""Sampling from a language model: the only place that generates.

Ancestral sampling, eq. (chain-rule) of chapter 2 read forwards: draw y_1, then y_2 given y_1, and
so on until an end of text. A prompt is read once for all its samples, and what prompts have in
common at their beginning is read once for all of them.

Left out: beam search, repetition penalties, stop strings and every other change of the
distribution besides temperature and top-p, because what is sampled from must also be scored.
"""

from __future__ import annotations

import hashlib
import inspect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm
from transformers import Cache, DynamicCache

from alignlib.arguments import check_counts, check_distribution, check_seed
from alignlib.batching import Tokens, batches, common_beginning
from alignlib.checkpoints import text_config
from alignlib.logprobs import (
    LogProbs,
    check_length,
    check_predictions,
    collate,
    encode_prompts,
    log_distribution,
)
from alignlib.model import LM, Prompt, evaluating


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


@torch.no_grad()
def sample(
    lm: LM,
    prompts: Sequence[Prompt],
    samples_per_prompt: int = 1,
    max_new_tokens: int = 64,
    *,
    temperature: float = 1.0,
    top_p: float = 1.0,
    seed: int = 0,
    batch_size: int = 32,
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
        batch_size: rows generated together; more is faster until memory is short.
        progress: show a bar when it takes longer than two seconds.

    Returns:
        N = len(prompts) * samples_per_prompt completions, on the CPU, in the prompts' order.

    Raises:
        PromptError: on an empty list, an empty prompt, or one that does not fit the context
            together with ``max_new_tokens``.
        SamplingError: if an argument is out of its range, or the model predicts what is no number.
    """
    check_distribution(temperature, top_p)
    check_counts(
        samples_per_prompt=samples_per_prompt, max_new_tokens=max_new_tokens, batch_size=batch_size
    )
    check_seed(seed)
    prompt_ids = encode_prompts(lm, prompts)
    for number, ids in enumerate(prompt_ids):
        check_length(lm, number, len(ids), max_new_tokens)

    rows = list(_rows(prompt_ids, samples_per_prompt, max_new_tokens, seed))
    plan = batches([row.prompt_ids for row in rows], batch_size)
    parts: list[LogProbs] = []
    bar = tqdm(total=len(rows), desc="Sampling", delay=2, leave=False, disable=not progress)
    with evaluating(lm.model), bar:
        for numbers in plan:
            parts.append(generate(lm, [rows[i] for i in numbers], temperature, top_p))
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


def generate(lm: LM, rows: Sequence[Row], temperature: float, top_p: float) -> LogProbs:
    """Draw the rows together, token by token, until each has ended or is cut off."""
    device = lm.device
    unique = list(dict.fromkeys(row.prompt_ids for row in rows))
    cache, logits, attention = _read(lm, unique)
    # Each prompt was read once; now every one of its samples gets a copy of what was read.
    source = torch.tensor([unique.index(row.prompt_ids) for row in rows], device=device)
    cache.batch_select_indices(source)
    logits, attention = logits[source], attention[source]  # (B, V), (B, P)
    position = attention.sum(-1, keepdim=True)  # (B, 1) of the token drawn next

    exact = torch.float32 if device.type == "mps" else torch.float64  # MPS has no float64
    uniforms = torch.tensor(np.stack([row.uniforms for row in rows]), dtype=exact, device=device)
    B, T = uniforms.shape
    eos_ids = torch.tensor(lm.eos_ids, dtype=torch.long, device=device)
    tokens = torch.full((B, T), lm.pad_id, device=device)
    mask = torch.zeros(B, T, dtype=torch.bool, device=device)
    values = torch.zeros(
        B, T, dtype=torch.promote_types(logits.dtype, torch.float32), device=device
    )
    going = torch.arange(B, device=device)  # rows that have not ended
    for t in range(T):
        logp = log_distribution(logits, temperature, top_p)  # (B, V)
        token = _draw(logp, uniforms[going, t])  # (B,)
        tokens[going, t] = token
        values[going, t] = logp.gather(1, token[:, None]).squeeze(1)
        mask[going, t] = True
        stays = (~torch.isin(token, eos_ids)).nonzero().squeeze(1)
        if t == T - 1 or len(stays) == 0:
            break
        if len(stays) < len(going):  # rows that have ended leave the batch
            cache.batch_select_indices(stays)
            going, token = going[stays], token[stays]
            attention, position = attention[stays], position[stays]
        attention = torch.cat([attention, torch.ones_like(position)], dim=1)
        output = lm.model(
            input_ids=token[:, None],
            attention_mask=attention,
            position_ids=position + t,
            past_key_values=cache,
            use_cache=True,
        )
        logits = output.logits[:, -1]
    check_predictions(lm, values)
    length = int(mask.any(0).sum())
    return LogProbs(tokens[:, :length].cpu(), mask[:, :length].cpu(), values[:, :length].cpu())


def _read(lm: LM, prompts: Sequence[Tokens]) -> tuple[Cache, Tensor, Tensor]:
    """Read U prompts: their cache, the (U, V) logits of the next token, the (U, P) mask."""
    cache = DynamicCache(config=lm.model.config)
    shared = 0 if _counts_columns(lm, cache) or len(prompts) == 1 else common_beginning(prompts)
    if shared:
        beginning = torch.tensor([prompts[0][:shared]], device=lm.device)
        lm.model(input_ids=beginning, past_key_values=cache, logits_to_keep=1, use_cache=True)
        cache.batch_select_indices(torch.zeros(len(prompts), dtype=torch.long, device=lm.device))
    rest = collate(lm, [ids[shared:] for ids in prompts], [[]] * len(prompts))
    read = rest.attention_mask.new_ones(len(prompts), shared)
    attention = torch.cat([read, rest.attention_mask], dim=1)
    output = lm.model(
        input_ids=rest.input_ids,
        attention_mask=attention,
        position_ids=rest.position_ids + shared,
        past_key_values=cache,
        logits_to_keep=1,
        use_cache=True,
    )
    return cache, output.logits[:, -1], attention


def _counts_columns(lm: LM, cache: Cache) -> bool:
    """Whether padding may only stand in front of a prompt, not behind a shared beginning.

    So it is with a sliding window, GPT-Neo's too, which its cache does not know of, and where a
    model takes no positions (MPT).
    """
    local = "local" in vars(text_config(lm.model)).get("attention_layers", ())
    placed = "position_ids" in inspect.signature(lm.model.forward).parameters
    return any(cache.is_sliding) or local or not placed


def _draw(logp: Tensor, uniform: Tensor) -> Tensor:
    """(B,) one token from each row: where the cumulative probability passes a uniform number."""
    cumulative = logp.to(uniform.dtype).exp().cumsum(-1)  # (B, V)
    threshold = uniform[:, None] * cumulative[:, -1:]
    # `right` skips tokens of probability 0; the clamp is for u * total rounding up to total.
    token = torch.searchsorted(cumulative, threshold, right=True).squeeze(1)
    last_possible = (cumulative < cumulative[:, -1:]).sum(-1)
    return torch.minimum(token, last_possible)


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
