"""What all contenders are given: prompts and pairs, as texts."""

from __future__ import annotations

from alignlib import LM, chat
from alignlib.pairs import Pair
from alignlib.world import lesson_answer, lessons


def prompts(lm: LM, n: int) -> list[str]:
    """Questions, all different, as the texts that the model reads."""
    return [lm.render(chat(question.text)) for question in lessons(n)]


def pairs(lm: LM, n: int) -> list[Pair]:
    """Lessons: prompts with their answers."""
    return [(lm.render(chat(q.text)), lesson_answer(q)) for q in lessons(n)]


def held_out_pairs(lm: LM, n: int) -> list[Pair]:
    """Lessons that are not among the first 256."""
    return [(lm.render(chat(q.text)), lesson_answer(q)) for q in lessons(256 + n)[256:]]
