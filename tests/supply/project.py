"""What pyproject.toml asks for, and the reason that stands beside each of it."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LINE = re.compile(r'^\s*"(?P<asked>[^"]+)",\s*#\s*(?P<reason>.+?)\s*$', re.MULTILINE)


def asked(text: str) -> dict[str, list[Requirement]]:
    """The requirements of each part of a pyproject.toml.

    Args:
        text: of the file.

    Returns:
        By part: ``build``, ``package``, ``package[EXTRA]`` and ``group NAME``.
    """
    data: Mapping[str, Any] = tomllib.loads(text)
    parts = {"build": data["build-system"]["requires"], "package": data["project"]["dependencies"]}
    for name, lines in data["project"]["optional-dependencies"].items():
        parts[f"package[{name}]"] = lines
    for name, lines in data["dependency-groups"].items():
        parts[f"group {name}"] = lines
    return {part: [Requirement(line) for line in lines] for part, lines in parts.items()}


def reasons(text: str) -> dict[str, str]:
    """What each package that a pyproject.toml asks for is there for, by its canonical name."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in LINE.finditer(text):
        found[canonicalize_name(Requirement(line["asked"]).name)].append(line["reason"])
    return {name: "; ".join(dict.fromkeys(each)) for name, each in found.items()}


def without_reason(text: str) -> list[str]:
    """The requirements of a pyproject.toml that don't say what they are for."""
    said = [Requirement(line["asked"]) for line in LINE.finditer(text)]
    return [str(each) for part in asked(text).values() for each in part if each not in said]


def project() -> str:
    """The text of the project's pyproject.toml."""
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def flat(parts: Iterable[list[Requirement]]) -> list[Requirement]:
    """The requirements of several parts."""
    return [each for part in parts for each in part]
