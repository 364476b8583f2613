# mypy: allow-untyped-calls
"""What is stored of an output, and what is not."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode, from_dict

from book.outputs import WIDGET, stored_outputs


def _stream(name: str, text: str) -> NotebookNode:
    return NotebookNode({"output_type": "stream", "name": name, "text": text})


def _display(data: dict[str, str]) -> NotebookNode:
    node: NotebookNode = from_dict({"output_type": "display_data", "data": data, "metadata": {}})
    return node


@pytest.mark.parametrize(
    "bar",
    [
        "100%|██████████| 10/10 [00:00<00:00, 123.45it/s]",
        " 40%|####      | 4/10 [00:02<00:03,  1.95s/it]\n",
        "7it [00:00, 1043.18it/s]",
    ],
)
def test_progress_bars_are_not_stored(bar: str) -> None:
    assert stored_outputs([_stream("stderr", bar)], "") == []


def test_a_warning_stays_without_the_machine_s_paths() -> None:
    text = (
        "/somewhere/ipykernel_123/456.py:1: UserWarning: mind this\n"
        "/home/x/lib/python3.11/site-packages/pkg/a.py:2: UserWarning: and 50% of this\n"
        "100%|####| 1/1 [00:00<00:00,  1.00it/s]\n"
    )
    [output] = stored_outputs([_stream("stderr", text)], "")
    assert (
        output.text
        == "<cell>:1: UserWarning: mind this\npkg/a.py:2: UserWarning: and 50% of this\n"
    )


def test_stdout_keeps_its_text_but_no_addresses() -> None:
    [output] = stored_outputs([_stream("stdout", "100%| <object at 0x7f00aabbccdd>\n")], "")
    assert output.text == "100%| <object at 0x…>\n"


def test_a_widget_goes_and_the_html_beside_it_stays() -> None:
    assert stored_outputs([_display({WIDGET: "x", "text/plain": "HBox()"})], "") == []
    [output] = stored_outputs([_display({WIDGET: "x", "text/html": "<p>shown</p>"})], "")
    assert output.data == {"text/html": "<p>shown</p>"}


def test_a_picture_takes_its_alternative_text_along() -> None:
    [output] = stored_outputs([_display({"image/png": "AAAA"})], "A line.")
    assert output.metadata == {"image/png": {"alt": "A line."}}
