"""Explorables: figures that a reader operates, in a notebook and on the page, without a kernel."""

from alignlib.explorables.answers import answers
from alignlib.explorables.explorable import Explorable
from alignlib.explorables.log_derivative import log_derivative
from alignlib.explorables.next_tokens import next_tokens
from alignlib.explorables.policy_gradient import policy_gradient
from alignlib.explorables.reward_weights import reward_weights

__all__ = [
    "Explorable",
    "answers",
    "log_derivative",
    "next_tokens",
    "policy_gradient",
    "reward_weights",
]
