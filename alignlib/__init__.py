"""The package behind the book 'Aligning language models: the basics'."""

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
