"""The plot that grows, in a real kernel; and nothing where there is none."""

from __future__ import annotations

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from alignlib.history import Row
from alignlib.live import live_plot

CELL = """
import alignlib
from alignlib import chat, finetune
lm = alignlib.load("tiny", "cpu")
history = finetune(
    lm, [(chat("What is 1 + 1?"), "It is 2.")] * 3, epochs=3, batch_size=1,
    live=("loss", "gradient_norm"), progress=False,
)
len(history)
"""


def test_a_notebook_shows_one_picture_that_is_drawn_anew() -> None:
    notebook = new_notebook(cells=[new_code_cell(CELL)])  # type: ignore[no-untyped-call]
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    outputs = notebook.cells[0].outputs
    pictures = [each for each in outputs if "image/png" in each.get("data", {})]
    assert len(pictures) == 1
    assert outputs[-1].data["text/plain"] == "9"


def test_without_a_notebook_nothing_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[Row] = []
    with live_plot(rows, ("loss",)) as draw:
        rows.append({"step": 1, "loss": 0.5, "seconds": 0.1})
        draw()
    assert capsys.readouterr().out == ""
