"""Chapter 3: likelihood, the loss of supervised finetuning and its gradient, LoRA, and shift."""

from __future__ import annotations

import copy
import itertools
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from tokenizers import processors
from torch import Tensor
from torch.optim.optimizer import register_optimizer_step_pre_hook

import alignlib
from alignlib import LM, chat
from alignlib.finetuning import finetune, mean_loss, sft_loss
from alignlib.logprobs import Batch, collate, token_logprobs
from alignlib.lora import adapted
from alignlib.pairs import Encoded, Pair, encode_pairs
from alignlib.shift import prompt_shift
from tests.equations import checks
from tests.random_models import CHARACTERS, END, character_tokenizer, write_model

BEGIN = "<|begin|>"


@cache
def random_llama() -> LM:
    """In float64, with a beginning of text, and the letter a for padding."""
    tokenizer = character_tokenizer(BEGIN)
    tokenizer.bos_token = BEGIN
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A", special_tokens=[(BEGIN, tokenizer.bos_token_id)]
    )
    tokenizer.chat_template = (
        "{{ bos_token }}{% for message in messages %}{{ message['content'] }}?{% endfor %}"
    )
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_pretrained(write_model(Path(folder), "llama", spare_rows=1))
        return alignlib.load(folder, device="cpu", dtype="float64")


class Bigram(torch.nn.Module):
    """The next token depends on the one before it only: p (V, V), with rows that add up to 1."""

    device = torch.device("cpu")

    def __init__(self, p: Tensor) -> None:
        super().__init__()
        self.p = p

    def forward(self, input_ids: Tensor, logits_to_keep: int, **_: object) -> SimpleNamespace:
        return SimpleNamespace(logits=self.p.log()[input_ids[:, -logits_to_keep:]])


def bigram(p: Tensor) -> LM:
    return LM(cast(Any, Bigram(p)), cast(Any, None), "bigram", eos_ids=(len(p) - 1,), pad_id=0)


def padded(lm: LM, shown: Sequence[Encoded]) -> Batch:
    return collate(lm, [each.prompt for each in shown], [each.completion for each in shown])


# The best of M bigram models (M, V, V) for pairs: its number.
Fit = Callable[[Tensor, Sequence[Encoded]], int]


def transitions(p: Tensor, pair: Encoded) -> Tensor:
    """(M, T) the probability of each of the completion's tokens."""
    before = [pair.prompt[-1], *pair.completion[:-1]]
    return p[:, before, pair.completion]


def prompt_learnt(pair: Encoded) -> Encoded:
    """The pair with its prompt's tokens, all but the first, moved into its completion."""
    return Encoded(pair.prompt[:1], pair.prompt[1:] + pair.completion)


def over_pairs(p: Tensor, pairs: Sequence[Encoded], of_one: Callable[[Tensor], Tensor]) -> Tensor:
    """(M,) the sum over pairs of what their tokens' probabilities (M, T) give."""
    return torch.stack([of_one(transitions(p, pair)) for pair in pairs]).sum(0)


def log_likelihood(p: Tensor, pairs: Sequence[Encoded]) -> Tensor:  # (M,)
    return over_pairs(p, pairs, lambda values: values.log().sum(-1))


def product_of_products(p: Tensor, pairs: Sequence[Encoded]) -> int:
    return int(torch.stack([transitions(p, pair).prod(-1) for pair in pairs]).prod(0).argmax())


def least_loss(p: Tensor, pairs: Sequence[Encoded]) -> int:
    losses = [sft_loss(bigram(each), padded(bigram(each), pairs)) for each in p]
    return int(torch.stack(losses).argmin())


def from_the_prompt_only(p: Tensor, pairs: Sequence[Encoded]) -> int:
    each = [p[:, [pair.prompt[-1]] * len(pair.completion), pair.completion] for pair in pairs]
    return int(torch.stack([values.log().sum(-1) for values in each]).sum(0).argmax())


@checks(
    "likelihood",
    right={
        "the product, as printed": product_of_products,
        "the sum of logs, as printed": lambda p, pairs: int(log_likelihood(p, pairs).argmax()),
        "alignlib, the least loss": least_loss,
    },
    wrong={
        "a sum of probabilities": lambda p, pairs: int(
            over_pairs(p, pairs, lambda values: values.prod(-1)).argmax()
        ),
        "a sum over tokens, too": lambda p, pairs: int(
            over_pairs(p, pairs, lambda values: values.sum(-1)).argmax()
        ),
        "a mean over each pair's tokens": lambda p, pairs: int(
            over_pairs(p, pairs, lambda values: values.log().mean(-1)).argmax()
        ),
        "the least likely": lambda p, pairs: int(log_likelihood(p, pairs).argmin()),
        "the first pair only": lambda p, pairs: int(log_likelihood(p, pairs[:1]).argmax()),
        "without the end of text": lambda p, pairs: int(
            over_pairs(p, pairs, lambda values: values[:, :-1].log().sum(-1)).argmax()
        ),
        "the prompt's tokens too": lambda p, pairs: int(
            log_likelihood(p, [prompt_learnt(pair) for pair in pairs]).argmax()
        ),
        "given the prompt only": from_the_prompt_only,
    },
)
def likelihood(fit: Fit) -> None:
    """Of all bigram models on a grid, the one whose probabilities are the pairs' own shares."""
    sixths = [each for each in itertools.product(range(1, 5), repeat=3) if sum(each) == 6]
    grid = [[*rows, (2, 2, 2)] for rows in itertools.product(sixths, repeat=2)]
    p = torch.tensor(grid, dtype=torch.float64) / 6  # (M, V, V); 2 is the end of text
    for given in (
        [("0", "2"), ("11", "0012"), ("0", "012"), ("01", "1002"), ("0", "12"), ("010", "2")],
        [("1", "112"), ("100", "010102"), ("00", "2"), ("00", "12")],
    ):
        pairs = [Encoded([*map(int, x)], [*map(int, y)]) for x, y in given]
        seen = Counter(pair for x, y in given for pair in itertools.pairwise(x[-1] + y))
        shares = [[seen[before, token] for token in "012"] for before in "01"]
        best = grid.index([*(tuple(6 * n // sum(row) for n in row) for row in shares), (2, 2, 2)])
        assert fit(p, pairs) == best


# The loss of pairs.
Loss = Callable[[LM, Sequence[Pair]], float]

PAIRS: list[Pair] = [
    ("the cat", " sat."),
    ("a", " banana and an ananas are a salad."),
    (chat("is it far to the sea?", "say it in short"), "no."),
    ("where is the dog who was here", " away"),
    (chat("hm?"), "a"),
]


def log_p(lm: LM, tokens: list[int], first: int, late: int = 0) -> Tensor:
    """(L - first,) the log-probability of each of a row's tokens from the first that is asked."""
    logits = lm.model(torch.tensor([tokens])).logits[0]  # (L, V)
    wanted = logits.log_softmax(-1)[first - 1 + late : len(tokens) - 1 + late]
    values: Tensor = wanted.gather(-1, torch.tensor(tokens[first:])[:, None]).squeeze(-1)
    return values


def each_alone(lm: LM, shown: Sequence[Encoded], late: int = 0) -> list[Tensor]:
    """(T,) for each pair: its completion's log-probabilities, in a row without padding."""
    return [log_p(lm, each.prompt + each.completion, len(each.prompt), late) for each in shown]


def every_token(lm: LM, pairs: Sequence[Pair]) -> Tensor:
    """(n,) the log-probability of each token of all completions."""
    return torch.cat(each_alone(lm, encode_pairs(lm, pairs)))


def batch_of(lm: LM, pairs: Sequence[Pair]) -> Batch:
    return padded(lm, encode_pairs(lm, pairs))


def reported(lm: LM, pairs: Sequence[Pair]) -> float:
    """The loss that training says it had before its step, over passes of two pairs."""
    trained = replace(lm, model=copy.deepcopy(lm.model))
    history = finetune(
        trained, pairs, epochs=1, batch_size=len(pairs), micro_batch_size=2, progress=False
    )
    return history.rows[-1]["loss"]


def padding_counted(lm: LM, pairs: Sequence[Pair]) -> float:
    batch = batch_of(lm, pairs)
    counted = torch.ones_like(batch.completion_mask)
    return sft_loss(lm, replace(batch, completion_mask=counted)).item()


def masked_by_its_tokens(lm: LM, pairs: Sequence[Pair]) -> float:
    """The mistake of taking each token that looks like padding for padding."""
    batch = batch_of(lm, pairs)
    counted = batch.completion_ids != lm.pad_id
    return sft_loss(lm, replace(batch, completion_mask=counted)).item()


def padding_read(lm: LM, pairs: Sequence[Pair]) -> float:
    """The mistake of reading padding as if it stood in the prompt."""
    shown = encode_pairs(lm, pairs)
    longest = max(len(each.prompt) for each in shown)
    prompts = [[lm.pad_id] * (longest - len(each.prompt)) + each.prompt for each in shown]
    return sft_loss(lm, collate(lm, prompts, [each.completion for each in shown])).item()


def with_prompts(lm: LM, pairs: Sequence[Pair]) -> float:
    rows = [each.prompt + each.completion for each in encode_pairs(lm, pairs)]
    return -torch.cat([log_p(lm, row, 1) for row in rows]).mean().item()


def shifted(lm: LM, pairs: Sequence[Pair]) -> float:
    """The mistake of taking each token's probability from its own column."""
    return -torch.cat(each_alone(lm, encode_pairs(lm, pairs), late=1)).mean().item()


def begun_twice(lm: LM, pairs: Sequence[Pair]) -> float:
    """The mistake of tokenising a rendered chat as if it were a text."""
    shown = encode_pairs(lm, pairs)
    for row, (prompt, _) in enumerate(pairs):
        if not isinstance(prompt, str):
            tokens = lm.tokenizer(lm.render(prompt)).input_ids
            shown[row] = replace(shown[row], prompt=tokens)
    return -torch.cat(each_alone(lm, shown)).mean().item()


def without_ends(lm: LM, pairs: Sequence[Pair]) -> float:
    shown = [Encoded(each.prompt, each.completion[:-1]) for each in encode_pairs(lm, pairs)]
    return -torch.cat(each_alone(lm, shown)).mean().item()


def mean_of_means(lm: LM, pairs: Sequence[Pair]) -> float:
    means = [each.mean() for each in each_alone(lm, encode_pairs(lm, pairs))]
    return -torch.stack(means).mean().item()


@cache
@torch.no_grad()
def losses_by_steps() -> list[tuple[list[Pair], float]]:
    """Some of the pairs with their loss, from tokens that are put together by hand."""
    lm, cases = random_llama(), []
    number = {token: row for row, token in enumerate([*CHARACTERS, END, BEGIN])}
    for pairs in (PAIRS, PAIRS[::-2], PAIRS[1:2]):
        terms = []
        for x, y in pairs:
            words = [x] if isinstance(x, str) else [message["content"] + "?" for message in x]
            row = [number[token] for token in [BEGIN, *"".join(words)]]
            for token in [*y, END]:
                p = lm.model(torch.tensor([row])).logits[0, -1].softmax(-1)
                terms.append(-math.log(p[number[token]].item()))
                row.append(number[token])
        cases.append((pairs, sum(terms) / len(terms)))
    return cases


@checks(
    "sft-loss",
    right={
        "alignlib": lambda lm, pairs: sft_loss(lm, batch_of(lm, pairs)).item(),
        "alignlib, in training": reported,
        "alignlib, in validation": lambda lm, pairs: mean_loss(lm, encode_pairs(lm, pairs), 2),
        "as printed": lambda lm, pairs: -every_token(lm, pairs).mean().item(),
    },
    wrong={
        "the prompt's tokens too": with_prompts,
        "without the end of text": without_ends,
        "a mean of the pairs' means": mean_of_means,
        "a sum": lambda lm, pairs: -every_token(lm, pairs).sum().item(),
        "divided by the pairs": lambda lm, pairs: -every_token(lm, pairs).sum().item() / len(pairs),
        "divided by the columns": lambda lm, pairs: sft_loss(
            lm, batch_of(lm, pairs), batch_of(lm, pairs).completion_mask.numel()
        ).item(),
        "shifted by one": shifted,
        "padding counted": padding_counted,
        "padding known by its token": masked_by_its_tokens,
        "padding read": padding_read,
        "a chat begun twice": begun_twice,
        "without the minus": lambda lm, pairs: every_token(lm, pairs).mean().item(),
        "probabilities": lambda lm, pairs: -every_token(lm, pairs).exp().mean().item(),
        "in bits": lambda lm, pairs: -every_token(lm, pairs).mean().item() / math.log(2),
    },
)
def sft_loss_by_steps(loss: Loss) -> None:
    """Texts and chats of unequal length, each token by a forward pass of its own."""
    for pairs, expected in losses_by_steps():
        assert loss(random_llama(), pairs) == pytest.approx(expected, rel=1e-5)


# The derivatives (V,) of -log p(y) by the logits z.
LogitGradient = Callable[[Tensor, int], Tensor]


def by_autograd(z: Tensor, y: int) -> Tensor:
    leaf = z.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(-token_logprobs(leaf, torch.tensor(y)), leaf)
    return gradient


def one_hot(z: Tensor, y: int) -> Tensor:
    return torch.nn.functional.one_hot(torch.tensor(y), len(z)).double()


@checks(
    "sft-gradient",
    right={
        "alignlib": by_autograd,
        "as printed": lambda z, y: z.softmax(-1) - one_hot(z, y),
    },
    wrong={
        "the wrong way": lambda z, y: one_hot(z, y) - z.softmax(-1),
        "without p": lambda z, y: -one_hot(z, y),
        "without the token that was shown": lambda z, y: z.softmax(-1),
        "at the token that was shown only": lambda z, y: (z.softmax(-1) - 1) * one_hot(z, y),
        "p (1 - p)": lambda z, y: z.softmax(-1) * (1 - z.softmax(-1)),
        "of p, not of its logarithm": lambda z, y: (
            z.softmax(-1)[y] * (z.softmax(-1) - one_hot(z, y))
        ),
        "log p for p": lambda z, y: z.log_softmax(-1) - one_hot(z, y),
        "the likeliest token for the shown": lambda z, y: (
            z.softmax(-1) - one_hot(z, int(z.argmax()))
        ),
        "a token late": lambda z, y: z.softmax(-1) - one_hot(z, (y + 1) % len(z)),
    },
)
def sft_gradient(gradient: LogitGradient) -> None:
    """Every token of random logits, by differences; the parts add up to 0."""
    generator = torch.Generator().manual_seed(0)
    step = 1e-5
    for V in (2, 3, 7):
        logits = 2 * torch.randn(V, dtype=torch.float64, generator=generator)
        z: list[float] = logits.tolist()
        for y in range(V):

            def loss(moved: list[float], y: int = y) -> float:
                return math.log(sum(map(math.exp, moved))) - moved[y]

            def at(v: int, by: float, z: list[float] = z) -> list[float]:
                return [u + by * (place == v) for place, u in enumerate(z)]

            slopes = [(loss(at(v, step)) - loss(at(v, -step))) / (2 * step) for v in range(V)]
            got = gradient(logits, y).tolist()
            assert got == pytest.approx(slopes, abs=1e-8)
            assert sum(got) == pytest.approx(0.0, abs=1e-12)


# E[-log p(y)] over the completions y of two tokens, which are drawn from q; both (V, V) bigrams.
CrossEntropy = Callable[[Tensor, Tensor], float]
START = 0  # the prompt's last token


def joint(p: Tensor) -> Tensor:
    """(V * V,) the probability of every completion of two tokens."""
    return (p[START][:, None] * p).flatten()


def entropy(q: Tensor) -> float:
    return -float(torch.xlogy(q, q).sum())


def kl(q: Tensor, p: Tensor) -> float:
    return float((torch.xlogy(q, q) - torch.xlogy(q, p)).sum())


def step_by_step(q: Tensor, p: Tensor) -> float:
    """The chain rule of both terms: the first token, and on average over it the second."""
    value = entropy(q[START]) + kl(q[START], p[START])
    for share, after_q, after_p in zip(q[START].tolist(), q, p, strict=True):
        value += share * (entropy(after_q) + kl(after_q, after_p))
    return value


def loss_of_every_completion(q: Tensor, p: Tensor) -> float:
    """The loss of 36 pairs, each completion as often as q says, times its two tokens."""
    ys = list(itertools.product(range(len(q)), repeat=2))
    often = (36 * joint(q)).round().int().tolist()
    shown = [Encoded([START], [*y]) for y, n in zip(ys, often, strict=True) for _ in range(n)]
    return 2 * sft_loss(bigram(p), padded(bigram(p), shown)).item()


@checks(
    "forward-kl",
    right={
        "as printed": lambda q, p: entropy(joint(q)) + kl(joint(q), joint(p)),
        "step by step": step_by_step,
        "alignlib, the loss": loss_of_every_completion,
    },
    wrong={
        "the reverse KL": lambda q, p: entropy(joint(q)) + kl(joint(p), joint(q)),
        "minus the entropy": lambda q, p: kl(joint(q), joint(p)) - entropy(joint(q)),
        "the KL in bits": lambda q, p: entropy(joint(q)) + kl(joint(q), joint(p)) / math.log(2),
        "the entropy in bits": lambda q, p: (
            entropy(joint(q)) / math.log(2) + kl(joint(q), joint(p))
        ),
        "the KL only": lambda q, p: kl(joint(q), joint(p)),
        "the entropy only": lambda q, p: entropy(joint(q)),
        "the model's entropy": lambda q, p: entropy(joint(p)) + kl(joint(q), joint(p)),
        "drawn from the model": lambda q, p: entropy(joint(p)) + kl(joint(p), joint(q)),
        "the first token only": lambda q, p: entropy(q[START]) + kl(q[START], p[START]),
        "a mean over tokens": lambda q, p: step_by_step(q, p) / 2,
    },
)
def forward_kl(implementation: CrossEntropy) -> None:
    """Every completion of two tokens, one by one; some never drawn, and the model's own."""
    generator = torch.Generator().manual_seed(0)
    counts = torch.tensor([[[1, 2, 3], [4, 1, 1], [2, 2, 2]], [[3, 3, 0], [0, 1, 5], [6, 0, 0]]])
    logits = torch.randn(2, 3, 3, dtype=torch.float64, generator=generator)
    q1, q2 = counts.double() / 6
    p1, p2 = (1.5 * logits).softmax(-1)
    for q, p in ((q1, p1), (q1, p2), (q2, p1), (q2, p2), (q1, q1)):
        expected = 0.0
        for first, second in itertools.product(range(3), repeat=2):
            drawn = q[START, first].item() * q[first, second].item()
            expected -= drawn * math.log(p[START, first].item() * p[first, second].item())
        assert implementation(q, p) == pytest.approx(expected, rel=1e-9)


# The gradient of a step over K passes, by all parameters: one long vector.
Accumulated = Callable[[LM, Sequence[Sequence[Pair]]], Tensor]


def slope(lm: LM, loss: Tensor) -> Tensor:
    gradients = torch.autograd.grad(loss, list(lm.model.parameters()))
    return torch.cat([each.flatten() for each in gradients])


def completion_tokens(batch: Batch) -> int:
    return int(batch.completion_mask.sum())


def over_passes(lm: LM, passes: Sequence[Sequence[Pair]], weight: Callable[[Batch], int]) -> Tensor:
    """Each pass' own loss, weighted with its share of what is counted."""
    batches = [batch_of(lm, part) for part in passes]
    total = sum(map(weight, batches))
    parts = [weight(batch) / total * slope(lm, sft_loss(lm, batch)) for batch in batches]
    return torch.stack(parts).sum(0)


def as_alignlib_adds(lm: LM, passes: Sequence[Sequence[Pair]]) -> Tensor:
    batches = [batch_of(lm, part) for part in passes]
    n = sum(map(completion_tokens, batches))
    parts = [slope(lm, sft_loss(lm, batch, tokens=n)) for batch in batches]
    return torch.stack(parts).sum(0)


def of_a_training_step(lm: LM, passes: Sequence[Sequence[Pair]]) -> Tensor:
    """What the optimizer finds when training has made its passes."""
    trained = replace(lm, model=copy.deepcopy(lm.model))
    pairs = [pair for part in passes for pair in part]
    found: list[Tensor] = []

    def look(*_: object) -> None:
        found.extend(cast(Tensor, each.grad).flatten() for each in trained.model.parameters())

    hook = register_optimizer_step_pre_hook(look)
    try:
        finetune(
            trained,
            pairs,
            epochs=1,
            batch_size=len(pairs),
            micro_batch_size=math.ceil(len(pairs) / len(passes)),
            max_gradient_norm=1e9,
            progress=False,
        )
    finally:
        hook.remove()
    return torch.cat(found)


@checks(
    "accumulation",
    right={
        "alignlib": as_alignlib_adds,
        "alignlib, in training": of_a_training_step,
        "as printed": lambda lm, passes: over_passes(lm, passes, completion_tokens),
    },
    wrong={
        "a mean over passes": lambda lm, passes: over_passes(lm, passes, lambda batch: 1),
        "weighted by pairs": lambda lm, passes: over_passes(
            lm, passes, lambda batch: len(batch.input_ids)
        ),
        "weighted by all tokens": lambda lm, passes: over_passes(
            lm, passes, lambda batch: int(batch.attention_mask.sum())
        ),
        "weighted by columns": lambda lm, passes: over_passes(
            lm, passes, lambda batch: batch.completion_mask.numel()
        ),
        "a sum": lambda lm, passes: (
            len(passes) * over_passes(lm, passes, lambda batch: 1)  # each divided by its own n
        ),
        "the last pass only": lambda lm, passes: over_passes(lm, passes[-1:], lambda batch: 1),
        "without the first pass": lambda lm, passes: over_passes(lm, passes[1:], completion_tokens),
        "uphill": lambda lm, passes: -as_alignlib_adds(lm, passes),
    },
)
def accumulation(implementation: Accumulated) -> None:
    """The gradient of the loss of all pairs in one pass, however they are dealt out."""
    lm = random_llama()
    for passes in ([PAIRS[:1], PAIRS[1:]], [PAIRS[:2], PAIRS[2:4], PAIRS[4:]], [PAIRS]):
        whole = slope(lm, sft_loss(lm, batch_of(lm, [pair for part in passes for pair in part])))
        distance = (implementation(lm, passes) - whole).norm() / whole.norm()
        assert distance.item() == pytest.approx(0.0, abs=1e-5)


# W' (out, in), from W, B (out, r) and A (r, in), where alpha is 2 r.
Adapt = Callable[[Tensor, Tensor, Tensor], Tensor]

LAYERS = {  # of a random llama, by the shape of their weights
    (32, 32): "model.layers.1.self_attn.q_proj",
    (16, 32): "model.layers.0.self_attn.k_proj",
    (32, 48): "model.layers.1.mlp.down_proj",
}


@torch.no_grad()
def adapter(W: Tensor, B: Tensor, A: Tensor, *, merged: bool) -> Tensor:
    """What a layer multiplies by inside ``adapted``, or what its weight is afterwards."""
    model = copy.deepcopy(random_llama().model)
    name = LAYERS[W.shape[0], W.shape[1]]
    cast(Any, model.get_submodule(name)).weight.copy_(W)
    with adapted(model, rank=len(A), seed=0):
        layer: Any = model.get_submodule(name)
        layer.lora_B["default"].weight.copy_(B)
        layer.lora_A["default"].weight.copy_(A)
        inside: Tensor = layer(torch.eye(W.shape[1], dtype=W.dtype)).T
    afterwards: Tensor = cast(Any, model.get_submodule(name)).weight
    return afterwards if merged else inside


def low_rank_as_printed(W: Tensor, B: Tensor, A: Tensor) -> Tensor:
    r = len(A)
    alpha = 2 * r
    return W + alpha / r * B @ A


def scaled(W: Tensor, B: Tensor, A: Tensor, scale: float) -> Tensor:
    return W + scale * B @ A


@checks(
    "lora",
    right={
        "alignlib, inside": lambda W, B, A: adapter(W, B, A, merged=False),
        "alignlib, afterwards": lambda W, B, A: adapter(W, B, A, merged=True),
        "as printed": low_rank_as_printed,
    },
    wrong={
        "transposed": lambda W, B, A: W + 2 * A.T @ B.T,
        "without the scale": lambda W, B, A: scaled(W, B, A, 1),
        "alpha for alpha / r": lambda W, B, A: scaled(W, B, A, 2 * len(A)),
        "divided by r twice": lambda W, B, A: scaled(W, B, A, 2 / len(A)),
        "divided by the root of r": lambda W, B, A: scaled(W, B, A, 2 * len(A) / len(A) ** 0.5),
        "added twice": lambda W, B, A: scaled(scaled(W, B, A, 2), B, A, 2),
        "subtracted": lambda W, B, A: scaled(W, B, A, -2),
        "not added": lambda W, B, A: W,
        "in the place of W": lambda W, B, A: 2 * B @ A,
    },
)
def lora(adapt: Adapt) -> None:
    """By what it does to vectors, which pass through r numbers; with B at 0, what W does."""
    generator = torch.Generator().manual_seed(0)
    for number, (shape, rank) in enumerate(zip(LAYERS, (3, 1, 8), strict=True)):
        W, B, A, x = (
            torch.randn(size, dtype=torch.float64, generator=generator)
            for size in (shape, (shape[0], rank), (rank, shape[1]), (shape[1], 5))
        )
        alpha = 2 * rank
        changed = W @ x + alpha / rank * (B @ (A @ x))
        torch.testing.assert_close(adapt(W, B, A) @ x, changed, rtol=0.0, atol=1e-9)
        if number == 0:
            torch.testing.assert_close(adapt(W, 0 * B, A) @ x, W @ x, rtol=0.0, atol=1e-9)


# The divergence between the letters of two sets of texts.
Divergence = Callable[[list[str], list[str]], float]
Shares = dict[str, float]


def shares(texts: list[str]) -> Shares:
    counts = Counter("".join(texts))
    return {letter: n / counts.total() for letter, n in counts.items()}


def mean_shares(texts: list[str]) -> Shares:
    """The mistake of giving each prompt the same weight, whatever its length."""
    each = [shares([text]) for text in texts]
    return {v: sum(p.get(v, 0.0) for p in each) / len(each) for v in {*"".join(texts)}}


def bits(p: Shares, q: Shares) -> float:
    """KL(p || q) in bits."""
    return sum(p[v] * math.log2(p[v] / q[v]) if q.get(v) else math.inf for v in p)


def mixed(p: Shares, q: Shares) -> Shares:
    return {v: 0.5 * p.get(v, 0.0) + 0.5 * q.get(v, 0.0) for v in p.keys() | q.keys()}


def multiplied(p: Shares, q: Shares) -> Shares:
    return {v: p.get(v, 0.0) * q.get(v, 0.0) for v in p.keys() | q.keys()}


def js(p: Shares, q: Shares, m: Shares | None = None) -> float:
    middle = mixed(p, q) if m is None else m
    return 0.5 * bits(p, middle) + 0.5 * bits(q, middle)


def pooled(first: list[str], second: list[str]) -> float:
    return js(shares(first), shares(second), shares(first + second))


@checks(
    "jensen-shannon",
    right={
        "alignlib": lambda first, second: prompt_shift(random_llama(), first, second),
        "as printed": lambda first, second: js(shares(first), shares(second)),
    },
    wrong={
        "in nats": lambda first, second: js(shares(first), shares(second)) * math.log(2),
        "the distance": lambda first, second: math.sqrt(js(shares(first), shares(second))),
        "a sum": lambda first, second: 2 * js(shares(first), shares(second)),
        "KL(p || q)": lambda first, second: bits(shares(first), shares(second)),
        "KL(p || m) only": lambda first, second: bits(
            shares(first), mixed(shares(first), shares(second))
        ),
        "KL(m || p) and KL(m || q)": lambda first, second: sum(
            bits(mixed(shares(first), shares(second)), shares(each)) / 2 for each in (first, second)
        ),
        "total variation": lambda first, second: sum(
            abs(shares(first).get(v, 0.0) - shares(second).get(v, 0.0)) / 2
            for v in {*"".join(first + second)}
        ),
        "a product for m": lambda first, second: js(
            shares(first), shares(second), multiplied(shares(first), shares(second))
        ),
        "m of all tokens together": pooled,
        "every prompt alike": lambda first, second: js(mean_shares(first), mean_shares(second)),
    },
)
def jensen_shannon(divergence: Divergence) -> None:
    """The bits that a token, drawn from either set by a coin, tells of the coin."""
    texts = (["abba", "c"], ["a cab", "bbbbb", "cc"], ["ab"], ["d.e", "d"], ["cacabb", "abc.?"])
    for first, second in itertools.product(texts, repeat=2):
        p, q = shares(first), shares(second)
        known = 1.0  # the coin's own bit, less what is left of it after each token
        for v, share in mixed(p, q).items():
            from_first = p.get(v, 0.0) / 2 / share
            for side in (from_first, 1 - from_first):
                known += share * side * math.log2(side) if side else 0.0
        assert divergence(first, second) == pytest.approx(known, abs=1e-9)
