"""Which answers a text names, and of what it says them.

All answers of a kind stand in one pattern, the longest first, compiled once: a text is read once,
however many answers there are. Texts are given as :func:`alignlib.world.plain.plain` makes them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from alignlib.world.facts import answers, subjects
from alignlib.world.phrasings import KINDS
from alignlib.world.plain import plain
from alignlib.world.questions import STORY_LANDS, Question, question_bank

_OTHER_NAMES = {
    "kiev": "kyiv", "peking": "beijing", "berne": "bern", "ulan bator": "ulaanbaatar",
    "mandarin": "chinese", "farsi": "persian", "renminbi": "yuan", "rouble": "ruble",
    "kronor": "krona", "kroner": "krone", "bark": "woof", "miaow": "meow", "ribbit": "croak",
    "3": "three", "4": "four", "6": "six", "7": "seven", "10": "ten",
}  # fmt: skip
"""Names of answers that are as true, though they are not the ones that are noted."""

_WITH_S = ("currency", "sound")  # kinds whose answers are the same with an s: "euros", "moos"

_NUMBER = re.compile(r"(?<!\w)-?\d+(?:\.\d+)?(?!\w)")
_SUM = re.compile(r"(?<![\w.+])(?<!\+ )\d+(?: ?\+ ?\d+)+(?![\w+])")

_IS_BEFORE = re.compile(r"(?:=|\bis|\bequals) ?$")

_Frame = tuple[str, re.Pattern[str]]
"""A part of a text that must be there, to be looked for first, and the pattern itself."""


class Mention(NamedTuple):
    """An answer, and where it stands in a text."""

    name: str
    start: int
    end: int


def mentions(question: Question, bare: str) -> list[Mention]:
    """The answers of the question's kind that a text names; not those that the question names.

    A term of the sum that is asked for counts only as its result: in "2 + 3 is 2.", in "2.".
    """
    asked = _in_question(question)
    return [
        each
        for each in _mentions(question, bare)
        if each.name not in asked or (question.kind == "sum" and _as_result(bare, each))
    ]


def of_another(question: Question, bare: str, its: Sequence[Mention]) -> bool:
    """Whether all these mentions are of something else than the question is about.

    "The capital of Spain is Paris." says nothing of France, nor "8 + 4 is 12." what 7 + 5 is. Only
    TinyWorld's own statements about its own subjects are seen.
    """
    about = _subjects_of(question)
    if question.kind == "sum":
        return bool(about) and not about.issuperset(map(_terms, _SUM.findall(bare)))
    before, after = _frames(question.kind)
    said = {m.end(): m[1] for part, frame in before if part in bare for m in frame.finditer(bare)}
    for mention in its:
        subject = said.get(mention.start)
        found = (frame.match(bare, mention.end) for _, frame in after)
        subject = subject or next((m[1] for m in found if m), None)
        if subject is None or subject in about:
            return False
    return True


def _as_result(bare: str, number: Mention) -> bool:
    before = bare[max(0, number.start - 8) : number.start]
    after = bare[number.end : number.end + 2]
    if _IS_BEFORE.search(before):
        return "+" not in after
    return re.search(r"(?:^|[.!] )$", before) is not None and after[:1] in ("", ".", "!")


def _mentions(question: Question, bare: str) -> list[Mention]:
    if question.kind == "sum":
        return [Mention(m[0], *m.span()) for m in _NUMBER.finditer(bare)]
    pattern, names = _names(question.kind, _unlisted(question))
    return [Mention(names[m[0]], *m.span()) for m in pattern.finditer(bare)]


@lru_cache(maxsize=4096)
def _in_question(question: Question) -> frozenset[str]:
    return frozenset(each.name for each in _mentions(question, plain(question.text)))


@lru_cache(maxsize=4096)
def _subjects_of(question: Question) -> frozenset[str]:
    """What the question is about, as far as TinyWorld knows it; of a sum its sorted terms."""
    bare = plain(question.text)
    if question.kind == "sum":
        return frozenset(map(_terms, _SUM.findall(bare)))
    named = re.findall(rf"\b(?:{_any_of(_subjects(question.kind))})\b", bare)
    return frozenset((*named, plain(question.subject or "")))


def _terms(chain: str) -> str:
    return " + ".join(sorted(re.findall(r"\d+", chain)))


@cache
def _listed(kind: str) -> frozenset[str]:
    """The answers of a kind, in the facts and in the bank."""
    of_bank = (q.answer for q in question_bank() if q.kind == kind and q.answer)
    return frozenset(map(plain, (*answers(kind), *of_bank)))


def _unlisted(question: Question) -> str:
    answer = plain(question.answer or "")
    return "" if answer in _listed(question.kind) else answer


@lru_cache(maxsize=1024)
def _names(kind: str, also: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern for every name of an answer of the kind, and which answer each name stands for."""
    names = {name: name for name in (*_listed(kind), also) if name}
    names |= {other: name for other, name in _OTHER_NAMES.items() if name in names}
    if kind in _WITH_S:
        names = {f"{name}s": answer for name, answer in names.items()} | names
    return re.compile(rf"\b(?<!\w-)(?:{_any_of(names)})(?!\w|-\w|\.\d)"), names


@cache
def _frames(kind: str) -> tuple[list[_Frame], list[_Frame]]:
    """What stands before an answer, and behind one, in a statement of the kind."""
    before: list[_Frame] = []
    after: list[_Frame] = []
    subject = f"({_any_of(_subjects(kind))})"
    for statement in KINDS[kind].statements if kind in KINDS else ():
        head, tail = re.split(r"\{a\}|\{an_a\}", statement.lower().rstrip("."))
        article = "(?:an? )?" if "{an_a}" in statement else ""
        for part, end, frames in ((head, article, before), (tail, r"\b", after)):
            if "{" in part:
                fixed = re.split(r"\{\w+\}", part)
                pattern = re.sub(r"\{an_s\}", "an? {s}", part).replace("{s}", subject)
                frames.append((max(fixed, key=len), re.compile(rf"{pattern}{end}")))
    return before, after


def _subjects(kind: str) -> tuple[str, ...]:
    return tuple(map(plain, (*subjects(kind), *STORY_LANDS)))


def _any_of(words: Sequence[str] | dict[str, str]) -> str:
    """A pattern for any of the words, the longest first; for none if there are none."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)"
