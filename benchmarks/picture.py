"""The goals as a picture: how many times faster, beside what was wanted."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

from alignlib.plots import COLOURS
from benchmarks.results import Result
from benchmarks.row import Row

SHOWN = {
    "sampling": "sampling",
    "sft": "finetuning",
    "rloo": "learning from rewards",
    "memory": "memory",
    "scaling": "sampling, any batch and length",
}


def draw(results: Sequence[Result], path: Path) -> None:
    """Write the picture as SVG: a row for each goal, a point for each run.

    Args:
        results: of one machine.
        path: where to.
    """
    goals = {goal.goal: goal.wanted for result in results for goal in result.goals}
    lines: dict[str, list[Row]] = {}
    for row in [row for result in results for row in result.rows if goal_of(row) in goals]:
        lines.setdefault(label(row), []).append(row)
    with plt.rc_context({"svg.hashsalt": "speed", "svg.fonttype": "path"}):
        figure, axes = plt.subplots(figsize=(8, 0.34 * len(lines) + 1.1), layout="constrained")
        for place, same in enumerate(lines.values()):
            ratios = [ratio for row in same for ratio in row.ratios]
            axes.plot([min(ratios), max(ratios)], [place, place], color=COLOURS[0], alpha=0.4)
            medians = [row.ratio for row in same if row.ratio is not None]
            axes.plot(medians, [place] * len(medians), "o", color=COLOURS[0], markersize=5)
            wanted = goals[goal_of(same[0])]
            axes.plot(wanted, place, "|", color=COLOURS[1], markersize=16, markeredgewidth=2.5)
            axes.text(
                1.01, place, f"{statistics.median(medians):.1f}×",
                transform=axes.get_yaxis_transform(), va="center", fontsize=9,
            )  # fmt: skip
        axes.set_yticks(range(len(lines)), list(lines), fontsize=9)
        axes.invert_yaxis()
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
        axes.axvline(1, color="0.6", linewidth=1)
        axes.set_xlabel("time or memory of the other, divided by that of alignlib")
        axes.plot([], [], "o", color=COLOURS[0], label="a run's median; the line: all rounds")
        axes.plot([], [], "|", color=COLOURS[1], markersize=12, markeredgewidth=2.5, label="goal")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, format="svg", metadata={"Date": None})
        plt.close(figure)


def goal_of(row: Row) -> str:
    """What the row's goal is called."""
    return f"{row.kind}, {row.model}, {row.dtype}: {row.name}"


def label(row: Row) -> str:
    """The row in few words."""
    if row.kind == "sampling":
        what = f"sampling, {row.case}, batch {row.setting['batch']}"
    elif row.kind == "memory":
        what = f"memory, {row.case}"
    else:
        what = SHOWN[row.kind]
    return f"{row.model}, {row.dtype}: {what}"
