"""The book's pictures: estimates as dots with intervals, in colours for every reader."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from alignlib.errors import MeasureError
from alignlib.measure import Estimate

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")  # Okabe and Ito: safe for colour blindness
MARKERS = ("o", "s", "D", "^")  # and told apart in grey


def interval_plot(
    series: Mapping[str, Mapping[str, Estimate]],
    xlabel: str,
    axes: Axes | None = None,
    *,
    limits: tuple[float, float] = (0.0, 1.0),
) -> Axes:
    """Draw estimates as dots with their intervals, one line for each name.

    Args:
        series: by the series' label, the estimates by name; all series have the same names.
        xlabel: what is measured.
        axes: where to draw; by default a new figure.
        limits: the least and the greatest possible value: 0 and 1 for shares.

    Returns:
        The axes, the first name on top.

    Raises:
        MeasureError: if there is nothing to draw, an estimate is outside the limits, or the series
            differ in their names.
    """
    least, greatest = limits
    names = _names(series, limits)
    if axes is None:
        _, axes = plt.subplots(figsize=(6, 0.9 + 0.36 * len(names)), layout="constrained")
    step = 0.3 / max(len(series) - 1, 1)
    for number, (label, table) in enumerate(series.items()):
        estimates = [table[name] for name in names]
        heights = [row + (number - (len(series) - 1) / 2) * step for row in range(len(names))]
        values = [estimate.value for estimate in estimates]
        axes.errorbar(
            values,
            heights,
            xerr=[
                [max(e.value - e.low, 0.0) for e in estimates],
                [max(e.high - e.value, 0.0) for e in estimates],
            ],
            fmt=MARKERS[number % len(MARKERS)],
            color=COLOURS[number % len(COLOURS)],
            label=label,
            capsize=3,
            markersize=6,
        )
    margin = 0.03 * (greatest - least)
    axes.set(
        xlim=(least - margin, greatest + margin),
        ylim=(len(names) - 0.5, -0.5),
        xlabel=xlabel,
        yticks=range(len(names)),
        yticklabels=names,
    )
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if len(series) > 1:
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False)
    return axes


def gap_plot(
    series: Mapping[str, Mapping[str, Estimate]],
    xlabel: str,
    axes: Axes | None = None,
) -> Axes:
    """Draw estimates as :func:`interval_plot` does, with the gap from the first series up.

    In each line the gap from the first series to the highest of the others is shaded, and its size
    stands to the right.

    Args:
        series, xlabel, axes: as there, with at least two series.

    Returns:
        The axes, the first name on top.

    Raises:
        MeasureError: as there, or if there is but one series.
    """
    names = _names(series, (0.0, 1.0))
    first, *others = series.values()
    if not others:
        raise MeasureError("A gap is between two series: give at least two.")
    if axes is None:
        _, axes = plt.subplots(figsize=(6, 0.9 + 0.6 * len(names)), layout="constrained")
    interval_plot(series, xlabel, axes)
    for row, name in enumerate(names):
        low, high = first[name].value, max(table[name].value for table in others)
        axes.add_patch(Rectangle((low, row - 0.36), high - low, 0.72, color="0.88", zorder=0))
        axes.annotate(
            f"{high - low:+.2f}",
            (1.0, row),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
        )
    axes.annotate(
        "gap",
        (1.0, 0.0),
        xycoords="axes fraction",
        xytext=(6, -6),
        textcoords="offset points",
        va="top",
    )
    # From the right, so that a long legend reaches over the names and not out of the picture.
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, frameon=False)
    return axes


def _names(series: Mapping[str, Mapping[str, Estimate]], limits: tuple[float, float]) -> list[str]:
    """The names that all series have, once these can be drawn."""
    tables = list(series.values())
    if not tables or not tables[0] or any(table.keys() != tables[0].keys() for table in tables):
        raise MeasureError("Give at least one series of estimates, all with the same names.")
    least, greatest = limits
    every = [estimate for table in tables for estimate in table.values()]
    outside = [str(e) for e in every if not least <= e.low <= e.high <= greatest]
    if outside:
        raise MeasureError(
            f"These do not lie between {least:g} and {greatest:g}: {', '.join(outside)}."
        )
    return list(tables[0])
