"""Chapter 6: a language model as a policy, REINFORCE on text, what a step does, and likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from statistics import fmean

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import Tensor
from torch.func import functional_call, vmap
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from alignlib import LM, logprobs, sample
from alignlib.environments import text_mdp
from alignlib.exact import EveryTrajectory, enumerate_trajectories, expected_return
from alignlib.finetuning import sft_loss
from alignlib.logprobs import Batch, collate, completion_logprobs
from alignlib.mdp import MDP
from alignlib.objective import Objective, losses, weights
from alignlib.policy_gradient import Credit, MeanOver, at_the_end, policy_gradient_loss
from alignlib.sampling import Samples
from tests.equations import checks

WORDS = ("a", "b", "<end>")
END = 2
PROMPTS = ["ab", "ab", "babba"]  # what users ask, the first twice as often
DIFFERENT = ["ab", "babba"]

Tokens = list[int]
Answer = tuple[str, Tokens]  # a prompt and a completion


def tokens(text: str) -> Tokens:
    return [WORDS.index(word) for word in text]


@cache
def random_gpt2() -> LM:
    """Of two words and an end of text; with the word a for padding, and float64 throughout."""
    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="a"))
    core.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    config = GPT2Config(
        vocab_size=len(WORDS), n_embd=4, n_layer=1, n_head=2, n_inner=4, n_positions=12,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, initializer_range=0.7,
        bos_token_id=END, eos_token_id=END,
    )  # fmt: skip
    torch.manual_seed(0)
    model = GPT2LMHeadModel(config).double().eval()
    model.set_attn_implementation("eager")  # which vmap knows
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, eos_token=WORDS[END])
    return LM(model, tokenizer, "random", eos_ids=(END,), pad_id=0)


def judged(x: str, y: Tokens) -> float:
    """A reward of either sign: for words that are the prompt's last, and for an end."""
    right = y.count(tokens(x)[-1])
    return 1.5 * right - (len(y) - right) + 1.3 * y.count(END)


@cache
def process(x: str, T: int) -> MDP:
    """Writing at most T tokens as chapter 4's process."""
    return text_mdp(WORDS, T, lambda text: judged(x, [*map(WORDS.index, text)]), WORDS[END])


@cache
def every(T: int) -> EveryTrajectory:
    return enumerate_trajectories(process(PROMPTS[0], T))


def completions(T: int) -> list[Tokens]:
    """All that have at most T tokens, cut off there."""
    tau = every(T).trajectories
    rows = zip(tau.actions.tolist(), tau.mask.sum(-1).tolist(), strict=True)
    return [actions[:length] for actions, length in rows]


def parameters(lm: LM) -> Tensor:  # (D,)
    return torch.cat([each.detach().flatten() for each in lm.model.parameters()])


def logits(lm: LM, state: Tokens, theta: Tensor | None = None) -> Tensor:
    """(V,) of the next token, by a forward pass of its own, with the model's parameters or these.

    It takes no mask, no padding and no cache, and nothing of alignlib.
    """
    ids = torch.tensor([state])
    if theta is None:
        output = lm.model(ids, use_cache=False)
    else:
        named = dict(lm.model.named_parameters())
        parts = theta.split([each.numel() for each in named.values()])
        moved = {name: part.view_as(named[name]) for name, part in zip(named, parts, strict=True)}
        output = functional_call(lm.model, moved, (ids,), {"use_cache": False})
    values: Tensor = output.logits[0, -1]
    return values


@torch.no_grad()
def policy(lm: LM, x: str, T: int, theta: Tensor | None = None) -> Tensor:
    """(S, V) a row for each text that can be continued; the last is that of the end."""
    names = [name.split() for name in process(x, T).state_names[:-1]]
    prefixes = [[] if name == ["(empty)"] else [*map(WORDS.index, name)] for name in names]
    rows = [logits(lm, tokens(x) + prefix, theta).softmax(-1) for prefix in prefixes]
    return torch.stack([*rows, torch.full_like(rows[0], 1 / len(WORDS))])


def p_of_all(lm: LM, x: str, T: int, theta: Tensor | None = None) -> Tensor:
    """(M,) the probability of every trajectory."""
    return every(T).probabilities(policy(lm, x, T, theta))


@cache
def p_and_slopes(x: str, T: int, step: float = 5e-5) -> tuple[Tensor, Tensor]:
    """(M,) each trajectory's probability and (M, D) its gradient, by differences at four points."""
    lm = random_gpt2()
    theta = parameters(lm)
    p_at = vmap(lambda moved: p_of_all(lm, x, T, moved))
    shift = step * torch.eye(len(theta), dtype=torch.float64)
    near, far = (p_at(theta + n * shift) - p_at(theta - n * shift) for n in (1, 2))
    return p_of_all(lm, x, T), ((8 * near - far) / (12 * step)).T


def score(answer: Answer, T: int) -> Tensor:
    """(D,) the gradient of log p: no logarithm, no automatic differentiation."""
    p, slopes = p_and_slopes(answer[0], T)
    row = completions(T).index(answer[1])
    return slopes[row] / p[row]


def assert_close(a: Tensor, b: Tensor, tolerance: float = 1e-8) -> None:
    torch.testing.assert_close(a, b, atol=tolerance, rtol=0.0)


# The probability that the policy gives to each action of a completion: (T,).
Actions = Callable[[LM, str, Tokens], Tensor]
# The state, from the prompt, the tokens before, and the token that comes.
State = Callable[[Tokens, Tokens, int], Tokens]


def printed_state(x: Tokens, before: Tokens, token: int) -> Tokens:
    return x + before


def in_states(
    state: State = printed_state,
    p: Callable[[Tensor], Tensor] = lambda z: z.softmax(-1),
) -> Actions:
    """What follows from a notion of state, and of a policy (V,) from its logits."""

    def actions(lm: LM, x: str, y: Tokens) -> Tensor:
        found = [p(logits(lm, state(tokens(x), y[:t], token)))[token] for t, token in enumerate(y)]
        return torch.stack(found).detach()

    return actions


@torch.no_grad()
def as_on_the_page(lm: LM, x: str, y: Tokens, late: int = 0) -> Tensor:
    ids = torch.tensor([lm.encode(x) + y])
    first = len(lm.encode(x)) - 1 + late
    pi = lm.model(ids).logits[0, first : first + len(y)].softmax(-1)
    found: Tensor = pi.gather(-1, torch.tensor(y)[:, None]).squeeze(-1)
    return found


def scored(lm: LM, x: str, y: Tokens, temperature: float = 1.0) -> Tensor:
    """By alignlib, beside a longer prompt and a longer completion, so that there is padding."""
    beside = logprobs(lm, [x, "abbabab"], [y, [0, 1, 1, 0]], temperature=temperature)
    return beside.values[0, : len(y)].exp()


@cache
def drawn(x: str, T: int) -> Samples:
    return sample(random_gpt2(), [x], 3000, T, batch_size=3000, progress=False)


def as_drawn(lm: LM, x: str, y: Tokens) -> Tensor:
    """What alignlib says of a completion when it draws it."""
    row = drawn(x, 3).completions.index(y)
    return drawn(x, 3).logprobs[row, : len(y)].exp()


def words_only(z: Tensor) -> Tensor:
    """The mistake of stopping for nothing: the end of text gets no share."""
    return torch.cat([z[:END].softmax(-1), torch.ones(1, dtype=z.dtype)])


@checks(
    "text-policy",
    right={
        "as printed": in_states(),
        "as on the page, in one pass": as_on_the_page,
        "alignlib, scored": scored,
        "alignlib, sampled": as_drawn,
    },
    wrong={
        "the prompt only": in_states(lambda x, before, token: x),
        "without the prompt": in_states(lambda x, before, token: before or x),
        "without the token before": in_states(lambda x, before, token: x + before[:-1]),
        "the token before only": in_states(lambda x, before, token: (x + before)[-1:]),
        "the action in its own state": in_states(lambda x, before, token: [*x, *before, token]),
        "actions put in front": in_states(lambda x, before, token: before[::-1] + x),
        "another prompt": in_states(lambda x, before, token: [*x, 0, *before]),
        "shifted by one": lambda lm, x, y: as_on_the_page(lm, x, y, late=1),
        "the end of text is no action": in_states(p=words_only),
        "at another temperature": lambda lm, x, y: scored(lm, x, y, temperature=0.7),
        "the likeliest action's": in_states(p=lambda z: z.softmax(-1).max().expand_as(z)),
        "greedy": in_states(p=lambda z: (z == z.max()).double()),
        "not normalised": in_states(p=lambda z: z.exp()),
        "in logarithms": in_states(p=lambda z: z.log_softmax(-1)),
    },
)
def text_policy(actions: Actions) -> None:
    """Step by step in chapter 4's process; the products are how often each is drawn, together 1."""
    lm, T = random_gpt2(), 3
    tau = every(T).trajectories
    for x in DIFFERENT:
        products = []
        steps = tau.logprobs(policy(lm, x, T)).exp()
        for y, expected in zip(completions(T), steps, strict=True):
            found = actions(lm, x, y)
            assert_close(found, expected[: len(y)], 1e-12)
            products.append(found.prod().item())
        assert products == pytest.approx(p_of_all(lm, x, T).tolist(), abs=1e-12)
        assert sum(products) == pytest.approx(1.0)
        said = drawn(x, T).completions
        for y, p in zip(completions(T), products, strict=True):
            error = math.sqrt(p * (1 - p) / len(said))
            assert said.count(y) / len(said) == pytest.approx(p, abs=5 * error)


# The gradient of a trajectory's log-probability, by all parameters: (D,).
Score = Callable[[LM, str, Tokens], Tensor]


def slope(lm: LM, scalar: Tensor) -> Tensor:
    gradients = torch.autograd.grad(scalar, list(lm.model.parameters()))
    return torch.cat([each.flatten() for each in gradients])


def log_p(
    lm: LM, x: str, y: Tokens, state: State = printed_state, temperature: float = 1.0
) -> Tensor:
    """(T,) with a graph: the logarithm of the policy's probability of each action."""
    found = [
        (logits(lm, state(tokens(x), y[:t], token)) / temperature).log_softmax(-1)[token]
        for t, token in enumerate(y)
    ]
    return torch.stack(found)


def batch_of(lm: LM, answers: Sequence[Answer]) -> Batch:
    return collate(lm, [lm.encode(x) for x, _ in answers], [y for _, y in answers])


def token_by_token(lm: LM, x: str, y: Tokens) -> Tensor:
    return torch.stack([slope(lm, log_p(lm, x, y)[t]) for t in range(len(y))]).sum(0)


def in_a_batch(lm: LM, x: str, y: Tokens) -> Tensor:
    batch = batch_of(lm, [(x, y), ("abbabab", [0, 1, 1, 0])])
    return slope(lm, completion_logprobs(lm, batch)[0].sum())


def with_prompt(lm: LM, x: str, y: Tokens) -> Tensor:
    """(P - 1 + T,) the mistake of taking the prompt's tokens for actions."""
    return log_p(lm, x[:1], tokens(x)[1:] + y)


def without_end(y: Tokens) -> int:
    return len(y) - y.count(END)


@checks(
    "text-trajectory",
    right={
        "as printed": token_by_token,
        "of the completion, as printed": lambda lm, x, y: slope(lm, log_p(lm, x, y).sum()),
        "alignlib": in_a_batch,
    },
    wrong={
        "a mean over tokens": lambda lm, x, y: slope(lm, log_p(lm, x, y).mean()),
        "the last token only": lambda lm, x, y: slope(lm, log_p(lm, x, y)[-1]),
        "the first token only": lambda lm, x, y: slope(lm, log_p(lm, x, y)[0]),
        "without the end of text": lambda lm, x, y: slope(
            lm, log_p(lm, x, y)[: without_end(y)].sum()
        ),
        "the prompt's tokens too": lambda lm, x, y: slope(lm, with_prompt(lm, x, y).sum()),
        "given the prompt only": lambda lm, x, y: slope(
            lm, log_p(lm, x, y, lambda x, before, token: x).sum()
        ),
        "given nothing but the token before": lambda lm, x, y: slope(
            lm, log_p(lm, x, y, lambda x, before, token: (x + before)[-1:]).sum()
        ),
        "without the logarithm": lambda lm, x, y: slope(lm, log_p(lm, x, y).sum().exp()),
        "probabilities added": lambda lm, x, y: slope(lm, log_p(lm, x, y).exp().sum()),
        "the wrong way": lambda lm, x, y: -slope(lm, log_p(lm, x, y).sum()),
        "at another temperature": lambda lm, x, y: slope(
            lm, log_p(lm, x, y, temperature=0.7).sum()
        ),
    },
)
def text_trajectory(gradient: Score) -> None:
    """Each trajectory's probability in chapter 4's process, whose dynamics are certain."""
    lm, T = random_gpt2(), 3
    assert every(T).dynamics.eq(1.0).all()
    for x in DIFFERENT:
        for y in completions(T):
            assert_close(gradient(lm, x, y), score((x, y), T))


# J of prompts, with its standard error if it is an estimate. The completions have T = 3 tokens.
Value = Callable[[LM, Sequence[str]], tuple[float, float]]


def expectation(
    r: Callable[[str, Tokens], float] = judged,
    p: Callable[[Tensor], Tensor] = lambda values: values.sum().exp(),
    over_prompts: Callable[[list[float]], float] = fmean,
) -> Value:
    """The page's, by alignlib's scores of every completion, but for what is given."""

    def value(lm: LM, prompts: Sequence[str]) -> tuple[float, float]:
        ys, means = completions(3), []
        for x in prompts:
            rows = logprobs(lm, [x] * len(ys), ys).values  # (M, T)
            terms = [p(row[: len(y)]).item() * r(x, y) for y, row in zip(ys, rows, strict=True)]
            means.append(sum(terms))
        return over_prompts(means), 0.0

    return value


def by_sampling(lm: LM, prompts: Sequence[str], temperature: float = 1.0) -> tuple[float, float]:
    said = sample(lm, prompts, 1000, 3, temperature=temperature, batch_size=3000, progress=False)
    r = [judged(str(x), y) for x, y in zip(said.prompts, said.completions, strict=True)]
    earned = torch.tensor(r)
    return earned.mean().item(), (earned.std() / math.sqrt(len(earned))).item()


def greedy(lm: LM, prompts: Sequence[str]) -> tuple[float, float]:
    said = sample(lm, prompts, max_new_tokens=3, temperature=0.0).completions
    return fmean(judged(x, y) for x, y in zip(prompts, said, strict=True)), 0.0


def best_of_two(lm: LM, prompts: Sequence[str]) -> tuple[float, float]:
    values = []
    for x in prompts:
        r = torch.tensor([judged(x, y) for y in completions(3)], dtype=torch.float64)
        p = p_of_all(lm, x, 3)
        values.append(float(p @ torch.maximum(r[:, None], r) @ p))
    return fmean(values), 0.0


@checks(
    "text-objective",
    right={"alignlib, scored": expectation(), "alignlib, sampled": by_sampling},
    wrong={
        "a sum over prompts": expectation(over_prompts=sum),
        "one prompt only": expectation(over_prompts=lambda values: values[0]),
        "each different prompt alike": lambda lm, prompts: expectation()(lm, sorted(set(prompts))),
        "every completion alike": expectation(p=lambda values: torch.tensor(1 / 15)),
        "log p": expectation(p=lambda values: values.sum()),
        "a token's mean probability": expectation(p=lambda values: values.exp().mean()),
        "at another temperature": lambda lm, prompts: by_sampling(lm, prompts, 0.5),
        "what is greedy": greedy,
        "the better of two": best_of_two,
        "without those cut off": expectation(r=lambda x, y: judged(x, y) * (END in y)),
        "a judge who does not see the prompt": expectation(r=lambda x, y: judged("b", y)),
        "the reward of each beginning, too": expectation(
            r=lambda x, y: sum(judged(x, y[: t + 1]) for t in range(len(y)))
        ),
        "the reward at every token": expectation(r=lambda x, y: judged(x, y) * len(y)),
        "the reward over the tokens": expectation(r=lambda x, y: judged(x, y) / len(y)),
    },
)
def text_objective(value: Value) -> None:
    """Against chapter 4's recursion: what a token is worth, from the last step to the first."""
    lm, T = random_gpt2(), 3
    J = fmean(expected_return(process(x, T), policy(lm, x, T)).item() for x in PROMPTS)
    found, error = value(lm, PROMPTS)
    assert error < 0.05
    assert abs(found - J) <= 5 * error + 1e-10


# The gradient's estimate, from N answers and their rewards (N,): (D,).
Estimate = Callable[[LM, Sequence[Answer], Tensor], Tensor]


def by_alignlib(
    lm: LM,
    answers: Sequence[Answer],
    r: Tensor,
    *,
    mean_over: MeanOver = "trajectories",
    credit: Credit = "reward-to-go",
    temperature: float = 1.0,
    padding: bool = False,
) -> Tensor:
    batch = batch_of(lm, answers)
    logprobs = completion_logprobs(lm, batch, temperature=temperature)
    mask = batch.completion_mask
    if padding:
        mask = torch.ones_like(mask)
        logprobs = completion_logprobs(lm, replace(batch, completion_mask=mask))
    rewards = at_the_end(r, mask)
    loss = policy_gradient_loss(logprobs, rewards, mask, credit=credit, mean_over=mean_over)
    return -slope(lm, loss)


def in_training(lm: LM, answers: Sequence[Answer], r: Tensor) -> Tensor:
    """As reinforce puts it together, over passes of two completions."""
    batch = batch_of(lm, answers)
    samples = Samples(
        prompts=[x for x, _ in answers],
        texts=[lm.decode(y) for _, y in answers],
        tokens=batch.completion_ids,
        mask=batch.completion_mask,
        logprobs=completion_logprobs(lm, batch).detach(),
        finished=torch.tensor([y[-1] == END for _, y in answers]),
    )
    plain = Objective(baseline="none")
    credited = weights(at_the_end(r, samples.mask), samples, plain)
    parts = losses(lm, samples, credited, plain, rows_at_once=2)
    return -slope(lm, torch.stack([*parts]).sum())


def of_each(
    of_one: Callable[[Tensor], Tensor] = torch.sum,
    values: Callable[[LM, str, Tokens], Tensor] = log_p,
    r: Callable[[Tensor], Tensor] = lambda r: r,
) -> Estimate:
    """The page's, but for what is made of a completion's log-probabilities, or of the rewards."""

    def estimate(lm: LM, answers: Sequence[Answer], rewards: Tensor) -> Tensor:
        terms = torch.stack([of_one(values(lm, x, y)) for x, y in answers])
        return slope(lm, (r(rewards) * terms).mean())

    return estimate


def sums_as_printed(lm: LM, answers: Sequence[Answer], r: Tensor) -> Tensor:
    terms = [
        weight * slope(lm, log_p(lm, x, y)[t])
        for weight, (x, y) in zip(r, answers, strict=True)
        for t in range(len(y))
    ]
    return torch.stack(terms).sum(0) / len(answers)


def prompts_mixed_up(lm: LM, answers: Sequence[Answer], r: Tensor) -> Tensor:
    prompts = [x for x, _ in answers]
    others = prompts[1:] + prompts[:1]
    return by_alignlib(lm, [(x, y) for x, (_, y) in zip(others, answers, strict=True)], r)


@checks(
    "text-reinforce",
    right={
        "alignlib": by_alignlib,
        "alignlib, the whole return": lambda lm, answers, r: by_alignlib(
            lm, answers, r, credit="whole return"
        ),
        "alignlib, in training": in_training,
        "as printed": sums_as_printed,
    },
    wrong={
        "without 1/N": lambda lm, answers, r: by_alignlib(lm, answers, r, mean_over="nothing"),
        "over all tokens": lambda lm, answers, r: by_alignlib(lm, answers, r, mean_over="steps"),
        "a mean over each completion's tokens": of_each(torch.mean),
        "the last token only": of_each(lambda values: values[-1]),
        "the first token only": of_each(lambda values: values[0]),
        "without the end of text": of_each(
            values=lambda lm, x, y: log_p(lm, x, y)[: without_end(y)]
        ),
        "the prompt's tokens too": of_each(values=with_prompt),
        "given the prompt only": of_each(
            values=lambda lm, x, y: log_p(lm, x, y, lambda x, before, token: x)
        ),
        "downhill": of_each(r=torch.neg),
        "without the reward": of_each(r=torch.ones_like),
        "the mean reward for all": of_each(r=lambda r: r.mean().expand_as(r)),
        "the mean reward subtracted": of_each(r=lambda r: r - r.mean()),
        "another one's reward": of_each(r=lambda r: r.roll(1)),
        "the reward's size": of_each(r=torch.abs),
        "without the logarithm": of_each(lambda values: values.sum().exp()),
        "padding counted": lambda lm, answers, r: by_alignlib(lm, answers, r, padding=True),
        "prompts mixed up": prompts_mixed_up,
        "at another temperature": lambda lm, answers, r: by_alignlib(
            lm, answers, r, temperature=0.7
        ),
    },
)
def text_reinforce(estimate: Estimate) -> None:
    """On average over every prompt and completion, the slope of J; from several, a mean."""
    lm, T = random_gpt2(), 2
    slope_of_j, average, alone = torch.zeros(()), torch.zeros(()), {}
    for x in DIFFERENT:
        share = PROMPTS.count(x) / len(PROMPTS)
        p, slopes = p_and_slopes(x, T)
        for y, p_y, slope_y in zip(completions(T), p, slopes, strict=True):
            r = torch.tensor([judged(x, y)], dtype=torch.float64)
            alone[x, tuple(y)] = estimate(lm, [(x, y)], r)
            average = average + share * p_y * alone[x, tuple(y)]
            slope_of_j = slope_of_j + share * slope_y * r
    assert_close(average, slope_of_j)
    answers = [("ab", [1, END]), ("babba", [END]), ("babba", [1, 1]), ("ab", [1, 0]), ("ab", [END])]
    rewards = torch.tensor([judged(x, y) for x, y in answers], dtype=torch.float64)
    mean = torch.stack([alone[x, tuple(y)] for x, y in answers]).mean(0)
    assert_close(estimate(lm, answers, rewards), mean)


# What a step of size alpha along the estimate of one rewarded answer adds to its log p.
Change = Callable[[LM, Answer, float, float], float]


def squared(lm: LM, answer: Answer) -> float:
    """The squared length of the gradient of log p."""
    return slope(lm, log_p(lm, *answer).sum()).square().sum().item()


def along_the_step(lm: LM, answer: Answer, r: float, alpha: float) -> float:
    """The slope of alignlib's loss of chapter 3 along alignlib's estimate of this chapter."""
    g = by_alignlib(lm, [answer], torch.tensor([r], dtype=torch.float64))
    return alpha * float(g @ -slope(lm, sft_loss(lm, batch_of(lm, [answer]), tokens=1)))


@cache
def change_of_a_step(x: str, y: tuple[int, ...], r: float, alpha: float) -> float:
    """What it does to log p."""
    lm, T = random_gpt2(), 3
    g = r * score((x, [*y]), T)
    moved, before = (p_of_all(lm, x, T, parameters(lm) + by * g) for by in (alpha, 0.0))
    row = completions(T).index([*y])
    return (moved[row].log() - before[row].log()).item()


def each_token_alone(lm: LM, answer: Answer) -> float:
    x, y = answer
    return sum(slope(lm, log_p(lm, x, y)[t]).square().sum().item() for t in range(len(y)))


@checks(
    "one-step",
    right={
        "as printed": lambda lm, answer, r, alpha: alpha * r * squared(lm, answer),
        "alignlib, along the step": along_the_step,
    },
    wrong={
        "not squared": lambda lm, answer, r, alpha: alpha * r * math.sqrt(squared(lm, answer)),
        "without the sign": lambda lm, answer, r, alpha: alpha * abs(r) * squared(lm, answer),
        "the wrong way": lambda lm, answer, r, alpha: -alpha * r * squared(lm, answer),
        "without r": lambda lm, answer, r, alpha: alpha * squared(lm, answer),
        "r squared": lambda lm, answer, r, alpha: alpha * r * r * squared(lm, answer),
        "r added": lambda lm, answer, r, alpha: alpha * (r + squared(lm, answer)),
        "without alpha": lambda lm, answer, r, alpha: r * squared(lm, answer),
        "alpha squared": lambda lm, answer, r, alpha: alpha**2 * r * squared(lm, answer),
        "half of it": lambda lm, answer, r, alpha: alpha * r * squared(lm, answer) / 2,
        "a mean over parameters": lambda lm, answer, r, alpha: (
            alpha * r * squared(lm, answer) / len(parameters(lm))
        ),
        "a sum over parameters, not squared": lambda lm, answer, r, alpha: (
            alpha * r * slope(lm, log_p(lm, *answer).sum()).abs().sum().item()
        ),
        "each token's gradient alone": lambda lm, answer, r, alpha: (
            alpha * r * each_token_alone(lm, answer)
        ),
        "a mean over tokens": lambda lm, answer, r, alpha: (
            alpha * r * squared(lm, answer) / len(answer[1])
        ),
        "of p, not of its logarithm": lambda lm, answer, r, alpha: (
            alpha * r * slope(lm, log_p(lm, *answer).sum().exp()).square().sum().item()
        ),
        "the change of p": lambda lm, answer, r, alpha: (
            alpha * r * squared(lm, answer) * log_p(lm, *answer).sum().exp().item()
        ),
    },
)
def one_step(change: Change) -> None:
    """Taken, with smaller and smaller alpha: what is left over shrinks as fast as alpha."""
    for x, y in (("ab", (1, 0, END)), ("babba", (0, 1, 1)), ("babba", (END,))):
        for r in (1.0, 0.4, -1.0, -2.5):
            errors = []
            for alpha in (1e-5, 1e-6, 1e-7):
                taken = change_of_a_step(x, y, r, alpha)
                assert taken * r > 0
                errors.append(abs(change(random_gpt2(), (x, [*y]), r, alpha) / taken - 1))
            assert errors[-1] < 1e-3
            assert errors[1] < errors[0] / 5
            assert errors[2] < errors[1] / 5


def supervised(
    tokens: int | None = 1, weight: Callable[[Tensor], Tensor] = lambda r: r / len(r)
) -> Estimate:
    """Chapter 3's loss of each answer alone, divided by so many tokens, weighted and added."""

    def estimate(lm: LM, answers: Sequence[Answer], r: Tensor) -> Tensor:
        parts = [sft_loss(lm, batch_of(lm, [answer]), tokens=tokens) for answer in answers]
        return -slope(lm, (weight(r) * torch.stack(parts)).sum())

    return estimate


@checks(
    "weighted-likelihood",
    right={
        "alignlib, finetuning": supervised(),
        "alignlib, the policy gradient": by_alignlib,
        "as printed": of_each(),
    },
    wrong={
        "over the rewards' sum": supervised(weight=lambda r: r / r.sum()),
        "over the rewards' size": supervised(weight=lambda r: r / r.abs().sum()),
        "without 1/N": supervised(weight=lambda r: r),
        "over each answer's tokens": supervised(tokens=None),
        "over all tokens": lambda lm, answers, r: by_alignlib(lm, answers, r, mean_over="steps"),
        "without the rewards": supervised(weight=lambda r: torch.ones_like(r) / len(r)),
        "the rewards' size": supervised(weight=lambda r: r.abs() / len(r)),
        "without those below 0": supervised(weight=lambda r: r.clamp(min=0) / len(r)),
        "the right ones alike": supervised(weight=lambda r: (r > 0) / len(r)),
        "a softmax of the rewards": supervised(weight=lambda r: r.softmax(-1)),
        "a minus too few": supervised(weight=lambda r: -r / len(r)),
        "likelihoods": of_each(lambda values: values.sum().exp()),
        "the likelihood of all, times the mean": of_each(r=lambda r: r.mean().expand_as(r)),
        "the prompt's tokens too": of_each(values=with_prompt),
        "without the end of text": of_each(
            values=lambda lm, x, y: log_p(lm, x, y)[: without_end(y)]
        ),
    },
)
def weighted_likelihood(estimate: Estimate) -> None:
    """REINFORCE's estimate, for any rewards; with 0 and 1, finetuning on the right answers."""
    lm, T = random_gpt2(), 3
    answers = [("ab", [1, 0, END]), ("babba", [END]), ("babba", [1, 1, 1]), ("ab", [0, END])]
    scores = torch.stack([score(each, T) for each in answers])  # (N, D)
    for r in ([1.5, -0.5, 0.3, -2.0], [0.7, 2.0, 0.0, 1.1], [-1.0, -0.2, -3.0, -0.4]):
        rewards = torch.tensor(r, dtype=torch.float64)
        assert_close(estimate(lm, answers, rewards), rewards @ scores / len(answers))
    found = estimate(lm, answers, torch.tensor([1.0, 0.0, 0.0, 1.0], dtype=torch.float64))
    right = sft_loss(lm, batch_of(lm, [answers[0], answers[3]]), tokens=len(answers))
    assert_close(found, -slope(lm, right))
