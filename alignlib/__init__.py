"""The package behind the book 'Aligning language models: the basics'.

Each name is imported when it is first used. So ``alignlib --help`` comes at once, and
``alignlib doctor`` also where PyTorch is missing or broken.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alignlib.agreement import agreement, agreement_by_group
    from alignlib.calibration import Calibration, calibration, false_modesty, makes_it_up
    from alignlib.capability import BestPrompt, best_prompt, pass_at_k
    from alignlib.claims import claim
    from alignlib.finetuning import finetune
    from alignlib.history import History
    from alignlib.loading import load
    from alignlib.logprobs import LogProbs, logprobs
    from alignlib.measure import Estimate, mean, mean_difference, proportion
    from alignlib.model import LM, chat
    from alignlib.profiles import Profile, plot_profiles, profile
    from alignlib.prompting import ask, override
    from alignlib.reinforce import reinforce
    from alignlib.sampling import Samples, sample

__all__ = [
    "LM",
    "BestPrompt",
    "Calibration",
    "Estimate",
    "History",
    "LogProbs",
    "Profile",
    "Samples",
    "agreement",
    "agreement_by_group",
    "ask",
    "best_prompt",
    "calibration",
    "chat",
    "claim",
    "false_modesty",
    "finetune",
    "load",
    "logprobs",
    "makes_it_up",
    "mean",
    "mean_difference",
    "override",
    "pass_at_k",
    "plot_profiles",
    "profile",
    "proportion",
    "reinforce",
    "sample",
]

_NAMES = {
    "agreement": "agreement agreement_by_group",
    "calibration": "Calibration calibration false_modesty makes_it_up",
    "capability": "BestPrompt best_prompt pass_at_k",
    "claims": "claim",
    "finetuning": "finetune",
    "history": "History",
    "loading": "load",
    "logprobs": "LogProbs logprobs",
    "measure": "Estimate mean mean_difference proportion",
    "model": "LM chat",
    "profiles": "Profile plot_profiles profile",
    "prompting": "ask override",
    "reinforce": "reinforce",
    "sampling": "Samples sample",
}
"""What type checkers read above, for Python: each module with the names that come from it."""

_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}


class _Package(ModuleType):
    """This package, whose names are imported when they are asked for."""

    def __getattr__(self, name: str) -> object:
        if name in _HOME:
            module = importlib.import_module(f"{__name__}.{_HOME[name]}")
            vars(self)[name] = value = getattr(module, name)
            return value
        path = f"{__name__}.{name}"
        if name.isidentifier() and not name.startswith("_") and importlib.util.find_spec(path):
            return importlib.import_module(path)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __setattr__(self, name: str, value: object) -> None:
        # Importing the module alignlib.sampling would bind it here, and so would alignlib.reinforce
        # in the place of the function.
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


sys.modules[__name__].__class__ = _Package
