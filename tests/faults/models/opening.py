"""Opens hostile models: each in a fork of its own, with little time and memory.

``python -m tests.faults.models.opening FOLDER`` opens the model in FOLDER once, to have everything
imported. Then it reads a folder a line and says in a line what became of it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import alignlib
from alignlib import chat, errors
from alignlib.errors import AlignlibError

MEMORY = 2**30
"""Bytes, besides those that the process has."""
SECONDS = 60


class Opener:
    """Asks the process that opens models."""

    def __init__(self, good: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.models.opening", str(good)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
            env={**os.environ, "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"},
        )

    def opened(self, folder: Path) -> str:
        """The text that an opened model makes of a chat."""
        reply = self._ask(folder)
        assert "text" in reply, reply
        return str(reply["text"])

    def refused(self, folder: Path) -> AlignlibError:
        """The typed error that opening a model, or a chat with it, ends in."""
        reply = self._ask(folder)
        assert "error" in reply, reply
        made: AlignlibError = getattr(errors, reply["error"])(reply["message"])
        return made

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, folder: Path) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        print(json.dumps(str(folder)), file=stdin, flush=True)
        reply: dict[str, Any] = json.loads(stdout.readline())
        return reply


def main() -> None:
    """Answer until there are no more questions."""
    alignlib.load(Path(sys.argv[1]), device="cpu")
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            _limit()
            os.write(writer, json.dumps(_open(Path(json.loads(line)))).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as answer:
            said = answer.read()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(said.decode() or json.dumps({"ended": code}), flush=True)


def _limit() -> None:
    signal.alarm(SECONDS)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))


def _open(folder: Path) -> dict[str, str]:
    try:
        return {"text": alignlib.load(folder, device="cpu").render(chat("hello."))[:1000]}
    except AlignlibError as error:
        return {"error": type(error).__name__, "message": str(error)}
    except BaseException as error:
        return {"untyped": repr(error)[:500]}


if __name__ == "__main__":
    main()
