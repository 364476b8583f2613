"""The package behind the book 'Aligning language models: the basics'."""

from alignlib.claims import claim
from alignlib.loading import load
from alignlib.logprobs import LogProbs, logprobs
from alignlib.measure import Estimate, mean_difference, proportion
from alignlib.model import LM
from alignlib.prompting import ask, chat, override
from alignlib.sampling import Samples, sample

__all__ = [
    "LM",
    "Estimate",
    "LogProbs",
    "Samples",
    "ask",
    "chat",
    "claim",
    "load",
    "logprobs",
    "mean_difference",
    "override",
    "proportion",
    "sample",
]
