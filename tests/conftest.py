"""Fixtures that many tests share, and the rules for what may be skipped where."""

from __future__ import annotations

import importlib.util
import os
import signal
from pathlib import Path

import pytest
import torch
from hypothesis import settings

import alignlib
from alignlib import LM
from tests.browser import browser
from tests.faults import report as faults
from tests.random_models import ARCHITECTURES, write_model

__all__ = ["browser"]  # a fixture

# How long an example takes depends on what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Ctrl-C interrupts, even where a shell that ignores it has started this in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """GPU tests are skipped where there is none."""
    if torch.cuda.is_available():
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="This machine has no CUDA device."))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have measured and recorded as a property; keep what faults came to."""
    passed, failed = terminalreporter.getreports("passed"), terminalreporter.getreports("failed")
    for name, value in {item for report in [*passed, *failed] for item in report.user_properties}:
        if name != faults.PROPERTY:
            terminalreporter.write_line(f"{name}: {value}")
    rows = [row for report in passed for row in faults.rows_of(report.user_properties)]
    if rows:
        faults.keep(rows)


@pytest.fixture(scope="session")
def trl() -> None:
    """Without TRL these tests are skipped, but in CI they fail."""
    if importlib.util.find_spec("trl") is None:
        message = "TRL is not installed: pip install --group parity."
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(scope="session", params=sorted(ARCHITECTURES))
def random_lm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LM:
    """A small random model of each architecture, opened through the front door."""
    folder = tmp_path_factory.mktemp(request.param)
    return alignlib.load(write_model(folder, request.param), device="cpu")


@pytest.fixture(scope="session")
def llama_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small random Llama; copy it before changing it."""
    return write_model(tmp_path_factory.mktemp("llama"), "llama")


@pytest.fixture(scope="session")
def llama(llama_folder: Path) -> LM:
    """A small random Llama."""
    return alignlib.load(llama_folder, device="cpu")


@pytest.fixture(scope="session")
def tiny() -> LM:
    """The model that the package ships; copy it before changing it."""
    return alignlib.load("tiny", device="cpu")


@pytest.fixture(scope="session")
def dropping(tmp_path_factory: pytest.TempPathFactory) -> LM:
    """A small random GPT-2, which has dropout; copy it before changing it."""
    lm = alignlib.load(write_model(tmp_path_factory.mktemp("gpt2"), "gpt2"), device="cpu")
    assert lm.model.config.resid_pdrop > 0
    return lm


@pytest.fixture(scope="session")
def smollm2() -> LM:
    """The real SmolLM2-135M-Instruct."""
    return alignlib.load("smollm2")
