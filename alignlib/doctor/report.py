"""The report: a line for each finding, for people or as JSON."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterator
from typing import TextIO

from alignlib.doctor.finding import Finding, State
from alignlib.doctor.running import look

MARKS: dict[State, str] = {"well": "✓", "note": "!", "broken": "✗"}
PLAIN: dict[State, str] = {"well": "+", "note": "!", "broken": "x"}
"""Where the output can't show the others."""
COLOURS: dict[State, str] = {"well": "32", "note": "33", "broken": "31"}
WIDE = 18


def doctor(*, as_json: bool = False, out: TextIO | None = None) -> int:
    """Look at everything and print what is found; 0 if all that is needed works, else 1.

    Args:
        as_json: print an object with ``well`` (whether nothing is broken) and ``findings``, a list
            of objects with the texts ``check``, ``name``, ``state`` (``"well"``, ``"note"`` or
            ``"broken"``), ``found`` and ``advice``.
        out: where to, by default standard output; coloured where that is a terminal and the
            variable NO_COLOR is not set.
    """
    screen = sys.stdout if out is None else out
    found = _as_json(screen) if as_json else _as_text(screen)
    return int(any(finding.state == "broken" for finding in found))


def _as_json(out: TextIO) -> list[Finding]:
    seen = list(look())
    listed = [{"check": name} | dataclasses.asdict(finding) for name, finding in seen]
    well = not any(finding.state == "broken" for _, finding in seen)
    print(json.dumps({"well": well, "findings": listed}, indent=1), file=out)
    return [finding for _, finding in seen]


def _as_text(out: TextIO) -> list[Finding]:
    coloured = out.isatty() and not os.environ.get("NO_COLOR")
    found = []
    for _, finding in look():
        found.append(finding)
        for line in _lines(finding, coloured):
            _print(line, out)
    count = sum(finding.state == "broken" for finding in found)
    things = "1 thing is" if count == 1 else f"{count} things are"
    broken = f"{things} broken: do what stands below {MARKS['broken']}."
    _print(f"\n{broken if count else 'Everything that is needed works.'}", out)
    return found


def _lines(finding: Finding, coloured: bool) -> Iterator[str]:
    mark = MARKS[finding.state]
    if coloured:
        mark = f"\033[{COLOURS[finding.state]}m{mark}\033[0m"
    yield f"{mark} {finding.name:{WIDE}} {finding.found}"
    if finding.advice:
        yield f"  {'':{WIDE}} → {finding.advice}"


def _print(line: str, out: TextIO) -> None:
    """Print a line, in signs that the output can show."""
    try:
        line.encode(out.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        line = line.replace("→", "->")
        for state, mark in MARKS.items():
            line = line.replace(mark, PLAIN[state])
        line = line.encode("ascii", errors="backslashreplace").decode("ascii")
    print(line, file=out, flush=True)
