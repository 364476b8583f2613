"""What a reader does first, where there is no home folder that could be written: prints JSON.

``python -m tests.faults.without_a_home FOLDER``: a folder that can't be written either.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt

import alignlib
from alignlib.errors import AlignlibError


def main(folder: Path) -> dict[str, str]:
    """What came of each thing: an error's name and message, or nothing."""
    lm = alignlib.load("tiny", device="cpu")
    pairs = [("a", "b"), ("c", "d")]

    def draw() -> None:
        alignlib.finetune(lm, pairs, epochs=2, progress=False).plot()
        plt.gcf().canvas.draw()

    tried: dict[str, Callable[[], object]] = {
        "sample": lambda: alignlib.sample(lm, ["Dogs say"], 2, 4, progress=False),
        "draw": draw,
        "checkpoint": lambda: alignlib.finetune(lm, pairs, checkpoint=folder, progress=False),
        "smollm2": lambda: alignlib.load("smollm2"),
    }
    return {name: _outcome(function) for name, function in tried.items()}


def _outcome(function: Callable[[], object]) -> str:
    try:
        function()
    except AlignlibError as error:
        return f"{type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
