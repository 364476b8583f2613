"""The fixture with which a test of a fault notes what it found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.report import Fault


@pytest.fixture
def fault(request: pytest.FixtureRequest, tmp_path: Path) -> Fault:
    """Notes a row of SECURITY.md's table, under the first sentence of the test file's docstring."""
    kind = (request.module.__doc__ or "").partition(".")[0]
    return Fault(kind, request.node.user_properties, tmp_path)
