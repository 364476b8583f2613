"""Look for inputs that break a target, guided by the lines that they reach.

``python -m tests.fuzz [--seconds 60] [TARGET ...]`` gives each target that long. What is found lies
in ``tests/fuzz/found/TARGET/``, and pytest tries it from then on. It needs atheris: on Linux,
``pip install --group fuzz``.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import traceback
from collections import deque
from pathlib import Path
from typing import Any

from tests.fuzz.target import FOUND, Target

REACHED = re.compile(r"^#(\d+)\s.*\bcov: (\d+)")
OPTIONS = ("-max_len=4096", "-timeout=20", "-rss_limit_mb=4096", "-print_final_stats=0")
EXAMPLES = 100
"""What is begun with."""


def main() -> int:
    """0 if nothing was found."""
    options = _options()
    if importlib.util.find_spec("atheris") is None:
        print("This needs atheris: on Linux, pip install --group fuzz.", file=sys.stderr)
        return 2
    if options.only:
        _fuzz(options.targets[0], options.seconds)
    from tests.fuzz.targets import TARGETS

    names = options.targets or list(TARGETS)
    for name in names:
        if name not in TARGETS:
            print(f"There is no target {name!r}; there are {', '.join(TARGETS)}.", file=sys.stderr)
            return 2
    return int(sum([_run(name, options.seconds) for name in names]) > 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    parser.add_argument("--only", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="by default all")
    return parser.parse_args()


def _run(name: str, seconds: int) -> bool:
    """Fuzz a target in a process of its own, and say how it goes; whether it was broken."""
    folder = FOUND / name
    before = set(folder.glob("*"))
    command = [sys.executable, "-m", "tests.fuzz", "--only", "--seconds", str(seconds), name]
    tried, reached, last = "0", "0", deque[str](maxlen=40)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            last.append(line)
            if match := REACHED.match(line):
                tried, reached = match.groups()
                _say(name, tried, reached, end="\r")
    found = sorted(set(folder.glob("*")) - before)
    _say(name, tried, reached, end=f"  found {found[0].name}\n" if found else "\n")
    if found or process.returncode:
        print("".join(last))
    return bool(found or process.returncode)


def _say(name: str, tried: str, reached: str, end: str) -> None:
    if end != "\r" or sys.stdout.isatty():
        print(f"{name:12} {tried:>9} inputs  {reached:>6} branches", end=end, flush=True)


def _fuzz(name: str, seconds: int) -> None:
    """Fuzz a target until the time is over or it breaks; does not return."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["alignlib", "benchmarks", "book"]):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    (FOUND / name).mkdir(parents=True, exist_ok=True)
    corpus = Path(tempfile.mkdtemp(prefix="fuzz-corpus-"))
    for number, data in enumerate(_examples(target)):
        (corpus / str(number)).write_bytes(data)
    arguments = [f"-max_total_time={seconds}", f"-artifact_prefix={FOUND / name}/", *OPTIONS]

    def check(data: bytes) -> None:
        try:
            target.check(data)
        except BaseException:
            (FOUND / name / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)

    atheris.Setup([sys.argv[0], *arguments, str(corpus)], check)
    atheris.Fuzz()


def _examples(target: Target) -> list[bytes]:
    from hypothesis import HealthCheck, Phase, given, seed, settings

    made: list[bytes] = []

    @seed(0)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(target.examples)
    def draw(data: bytes) -> None:
        made.append(data)

    draw()
    return made


if __name__ == "__main__":
    sys.exit(main())
