"""What is fuzzed, and how bytes become texts and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

FOUND = Path(__file__).parent / "found"
"""Inputs that broke a target once, by its name."""


@dataclass(frozen=True)
class Target:
    """Something that takes any bytes.

    Attributes:
        check: fails where what it calls raises what it does not promise, or breaks its promise.
        examples: bytes of the kind that are of interest.
        share: of the usual number of examples; a slow target gets fewer.
    """

    check: Callable[[bytes], None]
    examples: SearchStrategy[bytes]
    share: float = 1.0


def text_of(data: bytes) -> str:
    """Any bytes as a text; it may have lone surrogates."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogateescape")


def json_of(data: bytes) -> Any:
    """The value of a JSON text; None of any other."""
    try:
        return json.loads(text_of(data))
    except (ValueError, RecursionError):
        return None


def bytes_of(text: str) -> bytes:
    """The inverse of :func:`text_of`."""
    return text.encode("utf-8", "surrogatepass")


def texts(pieces: Sequence[str]) -> SearchStrategy[bytes]:
    """Texts made of these pieces and of anything else."""
    characters = st.text(st.characters(), max_size=6)
    return st.lists(st.sampled_from(pieces) | characters, max_size=16).map("".join).map(bytes_of)


SCALARS: SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(2**63), 2**63, 10**15])
    | st.floats()
    | st.text(st.characters(), max_size=8)
)


def json_with(*special: Any) -> SearchStrategy[bytes]:
    """JSON of any shape, in which these values, and keys, are frequent."""
    keys = st.text(max_size=4) | st.sampled_from([k for k in special if isinstance(k, str)] or [""])
    leaves = SCALARS | st.sampled_from(special) if special else SCALARS
    values = st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    )
    return values.map(json.dumps).map(bytes_of)


def json_bytes(values: SearchStrategy[Any]) -> SearchStrategy[bytes]:
    """Values as JSON."""
    return values.map(json.dumps).map(bytes_of)
