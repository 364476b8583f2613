"""The software bill of materials (CycloneDX) of what installing the package brings."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.supply.installation import build, make
from tests.supply.project import ROOT


def write(out: Path, *, validate: bool = True) -> None:
    """Write the bill of a user's environment on this machine, the same bytes each time.

    Args:
        out: the JSON file.
        validate: whether it is held against CycloneDX's schema first, which takes 10 seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        python = make(Path(folder, "env"), build("wheel", Path(folder)))
        command = ["-m", "cyclonedx_py", "environment", "--output-reproducible"]
        command.append("--validate" if validate else "--no-validate")
        about = ["--pyproject", str(ROOT / "pyproject.toml"), "--mc-type", "library"]
        subprocess.run(
            [sys.executable, *command, *about, "--output-format", "JSON", "-o", out, python],
            check=True,
        )
