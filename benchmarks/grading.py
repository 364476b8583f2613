"""How fast a class is graded: every right, wrong and hostile submission of the tests, in one run.

    python benchmarks/grading.py [--jobs N]

Prints submissions a minute, for the answers of the catalogue and for all with the hostile ones,
which are waited for until their time is up.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alignlib.grading.grading import grade, prepare  # noqa: E402
from alignlib.grading.session import Limits  # noqa: E402
from alignlib.grading.submissions import collect  # noqa: E402
from alignlib.grading.wall import raise_wall  # noqa: E402
from tests.grading.hostile import write_cells, write_files  # noqa: E402
from tests.grading.notebooks import exercises, write_catalogue  # noqa: E402


def main() -> None:
    """Grade both classes, each into an empty folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--jobs", type=int, help="at a time (default: the cores)")
    parser.add_argument("--seconds", type=float, default=10, help="for a cell (default: 10)")
    options = parser.parse_args()
    limits = Limits(seconds=options.seconds, total_seconds=6 * options.seconds)
    graded = prepare(exercises(), "a secret")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, writers in (
            ("right and wrong", (write_catalogue,)),
            ("with hostile ones", (write_catalogue, write_cells, write_files)),
        ):
            students = folder / name
            students.mkdir()
            for write in writers:
                write(students)
            submissions = collect(students)
            began = time.perf_counter()
            grades = grade(
                submissions,
                graded,
                folder / f"{name}, graded",
                raise_wall(False, [folder]),
                limits=limits,
                jobs=options.jobs,
            )
            seconds = time.perf_counter() - began
            own = sum(marked.seconds for marked in grades.marked) / len(submissions)
            print(
                f"{name}: {len(submissions)} submissions in {seconds:.0f} s, "
                f"{60 * len(submissions) / seconds:.0f} a minute; {own:.1f} s each"
            )


if __name__ == "__main__":
    main()
