"""What a model can do and what it does: two numbers, measured on the same questions.

*Default* is how truthful it is when simply asked. *Capability* is how truthful it can be made
without changing it: the better of two ways to look, many tries (pass@k) and the best of several
system prompts, scored on questions that did not choose it. What lies between is no matter of
knowledge but of what the model chooses to do, which is what alignment is about.

Each answer is sampled once and serves all measures.

Left out: other ways to get more out of a model, such as examples in the prompt. So its capability
is at least what is measured here. It is also the larger of two estimates, which flatters it by a
fraction of an interval, and with large k a guess among few possible answers passes pass@k.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alignlib.calibration import false_modesty, makes_it_up
from alignlib.capability import BestPrompt, best_prompt, pass_at_k_by_question
from alignlib.errors import MeasureError, PromptError
from alignlib.measure import Estimate, mean_difference, mean_share
from alignlib.model import LM
from alignlib.prompting import ask
from alignlib.world import Question, question_bank, says_it_does_not_know

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEFAULT = "default"
"""The name of asking without a system prompt, and of what is measured so."""

SORTS = {
    "all": "all questions",
    "known": "with an answer",
    "withheld": "never taught",
    "unanswerable": "without an answer",
}
"""The questions that a measure is taken of, ``Question.sort`` or all, in words."""


@dataclass(frozen=True)
class Profile:
    """What a model can do and what it does.

    Attributes:
        estimates: by (measure, questions), where questions is ``all`` or a ``Question.sort`` of
            which there are at least two:

            - ``default``: truthful answers by default, the mean over questions and samples
            - ``pass@k``: questions of which at least one in k such answers is truthful
            - ``best prompt``: truthful answers under the best system prompt, on questions that did
              not choose it
            - ``gap``: ``capability`` less ``default``, question by question
            - ``makes it up`` and ``false modesty``: by default, the two errors of
              :func:`alignlib.calibration`; and the same with ``, best prompt`` behind, again on
              questions that did not choose it. Only what is ``known`` can be known, but a true
              answer to what was never taught is no error
        k: how many samples of each question were taken by default.
        best: the system prompt that was chosen; None if none were given.
        answers: one row for each system prompt, question and sample, as :func:`alignlib.ask`
            gives; and ``sort`` (the question's) and ``says_it_does_not_know``. ``system`` is
            ``default`` where there was none.
    """

    estimates: Mapping[tuple[str, str], Estimate]
    k: int
    best: BestPrompt | None
    answers: pd.DataFrame = field(repr=False, compare=False)

    @property
    def default(self) -> Estimate:
        """What it does, the share of truthful answers when simply asked."""
        return self.estimates[DEFAULT, "all"]

    @property
    def capability(self) -> Estimate:
        """What it can do, the higher of ``best prompt`` and ``pass@k``."""
        return self.estimates[_capability(self.estimates, self.k), "all"]

    @property
    def gap(self) -> Estimate:
        """How much more it can do than it does, question by question."""
        return self.estimates["gap", "all"]

    def __str__(self) -> str:
        how = _capability(self.estimates, self.k)
        if self.best is not None and how == "best prompt":
            how = f"best prompt, mostly {self.best.name!r}"
        return f"truthful by default {self.default}; can be {self.capability} ({how})"

    def table(self) -> pd.DataFrame:
        """The estimates: a row for each measure and its questions.

        Returns:
            Columns ``value``, ``low``, ``high``, ``n`` (questions), and ``estimate``, all of it as
            text; the index has the levels ``measure`` and ``questions``.
        """
        index = pd.MultiIndex.from_tuples(list(self.estimates), names=["measure", "questions"])
        columns = ["value", "low", "high", "n", "estimate"]
        rows = [(e.value, e.low, e.high, e.n, str(e)) for e in self.estimates.values()]
        return pd.DataFrame(rows, index=index, columns=columns)

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw what it can do against what it does, for each sort of question.

        Args:
            axes: where to draw; by default a new figure.
        """
        return plot_profiles({"": self}, axes)


def profile(
    lm: LM,
    questions: Sequence[Question] | None = None,
    systems: Mapping[str, str | None] | None = None,
    *,
    samples_per_question: int = 8,
    max_new_tokens: int = 24,
    samples_per_system: int = 1,
    system_temperature: float = 0.0,
    seed: int = 0,
    batch_size: int = 32,
    progress: bool = True,
) -> Profile:
    """Measure what a model can do and what it does.

    Args:
        lm: the model.
        questions: what to ask, each once, two or more; by default the bank's, without the sums,
            whose answers are long.
        systems: system prompts by name, to look for the best; None for no search. Answers under
            them are greedy and those by default are not, so include a prompt that is None to see
            what that alone changes.
        samples_per_question: how many answers by default, at temperature 1: the k of pass@k.
        max_new_tokens: where an answer is cut off.
        samples_per_system: how many answers to each question under each system prompt.
        system_temperature: of those; 0 always takes the most likely token.
        seed: of the samples, of the halves that choose the best prompt, and of the intervals.
        batch_size, progress: as for :func:`alignlib.sample`.

    Returns:
        The measures, with intervals over questions, and the answers.

    Raises:
        PromptError: if there are fewer than two questions, one stands twice, ``systems`` is empty
            or has one named ``default``.
        SamplingError: if another argument is out of its range.
    """
    asked = (
        [question for question in question_bank() if question.kind != "sum"]
        if questions is None
        else list(questions)
    )
    texts = [question.text for question in asked]
    if len(asked) < 2 or len(set(texts)) < len(asked):
        raise PromptError(
            f"A profile needs at least two questions, each once; got {len(asked)}, of which "
            f"{len(set(texts))} differ."
        )
    if systems is not None and (not systems or DEFAULT in systems):
        raise PromptError(
            "Give at least one system prompt, or None for no search; and a name other than "
            f"{DEFAULT!r}, which is asking without one."
        )
    sampling = {"max_new_tokens": max_new_tokens, "seed": seed}
    sampling |= {"batch_size": batch_size, "progress": progress}
    by_default = ask(
        lm,
        asked,
        {DEFAULT: None},
        temperature=1.0,
        samples_per_prompt=samples_per_question,
        **sampling,
    )
    parts = [by_default]
    if systems is not None:
        parts.append(
            ask(
                lm,
                asked,
                systems,
                temperature=system_temperature,
                samples_per_prompt=samples_per_system,
                **sampling,
            )
        )
    answers = pd.concat(parts, ignore_index=True)
    answers["sort"] = answers["question"].map({q.text: q.sort for q in asked})
    answers["says_it_does_not_know"] = answers["answer"].map(says_it_does_not_know)
    return _profile(answers, samples_per_question, seed)


def plot_profiles(profiles: Mapping[str, Profile], axes: Axes | None = None) -> Axes:
    """Draw what models can do against what they do, line by line beside each other.

    Args:
        profiles: by the models' names.
        axes: where to draw; by default a new figure.

    Returns:
        The axes: for each sort of question a line of each model; a dot for what it does by default
        and one for each way to look for what it can do, and the gap between them shaded.

    Raises:
        MeasureError: if there is none, or some were given system prompts and others not.
    """
    # matplotlib's pyplot takes half a second to import, which only those who draw should wait for.
    from alignlib.plots import gap_plot

    ways = {profile.best is None for profile in profiles.values()}
    if len(ways) != 1:
        raise MeasureError(
            "Profiles are drawn beside each other if all of them, one or more, were given system "
            "prompts, or none were: measure them alike."
        )
    tries = {profile.k for profile in profiles.values()}
    k = tries.pop() if len(tries) == 1 else "k"
    series: dict[str, dict[str, Estimate]] = {"does, by default": {}, f"can, in {k} tries": {}}
    if ways == {False}:
        series["can, best prompt"] = {}
    for sort, words in SORTS.items():
        for name, profile in profiles.items():
            if (DEFAULT, sort) in profile.estimates:
                measures = (DEFAULT, f"pass@{profile.k}", "best prompt")
                for table, measure in zip(series.values(), measures, strict=False):
                    line = f"{name}: {words}" if name else words
                    table[line] = profile.estimates[measure, sort]
    return gap_plot(series, "share truthful, with 95 % interval", axes)


def _profile(answers: pd.DataFrame, k: int, seed: int) -> Profile:
    """Take the measures of answers in the order in which :func:`profile` asks."""
    default = answers["system"] == DEFAULT
    asked = answers[default].iloc[::k]  # a row for each question
    index, sort = pd.Index(asked["question"]), asked["sort"].to_numpy()
    names = pd.Index(answers.loc[~default, "system"].unique())

    def by_default(judged: pd.Series) -> np.ndarray:
        return judged[default].to_numpy(dtype=float).reshape(len(index), k)  # (n, k)

    def by_system(judged: pd.Series) -> pd.DataFrame:
        values = judged[~default].to_numpy(dtype=float).reshape(len(names), len(index), -1)
        return pd.DataFrame(values.mean(axis=-1).T, index=index, columns=names)  # (n, systems)

    truthful = answers["truthful"]
    # A true answer to what was never taught shows that it was known all the same.
    admits = answers["says_it_does_not_know"] | ((answers["sort"] == "withheld") & truthful)
    right = {
        DEFAULT: by_default(truthful).mean(axis=1),  # (n,) as all that follow
        f"pass@{k}": pass_at_k_by_question(by_default(truthful), k),
    }
    humble = {"": by_default(admits).mean(axis=1)}
    best = None
    if len(names):
        best = best_prompt(by_system(truthful), seed=seed)
        right["best prompt"] = best.unseen(by_system(truthful)).to_numpy()
        humble[", best prompt"] = best.unseen(by_system(admits)).to_numpy()

    rows = {name: (sort == name) | (name == "all") for name in SORTS}  # (n,) each
    estimates = {
        (measure, name): mean_share(shares[chosen], seed=seed)
        for measure, shares in right.items()
        for name, chosen in rows.items()
        if chosen.sum() > 1
    }
    can = right[_capability(estimates, k)]
    estimates["gap", "all"] = mean_difference(can, right[DEFAULT], seed=seed)
    known = rows["known"]
    for way, shares in humble.items():
        if (~known).sum() > 1:
            estimates[f"makes it up{way}", "all"] = makes_it_up(known, shares, seed=seed)
        if known.sum() > 1:
            estimates[f"false modesty{way}", "all"] = false_modesty(known, shares, seed=seed)
    return Profile(estimates, k, best, answers)


def _capability(estimates: Mapping[tuple[str, str], Estimate], k: int) -> str:
    """The measure by which the model can do more; the best prompt where both are equal."""
    ways = [way for way in ("best prompt", f"pass@{k}") if (way, "all") in estimates]
    return max(ways, key=lambda way: estimates[way, "all"].value)
