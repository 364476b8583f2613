"""log p of whole completions from logits: the shift by one, the temperature and the mask."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def sequence_logprobs(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    """The log-probability of each row's completion, given what stands before it.

    Args:
        logits: (B, T, V) float32 or float64, what a model gives for ``input_ids``:
            those of column t are computed from all tokens up to and including
            column t. The temperature is not in them.
        input_ids: (B, T) int64, prompts with their completions. There may be
            padding on either side. The pad token may be the same as the end of
            text.
        completion_mask: (B, T) bool, True at the completion's tokens, its end of
            text included where it has one. It is False in the first column. Where
            it is False nothing is scored.
        temperature: above 0, that of the distribution which the completions were
            sampled from.

    Returns:
        (B,) in nats, for each row the sum over its completion's tokens; 0 for an
        empty one.
    """
    logp = (logits[:, :-1] / temperature).log_softmax(-1)  # (B, T - 1, V)
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)  # (B, T - 1)
    return (chosen * completion_mask[:, 1:]).sum(-1)


def unshifted(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits / temperature).log_softmax(-1)
    chosen = logp.gather(-1, input_ids[..., None]).squeeze(-1)
    return (chosen * completion_mask).sum(-1)


def backwards(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits[:, 1:] / temperature).log_softmax(-1)
    chosen = logp.gather(-1, input_ids[:, :-1, None]).squeeze(-1)
    return (chosen * completion_mask[:, :-1]).sum(-1)


def unshifted_mask(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits[:, :-1] / temperature).log_softmax(-1)
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    return (chosen * completion_mask[:, :-1]).sum(-1)


def untempered(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = logits[:, :-1].log_softmax(-1)
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    return (chosen * completion_mask[:, 1:]).sum(-1)


def tempered_afterwards(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = logits[:, :-1].log_softmax(-1) / temperature
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    return (chosen * completion_mask[:, 1:]).sum(-1)


def multiplied(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits[:, :-1] * temperature).log_softmax(-1)
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    return (chosen * completion_mask[:, 1:]).sum(-1)


def mean_of_tokens(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits[:, :-1] / temperature).log_softmax(-1)
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    mask = completion_mask[:, 1:]
    return (chosen * mask).sum(-1) / mask.sum(-1).clamp(min=1)


def without_a_mask(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits[:, :-1] / temperature).log_softmax(-1)
    return logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1).sum(-1)


def without_the_end(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits[:, :-1] / temperature).log_softmax(-1)
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    mask = completion_mask[:, 1:]
    ends = mask & (mask.flip(-1).cumsum(-1).flip(-1) == 1)
    return (chosen * (mask & ~ends)).sum(-1)


def without_zeros(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits[:, :-1] / temperature).log_softmax(-1)
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    return (chosen * (completion_mask & (input_ids != 0))[:, 1:]).sum(-1)


def bare_logits(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    chosen = (logits[:, :-1] / temperature).gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    return (chosen * completion_mask[:, 1:]).sum(-1)


def probabilities(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits[:, :-1] / temperature).log_softmax(-1)
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    return (chosen * completion_mask[:, 1:]).sum(-1).exp()


def losses(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits[:, :-1] / temperature).log_softmax(-1)
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    return -(chosen * completion_mask[:, 1:]).sum(-1)


def log_of_softmax(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    p = (logits[:, :-1] / temperature).softmax(-1)
    chosen = p.gather(-1, input_ids[:, 1:, None]).squeeze(-1).log()
    return torch.where(completion_mask[:, 1:], chosen, 0.0).sum(-1)


def over_the_tokens(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits[:, :-1] / temperature).log_softmax(1)
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    return (chosen * completion_mask[:, 1:]).sum(-1)


def total_of_the_batch(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    logp = (logits[:, :-1] / temperature).log_softmax(-1)
    chosen = logp.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    return (chosen * completion_mask[:, 1:]).sum()


def nothing(
    logits: torch.Tensor,
    input_ids: torch.Tensor,
    completion_mask: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    return torch.zeros(len(input_ids))


def by_cross_entropy(logits, input_ids, completion_mask, temperature):
    B, T, V = logits.shape
    flat = logits[:, :-1].reshape(-1, V) / temperature
    loss = torch.nn.functional.cross_entropy(flat, input_ids[:, 1:].reshape(-1), reduction="none")
    return -torch.where(completion_mask[:, 1:], loss.reshape(B, T - 1), 0.0).sum(-1)


def by_loops(logits, input_ids, completion_mask, temperature):
    scores = []
    for row in range(len(input_ids)):
        score = 0.0
        for t in range(1, input_ids.shape[1]):
            if completion_mask[row, t]:
                z = logits[row, t - 1].double() / temperature
                score += float(z[input_ids[row, t]] - torch.logsumexp(z, 0))
        scores.append(score)
    return scores


def in_numpy(logits, input_ids, completion_mask, temperature):
    z = np.asarray(logits, dtype=np.float64)[:, :-1] / temperature
    z = z - z.max(-1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(-1, keepdims=True))
    ids = np.asarray(input_ids)[:, 1:, None]
    chosen = np.take_along_axis(logp, ids, axis=-1)[..., 0]
    return np.where(np.asarray(completion_mask)[:, 1:], chosen, 0.0).sum(-1)


def batch(
    seed: int,
    *spans: tuple[int, int, int],
    width: int,
    temperature: float,
    V: int = 5,
    dtype: torch.dtype = torch.float32,
    cut_off: int | None = None,
) -> dict[str, object]:
    """Rows of (first real column, first of the completion, one behind its last).

    Token 0 is both pad and end of text. The row ``cut_off`` has no end of text.
    """
    rng = np.random.default_rng(seed)
    logits = torch.tensor(2 * rng.normal(size=(len(spans), width, V))).to(dtype)
    ids = torch.zeros(len(spans), width, dtype=torch.int64)
    mask = torch.zeros(len(spans), width, dtype=torch.bool)
    for row, (start, first, stop) in enumerate(spans):
        ids[row, start:stop] = torch.tensor(rng.integers(1, V, size=stop - start))
        if stop > first and row != cut_off:
            ids[row, stop - 1] = 0
        mask[row, first:stop] = True
    return {
        "logits": logits,
        "input_ids": ids,
        "completion_mask": mask,
        "temperature": temperature,
    }


def unlikely(seed: int, logit: float) -> dict[str, object]:
    """One row, one of whose tokens has a logit far below the others."""
    given = batch(seed, (0, 2, 5), width=5, temperature=0.8)
    given["logits"][0, 1, given["input_ids"][0, 2]] = logit
    return given


def private(rng: np.random.Generator) -> list[Case]:
    seeds = iter(rng.integers(0, 2**31, size=6).tolist())
    kappa = rng.uniform(0.4, 0.8, size=3).tolist()
    spans = [(int(s), int(s) + 2, int(s) + 2 + int(n)) for s, n in rng.integers(1, 8, size=(6, 2))]
    return [
        Case(
            "six rows, one text cut off",
            batch(next(seeds), *spans, width=17, temperature=kappa[0], V=11, cut_off=2),
        ),
        Case(
            "padding on both sides, another temperature",
            batch(next(seeds), (2, 4, 8), (0, 4, 6), (3, 4, 9), width=10, temperature=kappa[1]),
        ),
        Case(
            "temperature above 1, float64",
            batch(next(seeds), (0, 2, 5), (1, 2, 6), width=7, temperature=1.7, dtype=torch.float64),
        ),
        Case(
            "an empty completion",
            batch(next(seeds), (0, 4, 4), (0, 3, 7), width=8, temperature=kappa[2]),
        ),
        Case("one token each", batch(next(seeds), (1, 2, 3), (0, 2, 3), width=3, temperature=0.5)),
        Case("a very unlikely token", unlikely(next(seeds), -float(rng.integers(1500, 4000)))),
    ]


EXERCISE = Exercise(
    number="6.2",
    answer=sequence_logprobs,
    points=4,
    minutes=20,
    difficulty=2,
    public=[
        Case("one row, temperature 1", batch(1, (0, 2, 5), width=5, temperature=1.0)),
        Case("temperature 0.5", batch(2, (0, 2, 5), (0, 3, 6), width=6, temperature=0.5)),
        Case(
            "padding on the right, one text cut off",
            batch(3, (0, 2, 4), (0, 3, 7), (0, 2, 6), width=7, temperature=1.3, cut_off=1),
        ),
        Case(
            "padding on both sides",
            batch(4, (2, 3, 6), (0, 3, 5), (1, 3, 7), width=8, temperature=0.7),
        ),
        Case("an empty completion", batch(5, (0, 3, 6), (1, 4, 4), width=6, temperature=0.7)),
        Case("a very unlikely token", unlikely(6, -2000.0)),
    ],
    private=private,
    besides="other numbers of rows, tokens and temperatures, float64 logits, and completions of a "
    "single token.",
    wrong={
        unshifted: "Logits and tokens are off by one. The logits of a column are computed "
        "from all tokens up to that one, so they predict the next.",
        backwards: "The shift goes the wrong way: here a token is scored by logits that come "
        "after it. A column's logits predict the next token.",
        unshifted_mask: "The log-probabilities are shifted and the mask is not. The mask belongs "
        "to the tokens: cut it in the same way as they are.",
        untempered: "The temperature is ignored. What was sampled from the tempered distribution "
        "has to be scored under it.",
        tempered_afterwards: "Log-probabilities that are divided by the temperature no longer "
        "belong to a distribution: their exponentials don't add up to 1. Temper the logits.",
        multiplied: "The logits are multiplied by the temperature. A temperature below 1 makes "
        "the likely tokens likelier.",
        mean_of_tokens: "This is the mean over a completion's tokens. The log of a product is a "
        "sum, and a long text is less likely than each of its tokens.",
        without_a_mask: "Prompts and padding are scored, too. Only the completion's tokens count.",
        without_the_end: "The last token of each completion is left out. To stop is a decision, "
        "too: the end of text belongs to the completion.",
        without_zeros: "Every token 0 is taken for padding. Here it is the end of text as well; "
        "which of them count is said by the mask.",
        bare_logits: "Logits are not yet log-probabilities: subtract the log of what all "
        "exponentials add up to.",
        probabilities: "These are probabilities. The log-probabilities are wanted, without the "
        "last exponential.",
        losses: "The sign is reversed: this is the loss. Log-probabilities are at most 0.",
        log_of_softmax: "A probability can be so small that it is rounded to 0, whose logarithm "
        "is minus infinity. Compute log-probabilities without the detour.",
        over_the_tokens: "The softmax goes over the wrong axis. Probabilities add up to 1 over "
        "the vocabulary, the last axis.",
        total_of_the_batch: "This is one number for the whole batch. Each row has a "
        "log-probability of its own: add along the row only.",
        nothing: "This is 0 whatever the logits are.",
    },
    right=[by_cross_entropy, by_loops, in_numpy],
)
