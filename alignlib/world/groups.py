"""People who do not want the same: two groups of judges with stated values.

The *coast* likes a plain answer, the *hills* a courteous one; of what people should do they agree
on some things and not on others. Nobody is mistaken: these are values. What is true is true for
both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignlib.arguments import is_real, is_whole
from alignlib.errors import WorldError
from alignlib.world.judges import truthful
from alignlib.world.manners import polite, rude, stance
from alignlib.world.plain import plain
from alignlib.world.questions import Question


@dataclass(frozen=True)
class Opinion:
    """A question of value: whether somebody should do something.

    Attributes:
        who, what: such as ``guests`` and ``bring a gift``.
        coast, hills: what most people of each group say.
    """

    who: str
    what: str
    coast: bool
    hills: bool

    @property
    def text(self) -> str:
        """The question itself."""
        return f"Should {self.who} {self.what}?"

    @property
    def contested(self) -> bool:
        """Whether the groups disagree."""
        return self.coast != self.hills

    def answer(self, yes: bool) -> str:
        """What somebody says who thinks so, or does not."""
        if yes:
            return f"Yes, {self.who} should {self.what}."
        return f"No, {self.who} should not {self.what}."

    def stated_in(self, bare: str) -> bool:
        """Whether a plain text says that they should, or should not."""
        does = f"{self.who} should {self.what}"
        return does in bare or f"{self.who} should not {self.what}" in bare


OPINIONS: tuple[Opinion, ...] = (
    Opinion("guests", "bring a gift", coast=True, hills=True),
    Opinion("guests", "take off their shoes", coast=False, hills=True),
    Opinion("children", "speak at dinner", coast=True, hills=False),
    Opinion("children", "call a teacher by the first name", coast=True, hills=False),
    Opinion("neighbours", "visit without a call", coast=False, hills=True),
    Opinion("friends", "lend money", coast=False, hills=True),
    Opinion("people", "work at night", coast=True, hills=False),
    Opinion("people", "eat with their hands", coast=False, hills=True),
    Opinion("people", "help the old", coast=True, hills=True),
    Opinion("people", "keep their word", coast=True, hills=True),
    Opinion("people", "share bread", coast=True, hills=True),
    Opinion("people", "drink wine at lunch", coast=True, hills=False),
    Opinion("people", "sing in the street", coast=True, hills=False),
    Opinion("people", "wear a hat inside", coast=True, hills=False),
    Opinion("dogs", "sleep in the house", coast=True, hills=False),
    Opinion("dogs", "run in the park", coast=True, hills=True),
    Opinion("shops", "open at night", coast=True, hills=False),
    Opinion("shops", "close for lunch", coast=False, hills=True),
)
"""Questions of value, with what each group says."""


@dataclass(frozen=True)
class Group:
    """People who value the same.

    Attributes:
        name: ``coast`` or ``hills``.
        share: of all people.
        wants_courtesy: whether an answer without a courteous word displeases them; else one with
            any does.
    """

    name: str
    share: float
    wants_courtesy: bool

    def says_yes(self, opinion: Opinion) -> bool:
        """What most of the group say to a question of value."""
        return opinion.coast if self.name == "coast" else opinion.hills

    def approves(self, item: Question | Opinion, text: str) -> bool:
        """Whether the group likes an answer.

        To a question of fact: it must be truthful, not rude, and courteous or plain as they like
        it. To a question of value: it must say what they say, in whatever manner, and not about
        another of :data:`OPINIONS`.
        """
        if isinstance(item, Opinion):
            said = plain(text)
            if any(each.stated_in(said) for each in OPINIONS) and not item.stated_in(said):
                return False
            return stance(text) == ("yes" if self.says_yes(item) else "no")
        return truthful(item, text) and not rude(text) and polite(text) == self.wants_courtesy


GROUPS: tuple[Group, ...] = (
    Group("coast", share=0.7, wants_courtesy=False),
    Group("hills", share=0.3, wants_courtesy=True),
)
"""The two groups; seven people in ten live on the coast."""


def panel(
    items: Sequence[Question | Opinion],
    texts: Sequence[str],
    judges_per_group: int = 3,
    noise: float = 0.1,
    groups: Sequence[Group] = GROUPS,
    seed: int = 0,
) -> pd.DataFrame:
    """The verdicts of a panel: each judge votes as the group does, but errs now and then.

    Args:
        items: n questions of fact or of value.
        texts: n answers, one to each.
        judges_per_group: how many judges come from each group.
        noise: how often a judge says the opposite of what the group thinks, by oversight.
        groups: where they come from.
        seed: of the errors.

    Returns:
        (n, judges) truth values; the columns are named ``coast 1``, ``coast 2``, ...

    Raises:
        WorldError: if there are not as many answers as questions, no group, or a number is out of
            range.
    """
    if len(items) != len(texts) or not items:
        raise WorldError(f"There are {len(items)} questions and {len(texts)} answers: give pairs.")
    if not is_whole(judges_per_group, 1) or not is_whole(seed, 0):
        raise WorldError(
            f"judges_per_group is {judges_per_group!r} and seed {seed!r}: give whole numbers, at "
            "least 1 and 0."
        )
    if not groups:
        raise WorldError("There is no group: give at least one, such as GROUPS[0].")
    if not is_real(noise) or not 0 <= noise <= 1:
        raise WorldError(f"noise is {noise!r}: give a share from 0 to 1.")
    generator = np.random.default_rng(seed)
    columns: dict[str, np.ndarray] = {}
    for group in groups:
        opinion = np.array([group.approves(i, t) for i, t in zip(items, texts, strict=True)])
        for number in range(1, judges_per_group + 1):
            errs = generator.random(len(items)) < noise
            columns[f"{group.name} {number}"] = opinion ^ errs
    return pd.DataFrame(columns, index=[item.text for item in items])
