"""What is looked at, in this order."""

from __future__ import annotations

from functools import partial

from alignlib.doctor import machine, models, packages, tools
from alignlib.doctor.finding import Check


def checks() -> dict[str, Check]:
    """Every check by its name."""
    try:
        required = packages.required()
    except ImportError:  # of what reads the ranges of versions, which the first check names
        required = []
    return {
        "Python": packages.python,
        "alignlib": packages.alignlib,
        **{each.name: partial(packages.package, each) for each in required},
        "cpu": machine.cpu,
        "GPU": machine.gpu,
        "tiny": models.tiny,
        "smollm2": models.smollm2,
        "cache folder": models.cache,
        "home folder": machine.home,
        "disk": machine.disk,
        "notebooks": tools.notebooks,
        "sandbox": tools.sandbox,
        "browser": tools.browser,
        "extras": packages.extras,
        "TensorBoard": packages.board,
    }
