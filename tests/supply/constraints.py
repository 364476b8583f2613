"""constraints.txt: exact versions, each with what it is for or with what asks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply.graph import installed, needed_by
from tests.supply.project import ROOT, asked, flat, project, reasons

FILE = ROOT / "constraints.txt"
CUDA = ("nvidia-", "cuda-", "triton")
"""What PyTorch's builds for GPUs pin themselves, and its builds for the CPU don't ask for."""

SHOWN = 4
"""How many of the packages that ask for one are named."""


@dataclass(frozen=True)
class Pin:
    """A line of constraints.txt.

    Attributes:
        name: the package's, as it spells it.
        version: the exact one.
        why: the comment; empty if there is none.
    """

    name: str
    version: str
    why: str

    @property
    def key(self) -> str:
        """The package's canonical name."""
        return canonicalize_name(self.name)

    def __str__(self) -> str:
        return f"{self.name}=={self.version}" + (f"  # {self.why}" if self.why else "")


def read(text: str) -> tuple[str, list[Pin]]:
    """A constraints file's head, which is comments, and its pins.

    Raises:
        ValueError: if a line is no exact pin.
    """
    lines = text.splitlines(keepends=True)
    head = "".join(line for line in lines if line.startswith("#"))
    pins = []
    for line in lines:
        if not line.startswith("#"):
            pin, _, why = line.partition("  # ")
            exact = re.fullmatch(r"([\w.-]+)==([\w.+!]+)", pin.strip())
            if exact is None:
                raise ValueError(f"constraints.txt has {line.strip()!r}: write NAME==VERSION.")
            pins.append(Pin(exact[1], exact[2], why.strip()))
    return head, pins


def write(text: str) -> str:
    """A constraints file with its reasons made anew.

    A pin that something asks for is kept, and any other is dropped. What is asked for, installed
    here and not pinned gets a pin.

    Raises:
        LookupError: if not all that the project asks for is installed here, so that what it asks
            for in turn can't be known.
    """
    absent = [
        each.name
        for each in _all()
        if canonicalize_name(each.name) not in installed()
        and (each.marker is None or each.marker.evaluate({"extra": ""}))
    ]
    if absent:
        raise LookupError(f"Install everything first; not here are: {', '.join(sorted(absent))}.")
    head, pins = read(text)
    needed, said = _needed(), reasons(project())
    pinned = {pin.key for pin in pins}
    pins += [
        Pin(installed()[name].name, installed()[name].version.partition("+")[0], "")
        for name in needed.keys() - pinned
        if name in installed()
    ]
    lines = [
        str(Pin(pin.name, pin.version, why(pin, needed, said))) + "\n"
        for pin in sorted(pins, key=lambda pin: pin.key)
        if pin.key in needed
    ]
    return head + "".join(lines)


def why(pin: Pin, needed: dict[str, set[str]], said: dict[str, str]) -> str:
    """What a pin is for: the reason that is said, or else the packages that ask for it."""
    if pin.key in said:
        return said[pin.key]
    parents = sorted(needed.get(pin.key, ()))
    if not parents:
        return pin.why
    more = f" and {len(parents) - SHOWN} more" if len(parents) > SHOWN else ""
    return f"via {', '.join(parents[:SHOWN])}{more}"


def missing(text: str) -> set[str]:
    """What the project's requirements bring and a constraints file does not pin."""
    return set(_needed()) - {pin.key for pin in read(text)[1]}


def _needed() -> dict[str, set[str]]:
    needed = needed_by(_all())
    return {name: by for name, by in needed.items() if not name.startswith(CUDA)}


def _all() -> list[Requirement]:
    return flat(asked(project()).values())
