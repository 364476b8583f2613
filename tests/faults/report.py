"""What tests of faults found: noted by a test, put together from a run, and written as a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "_build" / "faults.json"
PAGE = ROOT / "SECURITY.md"
BEGIN, END = "<!-- faults: made by python -m tests.faults -->\n", "<!-- /faults -->\n"
HEAD = "| Fault | What happens | What is kept |\n|---|---|---|\n"
PROPERTY = "fault"


@dataclass(frozen=True, order=True)
class Row:
    """A fault that was injected.

    Attributes:
        kind: the heading that it stands under.
        fault: what was done.
        happens: what is then seen: an error's own words, or what goes on.
        kept: what was found intact afterwards.
    """

    kind: str
    fault: str
    happens: str
    kept: str


class Fault:
    """Notes the rows of one test.

    Args:
        kind: their heading.
        properties: where pytest carries them, over to the process that reports.
        folder: the test's own, which messages name and the table does not.
    """

    def __init__(self, kind: str, properties: list[tuple[str, object]], folder: Path) -> None:
        self._kind, self._properties, self._folder = kind, properties, folder

    def __call__(self, fault: str, *, happens: str | BaseException, kept: str) -> None:
        """Note what was done, what happened, and what was kept, after all of it was asserted.

        Args:
            fault: such as "The disk is full while a checkpoint is written".
            happens: in words, or the error that a user sees, whose message is taken.
            kept: such as "the checkpoint before, and the model's last good weights".
        """
        if isinstance(happens, BaseException):
            message = " ".join(str(happens).split()).replace(str(self._folder), "FOLDER")
            happens = f"{type(happens).__name__}: {message}"
        row = Row(self._kind, fault, happens, kept)
        self._properties.append((PROPERTY, json.dumps(asdict(row))))


def rows_of(properties: Iterable[tuple[str, object]]) -> list[Row]:
    """The rows that tests have noted among their properties."""
    return [Row(**json.loads(str(value))) for name, value in properties if name == PROPERTY]


def keep(rows: list[Row]) -> None:
    """Add a run's rows to those of the runs before; a fault that was noted again is replaced."""
    found = {(row.kind, row.fault): row for row in [*_found(), *rows]}
    FOUND.parent.mkdir(exist_ok=True)
    FOUND.write_text(json.dumps([asdict(row) for row in sorted(found.values())], indent=1) + "\n")


def page(text: str) -> str:
    """The text of SECURITY.md with the table of what was found."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + "".join(_tables(_found())) + END + rest.split(END)[1]


def _found() -> list[Row]:
    if not FOUND.is_file():
        return []
    return [Row(**each) for each in json.loads(FOUND.read_text(encoding="utf-8"))]


def _tables(rows: list[Row]) -> Iterator[str]:
    for kind in dict.fromkeys(row.kind for row in rows):
        yield f"\n### {kind}\n\n{HEAD}"
        for row in rows:
            if row.kind == kind:
                cells = (cell.replace("|", "\\|") for cell in (row.fault, row.happens, row.kept))
                yield "| " + " | ".join(cells) + " |\n"
    yield "\n"
