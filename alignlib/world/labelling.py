"""What a label costs, in seconds of a labeller's time.

Only reading and typing are counted, at the pace of the average adult. Left out are thinking,
looking things up, changing one's mind, checking each other's labels, and finding and training the
labellers. So the seconds are a lower bound; what they are good for is comparing one way to collect
labels with another.
"""

from __future__ import annotations

WORDS_READ_PER_MINUTE = 238
"""Of English non-fiction, read silently: Brysbaert (2019), over 190 studies."""

WORDS_TYPED_PER_MINUTE = 52
"""On a keyboard: Dhakal et al. (2018), of 168,000 people who copied sentences."""

CHARACTERS_PER_TYPED_WORD = 5
"""What counts as a word where typing is measured, spaces and full stops included."""


def labelling_seconds(read: str, written: str = "") -> float:
    """The seconds that it takes to read one text and to type another; a lower bound.

    To judge an answer is to read the request and the answer, and to write nothing.

    Args:
        read: what the labeller reads, in words as spaces separate them.
        written: what the labeller types, in words of five characters.

    Returns:
        Seconds: 60 / 238 for each word read and 60 / 52 for each word typed.
    """
    words_typed = len(written) / CHARACTERS_PER_TYPED_WORD
    minutes = len(read.split()) / WORDS_READ_PER_MINUTE + words_typed / WORDS_TYPED_PER_MINUTE
    return 60.0 * minutes
