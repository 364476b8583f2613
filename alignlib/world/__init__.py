"""TinyWorld: what can be asked in this course, and exact judges of what is answered.

A closed world of facts, questions, requests and people. The tiny model is trained on its text
(:mod:`alignlib.world.corpus`); any other model can be asked the same. What its users ask, and
demonstrations of how to answer them, are there to finetune on.
"""

from alignlib.world.demonstrations import (
    Demonstration,
    benchmark_item,
    coverage,
    demonstrate,
    review,
    right,
    right_answer,
)
from alignlib.world.facts import Fact, facts
from alignlib.world.groups import GROUPS, OPINIONS, Group, Opinion, panel
from alignlib.world.instructions import INSTRUCTIONS, Instruction, follows_last
from alignlib.world.judges import answers_question, says_it_does_not_know, truthful
from alignlib.world.labelling import labelling_seconds
from alignlib.world.lessons import lesson_answer, lessons
from alignlib.world.manners import complies, polite, proper, refuses, rude, stance
from alignlib.world.questions import Question, question_bank, questions, spread
from alignlib.world.requests import Request, requests
from alignlib.world.users import intent, users

__all__ = [
    "GROUPS",
    "INSTRUCTIONS",
    "OPINIONS",
    "Demonstration",
    "Fact",
    "Group",
    "Instruction",
    "Opinion",
    "Question",
    "Request",
    "answers_question",
    "benchmark_item",
    "complies",
    "coverage",
    "demonstrate",
    "facts",
    "follows_last",
    "intent",
    "labelling_seconds",
    "lesson_answer",
    "lessons",
    "panel",
    "polite",
    "proper",
    "question_bank",
    "questions",
    "refuses",
    "requests",
    "review",
    "right",
    "right_answer",
    "rude",
    "says_it_does_not_know",
    "spread",
    "stance",
    "truthful",
    "users",
]
