"""TensorBoard: the rows of a run, written while it goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from alignlib.errors import MissingPackageError
from alignlib.history import Row

__all__ = ["board"]


@contextlib.contextmanager
def board(folder: str | Path | None, rows: Sequence[Row]) -> Iterator[Callable[[], None]]:
    """Inside, a function that writes the rows which have come in since; nothing without a folder.

    Args:
        folder: that TensorBoard is pointed at.
        rows: of the history, as it grows. Of a run that is gone on with these are some already;
            what an interrupted one had written beyond them is dropped.

    Raises:
        MissingPackageError: if TensorBoard is not installed.
    """
    if folder is None:
        yield lambda: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingPackageError(
            "log_dir needs TensorBoard: pip install tensorboard, or leave log_dir out; the history "
            "has all the same numbers."
        ) from error
    written = len(rows)

    def write() -> None:
        nonlocal written
        for row in rows[written:]:
            for name in row.keys() - {"step"}:
                writer.add_scalar(name, row[name], int(row["step"]))
        written = len(rows)

    with SummaryWriter(str(folder), purge_step=int(rows[-1]["step"]) + 1 if rows else 0) as writer:
        yield write
