"""The history of a run: its table, and its pictures read back from the artists."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from alignlib.errors import TrainingError
from alignlib.history import History, Row
from alignlib.plots import COLOURS


@pytest.fixture(autouse=True)
def no_window() -> Iterator[None]:
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def step(number: int, **measured: float) -> Row:
    return {"step": number, "loss": 3.0 / number, "seconds": 0.1} | measured


ROWS = [
    {"step": 0, "validation_loss": 4.0, "truthful": 0.25},
    step(1),
    step(2, validation_loss=2.5, truthful=0.5),
    step(3),
    step(4, validation_loss=2.0, truthful=0.75),
]


def drawn(axes: Axes) -> list[list[tuple[float, float]]]:
    """The points of each line."""
    return [list(zip(*np.asarray(line.get_data()).tolist(), strict=True)) for line in axes.lines]


def test_the_table_has_every_measure_behind_what_a_step_has() -> None:
    table = History(ROWS).frame
    assert list(table.columns) == ["step", "loss", "seconds", "validation_loss", "truthful"]
    assert table["step"].tolist() == [0, 1, 2, 3, 4]
    assert table["loss"].isna().tolist() == [True, False, False, False, False]
    assert table["truthful"].dropna().tolist() == [0.25, 0.5, 0.75]


def test_no_measure_is_lost_where_the_last_row_lacks_it() -> None:
    table = History(ROWS[:-1]).frame
    assert list(table.columns) == ["step", "loss", "seconds", "validation_loss", "truthful"]
    assert table["truthful"].dropna().tolist() == [0.25, 0.5]


def test_by_default_the_losses_share_a_panel_and_measures_have_their_own() -> None:
    panels = History(ROWS).plot()
    assert [axes.get_ylabel() for axes in panels] == ["loss", "truthful"]
    assert [axes.get_xlabel() for axes in panels] == ["step", "step"]
    assert drawn(panels[0]) == [
        [(1, 3.0), (2, 1.5), (3, 1.0), (4, 0.75)],
        [(0, 4.0), (2, 2.5), (4, 2.0)],
    ]
    assert drawn(panels[1]) == [[(0, 0.25), (2, 0.5), (4, 0.75)]]
    legend = panels[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["loss", "validation loss"]
    assert [line.get_color() for line in panels[0].lines] == list(COLOURS[:2])
    assert panels[1].get_legend() is None


def test_what_is_asked_for_is_drawn_into_the_axes_given() -> None:
    _, axes = plt.subplots(1, 2)
    panels = History(ROWS).plot("validation_loss", "seconds", axes=axes)
    assert list(panels) == list(axes)
    assert [each.get_ylabel() for each in axes] == ["validation loss", "seconds"]
    assert drawn(axes[0]) == [[(0, 4.0), (2, 2.5), (4, 2.0)]]


def test_a_long_run_is_a_line_and_a_short_one_has_its_points() -> None:
    for steps, marked in ((30, True), (31, False)):
        [axes] = History([step(number) for number in range(1, steps + 1)]).plot("loss")
        assert (axes.lines[0].get_marker() != "None") is marked


def test_what_can_not_be_drawn_is_named() -> None:
    with pytest.raises(TrainingError, match=r"no 'rude' here; there are step, loss, .*truthful"):
        History(ROWS).plot("loss", "rude")
    with pytest.raises(TrainingError, match="1 axes for 2 measures"):
        History(ROWS).plot("loss", "truthful", axes=[plt.figure().gca()])


def test_a_history_of_nothing_says_so() -> None:
    empty = History([])
    assert len(empty) == 0
    assert str(empty) == "no steps yet"
    assert empty.frame.empty
    with pytest.raises(TrainingError, match="no steps yet"):
        empty.plot()
    with pytest.raises(TrainingError, match="no 'loss' here; there are step, "):
        History(ROWS[:1]).plot()


def test_it_says_where_it_ended() -> None:
    assert str(History(ROWS)) == (
        "5 rows, the last: step=4 loss=0.75 seconds=0.1 validation_loss=2 truthful=0.75"
    )
