"""The process that a student's notebook runs in: one request a line in, one answer a line out.

Requests: ``{"id", "run": source}`` runs a cell in IPython, as a notebook's kernel would, and
``{"id", "call": name, "style", "inputs"}`` calls what the notebook has made under that name. The
channel is the process's own standard input and output, which the student's code sees as an empty
file and as the log.

It holds nothing worth stealing: no right answer and no score. Code that breaks it loses its own
answers, and what it forges is held against the right answer like any other.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import json
import os
import resource
import sys
import types
from typing import Any, NoReturn

from .calls import answer, described

MISSING = "missing"


def main() -> None:
    """Serve until the channel closes."""
    channel_in = os.fdopen(os.dup(0), encoding="utf8")
    channel_out = os.fdopen(os.dup(1), "w", encoding="utf8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    start = json.loads(channel_in.readline())
    for module in start["modules"]:
        __import__(module)
    _limit(start["limits"])
    _hide_the_course()
    shell = _shell()
    os.chdir(start["folder"])
    print(json.dumps({"id": 0}), file=channel_out, flush=True)
    for line in channel_in:
        request = json.loads(line)
        reply = _run(shell, request) if "run" in request else _call(shell, request)
        try:
            text = json.dumps({"id": request["id"], **reply})
        except Exception as error:
            text = json.dumps({"id": request["id"], "error": described(error)})
        print(text, file=channel_out, flush=True)


def _run(shell: Any, request: dict[str, Any]) -> dict[str, Any]:
    result = shell.run_cell(request["run"], store_history=False)
    error = result.error_before_exec or result.error_in_exec
    _flush()
    return {} if error is None else {"error": described(error)}


def _call(shell: Any, request: dict[str, Any]) -> dict[str, Any]:
    function = shell.user_ns.get(request["call"])
    if function is None:
        return {MISSING: True}
    reply: dict[str, Any] = answer(function, request["style"], request["inputs"])
    _flush()
    return reply


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            continue


def _limit(limits: dict[str, int]) -> None:
    """Set limits that this process can't raise again; of addresses, besides those it has now."""
    for name, most in limits.items():
        if name == "AS":
            most += _addresses()
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS has not all of them
            resource.setrlimit(kind, (most, most))


def _addresses() -> int:
    """Bytes of addresses that this process has: PyTorch for CUDA takes gigabytes, unused."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 2**35


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    config.InteractiveShell.xmode = "Minimal"
    return InteractiveShell.instance(config=config)


def _hide_the_course() -> None:
    """Put a package in the place of alignlib that has a ``check`` and nothing else."""

    def missing(name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise ImportError(f"alignlib.{name} is not there in grading: an answer stands on its own.")

    for name in ("alignlib", "alignlib.grading"):
        module = types.ModuleType(name)
        module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
        module.__path__ = []
        module.__dict__["__getattr__"] = missing
        sys.modules[name] = module
    sys.modules["alignlib"].__dict__["grading"] = sys.modules["alignlib.grading"]
    sys.modules["alignlib.grading"].__dict__["check"] = lambda name, function: False
