"""Every notebook as Colab opens it: alone in an empty folder, from its setup cell to its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from alignlib.explorables.explorable import STATIC
from book.notebook import is_setup, read_notebook
from book.project import load_project
from tests.browser import needed
from tests.colab.runtime import (
    PYTHONS,
    ROOT,
    Runtime,
    find_python,
    fresh_runtime,
    stock_environment,
)

pytestmark = pytest.mark.colab

PROJECT = load_project(ROOT)
NOTEBOOKS = [path for page in PROJECT.sources() if (path := page.with_suffix(".ipynb")).exists()]
ADDED = {"alignlib", "vaderSentiment", "jedi"}
"""What the setup cell installs: the package, what it asks for, and what IPython misses there."""
VIEW = "application/vnd.jupyter.widget-view+json"
SHOW = """\
from alignlib.explorables import Explorable
Explorable({name!r}, "In words.", {{"a": 1}}, {{"weights": b"abc"}})
"""


@pytest.fixture(scope="session")
def stock(pytestconfig: pytest.Config) -> Path:
    python = find_python()
    if python is None:
        needed(f"None of Colab's Pythons ({', '.join(PYTHONS)}) is on the PATH.")
    assert python is not None
    assert pytestconfig.cache is not None
    return stock_environment(python, pytestconfig.cache.mkdir("colab"))


@pytest.fixture
def runtime(stock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """A fresh one, whose kernel Jupyter finds as ``colab``."""
    made = fresh_runtime(stock, tmp_path / "runtime", PROJECT.repository_url)
    made.install_kernel(tmp_path / "jupyter")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    return made


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_alone_and_replaces_no_package(
    path: Path, runtime: Runtime, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    before = runtime.packages()
    assert "alignlib" not in before
    started = time.monotonic()
    run(read_notebook(path), runtime, tmp_path / "content")
    record_property(f"Colab, {path.stem}", f"{time.monotonic() - started:.0f} s")
    after = runtime.packages()
    assert {name: after.get(name) for name in before} == before
    assert set(after) - set(before) == ADDED


def test_a_replaced_package_would_be_seen(runtime: Runtime, tmp_path: Path) -> None:
    before = runtime.packages()
    cell = new_code_cell("%pip install --quiet tqdm==4.66.6")  # type: ignore[no-untyped-call]
    run(notebook_of([cell]), runtime, tmp_path / "content")
    assert runtime.packages() == {**before, "tqdm": "4.66.6"} != before


def test_explorables_are_shown_as_widgets(runtime: Runtime, tmp_path: Path) -> None:
    names = sorted(path.stem for path in STATIC.glob("*.js"))
    assert names
    setup = next(cell for cell in read_notebook(NOTEBOOKS[0]).cells if is_setup(cell))
    cells = [new_code_cell(SHOW.format(name=name)) for name in names]  # type: ignore[no-untyped-call]
    notebook = notebook_of([setup, *cells])
    run(notebook, runtime, tmp_path / "content")
    models = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"].state
    for name, cell in zip(names, cells, strict=True):
        (output,) = (each for each in cell.outputs if each.output_type == "execute_result")
        assert output.data["text/plain"] == "In words."
        assert "text/html" not in output.data  # which Colab would show instead
        assert output.metadata[VIEW].colab.custom_widget_manager.url
        model = models[output.data[VIEW]["model_id"]]
        assert model.model_module == "anywidget"
        assert model.state["_esm"].startswith((STATIC / f"{name}.js").read_text())
        assert model.state["data"] == {"a": 1}
        assert model.buffers[0]["path"] == ["assets", "weights"]


def notebook_of(cells: list[NotebookNode]) -> NotebookNode:
    """A notebook of these cells, without outputs."""
    notebook: NotebookNode = new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    return notebook


def run(notebook: NotebookNode, runtime: Runtime, folder: Path) -> None:
    """Run a notebook in place in an empty folder; a cell that fails fails the test."""
    folder.mkdir()
    client = NotebookClient(
        notebook, kernel_name="colab", timeout=1800, resources={"metadata": {"path": str(folder)}}
    )
    try:
        client.execute(env=dict(runtime.env))
    except CellExecutionError:
        print(*(each.get("text", "") for each in notebook.cells[0].outputs))  # what pip said
        raise
