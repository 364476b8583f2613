"""``python -m alignlib.explorables``: make anew what the explorables show."""

from __future__ import annotations

import argparse

from alignlib.explorables import models, runs


def main(arguments: list[str] | None = None) -> None:
    """Train the models that answer in the page, or the runs behind ``reward_weights``."""
    parser = argparse.ArgumentParser(prog="python -m alignlib.explorables", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("models", help="train the models that answer in the page: a minute")
    command = commands.add_parser("runs", help="train on each mixture of rewards: half an hour")
    command.add_argument("--anew", action="store_true", help="throw away what is stored")
    options = parser.parse_args(arguments)
    if options.command == "models":
        models.make_all()
    else:
        runs.make(options.anew)


if __name__ == "__main__":
    main()
