"""Pictures, read back from the artists that were drawn."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from alignlib import Estimate
from alignlib.errors import MeasureError
from alignlib.plots import COLOURS, gap_plot, interval_plot

WIDE = Estimate(0.5, 0.2, 0.9, 10)
NARROW = Estimate(0.1, 0.08, 0.12, 900)
FULL = Estimate(1.0, 0.7, 1.0, 12)
EMPTY = Estimate(0.0, 0.0, 0.3, 12)


@pytest.fixture(autouse=True)
def no_window() -> Iterator[None]:
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def many(names: int, series: int) -> dict[str, dict[str, Estimate]]:
    return {
        f"series {s}": {f"name {n}": (WIDE, FULL, EMPTY)[(n + s) % 3] for n in range(names)}
        for s in range(series)
    }


def parts(axes: Axes) -> list[tuple[Line2D, LineCollection]]:
    """The dots and the bars of each series."""
    found = []
    for container in axes.containers:
        assert isinstance(container, ErrorbarContainer)
        dots, _, (bars,) = container
        assert isinstance(dots, Line2D)
        assert isinstance(bars, LineCollection)
        found.append((dots, bars))
    return found


def rows(axes: Axes) -> dict[str, float]:
    """The height of each name."""
    labels = [label.get_text() for label in axes.get_yticklabels()]
    return dict(zip(labels, axes.get_yticks(), strict=True))


def lay_out(axes: Axes) -> Figure:
    """Give every artist its place in pixels."""
    figure = axes.figure
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    return figure


@pytest.mark.parametrize("series", [1, 2, 4])
def test_every_estimate_stands_at_its_value_in_its_row(series: int) -> None:
    table = many(5, series)
    axes = interval_plot(table, "share")
    assert list(rows(axes)) == [f"name {n}" for n in range(5)]
    assert len(parts(axes)) == series
    for (dots, bars), estimates in zip(parts(axes), table.values(), strict=True):
        heights = np.asarray(dots.get_ydata(), dtype=float)
        assert dots.get_xdata() == pytest.approx([e.value for e in estimates.values()])
        assert np.abs(heights - list(rows(axes).values())).max() < 0.25  # nearest to its own row
        for segment, estimate, height in zip(
            bars.get_segments(), estimates.values(), heights, strict=True
        ):
            assert segment == pytest.approx(
                np.array([[estimate.low, height], [estimate.high, height]])
            )
    assert axes.get_xlabel() == "share"


def test_one_series_stands_exactly_on_its_rows_and_needs_no_legend() -> None:
    axes = interval_plot({"": {"first": WIDE, "second": NARROW}}, "share")
    [(dots, _)] = parts(axes)
    assert dots.get_ydata() == pytest.approx(list(rows(axes).values()))
    assert axes.get_legend() is None


def test_the_first_name_is_on_top_and_the_first_series_above_the_second() -> None:
    axes = interval_plot(many(3, 2), "share")
    lay_out(axes)
    (one, _), (two, _) = parts(axes)
    pixels = [axes.transData.transform(np.asarray(dots.get_xydata()))[:, 1] for dots in (one, two)]
    assert (np.diff(pixels[0]) < 0).all()
    assert (pixels[0] > pixels[1]).all()
    assert (pixels[1][:-1] > pixels[0][1:]).all()  # a row ends before the next begins


def test_names_may_come_in_another_order_in_another_series() -> None:
    axes = interval_plot(
        {"a": {"x": WIDE, "y": NARROW}, "b": {"y": EMPTY, "x": FULL}},
        "share",
    )
    (_, _), (second, _) = parts(axes)
    assert list(rows(axes)) == ["x", "y"]
    assert second.get_xdata() == pytest.approx([FULL.value, EMPTY.value])


def test_series_are_told_apart_in_colour_and_in_grey() -> None:
    axes = interval_plot(many(2, len(COLOURS)), "share")
    dots = [dots for dots, _ in parts(axes)]
    assert len({str(line.get_color()) for line in dots}) == len(COLOURS)
    assert len({str(line.get_marker()) for line in dots}) == len(COLOURS)
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == list(many(2, len(COLOURS)))


@pytest.mark.parametrize("series", [2, 4])
@pytest.mark.parametrize("names", [1, 2, 9, 20])
def test_the_legend_covers_no_data_and_stays_in_the_picture(names: int, series: int) -> None:
    axes = interval_plot(many(names, series), "share")
    figure = lay_out(axes)
    legend = axes.get_legend()
    assert legend is not None
    box = legend.get_window_extent()
    assert not box.overlaps(axes.get_window_extent())  # where all data is
    assert not any(box.overlaps(dots.get_window_extent()) for dots, _ in parts(axes))
    assert figure.bbox.x0 <= box.x0
    assert box.x1 <= figure.bbox.x1
    assert box.y1 <= figure.bbox.y1


def test_every_value_from_0_to_1_is_in_sight() -> None:
    axes = interval_plot({"": {"full": FULL, "empty": EMPTY}}, "share")
    left, right = axes.get_xlim()
    assert left < 0.0
    assert right > 1.0


def test_it_draws_where_it_is_told_and_returns_that() -> None:
    figure, (left, right) = plt.subplots(1, 2)
    assert interval_plot({"": {"x": WIDE}}, "share", right) is right
    assert not left.containers
    assert plt.get_fignums() == [figure.number]


def test_rounding_in_an_interval_does_no_harm() -> None:
    """A share of 1 whose upper end came out a hair below it."""
    interval_plot({"": {"x": Estimate(1.0, 0.7, 1.0 - 1e-16, 9)}}, "share")


@pytest.mark.parametrize(
    "series",
    [
        {},
        {"a": {}},
        {"a": {"x": WIDE}, "b": {"y": WIDE}},
        {"a": {"x": WIDE}, "b": {"x": WIDE, "y": WIDE}},
        {"a": {"x": WIDE}, "b": {}},
    ],
    ids=["no series", "no names", "other names", "more names", "one without names"],
)
def test_series_that_do_not_go_together_are_refused(
    series: dict[str, dict[str, Estimate]],
) -> None:
    with pytest.raises(MeasureError, match="same names"):
        interval_plot(series, "share")
    assert plt.get_fignums() == []


def test_what_is_no_share_is_refused_not_clipped() -> None:
    with pytest.raises(MeasureError, match="between 0 and 1"):
        interval_plot({"": {"difference": Estimate(-0.1, -0.2, 0.0, 9)}}, "x")


def shades(axes: Axes) -> list[tuple[float, float, float]]:
    """Where each shaded gap begins and ends, and its row."""
    found = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return [(p.get_x(), p.get_x() + p.get_width(), p.get_y() + p.get_height() / 2) for p in found]


def test_the_gap_is_shaded_from_the_first_series_to_the_highest_other() -> None:
    does, can = {"x": NARROW, "y": WIDE}, {"x": WIDE, "y": EMPTY}
    axes = gap_plot({"does": does, "can": can, "too": {"x": FULL, "y": NARROW}}, "share")
    assert shades(axes) == [pytest.approx((0.1, 1.0, 0)), pytest.approx((0.5, 0.1, 1))]
    assert [text.get_text() for text in axes.texts] == ["+0.90", "-0.40", "gap"]
    assert len(parts(axes)) == 3  # all that interval_plot draws
    assert list(rows(axes)) == ["x", "y"]


@pytest.mark.parametrize("names", [1, 6])
def test_the_gaps_stand_in_the_picture_beside_the_data(names: int) -> None:
    long = {f"a rather long name of a line {n}": (NARROW, WIDE)[n % 2] for n in range(names)}
    axes = gap_plot({"does, by default": long, "can, in 32 tries": long, "can, best": long}, "x")
    figure = lay_out(axes)
    legend = axes.get_legend()
    assert legend is not None
    for box in [text.get_window_extent() for text in axes.texts] + [legend.get_window_extent()]:
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
        assert not box.overlaps(axes.get_window_extent())


def test_a_gap_needs_two_series() -> None:
    with pytest.raises(MeasureError, match="at least two"):
        gap_plot({"does": {"x": WIDE}}, "share")
    with pytest.raises(MeasureError, match="same names"):
        gap_plot({"does": {"x": WIDE}, "can": {"y": WIDE}}, "share")
    assert plt.get_fignums() == []
