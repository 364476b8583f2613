"""One line of a result: what contenders needed for the same work, round by round."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

OURS = "alignlib"
"""The contender that all others are compared with."""

MOST = 0.05
"""By which share the counts of two contenders may differ, such as tokens."""


class BenchmarkError(ValueError):
    """A benchmark can't be run, compared or read as it is given."""


@dataclass(frozen=True)
class Row:
    """Contenders side by side.

    Attributes:
        kind: what was done: sampling, sft, rloo, memory, scaling or limit.
        case: which of its cases.
        model: whose.
        dtype: that was computed in.
        setting: what else was set, by name.
        unit: of the values, such as ``"s"``; less is better.
        rounds: the values of each contender, the same number each; value i of all is of round i.
        counts: what was worked on, such as tokens: by name, then by contender.
        tried: one value of each setting of the others, from the round that chose among them.
        more: what else was measured, such as losses.
    """

    kind: str
    case: str
    model: str
    dtype: str
    setting: dict[str, int | float | str]
    unit: str
    rounds: dict[str, list[float]]
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    tried: dict[str, float] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What tells the row from the others of its kind and model."""
        setting = ", ".join(f"{name} {value}" for name, value in self.setting.items())
        return f"{self.case} ({setting})" if setting else self.case

    def median(self, contender: str) -> float:
        """The contender's median, in the row's unit."""
        return statistics.median(self.rounds[contender])

    @property
    def best(self) -> str | None:
        """The fastest of the others, by its median; None if there is no other."""
        others = [contender for contender in self.rounds if contender != OURS]
        return min(others, key=self.median, default=None)

    @property
    def ratios(self) -> list[float]:
        """Of each round, the best other's value by ours: above 1 where ours is less."""
        if self.best is None or OURS not in self.rounds:
            return []
        pairs = zip(self.rounds[self.best], self.rounds[OURS], strict=True)
        return [other / own for other, own in pairs]

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' ratios."""
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def difference(self) -> float:
        """The largest share by which a contender's count differs from ours."""
        pairs = [
            (count, counts[OURS])
            for counts in self.counts.values()
            if OURS in counts
            for count in counts.values()
        ]
        return max((abs(count - own) / max(own, 1) for count, own in pairs), default=0.0)

    def as_json(self) -> dict[str, Any]:
        """The row as JSON knows it; what follows from the rounds is there too, for readers."""
        made = asdict(self) | {"best": self.best, "difference": self.difference}
        if self.ratios:
            made["ratio"] = {
                "median": self.ratio,
                "lowest": min(self.ratios),
                "highest": max(self.ratios),
                "rounds": self.ratios,
            }
        return made

    @classmethod
    def from_json(cls, made: Mapping[str, Any]) -> Self:
        """The row that was written.

        Raises:
            BenchmarkError: if it is no row.
        """
        names = cls.__dataclass_fields__
        try:
            return cls(**{name: value for name, value in made.items() if name in names})
        except TypeError as error:
            raise BenchmarkError(
                f"This is no row of a result: {error}. Give a file that `python -m benchmarks` "
                "wrote."
            ) from error


def check_counts(row: Row) -> None:
    """Raise where contenders did not do the same work.

    Raises:
        BenchmarkError: if a count differs from ours by more than ``MOST``.
    """
    if row.difference > MOST:
        raise BenchmarkError(
            f"{row.kind}, {row.model}, {row.dtype}, {row.name}: the counts differ by "
            f"{row.difference:.0%}, more than {MOST:.0%}: {row.counts}. "
            "Its times can't be compared."
        )
