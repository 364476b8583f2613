"""An environment as a user's: the wheel and what it asks for, and nothing else.

Nothing is downloaded: the packages that the wheel brings are linked from the environment that runs
this, and pip installs the wheel beside them. It refuses if one is missing or out of its range.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

from tests.supply.graph import installed, needed_by
from tests.supply.project import ROOT, asked, project

EPOCH = "1704067200"
"""The moment that files in the wheel bear, in seconds: 2024-01-01."""


def build(target: str, folder: Path, source: Path = ROOT) -> Path:
    """Build the wheel or the source distribution of a folder.

    Args:
        target: ``"wheel"`` or ``"sdist"``.
        folder: where the file goes.
        source: the folder with the pyproject.toml.

    Returns:
        The file.
    """
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", folder],
        cwd=source,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return built


def make(folder: Path, wheel: Path) -> Path:
    """Make the environment.

    Args:
        folder: that it becomes.
        wheel: to install.

    Returns:
        Its Python.
    """
    venv.create(folder, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    brought = needed_by(asked(project())["package"])
    for name in brought.keys() & installed().keys():
        _link(installed()[name], site)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--isolated", "--python", str(python), "install"]
    offline = ["--no-index", "--find-links", str(wheel.parent), "--no-compile"]
    subprocess.run([*pip, *offline, "alignlib"], check=True, capture_output=True)
    return python


def _link(package: metadata.Distribution, site: Path) -> None:
    for top in {file.parts[0] for file in package.files or []} - {"..", "__pycache__"}:
        if not (site / top).exists():  # several packages may share a folder
            (site / top).symlink_to(Path(str(package.locate_file(top))))
