"""Results as tables in Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.results import Result, of_same_machine
from benchmarks.row import OURS, Row

TITLES = {
    "sampling": "Sampling",
    "sft": "Supervised finetuning",
    "rloo": "Learning from rewards",
    "memory": "Peak memory",
    "scaling": "Scaling",
    "limit": "Share of the machine's limit",
}

Cells = Sequence[str]


def tables(results: Sequence[Result]) -> str:
    """All results, each machine by itself."""
    parts = []
    for machine, runs in of_same_machine(results).items():
        parts.append(f"## {machine}\n\n{about(runs)}")
        rows = [row for run in runs for row in run.rows]
        for kind, title in TITLES.items():
            chosen = [row for row in rows if row.kind == kind]
            if chosen:
                parts.append(f"### {title}\n\n{rows_table(chosen)}")
        learnt = [row for row in rows if "held_out_loss" in row.more]
        if learnt:
            parts.append(f"### What finetuning taught\n\n{losses_table(learnt)}")
        if any(run.goals for run in runs):
            parts.append(f"### Goals\n\n{goals_table(runs)}")
    return "\n\n".join(parts) + "\n"


def rows_table(rows: Sequence[Row]) -> str:
    """Rows as lines; the same row of several runs is one, with the median of their medians.

    The ratio is the other's value by alignlib's: its median over the rounds, and in brackets the
    lowest and the highest of any round of any run.
    """
    if rows[0].kind == "limit":
        return _shares(rows)
    lines = []
    for same in _grouped(rows):
        first = same[0]
        ratios = [ratio for row in same for ratio in row.ratios]
        middle = statistics.median(row.ratio for row in same if row.ratio is not None)
        others = dict.fromkeys(row.best or "" for row in same)
        value = statistics.median(row.median(OURS) for row in same)
        other = statistics.median(row.median(row.best or OURS) for row in same)
        lines.append(
            (
                first.model,
                first.dtype,
                first.name,
                _value(value, first.unit),
                f"{_value(other, first.unit)} ({', '.join(others)})",
                f"{middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
                _unequal(same),
            )
        )
    return _table(
        ("model", "dtype", "case", "alignlib", "the other", "ratio", "counts apart"), lines
    )


def losses_table(rows: Sequence[Row]) -> str:
    """The losses of finetuning: how far those of a step differ, and those on held-out pairs."""
    lines = []
    for row in rows:
        held_out = row.more["held_out_loss"]
        values = [f"{held_out[each]:.4f}" for each in ("before", OURS, "TRL")]
        lines.append((row.model, row.dtype, f"{row.more['loss_apart']:.2g}", *values))
    return _table(
        ("model", "dtype", "largest difference of a step", "held out: before", OURS, "TRL"), lines
    )


def goals_table(runs: Sequence[Result]) -> str:
    """Each goal: what was wanted, what was found on each machine, and in how many runs it was met.

    A machine is named by its processor.
    """
    machines = of_same_machine(runs)
    names = dict.fromkeys(goal.goal for run in runs for goal in run.goals)
    lines = []
    for name in names:
        judged = [
            [goal for run in same for goal in run.goals if goal.goal == name]
            for same in machines.values()
        ]
        found = [", ".join(f"{goal.measured:.2f}" for goal in goals) for goals in judged]
        together = [goal for goals in judged for goal in goals]
        met = sum(goal.met for goal in together)
        wanted = f"at least {together[0].wanted:g}"
        lines.append((name, wanted, *found, f"{met} of {len(together)}"))
    places = [f"measured on {machine.partition(',')[0]}" for machine in machines]
    return _table(("goal", "ratio wanted", *places, "met in runs"), lines)


def about(runs: Sequence[Result]) -> str:
    """What each run was made with, a line each."""
    lines = []
    for run in runs:
        versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
        limits = [
            f"{name} {value:.1f} {'GB/s' if name == 'bandwidth' else 'GFLOP/s'}"
            for name, value in run.limits.items()
        ]
        lines.append("- " + "; ".join([run.date, versions, ", ".join(limits)]).rstrip("; "))
    return "\n".join(lines)


def _shares(rows: Sequence[Row]) -> str:
    lines = [
        (
            same[0].model,
            same[0].dtype,
            same[0].name,
            f"{statistics.median(row.median(OURS) for row in same):.0%}",
            f"{statistics.median(row.median(row.best or OURS) for row in same):.0%}",
            same[0].unit.removeprefix("share of the "),
        )
        for same in _grouped(rows)
    ]
    return _table(("model", "dtype", "case", "alignlib", "the other", "limit"), lines)


def _grouped(rows: Sequence[Row]) -> list[list[Row]]:
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.model, row.dtype, row.name), []).append(row)
    return list(groups.values())


def _value(value: float, unit: str) -> str:
    if unit == "s":
        return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"
    return f"{value:.3g} {unit}"


def _unequal(rows: Sequence[Row]) -> str:
    most = max(row.difference for row in rows)
    return f"{most:.1%}" if rows[0].counts else ""


def _table(head: Cells, lines: Sequence[Cells]) -> str:
    ruled = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in ruled)
