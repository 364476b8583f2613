"""The directive ``{benchmarks}``: tables of the results in ``benchmarks/results``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from benchmarks import report
from benchmarks.results import Result, of_same_machine, read

RESULTS = Path("benchmarks/results")
WORK = {
    "tiny-sft": "`tiny`, finetuning, 256 pairs a step",
    "smollm2-sft": "`smollm2`, finetuning, 128 pairs a step",
    "tiny-reinforce": "`tiny`, `reinforce`, 256 completions a step",
}
"""What `benchmarks.scale` does, in words."""


def setup(app: Sphinx) -> None:
    app.add_directive("benchmarks", BenchmarksDirective)


def results(root: Path) -> list[Result]:
    """What was measured on a CPU, oldest first."""
    return [read(path) for path in sorted((root / RESULTS).glob("cpu-*.json"))]


def machines(found: list[Result]) -> str:
    """What the results were measured on and with."""
    return "\n\n".join(
        f"{name}:\n\n{report.about(runs)}" for name, runs in of_same_machine(found).items()
    )


def scale(root: Path) -> str:
    """One process beside two, from the latest result."""
    latest = max((root / RESULTS).glob("scale-*.json"), key=lambda path: path.name)
    found = json.loads(latest.read_text(encoding="utf-8"))
    lines = ["| Work | One process | Two | Speed-up | Efficiency |", "|---|--:|--:|--:|--:|"]
    for name, row in found["work"].items():
        lines.append(
            f"| {WORK[name]} | {row['one']:.2f} s | {row['two']:.2f} s | "
            f"{row['speed_up']:.2f} | {row['efficiency']:.2f} |"
        )
    return "\n".join(lines)


def kind(name: str) -> Callable[[list[Result]], str]:
    """The table of the rows of one kind, of the machine that was measured last."""
    return lambda found: report.rows_table(
        [row for result in latest(found) for row in result.rows if row.kind == name]
    )


def latest(found: list[Result]) -> list[Result]:
    """The results of the machine that was measured last."""
    return list(of_same_machine(found).values())[-1]


PARTS: dict[str, Callable[[list[Result]], str]] = {
    "machine": machines,
    "goals": report.goals_table,
    **{name: kind(name) for name in report.TITLES},
}


class BenchmarksDirective(SphinxDirective):
    """One table; its argument says of what."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        for path in sorted((root / RESULTS).glob("*.json")):
            self.env.note_dependency(str(path))
        part = self.arguments[0]
        text = scale(root) if part == "scale" else PARTS[part](results(root))
        holder = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), "benchmarks"), 0, holder)
        return list(holder.children)
