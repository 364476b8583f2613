"""The header of a GGUF file, held against the length of the file.

The reader of transformers believes what a header says: of an array of 10**12 numbers it makes as
many objects, though the file ends before. Here every count is tried against the bytes that are
left. Left out: big-endian files, and the first version of the format.
"""

from __future__ import annotations

import math
import mmap
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STRING, ARRAY = 8, 9
SCALARS = dict(enumerate("BbHhIif?")) | {10: "Q", 11: "q", 12: "d"}
"""The types of values that have one size, by number, as :mod:`struct` calls them."""
MOST_DIMENSIONS = 4
"""Of a tensor, as in llama.cpp."""


@dataclass(frozen=True)
class Header:
    """What a file says of itself.

    Attributes:
        numbers: the whole numbers among its settings, by name.
        shapes: of its tensors, in no order.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    shapes: list[tuple[int, ...]] = field(default_factory=list)


def read(file: Path) -> Header:
    """Read the header of a file.

    Raises:
        ValueError: if it is no GGUF file, or says that it holds more than it does.
        OSError: if it can't be read.
    """
    with file.open("rb") as handle:
        try:
            data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:
            raise ValueError(f"{file.name} is empty.") from error
        with data:
            return _Reader(data, file.name).header()


class _Reader:
    def __init__(self, data: mmap.mmap, name: str) -> None:
        self._data, self._name, self._at = data, name, 0

    def header(self) -> Header:
        if self._data[:4] != b"GGUF":
            raise ValueError(f"{self._name} is no GGUF file.")
        self._at = 4
        version, tensors, settings = self._take("IQQ")
        if version not in (2, 3):
            raise ValueError(f"{self._name} is of version {version} of GGUF, not 2 or 3.")
        made = Header()
        for _ in range(self._count(settings, 12)):
            name = self._text()
            value = self._value(self._one("I"))
            if isinstance(value, int) and not isinstance(value, bool):
                made.numbers[name] = value
        for _ in range(self._count(tensors, 24)):
            self._text()
            made.shapes.append(self._shape())
        return made

    def _shape(self) -> tuple[int, ...]:
        dimensions = self._one("I")
        if dimensions > MOST_DIMENSIONS:
            raise ValueError(f"{self._name} has a tensor of {dimensions} dimensions.")
        shape: tuple[int, ...] = self._take(f"{dimensions}Q")
        _, start = self._take("IQ")
        if start > len(self._data) or math.prod(shape) > 32 * len(self._data):
            raise ValueError(f"{self._name} has a tensor of shape {shape}, and ends before it.")
        return shape

    def _value(self, kind: int, inside: int = 0) -> Any:
        """A value of some type; None for a text or an array, which are passed over."""
        if kind in SCALARS:
            return self._one(SCALARS[kind])
        if kind == STRING:
            self._text()
        elif kind == ARRAY and inside < 4:
            item, length = self._take("IQ")
            if item in SCALARS:
                size = struct.calcsize(SCALARS[item])
                self._at += size * self._count(length, size)
            else:
                for _ in range(self._count(length, 8)):
                    self._value(item, inside + 1)
        else:
            raise ValueError(f"{self._name} has a value of the unknown type {kind}.")
        return None

    def _text(self) -> str:
        length = self._count(self._one("Q"), 1)
        self._at += length
        return self._data[self._at - length : self._at].decode(errors="replace")

    def _count(self, count: int, size: int) -> int:
        """A count of things of at least ``size`` bytes, if the file has room for them."""
        if count * size > len(self._data) - self._at:
            raise ValueError(f"{self._name} says that {count} things follow, and ends before.")
        return count

    def _one(self, form: str) -> Any:
        return self._take(form)[0]

    def _take(self, form: str) -> tuple[Any, ...]:
        layout = struct.Struct(f"<{form}")
        self._count(1, layout.size)
        self._at += layout.size
        return layout.unpack_from(self._data, self._at - layout.size)
