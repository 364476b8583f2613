"""The checkers that npm installs, run by the environment's own Node."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.browser import needed

ROOT = Path(__file__).parents[1]
MODULES = ROOT / "node_modules"


def module(name: str) -> Path:
    """A file of an npm package; without it tests are skipped, but in CI they fail."""
    path = MODULES / name
    if not path.exists():
        needed(f"There is no node_modules/{name}: run npm ci.")
    return path


def run_node(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a package's script from the repository's root."""
    node = Path(sys.executable).parent / "node"
    if not node.exists():
        needed("Node is not installed: pip install --group test.")
    command = [str(node), str(module(script)), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
