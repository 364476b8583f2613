# mypy: allow-untyped-calls
"""Every explorable as a widget in JupyterLab, in a real browser with a real kernel."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from alignlib import explorables

pytestmark = pytest.mark.browser

NAMES = [name for name in explorables.__all__ if name != "Explorable"]
OPTIONS = (
    "--no-browser",
    "--expose-app-in-browser",
    "--allow-root",
    "--IdentityProvider.token=",
    "--LabApp.news_url=",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab whose folder has one notebook, a cell for each explorable."""
    folder = tmp_path_factory.mktemp("lab")
    cells = ["from alignlib import explorables", *(f"explorables.{name}()" for name in NAMES)]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, folder / "all.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    places = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--port={port}"],
            cwd=folder,
            env={**os.environ, **places},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"{address}/api", server, folder / "log")
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture
def notebook(browser: Browser, lab: str) -> Iterator[Page]:
    """The notebook, with all its cells run."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{lab}/lab/tree/all.ipynb?reset")
    page.get_by_text("(ipykernel) | Idle").wait_for()
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    yield page
    context.close()


def test_every_explorable_is_shown(notebook: Page) -> None:
    for number, name in enumerate(NAMES, start=1):
        cell = notebook.locator(".jp-Cell").nth(number)
        cell.scroll_into_view_if_needed()
        figure = cell.locator(".x-root")
        figure.wait_for()
        assert figure.count() == 1, f"{name} is not shown once"
        assert figure.locator("button").count() > 0, f"{name} has nothing to press"
    assert notebook.locator(".jp-RenderedText[data-mime-type*=error]").count() == 0
