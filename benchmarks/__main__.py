"""Run the benchmarks, or print what runs have found.

    python -m benchmarks                    ours and TRL's, in turns, on this machine
    python -m benchmarks --quick            the tiny model alone, about a minute
    python -m benchmarks table FILE...      results as tables in Markdown
    python -m benchmarks picture FILE...    the goals as a picture, chapters/speed.svg

A run prints its tables and writes a result file; benchmarks/README.md says how to read them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.row import BenchmarkError

MODELS = ("tiny", "smollm2")
DTYPES = ("float32", "bfloat16")
PARTS = ("sampling", "sft", "rloo", "memory", "scaling", "limit")


def main(arguments: Sequence[str] | None = None) -> int:
    """What was asked for; 1 where a comparison was none, or a file was no result."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if given[:1] == ["table"]:
            return _table(given[1:])
        if given[:1] == ["picture"]:
            return _picture(given[1:])
        return _run(_parser().parse_args(given))
    except BenchmarkError as error:
        print(error, file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    # Not for the other commands: these take seconds to import, and building the book has neither.
    from alignlib.errors import AlignlibError
    from benchmarks.running import run

    try:
        return run(options)
    except AlignlibError as error:
        raise BenchmarkError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--models", nargs="+", choices=MODELS, default=list(MODELS), help="default: both")
    add("--device", choices=["cpu", "cuda"], default="cpu", help="where to run (default: cpu)")
    add("--dtypes", nargs="+", choices=DTYPES, default=list(DTYPES), help="default: both")
    add("--only", nargs="+", choices=PARTS, default=list(PARTS), help="default: all of them")
    add("--rounds", type=int, default=5, help="default: 5; at most 3 for SmolLM2")
    add("--quick", action="store_true", help="tiny in float32, one round, no scaling")
    add("--out", type=Path, default=Path(__file__).parent / "results", metavar="FOLDER",
        help="for the result file (default: benchmarks/results)")  # fmt: skip
    return parser


def _table(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks table", description="Print results as tables in Markdown."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="result files")
    from benchmarks.report import tables
    from benchmarks.results import read

    print(tables([read(path) for path in parser.parse_args(given).files]), end="")
    return 0


def _picture(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks picture", description="Draw the goals of results as SVG."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="result files")
    parser.add_argument("--out", type=Path, default=Path("chapters/speed.svg"), metavar="SVG",
                        help="where to (default: chapters/speed.svg)")  # fmt: skip
    from benchmarks.picture import draw
    from benchmarks.results import read

    options = parser.parse_args(given)
    draw([read(path) for path in options.files], options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
