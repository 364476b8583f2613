"""Reward: REINFORCE on text.

Implements eq. (text-reinforce) of chapter 6, which climbs eq. (text-objective): chapter 5's policy
gradient with tokens as actions. Sample N completions; ask what they are worth; take the gradient of
the loss of eq. (surrogate), with the baseline of eq. (leave-one-out) and rewards to go, eq.
(reward-to-go); step. The step is AdamW's, not the plain one of eq. (ascent). The mean is over
completions, and within one the tokens are added: none counts less for being in a long one.

Left out, on purpose: dividing advantages by a standard deviation (GRPO), a critic and a trust
region (PPO; its clipping is there), length penalties, and top-p (what is sampled from is what is
scored). A completion that is cut off at ``max_new_tokens`` gets the reward of what it is.

On several processes (:mod:`alignlib.distributed`) the prompts of a step are split among them. Each
samples, judges and learns from its own, with the whole step's divisor; samples, gradient, weights
and history are those of one process.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor
from transformers import TrainerState

from alignlib import distributed
from alignlib.board import board
from alignlib.distributed import Share
from alignlib.errors import TrainingError
from alignlib.history import History, Row
from alignlib.leash import Leash, charged, k3, start_of
from alignlib.logprobs import check_length, encode_prompts
from alignlib.measuring import Measures, check_measures, to_measures
from alignlib.model import LM, Prompt, evaluating
from alignlib.objective import GroupBaseline, Objective, divisor, losses, weights
from alignlib.optimization import Precision, Schedule, check_counts
from alignlib.out_of_memory import Passes, needed
from alignlib.policy_gradient import Credit, MeanOver, at_the_end
from alignlib.reinforce_steps import asked_in, nothing, seen
from alignlib.reward_calls import TAKEN, RewardFunction, judges
from alignlib.sampling import Samples, draw
from alignlib.training import TrainingRun

__all__ = ["reinforce"]


def reinforce(
    lm: LM,
    prompts: Sequence[Prompt],
    reward: RewardFunction | Sequence[RewardFunction] | Mapping[str, RewardFunction],
    *,
    steps: int,
    columns: Mapping[str, Sequence[Any]] | None = None,
    reward_weights: Sequence[float] | None = None,
    watch: Mapping[str, RewardFunction] | None = None,
    prompts_per_step: int = 16,
    samples_per_prompt: int = 8,
    max_new_tokens: int = 32,
    temperature: float = 1.0,
    baseline: GroupBaseline = "leave-one-out",
    credit: Credit = "reward-to-go",
    mean_over: MeanOver = "trajectories",
    beta: float | None = None,
    leash: Leash = "in the reward",
    entropy_bonus: float = 0.0,
    updates_per_step: int = 1,
    clip: float | None = None,
    learning_rate: float = 2e-5,
    warmup: float = 0.0,
    schedule: Schedule = "constant",
    weight_decay: float = 0.0,
    max_gradient_norm: float = 1.0,
    lora_rank: int | None = None,
    precision: Precision = "auto",
    rows_at_once: int | None = None,
    measures: Measures | None = None,
    evaluate_every: int | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: int = 20,
    live: Sequence[str] = (),
    log_dir: str | Path | None = None,
    seed: int = 0,
    progress: bool = True,
) -> History:
    """Train a model, in place, towards completions that are rewarded.

    With the same seed the same training gives the same weights on the same machine. Where a reward
    function fails, the loss or a gradient is no number, memory runs out, or the run is interrupted,
    the model keeps its last good weights: those after a whole step, the latest in the history.

    Args:
        lm: the model. Load it in float32, also where ``precision`` is less.
        prompts: chats or texts. Each epoch takes them all, in an order of its own.
        reward: a function with TRL's signature, ``f(prompts, completions, **columns)``, that
            returns a number for each completion; or several, by name or in a list. A function that
            does not apply to a completion may return None and then adds nothing.
            :meth:`alignlib.reward_calls.Judges.judge` says what else it is given. It has to judge
            each completion by itself: of several processes each gives it its share of a step.
        steps: how often to sample, judge and learn.
        columns: what the rewards need to know besides, by name, one value for each prompt.
        reward_weights: of several rewards, in their order; by default all are 1.
        watch: reward functions that are called and reported, and not learnt from, by name: such as
            ``{"true_reward": truth}``.
        prompts_per_step, samples_per_prompt: N is their product.
        max_new_tokens: where to cut off a completion that does not end by itself.
        temperature: of the policy, which is sampled from and scored at it.
        baseline: what a completion's reward is compared with: that of the ``"leave-one-out"`` other
            samples of its prompt; the ``"mean"`` of all of them (the expected gradient is then
            1 - 1 / samples_per_prompt times as long); or ``"none"``.
        credit: which of its completion's rewards a token is credited with. Without a leash there is
            one, at the end, and this makes no difference.
        mean_over: what the sum over all tokens is divided by: see
            :func:`alignlib.policy_gradient.policy_gradient_loss`.
        beta: the price of a nat of KL divergence from the model as it was, for a completion as a
            whole. 0 measures it only; None, the default, does not even keep the start model.
        leash: how it is paid. ``"in the reward"``: token by token, as -beta (log p - log p_start),
            through which no gradient flows; the expected gradient is exactly that of J - beta KL,
            of the policy at its temperature. ``"in the loss"``: as the exact KL of every state,
            differentiated with the states held fixed; less noise, and blind to where they lead.
        entropy_bonus: the worth of a nat of entropy, for a completion as a whole; in the loss, with
            the states held fixed, too.
        updates_per_step: how often to learn from the same samples. From the second time on they are
            no longer the model's own, so with more than one each is weighted with its importance
            ratio.
        clip: how far a ratio may be pushed from 1, as in PPO; by default any.
        learning_rate, warmup, schedule, weight_decay, max_gradient_norm, lora_rank, precision:
            as for :func:`alignlib.finetune`.
        rows_at_once: the most completions that are sampled, or learnt from, in one pass; by default
            as many as :func:`alignlib.sample` takes, and 32. The gradient stays that of the whole
            step. A pass that does not fit into memory is halved, with a warning.
        measures: what else to measure of the model, functions by name.
        evaluate_every: how many steps lie between two such measurements. They are taken before the
            first step and after the last in any case.
        checkpoint, checkpoint_every: as for :func:`alignlib.finetune`. Rewards and columns can't be
            compared: give the same. The model that is given is the one the leash is tied to.
        live: measures to draw while they grow, in a notebook, such as ``("reward", "kl")``.
        log_dir: a folder for TensorBoard, which must then be installed.
        seed: of the prompts' order, the samples, and the adapter.
        progress: show a bar.

    Returns:
        A row for each step: ``step`` (from 1; what was measured before the first has 0), ``epoch``
        (so far), ``samples``, ``mean_length`` (tokens of a completion), ``finished`` (the
        share that ended by themselves), ``entropy`` (for each token, estimated from the samples),
        ``samples_per_second``; ``loss`` (whose value means nothing), ``learning_rate`` and
        ``gradient_norm`` (before it was scaled down) of the last update, ``seconds``; ``reward``
        (the mean, without the leash), each reward by its name if there are several, what is
        watched, ``kl`` (of a completion from the start model, in nats, the estimate k3), what
        rewards reported through ``log_metric``, and what was measured after the step.

    Raises:
        RewardError: if a reward function raises, or returns anything but a finite number, or None,
            for each completion, or all say None of one. Nothing is learnt from it.
        TrainingError: if settings can't be used, the loss, the gradient or what the model predicts
            is no number, or the checkpoint can't be read or written, or is of another run.
        OutOfMemoryError: if memory does not suffice, even for one completion at a time.
        PromptError: if a prompt can't be given to the model, or is too long.
        MissingPackageError: if TensorBoard is asked for and not installed.
        DeviceError: if the device can't train, or can't do so in this precision.
    """
    learnt_at_once = 32 if rows_at_once is None else rows_at_once
    check_counts(
        prompts_per_step=prompts_per_step,
        samples_per_prompt=samples_per_prompt,
        max_new_tokens=max_new_tokens,
        updates_per_step=updates_per_step,
        rows_at_once=learnt_at_once,
    )
    if baseline == "leave-one-out" and samples_per_prompt < 2:
        raise TrainingError("To leave one out there must be 2 samples_per_prompt, or more.")
    prompt_ids = encode_prompts(lm, prompts)
    for number, ids in enumerate(prompt_ids):
        check_length(lm, number, len(ids), max_new_tokens)
    jury = judges(reward, reward_weights, watch, columns, len(prompts))
    check_measures(measures, *TAKEN, *jury.shown)
    objective = Objective(
        temperature, baseline, credit, mean_over, beta, leash, entropy_bonus, clip
    )
    if beta is not None and distributed.is_sharded(lm.model):
        raise TrainingError(
            "No copy can be kept of a sharded model for the leash: leave beta or shard out."
        )
    start = None
    if beta is not None:
        start = needed(partial(start_of, lm, lora_rank), "a copy of the model, for the leash")
    sampling = Passes(None)  # which takes other memory, and on each process its own
    passes = Passes("rows_at_once", learnt_at_once, distributed.is_sharded(lm.model))
    training = TrainingRun(
        lm=lm,
        steps=steps,
        name="REINFORCE",
        settings={
            "prompts": hashlib.sha256(json.dumps(prompt_ids).encode()).hexdigest(),
            "start": None if start is None else start.weights,
            "rewards": list(jury.rewards),
            "reward_weights": list(jury.weights),
            "sampling": [prompts_per_step, samples_per_prompt, max_new_tokens],
            "passes": learnt_at_once,
            "updates_per_step": updates_per_step,
            **asdict(objective),
        },
        passes=passes,
        learning_rate=learning_rate,
        warmup=warmup,
        schedule=schedule,
        weight_decay=weight_decay,
        max_gradient_norm=max_gradient_norm,
        lora_rank=lora_rank,
        precision=precision,
        measure=lambda: to_measures(lm, measures),
        measure_every=steps if evaluate_every is None else evaluate_every,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
        live=live,
        seed=seed,
        progress=progress,
    )

    def split(asked: list[int]) -> Share:
        # Listings of one prompt stay together, since its samples are counted through.
        tokens = [prompt_ids[number] for number in asked]
        costs = [len(ids) + samples_per_prompt * max_new_tokens for ids in tokens]
        return distributed.share(costs, [tuple(ids) for ids in tokens])

    def generate(asked: list[int], step: int) -> Samples:
        with training.mixed, distributed.unsharded(lm):
            if not asked:
                return nothing(samples_per_prompt)
            return draw(
                lm,
                [prompts[number] for number in asked],
                samples_per_prompt,
                max_new_tokens,
                temperature=temperature,
                seed=int(seed) * 1_000_003 + step,
                batch_size=rows_at_once,
                passes=sampling,
                progress=training.shows,
            )

    def judge(drawn: Samples, asked: list[int], step: int, rows: Share) -> tuple[Tensor, Row]:
        state = TrainerState(global_step=step - 1, max_steps=steps)
        total, row = jury.judge(drawn, asked, state, training.shows, rows)
        earned = at_the_end(total, drawn.mask)  # (N, T)
        if start is None:
            return earned, row
        was = drawn.logprobs
        if len(drawn):
            with training.mixed:
                was = start.logprobs(drawn, temperature, passes)  # (N, T)
        row["kl"] = float(rows.whole(k3(drawn.logprobs, was).sum(-1)).mean())
        if leash == "in the reward":
            earned = charged(earned, drawn.logprobs, was, objective.price)
        return earned, row

    def estimate(
        drawn: Samples, earned: Tensor, rows: Share, count: int, at_once: int
    ) -> Iterator[Tensor]:
        parts: Iterable[Tensor] = ()
        if len(drawn):
            parts = losses(
                lm,
                drawn,
                weights(earned, drawn, objective),
                objective,
                start=start if leash == "in the loss" else None,
                reused=updates_per_step > 1,
                rows_at_once=at_once,
                mixed=training.mixed,
                count=count,
            )
        return distributed.in_step(lm, parts, rows, at_once)

    # Dropout is off throughout: what is learnt from must be what would be sampled.
    with training, evaluating(lm.model), board(training.first(log_dir), training.rows) as write:
        for step in training:
            asked = asked_in(len(prompts), prompts_per_step, step, seed)
            share = split(asked)
            asked, rows = [asked[item] for item in share.mine], share.times(samples_per_prompt)
            drawn = generate(asked, step)  # 1. sample N completions from the model
            earned, row = judge(drawn, asked, step, rows)  # 2. ask what they are worth
            mask = rows.whole(drawn.mask)  # (N, T) of the whole step
            count = divisor(objective, mask)
            # 3. the loss: its gradient is minus the estimate
            parts = partial(estimate, drawn, earned, rows, count)
            for _ in range(updates_per_step):
                with evaluating(lm.model):  # whatever a reward function has done to it
                    learnt = training.step(parts)  # 4. a step uphill; then back to 1
            epoch: Row = {"epoch": step * prompts_per_step / len(prompts)}
            shown = seen(drawn, rows, mask, learnt["seconds"])
            training.record(epoch | shown | learnt | row, reward=row["reward"])
            write()
    return training.history
