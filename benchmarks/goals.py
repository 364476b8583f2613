"""What alignlib is to reach, and whether it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.row import Row

SFT = {"tiny": 2.0, "smollm2": 3.0}
RLOO = 2.5
SAMPLING = {("tiny", 1): 2.0, ("tiny", 16): 2.0}
"""By model and batch, for prompts that all differ."""


@dataclass(frozen=True)
class Goal:
    """One that was judged.

    Attributes:
        goal: what is to be reached.
        wanted: the least ratio, the other's value by ours.
        measured: the ratio that was found, the median of the rounds'.
    """

    goal: str
    wanted: float
    measured: float

    @property
    def met(self) -> bool:
        """Whether it was reached."""
        return self.measured >= self.wanted


def judge(rows: Sequence[Row]) -> list[Goal]:
    """The goals of what was measured; tiny is judged in float32, SmolLM2 in each dtype."""
    found = []
    for row in rows:
        wanted = _wanted(row)
        if wanted is not None and row.ratio is not None:
            label = f"{row.kind}, {row.model}, {row.dtype}: {row.name}"
            found.append(Goal(label, wanted, row.ratio))
    return found


def _wanted(row: Row) -> float | None:
    if row.model != "smollm2" and row.dtype != "float32":
        return None
    if row.kind == "sft":
        return SFT.get(row.model)
    if row.kind == "rloo":
        return RLOO if row.case == "step" else None
    if row.kind == "memory":
        return 1.0
    if row.kind == "sampling":
        batch = int(row.setting["batch"])
        high = SAMPLING.get((row.model, batch)) if row.case == "different prompts" else None
        return high or 1.0
    if row.kind == "scaling" and row.case == "sampling":
        return 1.0
    return None
