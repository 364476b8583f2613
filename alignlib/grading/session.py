"""A running notebook: its process, asked one thing at a time, each with a limit of time.

The process is ended as a whole when an answer is late, when it uses too much memory, makes too many
processes or writes too much, and when the session closes. Its output is read all the while, so it
can't block, and all but the first of it is dropped.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from alignlib.errors import GradingError
from alignlib.grading.wall import Wall


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        seconds: of a cell, and of all the cases of an exercise.
        total_seconds: of the whole submission, however often it is started anew.
        memory_bytes: of all its processes together.
        processes: at one time.
        output_bytes: that it may write to its output.
        file_bytes: of one file.
    """

    seconds: float = 30.0
    total_seconds: float = 180.0
    memory_bytes: int = 3 * 2**30
    processes: int = 64
    output_bytes: int = 16 * 2**20
    file_bytes: int = 32 * 2**20


class StoppedError(Exception):
    """The process was ended, or has ended; the text says why."""


class LateError(StoppedError):
    """It was ended because an answer was late."""


STARTING = 60.0
"""Seconds to start Python and import what the notebook uses, not counted as its own."""
LONGEST_ANSWER = 8 * 2**20
LOOK = 0.05
"""Seconds between two looks at memory and processes."""


class Session:
    """One process with a notebook's code in it. Use it in a ``with`` statement."""

    def __init__(
        self, wall: Wall, limits: Limits, modules: tuple[str, ...], cancelled: threading.Event
    ) -> None:
        self._cancelled = cancelled
        self._limits = limits
        self._wall = wall
        self._modules = modules
        self._id = 0
        self._pending = bytearray()
        self._written = 0
        self._log_end = b""
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start()
        except OSError as error:
            self._stack.close()
            raise GradingError(f"No process could be started for a notebook: {error}.") from None
        return self

    def _start(self) -> None:
        own = Path(
            self._stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        )
        self._process = subprocess.Popen(
            self._wall.command(own),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._wall.environment(own),
            cwd="/" if self._wall.bubblewrap else own,
            start_new_session=True,
            **self._wall.user(own),
        )
        self._stack.callback(self._end)
        self._select = self._stack.enter_context(selectors.DefaultSelector())
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        self._select.register(self._out(), selectors.EVENT_READ)
        self._select.register(self._log(), selectors.EVENT_READ)
        limits = {
            "AS": self._limits.memory_bytes + 4 * 2**30,  # more addresses; what is used is watched
            "NPROC": self._limits.processes,
            "FSIZE": self._limits.file_bytes,
            "CORE": 0,
            "NOFILE": 96,
        }
        start = {"limits": limits, "modules": self._modules, "folder": self._wall.folder(own)}
        try:
            self._exchange(start, 0, STARTING)
        except StoppedError as error:
            self._stack.close()
            said = self._log_end.decode(errors="replace").strip()
            raise GradingError(
                f"No process could be started for a notebook: {error}.{' ' + said if said else ''}"
            ) from None
        except BaseException:
            self._stack.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def run(self, source: str, seconds: float) -> dict[str, Any]:
        """Run a cell: ``{}``, or ``{"error": {"type", "message"}}`` if it raised.

        Raises:
            StoppedError: if it did not come back.
        """
        return self._ask({"run": source}, seconds)

    def call(self, name: str, style: str, inputs: Any, seconds: float) -> dict[str, Any]:
        """Call what the notebook has under a name: as ``calls.answer``, or ``{"missing": True}``.

        Raises:
            StoppedError: if it did not come back.
        """
        return self._ask({"call": name, "style": style, "inputs": inputs}, seconds)

    def _ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        self._id += 1
        reply = self._exchange({"id": self._id, **request}, self._id, seconds)
        del reply["id"]
        return reply

    def _exchange(self, request: dict[str, Any], number: int, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        unsent = memoryview(json.dumps(request).encode() + b"\n")
        stdin = self._process.stdin
        assert stdin is not None
        self._select.register(stdin, selectors.EVENT_WRITE)
        look = time.monotonic() + LOOK
        try:
            while True:
                now = time.monotonic()
                if self._cancelled.is_set():
                    raise CancelledError
                if now > deadline:
                    late = self._limits.seconds if number else STARTING
                    raise LateError(f"it was not done after {late:g} seconds")
                if now > look:
                    self._look()
                    look = time.monotonic() + LOOK
                for key, _ in self._select.select(timeout=LOOK):
                    if key.fileobj is stdin:
                        unsent = self._write(unsent)
                    elif key.fd == self._log():
                        self._read_log()
                    else:
                        line = self._read_line()
                        if line is not None:
                            return _reply(line, number)
        finally:
            with contextlib.suppress(KeyError):
                self._select.unregister(stdin)

    def _write(self, unsent: memoryview) -> memoryview:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            unsent = unsent[os.write(stdin.fileno(), unsent[: 2**16]) :]
        except BrokenPipeError:
            raise StoppedError(self._how_it_ended()) from None
        except BlockingIOError:
            return unsent
        if not unsent:
            self._select.unregister(stdin)
        return unsent

    def _read_line(self) -> bytes | None:
        data = os.read(self._out(), 2**20)
        if not data:
            raise StoppedError(self._how_it_ended())
        self._pending += data
        if len(self._pending) > LONGEST_ANSWER:
            raise StoppedError("its answer is larger than the grader reads")
        if b"\n" not in data:
            return None
        line, _, rest = bytes(self._pending).partition(b"\n")
        self._pending = bytearray(rest)
        return line

    def _read_log(self) -> None:
        data = os.read(self._log(), 2**20)
        if not data:
            self._select.unregister(self._log())
        self._written += len(data)
        self._log_end = (self._log_end + data)[-500:]
        if self._written > self._limits.output_bytes:
            most = self._limits.output_bytes // 2**20
            raise StoppedError(f"it wrote more than {most} MB of output")

    def _look(self) -> None:
        used, count = 0, 0
        with contextlib.suppress(psutil.Error):
            for process in psutil.Process(self._process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    used += process.memory_info().rss
                    count += 1
        if used > self._limits.memory_bytes:
            raise StoppedError(
                f"it used more than {self._limits.memory_bytes / 2**30:.1f} GB of memory"
            )
        if count > self._limits.processes:
            raise StoppedError(f"it started more than {self._limits.processes} processes")

    def _how_it_ended(self) -> str:
        try:
            code = self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return "it closed its connection to the grader"
        if code < 0 or code > 128:
            number = -code if code < 0 else code - 128
            with contextlib.suppress(ValueError):
                return f"its process was ended by the signal {signal.Signals(number).name}"
        return f"its process ended by itself, with the code {code}"

    def _end(self) -> None:
        with contextlib.suppress(psutil.Error):
            for process in psutil.Process(self._process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    process.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _out(self) -> int:
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def _log(self) -> int:
        assert self._process.stderr is not None
        return self._process.stderr.fileno()


def _reply(line: bytes, number: int) -> dict[str, Any]:
    try:
        reply = json.loads(line)
    except (ValueError, RecursionError):
        reply = None
    if not isinstance(reply, dict) or reply.get("id") != number:
        raise StoppedError("its code wrote into the grader's channel")
    return reply
