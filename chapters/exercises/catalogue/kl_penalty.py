"""The price of a leash, from samples: the right value with the right gradient."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def kl_penalty(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """An estimate of KL(policy || reference), in nats per completion, to be made
    small.

    The B completions were drawn from the policy. Call the log-ratio of a completion
    its log-probability under the policy minus that under the reference, each the
    sum over its tokens.

    Args:
        logprobs: (B, T) log-probabilities of the completions' tokens under the
            policy, with their graph. At padding they are finite numbers without a
            meaning.
        ref_logprobs: (B, T) the same tokens' under the reference, without a graph.
        mask: (B, T) bool, True at the completion's tokens. Every row has one at
            least.

    Returns:
        A scalar. Its value is the mean log-ratio of the B completions. Its gradient
        is REINFORCE's for a price instead of a reward: the mean, over the
        completions, of the log-ratio as a number times the gradient of the
        completion's log-probability. There is no baseline, and every token of a
        completion has the same weight. The mean of this gradient over all
        completions, each as likely as it is, is the gradient of KL(policy ||
        reference).
    """
    policy = torch.where(mask, logprobs, 0.0).sum(-1)  # (B,)
    reference = torch.where(mask, ref_logprobs, 0.0).sum(-1)
    price = (policy - reference).detach()
    for_the_gradient = (price * policy).mean()
    return price.mean() + for_the_gradient - for_the_gradient.detach()


def differentiated(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    return torch.where(mask, logprobs - ref_logprobs, 0.0).sum(-1).mean()


def k3(logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    ratio = ref_logprobs - logprobs
    return torch.where(mask, ratio.exp() - 1 - ratio, 0.0).sum(-1).mean()


def k3_of_completions(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    ratio = torch.where(mask, ref_logprobs - logprobs, 0.0).sum(-1)
    return (ratio.exp() - 1 - ratio).mean()


def k2(logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (0.5 * torch.where(mask, logprobs - ref_logprobs, 0.0).sum(-1) ** 2).mean()


def k2_of_tokens(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    return 0.5 * torch.where(mask, (logprobs - ref_logprobs) ** 2, 0.0).sum(-1).mean()


def only_the_gradient(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    policy = torch.where(mask, logprobs, 0.0).sum(-1)
    price = torch.where(mask, logprobs - ref_logprobs, 0.0).sum(-1).detach()
    return (price * policy).mean()


def attached(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    policy = torch.where(mask, logprobs, 0.0).sum(-1)
    price = torch.where(mask, logprobs - ref_logprobs, 0.0).sum(-1)
    return (price * policy).mean()


def attached_with_the_value(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    policy = torch.where(mask, logprobs, 0.0).sum(-1)
    price = torch.where(mask, logprobs - ref_logprobs, 0.0).sum(-1)
    return (price * (policy - policy.detach()).exp()).mean()


def only_the_value(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    return torch.where(mask, logprobs - ref_logprobs, 0.0).sum(-1).mean().detach()


def token_by_token(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    price = torch.where(mask, logprobs - ref_logprobs, 0.0).detach()
    surrogate = (price * torch.where(mask, logprobs, 0.0)).sum(-1).mean()
    return price.sum(-1).mean() + surrogate - surrogate.detach()


def price_to_go(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    price = torch.where(mask, logprobs - ref_logprobs, 0.0).detach()
    to_go = price.flip(-1).cumsum(-1).flip(-1)
    surrogate = (to_go * torch.where(mask, logprobs, 0.0)).sum(-1).mean()
    return price.sum(-1).mean() + surrogate - surrogate.detach()


def mean_over_tokens(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    policy = torch.where(mask, logprobs, 0.0).sum(-1)
    price = torch.where(mask, logprobs - ref_logprobs, 0.0).sum(-1).detach()
    surrogate = (price * policy).sum() / mask.sum()
    return price.sum() / mask.sum() + surrogate - surrogate.detach()


def length_normalised(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    policy = torch.where(mask, logprobs, 0.0).sum(-1) / mask.sum(-1)
    price = torch.where(mask, logprobs - ref_logprobs, 0.0).sum(-1).detach() / mask.sum(-1)
    surrogate = (price * policy).mean()
    return price.mean() + surrogate - surrogate.detach()


def summed(logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    policy = torch.where(mask, logprobs, 0.0).sum(-1)
    price = torch.where(mask, logprobs - ref_logprobs, 0.0).sum(-1).detach()
    surrogate = (price * policy).sum()
    return price.sum() + surrogate - surrogate.detach()


def reversed_ratio(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    policy = torch.where(mask, logprobs, 0.0).sum(-1)
    price = torch.where(mask, ref_logprobs - logprobs, 0.0).sum(-1).detach()
    surrogate = (price * policy).mean()
    return price.mean() + surrogate - surrogate.detach()


def as_a_reward(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    policy = torch.where(mask, logprobs, 0.0).sum(-1)
    price = torch.where(mask, logprobs - ref_logprobs, 0.0).sum(-1).detach()
    surrogate = -(price * policy).mean()
    return price.mean() + surrogate - surrogate.detach()


def unmasked(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    policy = logprobs.sum(-1)
    price = (logprobs - ref_logprobs).sum(-1).detach()
    surrogate = (price * policy).mean()
    return price.mean() + surrogate - surrogate.detach()


def with_a_baseline(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    policy = torch.where(mask, logprobs, 0.0).sum(-1)
    price = torch.where(mask, logprobs - ref_logprobs, 0.0).sum(-1).detach()
    surrogate = ((price - price.mean()) * policy).mean()
    return price.mean() + surrogate - surrogate.detach()


def without_the_reference(
    logprobs: torch.Tensor, ref_logprobs: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    policy = torch.where(mask, logprobs, 0.0).sum(-1)
    price = policy.detach()
    surrogate = (price * policy).mean()
    return price.mean() + surrogate - surrogate.detach()


def by_importance(logprobs, ref_logprobs, mask):
    policy = (logprobs * mask).sum(dim=1)
    price = policy.detach() - (ref_logprobs * mask).sum(dim=1)
    return (price * torch.exp(policy - policy.detach())).mean()


def by_half_a_square(logprobs, ref_logprobs, mask):
    ratio = ((logprobs - ref_logprobs) * mask).sum(-1)
    square = ratio**2 / 2
    return (square + (ratio - square).detach()).mean()


def by_loops(logprobs, ref_logprobs, mask):
    total = torch.zeros((), dtype=torch.float64)
    for p, q, kept in zip(logprobs.double(), ref_logprobs.double(), mask, strict=True):
        policy = p[kept].sum()
        price = float(policy) - float(q[kept].sum())
        total = total + price + price * (policy - float(policy))
    return total / len(mask)


def batch(
    seed: int, *lengths: int, width: int, shift: float = 0.3, apart: float = 0.8
) -> dict[str, torch.Tensor]:
    """Completions of so many tokens, with numbers that mean nothing behind them."""
    rng = np.random.default_rng(seed)
    size = (len(lengths), width)
    reference = torch.tensor(-rng.uniform(0.5, 3.0, size=size))
    logprobs = reference + torch.tensor(apart * rng.normal(size=size) + shift)
    return {
        "logprobs": logprobs.clamp(max=-0.01).requires_grad_(),
        "ref_logprobs": reference,
        "mask": torch.arange(width) < torch.tensor(lengths)[:, None],
    }


def private(rng: np.random.Generator) -> list[Case]:
    seeds = iter(rng.integers(0, 2**31, size=6).tolist())
    lengths = [*rng.integers(2, 9, size=6).tolist(), 9, 1]
    return [
        Case("eight completions", batch(next(seeds), *lengths, width=10)),
        Case("one completion", batch(next(seeds), 4, width=6)),
        Case("one token each", batch(next(seeds), 1, 1, 1, 1, width=3)),
        Case("far from the reference", batch(next(seeds), 3, 7, 5, width=7, shift=1.0, apart=1.5)),
        Case("a mean below 0", batch(next(seeds), 3, 2, 5, width=6, shift=-0.9, apart=0.3)),
        Case("the same model", batch(next(seeds), 5, 2, 4, width=5, shift=0.0, apart=0.0)),
    ]


EXERCISE = Exercise(
    number="7.2",
    answer=kl_penalty,
    points=5,
    minutes=30,
    difficulty=3,
    style="gradient",
    public=[
        Case("one completion", batch(1, 2, width=2)),
        Case("three completions of one length", batch(2, 3, 3, 3, width=3)),
        Case("three of different length", batch(3, 4, 1, 3, width=4)),
        Case("all are padded", batch(4, 3, 2, width=5)),
        Case("the same model", batch(5, 3, 2, width=3, shift=0.0, apart=0.0)),
    ],
    private=private,
    besides="other numbers of completions and tokens, policies that are far from the reference, "
    "and samples whose mean log-ratio is below 0.",
    wrong={
        differentiated: "The value is right. Its own gradient is that of the log-probabilities "
        "alone, unweighted, which is 0 on average: such a leash pulls nowhere.",
        k3: "This is k3. Its value is a good estimate of the KL; its gradient belongs on average "
        "to another divergence, with the two models exchanged.",
        k3_of_completions: "This is k3 of whole completions. Its gradient belongs on average to "
        "another divergence, with the two models exchanged.",
        k2: "The gradient is right. The value is half the mean square of the log-ratio, and the "
        "mean log-ratio was asked for.",
        k2_of_tokens: "Half the square of each token's log-ratio: the value is not the KL's, and "
        "a token is not charged for what the rest of its completion costs.",
        only_the_gradient: "The gradient is right and the value is not: it is a product of "
        "log-ratios and log-probabilities. What has the value of 0 and still a gradient?",
        attached: "The log-ratio is differentiated, too, and the value is a product. Take the "
        "log-ratio as a number where it weighs something.",
        attached_with_the_value: "The value is right, and so is the gradient on average. But the "
        "log-ratio is differentiated, too, which adds nothing but noise: take it as a number.",
        only_the_value: "The value is right, but no gradient reaches the log-probabilities.",
        token_by_token: "The value is right. But each token is weighted with its own log-ratio "
        "only. A token is also responsible for what follows it, and that is not counted here.",
        price_to_go: "Each token is charged for what comes from it on. On average that is right, "
        "too, and it has less noise. Here the log-ratio of the whole completion was asked for.",
        mean_over_tokens: "The sum is divided by the number of tokens. The KL is that of whole "
        "completions, and the mean goes over those.",
        length_normalised: "A completion's log-ratio is the sum over its tokens. A mean over "
        "them makes long texts cheap.",
        summed: "The completions are added. The mean over them is wanted.",
        reversed_ratio: "The log-ratio is reversed. Where the policy is likelier to say "
        "something than the reference, that costs.",
        as_a_reward: "The value is right and the gradient has the wrong sign: a step down would "
        "lead away from the reference. A penalty is to be made small.",
        unmasked: "What stands at padding is counted.",
        with_a_baseline: "The mean log-ratio is subtracted before it weighs anything. That is "
        "sensible, but no baseline was asked for.",
        without_the_reference: "The reference does not come in: this leash is tied to nothing.",
    },
    right=[by_importance, by_half_a_square, by_loops],
)
