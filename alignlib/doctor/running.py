"""The checks, run in a process of its own.

What is broken can take its process with it, or keep it forever. Then the line of that check says
so, and the next process goes on behind it. So this side imports nothing but Python's own.
"""

from __future__ import annotations

import dataclasses
import faulthandler
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence

from alignlib.doctor.finding import Finding, broken, first_line, private

SECONDS = 120.0
"""That a check may take."""

START = "import sys; sys.path = {path!r}; from alignlib.doctor.running import run; run({done}, {s})"
FAILED = "Mend the first ✗, and look again. If this is the first, report it."
ENDED = (
    "Mend the first ✗, and look again. What ends Python, this says: "
    "python -X faulthandler -c 'import torch'"
)


def look(seconds: float = SECONDS) -> Iterator[tuple[str, Finding]]:
    """What every check finds, with its name, as soon as it is found.

    Args:
        seconds: that a check may take.
    """
    done: list[str] = []
    while True:
        before = len(done)
        code = START.format(path=sys.path, done=done, s=seconds)
        with subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                said = json.loads(line)
                if "begins" in said:
                    done.append(said["begins"])
                else:
                    yield done[-1], Finding(**said)
        if process.returncode == 0:
            return
        name = done[-1] if len(done) > before else "doctor"
        yield name, broken(name, _ended(process.returncode, seconds), ENDED)
        if name == "doctor":
            return


def run(done: Sequence[str], seconds: float) -> None:
    """Run the checks but those that are done, and write to standard output what they find."""
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever else is written there is no finding

    def write(line: object) -> None:
        print(json.dumps(line), file=out, flush=True)

    from alignlib.doctor.checks import checks

    for name, check in checks().items():
        if name in done:
            continue
        write({"begins": name})
        faulthandler.dump_traceback_later(seconds, exit=True)  # also where C code hangs
        try:
            for finding in check():
                write(_without_names(finding))
        except BrokenPipeError:  # whoever reads has had enough
            os._exit(1)
        except Exception as error:
            found = f"could not be looked at: {first_line(error)}"
            write(_without_names(broken(name, found, FAILED)))
        faulthandler.cancel_dump_traceback_later()
    os._exit(0)  # all was said, and what is broken can still break the end


def _without_names(finding: Finding) -> dict[str, str]:
    found, advice = private(finding.found), private(finding.advice)
    return dataclasses.asdict(dataclasses.replace(finding, found=found, advice=advice))


def _ended(code: int, seconds: float) -> str:
    if code < 0:
        return f"Python was ended by {signal.Signals(-code).name} while it was looked at"
    return f"Python left while it was looked at, or took longer than {seconds:g} s"
