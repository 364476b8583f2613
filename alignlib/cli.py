"""The command ``alignlib``: one subcommand for each thing that takes a while.

What a command needs is imported when it is given, so that the others start at once, and
``alignlib doctor`` also where PyTorch is broken.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from alignlib.errors import AlignlibError

SETTINGS = {
    "blocks": "blocks of the corpus to read, each once",
    "documents_per_block": "documents of a block",
    "tokens_per_batch": "the most tokens of a batch",
    "hidden_size": "width of the model",
    "layers": "layers of the model",
    "heads": "attention heads of a layer",
    "intermediate_size": "width inside a feed-forward layer",
    "learning_rate": "at its highest",
    "seed": "of the weights and of the corpus",
}
"""The settings of a pretraining run that have a flag."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 if it went well, 1 if not, 130 if it was interrupted."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = argparse.Namespace(command=(given or [""])[0], again="Give the same command again.")
    try:
        _parser(given).parse_args(given, options)
        return int(options.run(options))
    except AlignlibError as error:
        print(f"alignlib {options.command}: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        print(
            f"alignlib {options.command}: {error}. `alignlib doctor` says what is not well here.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(f"\nalignlib {options.command}: interrupted. {options.again}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever reads has had enough, as in `alignlib demo | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor at the exit
        return 1


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """The command line; a command has its options where it was given."""
    parser = argparse.ArgumentParser(
        prog="alignlib", description="The commands of the course on aligning language models."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (words, fill) in COMMANDS.items():
        command = commands.add_parser(name, help=words)
        if name in given:
            fill(command)
    return parser


def _fill_demo(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Ask, show and reward the tiny model, live, in about a minute on two cores: as "
        "it is, under a good prompt, finetuned on 80 demonstrations, rewarded for right answers, "
        "and rewarded for politeness alone. Each way writes its row of a table as soon as it is "
        "measured. Nothing is downloaded or stored."
    )
    command.epilog = (
        "The same seed gives the same table and answers on the same machine, but for the "
        "computer's seconds. Piped, it is plain text."
    )
    command.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of data and training (default: 0)"
    )
    command.add_argument(
        "--device", help="where to run, such as cpu or cuda (default: cuda, else mps, else cpu)"
    )
    command.add_argument("--quiet", action="store_true", help="the table alone, without answers")
    command.set_defaults(run=_demo, again="Nothing was stored; give the same command again.")


def _demo(options: argparse.Namespace) -> int:
    from alignlib.demo import demo

    demo(seed=options.seed, device=options.device, quiet=options.quiet)
    return 0


def _fill_doctor(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Look at what alignlib needs and what it can use: packages, devices, models, the sandbox, "
        "folders. Each line says ✓ works, ! missing or limited, which few need, or ✗ needed and "
        "does not work. Below it stands what to do."
    )
    command.epilog = (
        "Exit status: 0 if all that is needed works, 1 if not. What is printed names neither you "
        "nor this machine, and your home folder is ~: paste it into a report."
    )
    command.add_argument("--json", action="store_true", help="the same as JSON, for machines")
    command.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    from alignlib.doctor.report import doctor

    return doctor(as_json=options.json)


def _fill_grade(command: argparse.ArgumentParser) -> None:
    from alignlib.grading.commands import fill_grade

    fill_grade(command)


def _fill_gradescope(command: argparse.ArgumentParser) -> None:
    from alignlib.grading.commands import fill_gradescope

    fill_gradescope(command)


def _fill_pretrain(command: argparse.ArgumentParser) -> None:
    from alignlib.world.pretraining import Settings

    command.description = (
        "Train the tiny model on TinyWorld's text, from random weights, measure it, "
        "and write it as a Hugging Face folder with a model card. With the defaults this makes the "
        "model that alignlib ships, up to the rounding of another machine. A run that was stopped "
        "goes on from its latest checkpoint."
    )
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where it goes")
    command.add_argument("--device", default="cpu", help="where to train (default: cpu)")
    command.add_argument(
        "--checkpoint-every",
        type=int,
        default=16,
        metavar="BLOCKS",
        help="blocks between two checkpoints (default: 16)",
    )
    command.add_argument("--quiet", action="store_true", help="no progress bars")
    for name, what in SETTINGS.items():
        flag = f"--{name.replace('_', '-')}"
        kind = float if name == "learning_rate" else int
        usual = getattr(Settings(), name)
        command.add_argument(
            flag, type=kind, default=usual, metavar="N", help=f"{what} (default: {usual})"
        )
    again = "Give the same command again to go on from the latest checkpoint."
    command.set_defaults(run=_pretrain, again=again)


def _pretrain(options: argparse.Namespace) -> int:
    from alignlib.world.pretraining import Settings, pretrain

    pretrain(
        options.out,
        Settings(**{name: getattr(options, name) for name in SETTINGS}),
        device=options.device,
        checkpoint_every=options.checkpoint_every,
        progress=not options.quiet,
    )
    options.again = f"The model is finished; measure it with: alignlib card --out {options.out}"
    return _card(options)


def _fill_card(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where it is")
    command.add_argument("--quiet", action="store_true", help="no progress bars")
    command.set_defaults(run=_card)


def _card(options: argparse.Namespace) -> int:
    from alignlib.world.card import write_card

    card = write_card(options.out, progress=not options.quiet)
    print(f"The model is in {options.out}, and what it does in {card}.")
    return 0


COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "demo": ("ask, show and reward the tiny model, live, in about a minute", _fill_demo),
    "doctor": ("check what alignlib needs here, and say what to do about what fails", _fill_doctor),
    "grade": ("grade a folder of students' notebooks, each in a sandbox", _fill_grade),
    "gradescope": ("make the folder that Gradescope's autograder needs", _fill_gradescope),
    "pretrain": (
        "train the tiny model on TinyWorld's text, measure it and write its card",
        _fill_pretrain,
    ),
    "card": (
        "measure a model that `alignlib pretrain` made, and write its card anew",
        _fill_card,
    ),
}
"""By name: what it does, and what adds its options."""
