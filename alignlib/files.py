"""Files that are there whole or not at all, and folders that one run has to itself."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from safetensors import SafetensorError

from alignlib.errors import AlignlibError

WITHOUT_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)
"""What a file system says that has no locks, such as some on a network."""
LOCK = ".lock"
"""What a run holds in its folder. The file may stay behind; that it is there says nothing."""


def write_whole(path: Path, text: str) -> None:
    """Write a file so that its old text is there, or its new, and never a part.

    Args:
        path: in a folder that is there.
        text: what UTF-8 can't say in it becomes a question mark.

    Raises:
        OSError: if it can't be written; the old text stays.
    """
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "w", encoding="utf8", newline="", errors="replace") as file:
            file.write(text)
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def os_errors() -> Iterator[None]:
    """Inside, what safetensors and tokenizers make of a full disk is the OSError that it is."""
    try:
        yield
    except Exception as error:
        bare = type(error) is Exception and "os error" in str(error)  # as tokenizers raises it
        if bare or isinstance(error, SafetensorError):
            raise OSError(str(error)) from error
        raise


@contextlib.contextmanager
def alone_in(folder: Path, refusal: type[AlignlibError]) -> Iterator[None]:
    """Inside, no other run works in a folder. The system lets go of it however the process ends.

    Args:
        folder: which is there.
        refusal: what is raised, at once, where another run has it.

    Raises:
        OSError: if nothing can be written there.
    """
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise refusal(
            f"Another run is writing to {folder}: wait for it, or give another folder."
        ) from None
    except (NotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in WITHOUT_LOCKS:
            raise
        warnings.warn(
            f"{folder} can't be locked ({error}): let no other run write there.", stacklevel=3
        )
    try:
        yield
    finally:
        lock.release()
