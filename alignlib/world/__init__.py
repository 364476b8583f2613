"""The world that the course asks about: questions with known answers, and exact judges."""

from alignlib.world.judges import says_it_does_not_know, truthful
from alignlib.world.questions import Question, question_bank

__all__ = ["Question", "question_bank", "says_it_does_not_know", "truthful"]
