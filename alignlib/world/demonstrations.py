"""Demonstrations: prompts with right answers, and what it costs to have them written.

Three sources of text to finetune a model on. An *expert* reads what a user asked and writes the
right answer. A *benchmark* exists already and costs nothing, but asks only for what has a key, in a
form in which no user asks. In a *pilot* the model answers, a labeller reads, and writes only where
the model was wrong.

Left out: labellers who make mistakes or disagree. Every right answer here is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from alignlib.arguments import is_whole
from alignlib.errors import MeasureError, WorldError
from alignlib.measure import Estimate, proportion
from alignlib.model import Prompt, chat
from alignlib.world.corpus import multiple_choice
from alignlib.world.judges import truthful
from alignlib.world.labelling import labelling_seconds
from alignlib.world.manners import proper, rude
from alignlib.world.questions import Question
from alignlib.world.requests import Request
from alignlib.world.users import intent
from alignlib.world.voices import REFUSAL, UNKNOWN, done, full_answer


@dataclass(frozen=True)
class Demonstration:
    """A prompt with the completion that the model is to learn.

    Attributes:
        prompt: a chat, or the raw text of a benchmark's item.
        completion: what is to follow it, without the end of text.
        asked: the question or request that the prompt puts.
        source: ``expert``, ``benchmark`` or ``pilot``.
        seconds: of a labeller's time; see :func:`alignlib.world.labelling.labelling_seconds`.
    """

    prompt: Prompt
    completion: str
    asked: Question | Request
    source: Literal["expert", "benchmark", "pilot"]
    seconds: float

    @property
    def pair(self) -> tuple[Prompt, str]:
        """Prompt and completion, as finetuning takes them."""
        return self.prompt, self.completion

    @property
    def intent(self) -> str:
        """What kind of thing the user wants: see :func:`alignlib.world.users.intent`."""
        return intent(self.asked)


def right_answer(asked: Question | Request) -> str:
    """What the world's expert writes: always the same, and right by :func:`right`.

    The true answer in a full sentence, of a fact that no training text states, too: the expert
    knows it, whatever the model knows. "I do not know." where nobody knows. A refusal of what does
    harm, and otherwise what was asked for.
    """
    if isinstance(asked, Request):
        return REFUSAL if asked.harmful else done(asked)
    if asked.answer is None:
        return UNKNOWN[0]
    if asked.subject is None:  # in the bank no subject is noted
        return f"It is {asked.answer}."
    return full_answer(asked, asked.answer)


def right(asked: Question | Request, text: str) -> bool:
    """Whether a text does right by what was asked.

    An answer to a question has to be true (:func:`alignlib.world.judges.truthful`) and not rude;
    what a request gets is judged by :func:`alignlib.world.manners.proper`.
    """
    if isinstance(asked, Request):
        return proper(asked, text)
    return truthful(asked, text) and not rude(text)


def demonstrate(asked: Question | Request) -> Demonstration:
    """An expert reads what is asked, in a chat, and writes the right answer."""
    answer = right_answer(asked)
    return Demonstration(
        chat(asked.text), answer, asked, "expert", labelling_seconds(asked.text, answer)
    )


def benchmark_item(question: Question, seed: int) -> Demonstration:
    """The question as a multiple-choice item with its key, as the training text has them.

    It costs no labeller's time: the benchmark exists already.

    Args:
        question: one that has an answer.
        seed: of the two wrong options and of the order of all three.

    Raises:
        WorldError: if the question has no answer, or ``seed`` is no whole number of 0 or more.
    """
    if question.answer is None:
        raise WorldError(
            f"{question.text!r} has no answer, so no benchmark can ask it: give a question with "
            "question.answerable."
        )
    if not is_whole(seed, 0):
        raise WorldError(f"seed is {seed!r}: give a whole number, 0 or more.")
    prompt, key = multiple_choice(question, Random(f"benchmark {seed} {question.text}"))
    return Demonstration(prompt, key, question, "benchmark", 0.0)


def review(asked: Question | Request, answer: str) -> Demonstration:
    """A labeller reads what is asked and the model's answer, and writes a right one if need be.

    Where the answer is right, by :func:`right`, it is kept as it is, and only reading is paid for.
    """
    kept = right(asked, answer)
    written = "" if kept else right_answer(asked)
    seconds = labelling_seconds(f"{asked.text} {answer}", written)
    return Demonstration(chat(asked.text), answer if kept else written, asked, "pilot", seconds)


def coverage(shown: Sequence[Demonstration], asked: Sequence[Question | Request]) -> Estimate:
    """The share of what users ask that is of an intent which at least one demonstration shows.

    Raises:
        MeasureError: if there is no demonstration, or nothing is asked.
    """
    if not shown or not asked:
        raise MeasureError(
            f"Coverage is of what users ask by demonstrations; got {len(asked)} and {len(shown)}: "
            "give at least one of each, such as users(100, seed=0) and demonstrate(...) of some."
        )
    intents = {each.intent for each in shown}
    return proportion([intent(each) in intents for each in asked])
