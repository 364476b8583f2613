"""REINFORCE's loss on text: what is a sum, what is a mean, and what has no gradient."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def reinforce_loss(
    logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor
) -> torch.Tensor:
    """A loss whose gradient is minus the policy gradient estimate for B
    completions.

    It is minus the mean, over the completions, of the advantage times the
    completion's log-probability.

    Args:
        logprobs: (B, T) the log-probability of each completion's tokens, in nats,
            with their graph. At padding they are finite numbers without a
            meaning.
        mask: (B, T) bool, True at the completion's tokens. Every row has one at
            least.
        advantages: (B,) one for each completion. They are data, also where they
            come with a graph: they get no gradient.

    Returns:
        A scalar. Descent on it is ascent on the objective.
    """
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)  # (B,)
    return -(advantages.detach() * sequence).mean()


def mean_over_tokens(
    logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor
) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    return -(advantages.detach() * sequence).sum() / mask.sum()


def length_normalised(
    logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor
) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1) / mask.sum(-1)
    return -(advantages.detach() * sequence).mean()


def mean_over_the_table(
    logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor
) -> torch.Tensor:
    return -(advantages.detach()[:, None] * torch.where(mask, logprobs, 0.0)).mean()


def summed(logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    return -(advantages.detach() * sequence).sum()


def ascending(logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    return (advantages.detach() * sequence).mean()


def attached(logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    return -(advantages * sequence).mean()


def unmasked(logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    return -(advantages.detach() * logprobs.sum(-1)).mean()


def cut_off(logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    return -(advantages.detach() * sequence.detach()).mean()


def probabilities(
    logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor
) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    return -(advantages.detach() * sequence.exp()).mean()


def ratios(logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    return -(advantages.detach() * (sequence - sequence.detach()).exp()).mean()


def unweighted(
    logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor
) -> torch.Tensor:
    return -torch.where(mask, logprobs, 0.0).sum(-1).mean()


def centred(logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    better = advantages.detach() - advantages.detach().mean()
    return -(better * sequence).mean()


def standardised(
    logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor
) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    given = advantages.detach()
    better = (given - given.mean()) / (given.std(correction=0) + 1e-6)
    return -(better * sequence).mean()


def standardised_by_torch(
    logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor
) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    given = advantages.detach()
    better = (given - given.mean()) / (given.std() + 1e-8)
    return -(better * sequence).mean()


def over_their_spread(
    logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor
) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    given = advantages.detach()
    return -(given / (given.std() + 1e-8) * sequence).mean()


def mean_of_each(
    logprobs: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor
) -> torch.Tensor:
    sequence = torch.where(mask, logprobs, 0.0).sum(-1)
    return -advantages.detach().mean() * sequence.mean()


def by_a_product(logprobs, mask, advantages):
    with torch.no_grad():
        weight = advantages[:, None] * mask / len(mask)
    return -(weight * logprobs).sum()


def by_loops(logprobs, mask, advantages):
    total = logprobs.new_zeros(())
    for row, kept, advantage in zip(logprobs, mask, advantages.tolist(), strict=True):
        total = total - advantage * row[kept].sum()
    return total / len(logprobs)


def by_einsum(logprobs, mask, advantages):
    kept = mask.to(torch.float64)
    weight = advantages.detach().double()
    return -torch.einsum("bt,bt,b->", logprobs.double(), kept, weight) / logprobs.shape[0]


def batch(
    seed: int, *lengths: int, width: int, advantages: list[float], attached: bool = False
) -> dict[str, torch.Tensor]:
    """Completions of so many tokens, with numbers that mean nothing behind them."""
    rng = np.random.default_rng(seed)
    logprobs = torch.tensor(-rng.uniform(0.2, 3.0, size=(len(lengths), width)))
    mask = torch.arange(width) < torch.tensor(lengths)[:, None]
    return {
        "logprobs": logprobs.requires_grad_(),
        "mask": mask,
        "advantages": torch.tensor(advantages, dtype=torch.float64, requires_grad=attached),
    }


def private(rng: np.random.Generator) -> list[Case]:
    seeds = iter(rng.integers(0, 2**31, size=5).tolist())
    lengths = [*rng.integers(2, 12, size=6).tolist(), 12, 1]
    several = (rng.normal(size=8) + 0.7).tolist()
    four = (rng.uniform(0.5, 1.5, size=4) * [1, -1, 1, 1]).tolist()
    return [
        Case("eight completions", batch(next(seeds), *lengths, width=13, advantages=several)),
        Case(
            "advantages with a graph",
            batch(next(seeds), 2, 6, 3, 5, width=7, advantages=four, attached=True),
        ),
        Case("one completion", batch(next(seeds), 4, width=6, advantages=[four[0]])),
        Case("rewards of 0 and 1", batch(next(seeds), 3, 5, 2, width=5, advantages=[0, 1, 1])),
        Case("below zero on the whole", batch(next(seeds), 1, 4, width=4, advantages=[0.5, -2])),
    ]


EXERCISE = Exercise(
    number="6.3",
    answer=reinforce_loss,
    points=4,
    minutes=15,
    difficulty=2,
    style="gradient",
    public=[
        Case("two completions of one length", batch(1, 3, 3, width=3, advantages=[1.0, -0.5])),
        Case(
            "three completions of different length",
            batch(2, 4, 1, 2, width=4, advantages=[0.5, -1.0, 2.0]),
        ),
        Case("all are padded", batch(3, 3, 2, width=5, advantages=[1.0, 0.25])),
        Case(
            "advantages with a graph",
            batch(4, 2, 4, 3, width=4, advantages=[1.5, -0.5, 0.25], attached=True),
        ),
        Case("one completion", batch(5, 2, width=3, advantages=[-1.5])),
    ],
    private=private,
    besides="other numbers of completions and tokens, and rewards of 0 and 1 in the place of "
    "advantages.",
    wrong={
        mean_over_tokens: "The sum is divided by the number of tokens. The mean is over "
        "completions: how long the others are must not change what a token counts.",
        length_normalised: "Each completion is divided by its length, so a token of a long one "
        "counts less and a bad answer is cheaper if it rambles. Within a completion, add.",
        mean_over_the_table: "This is a mean over the whole table, padding included. Add within "
        "a completion, then take the mean over completions.",
        summed: "The completions are added. With the mean over them, the length of a step does "
        "not grow with the batch.",
        ascending: "The sign is reversed: an optimiser makes the loss small, and you want the "
        "objective large.",
        attached: "A gradient flows into the advantages. They are data, like the rewards that "
        "they are made of.",
        unmasked: "What stands at padding is counted. Only a completion's own tokens belong to "
        "its log-probability.",
        cut_off: "The value is right, but no gradient reaches the log-probabilities: nothing "
        "would be learnt.",
        probabilities: "Here advantages weigh probabilities. The policy gradient has those of "
        "log-probabilities.",
        ratios: "The gradient is right and the value is another, that of importance ratios at 1. "
        "The log-probabilities themselves were asked for.",
        unweighted: "All completions are made likelier alike, as in supervised finetuning. Where "
        "do the advantages come in?",
        centred: "The mean of the advantages is subtracted. What they are compared with was "
        "settled before: use them as they are.",
        standardised: "The advantages are standardised here. Use them as they are: the division "
        "would change the objective.",
        standardised_by_torch: "The advantages are standardised here, and a single one becomes "
        "NaN. Use them as they are: the division would change the objective.",
        over_their_spread: "The advantages are divided by their standard deviation. Use them as "
        "they are: the division would change the objective, and a single one has no spread.",
        mean_of_each: "This is a product of two means. Each completion has its own advantage: "
        "multiply first.",
    },
    right=[by_a_product, by_loops, by_einsum],
)
