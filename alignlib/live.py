"""A plot of a history that grows while a model is trained, in a notebook."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

import matplotlib.pyplot as plt
from IPython import get_ipython
from IPython.display import display

from alignlib.history import History, Row

PAUSE = 1.0
"""The fewest seconds between two drawings."""


@contextlib.contextmanager
def live_plot(rows: list[Row], measures: Sequence[str]) -> Iterator[Callable[[], None]]:
    """Gives a function that draws the rows anew, in place of the drawing before.

    It draws at most once a second, and once more at the end. Where there are no measures, or no
    notebook to show them in, it does nothing.

    Args:
        rows: of a history, which grows.
        measures: what to draw, as for :meth:`alignlib.History.plot`.
    """
    shell = get_ipython()
    if not measures or type(shell).__name__ != "ZMQInteractiveShell":  # a kernel's
        yield lambda: None
        return
    handle = display(display_id=True)
    drawn_at = -PAUSE

    def draw(at_once: bool = False) -> None:
        nonlocal drawn_at
        if not rows or (not at_once and time.monotonic() - drawn_at < PAUSE):
            return
        axes = History(rows).plot(*measures)
        figure = axes[0].figure
        handle.update(figure)
        plt.close(figure)
        drawn_at = time.monotonic()

    try:
        yield draw
    finally:
        draw(at_once=True)
