"""A disk that is really full: a small tmpfs, which nobody but this process sees."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import pytest

from tests.faults.children import in_child

NEW_MOUNTS, NEW_USER = 0x00020000, 0x10000000  # of sched.h


def put_a_small_disk(folder: Path, size: int) -> None:
    """Mount an empty disk of so many bytes at a folder, for this process and its children.

    A namespace of its own has the rights for it, whoever's the process is. It can have no threads.

    Raises:
        OSError: if the system does not let its users make such namespaces.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    _check(libc.unshare(NEW_USER | NEW_MOUNTS))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _check(libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, f"size={size}".encode()))


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def needs_small_disks(folder: Path) -> None:
    """Skip a test, but fail it in CI, where no such disk can be had."""
    try:
        if sys.platform != "linux":
            raise OSError("that is for Linux only")
        in_child(put_a_small_disk, folder, 2**16)
    except OSError as error:
        message = f"No small disk can be mounted here: {error}."
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(message)
        pytest.skip(message)


def fill(folder: Path, free: int) -> Path:
    """Fill the disk that a folder is on, but for so many bytes.

    Returns:
        The file that takes the room.
    """
    disk, filler = os.statvfs(folder), folder / "filler"
    filler.write_bytes(bytes(max(disk.f_bavail * disk.f_frsize - free, 0)))
    return filler


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for the filler and what a run holds the folder with."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("filler", ".lock")
    }
