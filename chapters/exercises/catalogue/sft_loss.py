"""The loss of demonstrations: a mean over all completion tokens of a batch."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def sft_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The mean of -log p(token | what stands before it) over all completion tokens
    of a batch.

    A token counts if its label is not -100. Every such token of the batch counts
    the same, in whatever row it stands. The logits of a column are the prediction
    of the next column's token, so nothing predicts a token in the first column, and
    it does not count.

    Args:
        logits: (B, L, V) floats. Logits may be as large as 1,000.
        labels: (B, L) int64: the token of that column where it is learnt, else
            -100. At least one label after the first column is not -100.

    Returns:
        The loss in nats for each token, a scalar tensor that can be differentiated
        with respect to the logits.
    """
    logp = logits[:, :-1].log_softmax(-1)  # (B, L - 1, V)
    tokens = labels[:, 1:]  # (B, L - 1)
    shown = tokens != -100
    chosen = logp.gather(-1, tokens.clamp(min=0)[:, :, None]).squeeze(-1)  # (B, L - 1)
    return -chosen[shown].mean()


def no_shift(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


def shifted_back(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    V = logits.shape[-1]
    return torch.nn.functional.cross_entropy(
        logits[:, 1:].reshape(-1, V), labels[:, :-1].reshape(-1)
    )


def shifted_twice(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    V = logits.shape[-1]
    return torch.nn.functional.cross_entropy(
        logits[:, :-2].reshape(-1, V), labels[:, 2:].reshape(-1)
    )


def mean_of_rows(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    losses = torch.nn.functional.cross_entropy(logits[:, :-1].mT, labels[:, 1:], reduction="none")
    counts = (labels[:, 1:] != -100).sum(1)
    return (losses.sum(1)[counts > 0] / counts[counts > 0]).mean()


def sum_of_tokens(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(logits[:, :-1].mT, labels[:, 1:], reduction="sum")


def sum_by_rows(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    total = torch.nn.functional.cross_entropy(logits[:, :-1].mT, labels[:, 1:], reduction="sum")
    return total / len(labels)


def by_all_columns(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    losses = torch.nn.functional.cross_entropy(logits[:, :-1].mT, labels[:, 1:], reduction="none")
    return losses.mean()


def mask_ignored(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(logits[:, :-1].mT, labels[:, 1:].clamp(min=0))


def first_column_counted(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    total = torch.nn.functional.cross_entropy(logits[:, :-1].mT, labels[:, 1:], reduction="sum")
    return total / (labels != -100).sum()


def wrong_sign(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return -torch.nn.functional.cross_entropy(logits[:, :-1].mT, labels[:, 1:])


def without_a_gradient(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(logits.detach()[:, :-1].mT, labels[:, 1:])


def softmax_twice(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    p = logits[:, :-1].softmax(-1)
    return torch.nn.functional.cross_entropy(p.mT, labels[:, 1:])


def softmax_over_columns(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    logp = logits[:, :-1].log_softmax(1)
    return torch.nn.functional.nll_loss(logp.mT, labels[:, 1:])


def logits_as_they_are(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.nll_loss(logits[:, :-1].mT, labels[:, 1:])


def probabilities(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    p = logits[:, :-1].softmax(-1)
    return torch.nn.functional.nll_loss(p.mT, labels[:, 1:])


def perplexity(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(logits[:, :-1].mT, labels[:, 1:]).exp()


def overflowing(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    weights = logits[:, :-1].exp()
    logp = (weights / weights.sum(-1, keepdim=True)).log()
    return torch.nn.functional.nll_loss(logp.mT, labels[:, 1:])


def overflowing_sum(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    z = logits[:, :-1]
    logp = z - z.exp().sum(-1, keepdim=True).log()
    return torch.nn.functional.nll_loss(logp.mT, labels[:, 1:])


def rounded_to_zero(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    logp = logits[:, :-1].softmax(-1).log()
    return torch.nn.functional.nll_loss(logp.mT, labels[:, 1:])


def own_best_tokens(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    logp = logits[:, :-1].log_softmax(-1).max(-1).values
    return -logp[labels[:, 1:] != -100].mean()


def by_cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    V = logits.shape[-1]
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, V), labels[:, 1:].reshape(-1), ignore_index=-100
    )


def by_loops(logits, labels):
    losses = []
    for row in range(labels.shape[0]):
        for t in range(1, labels.shape[1]):
            token = int(labels[row, t])
            if token != -100:
                z = logits[row, t - 1].double()
                losses.append(torch.logsumexp(z, 0) - z[token])
    return sum(losses) / len(losses)


def by_one_hot(logits, labels):
    shown = (labels != -100)[:, 1:, None]
    tokens = torch.nn.functional.one_hot(labels[:, 1:].clamp(min=0), logits.shape[-1]) * shown
    logp = torch.log_softmax(logits, dim=-1)[:, :-1]
    return -(logp * tokens).sum() / tokens.sum()


def batch(
    rng: np.random.Generator, V: int, *rows: tuple[int, int], scale: float = 1.5, L: int = 0
) -> dict[str, torch.Tensor]:
    """Logits, and labels with so many prompt and completion tokens in each row."""
    L = max(L, *(P + T for P, T in rows))
    labels = torch.full((len(rows), L), -100)
    for row, (P, T) in enumerate(rows):
        labels[row, P : P + T] = torch.tensor(rng.integers(0, V, T))
    logits = torch.tensor(rng.normal(scale=scale, size=(len(rows), L, V))).float()
    return {"logits": logits.requires_grad_(), "labels": labels}


def private(rng: np.random.Generator) -> list[Case]:
    some = [(int(rng.integers(1, 5)), int(rng.integers(1, 9))) for _ in range(5)]
    V = int(rng.integers(6, 12))
    return [
        Case("a short completion and a long one", batch(rng, V, (3, 2), (1, 8))),
        Case("five rows", batch(rng, V + 3, *some, (2, 9))),
        Case("no padding", batch(rng, V, (3, 4), (2, 5))),
        Case("a row without a prompt", batch(rng, V, (0, 4), (2, 3), (0, 2))),
        Case("a row without a label", batch(rng, V, (2, 3), (4, 0), (1, 5))),
        Case("large logits", batch(rng, V, (2, 4), (2, 2), scale=200.0)),
        Case("much padding, many tokens", batch(rng, 80, (6, 3), (2, 12), (4, 1), L=24)),
        Case("one token", batch(rng, V, (2, 1))),
    ]


EXERCISE = Exercise(
    number="3.2",
    answer=sft_loss,
    points=4,
    minutes=25,
    difficulty=2,
    public=[
        Case("one row, no padding", batch(np.random.default_rng(1), 4, (2, 3))),
        Case("one token against five", batch(np.random.default_rng(2), 4, (2, 1), (1, 5))),
        Case(
            "three rows, with padding", batch(np.random.default_rng(3), 5, (3, 4), (1, 2), (2, 1))
        ),
        Case("a row without a prompt", batch(np.random.default_rng(4), 4, (0, 3), (2, 3))),
        Case("large logits", batch(np.random.default_rng(5), 4, (2, 3), (1, 2), scale=200.0)),
    ],
    private=private,
    besides="larger batches, and a row without a label. It compares the gradient, too.",
    wrong={
        no_shift: "You hold the logits of a column against the token of the same column, which "
        "the model has read. They predict the next one.",
        shifted_back: "The shift goes the wrong way: the logits of a column are held against the "
        "token before it. They predict the one after it.",
        shifted_twice: "You shift by two columns. The logits of a column predict the next token.",
        mean_of_rows: "You take the mean of each row first, so a token of a short completion "
        "weighs more. Take one mean over all completion tokens of the batch.",
        sum_of_tokens: "This is the sum over the tokens. Divide by their number, or the size of "
        "the step depends on how much is shown.",
        sum_by_rows: "You divide by the number of rows. Divide by the number of tokens that count.",
        by_all_columns: "You divide by all columns, also where the label is -100. Divide by the "
        "number of tokens that count.",
        mask_ignored: "Prompt and padding count here as if their token were 0. A label of -100 "
        "says that nothing is learnt there.",
        first_column_counted: "Nothing predicts a token in the first column, and you count it "
        "among those that you divide by.",
        wrong_sign: "The sign is wrong. Going down this loss makes the demonstrations less likely.",
        without_a_gradient: "The number is right and has no gradient: nothing is learnt from it. "
        "Where does the path to the logits end (`detach`, `no_grad`, `item`)?",
        softmax_twice: "You give probabilities to a function that expects logits, so the softmax "
        "is taken twice.",
        softmax_over_columns: "The softmax is over the columns. It should be over the vocabulary, "
        "the last dimension.",
        logits_as_they_are: "These are logits, not log-probabilities: they are not normalised.",
        probabilities: "This is minus the mean probability of the tokens. Take the logarithm.",
        perplexity: "This is the exponential of the loss, the perplexity. Leave it in nats.",
        overflowing: "Right, until exp overflows: logits may be large. Only their differences "
        "matter, so the largest can be subtracted first; torch's own log-softmax does that.",
        overflowing_sum: "Right, until exp overflows: logits may be large. Only their differences "
        "matter, so the largest can be subtracted first; torch's own log-softmax does that.",
        rounded_to_zero: "Right, until a probability is so small that it is rounded to 0: its "
        "logarithm is minus infinity. Compute log-probabilities without going by probabilities.",
        own_best_tokens: "You score the tokens that the model likes best. Score those in `labels`.",
    },
    right=[by_cross_entropy, by_loops, by_one_hot],
    style="gradient",
)
