"""Ctrl-C that waits for what must not be left half done.

Left out: processes that are killed, which have nobody to wait for them.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Inside, an interrupt waits until the block is left. Blocks can stand in each other."""
    before = signal.getsignal(signal.SIGINT)
    elsewhere = threading.current_thread() is not threading.main_thread()
    if elsewhere or before is None:  # interrupts come to the main thread; C's handler stays
        yield
        return
    came = False

    def wait(number: int, frame: object) -> None:
        nonlocal came
        came = True

    signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)
