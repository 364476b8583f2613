"""What is measured of a model while it is trained, and the names that its history has anyway."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alignlib import distributed, processes
from alignlib.errors import TrainingError
from alignlib.history import Row
from alignlib.model import LM

__all__ = ["Measures"]

Measures = Mapping[str, Callable[[LM], float]]
"""What is measured of a model while it is trained: functions by name."""

OWN = ("step", "loss", "learning_rate", "gradient_norm", "seconds")
"""What every history of a training has."""


def check_measures(measures: Measures | None, *taken: str) -> None:
    """Raise a :class:`TrainingError` where a measure has a name that the history uses itself."""
    clash = [name for name in measures or {} if name in (*OWN, *taken)]
    if clash:
        raise TrainingError(
            f"The history has a {clash[0]!r} of its own: give the measure another name."
        )


def to_measures(lm: LM, measures: Measures | None) -> Row:
    """The measures of a model by their names; of several processes the first takes them."""
    if not measures:
        return {}
    taken = measures.items()
    with distributed.unsharded(lm):
        return processes.on_first(lambda: {name: float(measure(lm)) for name, measure in taken})
