"""The exercises' notebooks, with the answers filled in, run to their end and pass every check."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from book.__main__ import main
from tests.grading.notebooks import FOLDER, ROOT, of_chapter

PAGES = sorted(path.stem for path in FOLDER.glob("ex*.md"))


@pytest.fixture(scope="module")
def solutions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("solutions")
    assert main(["--root", str(ROOT), "solutions", "--out", str(out)]) == 0
    return out


@pytest.mark.parametrize("page", PAGES)
def test_a_solution_notebook_passes_its_checks(solutions: Path, page: str) -> None:
    notebook = nbformat.read(solutions / f"{page}-solutions.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}})
    client.execute(env={**os.environ, "PYTHONHASHSEED": "0"})
    said = "".join(
        output.get("text", "")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )
    for name in of_chapter(page):
        assert f"✓ {name}: right on all" in said
    assert "✗" not in said
    lines = [line for line in said.splitlines() if not line.startswith(("✓", "  Grading"))]
    assert lines, "the answers are used for something"
