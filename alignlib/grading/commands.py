"""The commands ``alignlib grade`` and ``alignlib gradescope``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from alignlib.errors import GradingError, MissingPackageError

CATALOGUE = Path(__file__).parents[2] / "chapters/exercises/catalogue"
SEED = "ALIGNLIB_SEED"
SECONDS = 30.0
MEMORY = 3.0


def fill_grade(command: argparse.ArgumentParser) -> None:
    """Give the command ``alignlib grade`` its words and options."""
    command.description = (
        "Grade a folder of students' notebooks: one .ipynb, .zip or folder for each "
        "student, who is called like it. Each is run from top to bottom in a sandbox of its own, "
        "and its functions are called with private cases, which follow from the secret seed. A run "
        "that was stopped goes on, and what has not changed is not graded again."
    )
    command.epilog = (
        "In FOLDER you find scores.csv, mistakes.csv and wrong.csv, and below students/ for "
        "each student feedback.md, feedback.html and Gradescope's results.json. Exit status: 0 if "
        "every student was graded, 1 if not."
    )
    command.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help="a folder")
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="of results")
    _add_common(command)
    command.add_argument(
        "--single",
        metavar="NAME",
        help="SUBMISSIONS holds the files of one student, who is called so; writes that student's "
        "feedback and no tables",
    )
    command.add_argument(
        "--show-cases",
        action="store_true",
        help="tell students the private case that is wrong and what is right; not before the last "
        "hand-in",
    )
    command.add_argument("--jobs", type=int, metavar="N", help="at a time (default: the cores)")
    command.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        metavar="S",
        help=f"for a cell, and for an exercise (default: {SECONDS:g})",
    )
    command.add_argument(
        "--memory",
        type=float,
        default=MEMORY,
        metavar="GB",
        help=f"for a student (default: {MEMORY:g})",
    )
    command.add_argument("--quiet", action="store_true", help="no progress bar and no summary")
    again = "What was graded is kept; give the same command again to go on."
    command.set_defaults(run=_grade, again=again)


def fill_gradescope(command: argparse.ArgumentParser) -> None:
    """Give the command ``alignlib gradescope`` its words and options."""
    command.description = (
        "Make the folder that Gradescope's autograder needs. Zip what is in it, and "
        "upload the zip. It holds the answers and the seed: keep it to yourself."
    )
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder")
    _add_common(command)
    command.add_argument(
        "--torch-index",
        default="",
        metavar="URL",
        help="an index of PyTorch's CPU builds, ten times smaller (default: the standard one, "
        "which brings CUDA)",
    )
    command.set_defaults(run=_gradescope, again="Nothing was written; give the command again.")


def _add_common(command: argparse.ArgumentParser) -> None:
    seed = command.add_mutually_exclusive_group()
    seed.add_argument(
        "--seed",
        metavar="SECRET",
        help=f"any words, of which the private cases follow (default: the variable {SEED}, which "
        "other users of this machine can't read, as they can a command)",
    )
    seed.add_argument("--seed-file", type=Path, metavar="FILE", help="the same, in a file")
    command.add_argument(
        "--chapters",
        nargs="+",
        default=[],
        metavar="N",
        help="that count, by number, as in 2 3 (default: all); after SUBMISSIONS",
    )
    command.add_argument(
        "--exercises",
        type=Path,
        default=CATALOGUE,
        metavar="FOLDER",
        help="the catalogue of exercises (default: this course's)",
    )
    command.add_argument(
        "--unprotected",
        action="store_true",
        help="grade without bubblewrap where it can't be had",
    )


def _grade(options: argparse.Namespace) -> int:
    if options.jobs is not None and options.jobs < 1:
        raise GradingError(f"--jobs is {options.jobs}: give at least 1.")
    if not options.seconds > 0 or not options.memory > 0:
        raise GradingError("--seconds and --memory must be above 0.")
    _check_folders(options.submissions, options.out)
    try:
        from alignlib.grading.run import run
    except ImportError as error:
        if error.name in ("fcntl", "resource"):
            raise GradingError("Grading runs on Linux and macOS, not on this system.") from None
        raise MissingPackageError(
            f"Grading needs the package {error.name}: pip install 'alignlib[grading]'."
        ) from None
    return run(options, _secret(options))


def _gradescope(options: argparse.Namespace) -> int:
    from alignlib.grading.exercise import choose, load_exercises
    from alignlib.grading.gradescope import write_gradescope

    choose(load_exercises(options.exercises), options.chapters)
    write_gradescope(
        options.out,
        options.exercises,
        options.chapters,
        _secret(options),
        unprotected=options.unprotected,
        torch_index=options.torch_index,
    )
    print(
        f"Zip what is in {options.out} and upload it: (cd {options.out} && zip -r ../upload.zip .)"
    )
    return 0


def _secret(options: argparse.Namespace) -> str:
    if options.seed is not None:
        return str(options.seed)
    if options.seed_file is not None:
        try:
            return options.seed_file.read_text(encoding="utf8").strip()  # type: ignore[no-any-return]
        except (OSError, UnicodeDecodeError) as error:
            raise GradingError(
                f"The seed can't be read from {options.seed_file}: "
                f"{error.strerror if isinstance(error, OSError) else 'it is no text in UTF-8'}."
            ) from None
    secret = os.environ.get(SEED)
    if secret is None:
        raise GradingError(
            "Private cases need a secret seed: --seed, --seed-file, or the environment variable "
            f"{SEED}. The same seed gives the same cases."
        )
    return secret


def _check_folders(submissions: Path, out: Path) -> None:
    inside, folder = out.resolve(), submissions.resolve()
    if inside == folder or inside.is_relative_to(folder) or folder.is_relative_to(inside):
        raise GradingError(
            f"{out} and {submissions} lie in each other: results would be taken for submissions. "
            "Give a folder elsewhere."
        )
