"""Zips that are not what they say, written byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile

EMPTY = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
"""A notebook of no cells."""


def packed(*members: tuple[str, bytes]) -> bytes:
    """A zip of names, however odd, with their contents."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def encrypted() -> bytes:
    """A zip whose one notebook is said to need a password."""
    data = bytearray(packed(("a.ipynb", EMPTY)))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    return bytes(data)


def claiming(size: int) -> bytes:
    """A zip whose one notebook is said to be that large, unpacked."""
    data = bytearray(packed(("a.ipynb", EMPTY)))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, size)
    return bytes(data)


def crowded(entries: int) -> bytes:
    """A zip that lists one small notebook under very many names."""
    one = packed(("a.ipynb", EMPTY))
    begin = one.index(b"PK\x01\x02")
    entry = one[begin : one.index(b"PK\x05\x06")]
    listed = entry * entries
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, len(listed), begin, 0)
    return one[:begin] + listed + end
