"""What notebooks, the grader and the tests run in."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata

from alignlib.doctor.finding import Finding, note, well

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def notebooks() -> Iterator[Finding]:
    """Whether there is a kernel for notebooks that runs this Python."""
    install = "Only to run notebooks on this machine: pip install jupyterlab"
    for name in ("ipykernel", "jupyter_client"):
        try:
            importlib.import_module(name)
        except ImportError as error:
            yield note("notebooks", str(error), install)
            return
    from jupyter_client.kernelspec import KernelSpecManager

    kernels = KernelSpecManager().get_all_specs()
    own = [
        name
        for name, kernel in kernels.items()
        if (argv := kernel["spec"]["argv"]) and _is_this_python(argv[0])
    ]
    register = "Make one for it: python -m ipykernel install --user --name alignlib"
    if own:
        yield well("notebooks", f"ipykernel {metadata.version('ipykernel')}, kernel {own[0]}")
    elif kernels:
        which = "no Jupyter kernel starts the Python that alignlib is installed in"
        yield note("notebooks", which, register)
    else:
        yield note("notebooks", "there is no kernel", register)


def _is_this_python(command: str) -> bool:
    major, minor = sys.version_info[:2]
    if command in ("python", f"python{major}", f"python{major}.{minor}"):
        return True  # Jupyter takes the Python that it runs in
    found = shutil.which(command)
    return found is not None and os.path.abspath(found) == os.path.abspath(sys.executable)


def sandbox() -> Iterator[Finding]:
    """Whether students' notebooks can be run behind bubblewrap, found by trying."""
    from alignlib.grading.wall import why_no_bubblewrap

    why = why_no_bubblewrap()
    if why is None:
        yield well("sandbox", "bubblewrap starts")
    else:
        yield note("sandbox", why, "Only for `alignlib grade`, and its tests.")


def browser() -> Iterator[Finding]:
    """A browser that tests can drive."""
    found = [name for name in BROWSERS if shutil.which(name)]
    if found:
        yield well("browser", found[0])
    else:
        yield note(
            "browser",
            f"none of {', '.join(BROWSERS)} is on the PATH",
            "Only for the tests of the site and of what moves in it: install chromium.",
        )
