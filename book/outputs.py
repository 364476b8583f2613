"""Outputs as they are stored: without what differs from run to run or only moves on a screen."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode

WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/png", "image/svg+xml", "image/jpeg")

PROGRESS = re.compile(r"\d+%\|.*\||\d+(?:\.\d+)?\s?(?:it|s)/(?:s|it)\]|\d+it \[\d")
REPLACEMENTS = (
    (re.compile(r"(?<= at )0x[0-9a-f]{6,}"), "0x…"),
    (re.compile(r"\S*/ipykernel_\d+/\d+\.py"), "<cell>"),
    (re.compile(r"\S*/site-packages/"), ""),
)


def stored_outputs(outputs: list[NotebookNode], alt: str) -> list[NotebookNode]:
    """The outputs of one cell without progress bars, widget views, addresses and local paths.

    A widget view goes because its model is not stored; the text or HTML beside it stays. What a
    cell warned of on stderr stays. ``alt`` is the alternative text for the cell's pictures.
    """
    return [kept for output in outputs if (kept := _stored(output, alt)) is not None]


def alt_text(metadata: dict[str, Any]) -> str:
    """The alternative text for a cell's pictures: ``mystnb: image: alt`` in its options."""
    image = metadata.get("mystnb", {}).get("image", {})
    return str(image.get("alt", "")).strip()


def has_picture(cell: NotebookNode) -> bool:
    """Whether a code cell's output shows a picture."""
    return any(mime in output.get("data", {}) for output in cell.outputs for mime in PICTURES)


def _stored(output: NotebookNode, alt: str) -> NotebookNode | None:
    if output.output_type == "stream":
        lines = output.text.splitlines(keepends=True)
        if output.name == "stderr":
            lines = [line for line in lines if not PROGRESS.search(line)]
        output.text = _clean("".join(lines))
        return output if output.text.strip() else None
    if output.output_type not in ("display_data", "execute_result"):
        return output
    if output.data.pop(WIDGET, None) is not None and set(output.data) <= {"text/plain"}:
        return None
    for mime, data in output.data.items():
        if mime.startswith("text/") and isinstance(data, str):
            output.data[mime] = _clean(data)
        if mime in PICTURES and alt:
            output.metadata.setdefault(mime, {})["alt"] = alt
    return output


def _clean(text: str) -> str:
    for pattern, replacement in REPLACEMENTS:
        text = pattern.sub(replacement, text)
    return text
