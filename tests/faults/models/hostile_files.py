"""Files of models that are not what they say, written byte by byte."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def edit(file: Path, **settings: Any) -> None:
    """Change settings in a JSON file; make it where there is none."""
    content = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps({**content, **settings}))


class Runs:
    """A pickle of it makes a folder when it is opened."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.mkdir, (str(self._canary),)


def code(canary: Path) -> str:
    """A module that makes a folder when it is imported, with all classes that one may ask for."""
    return f"import os\nos.mkdir({str(canary)!r})\nA = B = generate = object\n"


def safetensors(header: str | bytes, data: bytes = b"", length: int | None = None) -> bytes:
    """A safetensors file with any header, and any length written before it."""
    raw = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def tensor(begin: int, end: int, shape: Sequence[int], dtype: str = "F32") -> dict[str, Any]:
    """What a header says of one tensor."""
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def gguf(
    settings: Mapping[str, str | int | bytes],
    tensors: Sequence[tuple[str, Sequence[int], int]] = (("token_embd.weight", (8, 4), 0),),
    *,
    counts: tuple[int, int] | None = None,
) -> bytes:
    """A GGUF file.

    Args:
        settings: by name; a text, a number of 32 bits, or a type and a value as they are.
        tensors: names, shapes and offsets of float32 tensors.
        counts: the numbers of tensors and settings that it says it has.
    """
    many, few = counts or (len(tensors), len(settings))
    made = b"GGUF" + struct.pack("<IQQ", 3, many, few)
    for name, value in settings.items():
        made += _text(name)
        if isinstance(value, str):
            made += struct.pack("<I", 8) + _text(value)
        else:
            made += value if isinstance(value, bytes) else struct.pack("<II", 4, value)
    for name, shape, offset in tensors:
        made += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
    return made + bytes(-len(made) % 32) + bytes(4 * 32)


LLAMA: dict[str, str | int | bytes] = {
    "general.architecture": "llama",
    "llama.block_count": 1,
    "llama.context_length": 16,
    "llama.embedding_length": 8,
    "llama.feed_forward_length": 8,
    "llama.attention.head_count": 2,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.tokens": struct.pack("<IIQ", 9, 8, 4) + b"".join(map(_text, "abcd")),
    "tokenizer.ggml.merges": struct.pack("<IIQ", 9, 8, 1) + _text("a b"),
}
"""The settings of a small Llama."""


def array(kind: int, length: int) -> bytes:
    """An array that says it has so many items, and has none."""
    return struct.pack("<IIQ", 9, kind, length)
