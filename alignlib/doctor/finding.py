"""What a check found: a line of the report, without the names of the user and of the machine."""

from __future__ import annotations

import getpass
import os
import platform
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["well", "note", "broken"]


@dataclass(frozen=True)
class Finding:
    """A line of the report.

    Attributes:
        name: of what was looked at.
        state: ``"well"``; ``"note"`` where something that few need is not there, or is not as it
            could be; ``"broken"`` where something is that alignlib needs.
        found: what was seen.
        advice: what to do; empty where all is well.
    """

    name: str
    state: State
    found: str
    advice: str = ""


Check = Callable[[], Iterator[Finding]]
"""Looks at one thing, and finds something or other."""


def well(name: str, found: str) -> Finding:
    """Something is as it should be."""
    return Finding(name, "well", found)


def note(name: str, found: str, advice: str) -> Finding:
    """Something that few need is not there, or is not as it could be."""
    return Finding(name, "note", found, advice)


def broken(name: str, found: str, advice: str) -> Finding:
    """Something is broken that alignlib needs."""
    return Finding(name, "broken", found, advice)


def gigabytes(count: float) -> str:
    """A number of bytes in words."""
    return f"{count / 1e9:.1f} GB"


def first_line(error: BaseException) -> str:
    """An error's kind and what it says first."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__


def private(text: str) -> str:
    """The text without the names of the user and of the machine; the home folder is ``~``."""
    for home in {os.environ.get("HOME", ""), _said(lambda: str(Path.home()))}:
        if len(home) > 1:
            text = re.sub(rf"{re.escape(home.rstrip('/'))}(?![\w.-])", "~", text)
    for name, instead in ((_said(getpass.getuser), "USER"), (platform.node(), "HOST")):
        if name not in ("", "root", "localhost"):
            text = re.sub(rf"(?<![\w]){re.escape(name)}(?![\w])", instead, text)
    return text


def _said(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except (KeyError, RuntimeError, OSError, ImportError):  # there is no such user
        return ""
