"""Safetensors files that carry the checksum of their own bytes.

The sum stands among the metadata in the header, and is that of the whole file with zeros in its
place: one flipped bit shows wherever it is. It finds damage, not malice: whoever can write the file
can write a sum, too.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

ENTRY = "sha256"
BLANK = b"0" * 64
_BEFORE = f'"{ENTRY}":"'.encode()  # inside a text of JSON the quotes would be escaped


def save(file: Path, tensors: Mapping[str, Tensor], about: Mapping[str, str]) -> None:
    """Write a file with its checksum, all of it to the disk.

    Args:
        file: where; a killed process leaves a part of it.
        tensors: by name.
        about: metadata.

    Raises:
        OSError, SafetensorError: if it can't be written.
    """
    save_file(dict(tensors), file, metadata={**about, ENTRY: BLANK.decode()})
    with file.open("r+b") as handle:
        place, _, found = _sum(handle)
        handle.seek(place)
        handle.write(found)
        handle.flush()
        os.fsync(handle.fileno())


def read(file: Path) -> dict[str, str]:
    """The metadata of a file that is as it was written.

    Raises:
        OSError: if it can't be read.
        ValueError: if it was changed since, or has no checksum; the text says which, after 'it'.
    """
    with file.open("rb") as handle:
        _, stored, found = _sum(handle)
        if stored != found:
            raise ValueError("its bytes do not match its checksum")
        handle.seek(0)
        header = handle.read(int.from_bytes(handle.read(8), "little"))
    about: dict[str, str] = json.loads(header)["__metadata__"]
    return about


def _sum(handle: io.BufferedReader | io.BufferedRandom) -> tuple[int, bytes, bytes]:
    """Where a file's checksum stands, the one that stands there, and the one of its bytes."""
    size = os.fstat(handle.fileno()).st_size
    start = handle.read(8)
    length = int.from_bytes(start, "little")
    if not size:
        raise ValueError("it is empty")
    if length > size - 8:
        raise ValueError("it is cut off, or no safetensors file")
    header = handle.read(length)
    place = header.find(_BEFORE) + len(_BEFORE)
    end = place + len(BLANK)
    if place < len(_BEFORE) or end > length:
        raise ValueError("it has no checksum")
    found = hashlib.sha256(start + header[:place] + BLANK + header[end:])
    hashlib.file_digest(handle, lambda: found)  # goes on with what is behind the header
    return 8 + place, header[place:end], found.hexdigest().encode()
