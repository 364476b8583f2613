"""What happened while a model was trained, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from alignlib.errors import TrainingError
from alignlib.plots import COLOURS, MARKERS

__all__ = ["History"]

Row = dict[str, float]


@dataclass(frozen=True)
class History:
    """One row for each step of a training run.

    Attributes:
        rows: the measures of each step by their name; not every row has every measure.
    """

    rows: list[Row] = field(repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        if not self.rows:
            return "no steps yet"
        last = " ".join(f"{name}={value:.4g}" for name, value in self.rows[-1].items())
        return f"{len(self)} rows, the last: {last}"

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a table, NaN where a row lacks a measure."""
        # The last row's order, since the first can have measures and nothing of a step.
        names = dict.fromkeys(name for row in reversed(self.rows) for name in row)
        return pd.DataFrame(self.rows, columns=list(names))

    def plot(self, *measures: str, axes: Sequence[Axes] | None = None) -> np.ndarray:
        """Draw measures over the steps, each in a panel of its own.

        Args:
            measures: their names; by default the loss and what was evaluated. In the loss's panel
                stands the validation loss too, where there is one.
            axes: one for each measure; by default those of a new figure, side by side.

        Returns:
            (len(measures),) the axes.

        Raises:
            TrainingError: if a measure is not in the history, or there are not as many axes.
        """
        table = self.frame
        known = list(table.columns)
        measured = known[known.index("seconds") + 1 :] if "seconds" in known else []
        chosen = list(measures) or ["loss", *measured]
        if not measures and "validation_loss" in chosen:
            chosen.remove("validation_loss")
        missing = [name for name in chosen if name not in known]
        if missing:
            there = ", ".join(known) or "no steps yet"
            raise TrainingError(f"There is no {missing[0]!r} here; there are {there}.")
        if axes is None:
            _, panels = plt.subplots(
                1, len(chosen), figsize=(3.4 * len(chosen), 2.8), layout="constrained",
                squeeze=False,
            )  # fmt: skip
            axes = list(panels[0])
        if len(axes) != len(chosen):
            raise TrainingError(
                f"There are {len(axes)} axes for {len(chosen)} measures: give one each."
            )
        for panel, name in zip(axes, chosen, strict=True):
            _draw(panel, table, name)
        return np.array(axes)


def _draw(panel: Axes, table: pd.DataFrame, name: str) -> None:
    both = name == "loss" and "validation_loss" in table
    for number, each in enumerate([name, "validation_loss"] if both else [name]):
        points = table[["step", each]].dropna()
        few = len(points) <= 30
        panel.plot(
            points["step"], points[each], color=COLOURS[number], label=each.replace("_", " "),
            marker=MARKERS[number] if few else None, markersize=4,
        )  # fmt: skip
    panel.set(xlabel="step", ylabel=name.replace("_", " "))
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)
    if both:
        panel.legend(frameon=False)
