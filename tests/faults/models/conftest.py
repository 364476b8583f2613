"""A model to spoil, the process that opens it, and what is there if code has run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.models.opening import Opener


@pytest.fixture(scope="session")
def opener(llama_folder: Path) -> Iterator[Opener]:
    """What opens models."""
    made = Opener(llama_folder)
    yield made
    made.close()


@pytest.fixture
def folder(llama_folder: Path, tmp_path: Path) -> Path:
    """A copy of a model's folder, to be spoilt."""
    return Path(shutil.copytree(llama_folder, tmp_path / "model"))


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """What is there if code has run."""
    return tmp_path / "canary"
