"""Texts as the judges read them: lower case, no accents, no contractions, without what they ask."""

from __future__ import annotations

import re
import unicodedata

_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys(map(chr, (*range(32), *range(127, 160))), " "),  # control characters
        **dict.fromkeys("‘’ʼ´`′", "'"),
        **dict.fromkeys('"“”„«»*_', " "),
        "−": "-",
        "‐": "-",
        "‑": "-",
        "≠": " not ",
        "ł": "l",
        "Ł": "l",
        "ø": "o",
        "Ø": "o",
        "đ": "d",
        "Đ": "d",
        "ı": "i",  # not composed
    }
)
_UNSEEN = frozenset(("Mn", "Me", "Cf"))  # accents, marks of direction, joiners

_CONTRACTIONS = re.compile(
    r"\b(?:can't|cannot|won't|shan't)(?!\w)|n't\b|(?<=\w)'(?:m|re|ll|ve)\b"
    r"|(?<=\bi)'d\b|(?<=\bwe)'d\b|(?:(?<=\bit)|(?<=\bthat)|(?<=\bthere)|(?<=\bhere)|(?<=\bhe))'s\b"
    r"|(?<!\w)'|'(?!\w)"
)
_IN_FULL = {
    "can't": "can not",
    "cannot": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "n't": " not",
    "'m": " am",
    "'re": " are",
    "'ll": " will",
    "'ve": " have",
    "'d": " would",
    "'s": " is",
    "'": " ",  # a quotation mark
}
_NO_APOSTROPHE = re.compile(r"\b(do|does|did|is|are|was|were|has|have|could|would|should)nt\b")
_NUMBER_MARKS = re.compile(r"(?<=\d)(?:,(?=\d{3}\b)|\.0+\b)")  # 1,200 is 1200, and 12.0 is 12

_SENTENCE = re.compile(r"[^.?!]+[.?!]*|[.?!]+")
_ASKS = re.compile(
    r"\b(?:(?:at|by|for|from|in|of|on|to|with) )?"
    r"(?:what|which|who|whom|whose|where|when|why|how)\b"
    r"|(?:^\W*|: |\band |\bbut )(?:is|are|am|was|were|do|does|did|can|could|will|would|should|has"
    r"|have)\b"
)
_TELLS_TO = re.compile(r"\b(?:tell me|translate from)\b|^\W*write (?:for the filter|to someone)\b")
_CUTS = re.compile(r"\?|tell me|translate from|write ")


def plain(text: str) -> str:
    """Lower case, no accents, no marks of emphasis, contractions written out, single spaces."""
    bare = text.translate(_CHARACTERS)
    if not bare.isascii():
        letters = unicodedata.normalize("NFKD", bare)
        bare = "".join(each for each in letters if unicodedata.category(each) not in _UNSEEN)
        bare = bare.translate(_CHARACTERS)
    bare = bare.casefold()
    if "'" in bare or "cannot" in bare:
        bare = _CONTRACTIONS.sub(lambda short: _IN_FULL[short[0]], bare)
    if "nt" in bare:
        bare = _NO_APOSTROPHE.sub(r"\1 not", bare)
    return " ".join(_NUMBER_MARKS.sub("", bare).split())


def asserted(bare: str) -> str:
    """A plain text without its questions, and without what it tells others to say.

    A sentence that ends in a question mark is cut from the word that asks: of "Paris. Is it
    Rome?" remains "Paris. ?". One that merely doubts ("Paris?", "Paris, right?") stays.
    """
    if _CUTS.search(bare) is None:
        return bare
    kept = []
    for sentence in _SENTENCE.findall(bare.replace(", right?", "?")):
        asks = _ASKS.search(sentence) if sentence.rstrip(".!").endswith("?") else None
        cut = asks or _TELLS_TO.search(sentence)
        kept.append(sentence if cut is None else f"{sentence[: cut.start()]} ?")
    return " ".join("".join(kept).split())


def word(text: str) -> str:
    """A pattern for a word of its own: neither "Romeo" nor "Rome-based" is "Rome"."""
    return rf"(?<!\w)(?<!\w-){re.escape(text)}(?!\w|-\w|\.\d)"
