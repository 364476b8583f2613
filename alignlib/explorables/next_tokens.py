"""The explorable ``next_tokens``: a language model as a policy, whose actions are tokens."""

from __future__ import annotations

from alignlib.errors import PromptError
from alignlib.explorables.explorable import Explorable
from alignlib.explorables.models import assets, config

__all__ = ["next_tokens"]

MODELS = {
    "base": "base",
    "shown": "shown right answers",
    "rewarded": "rewarded for right answers",
    "polite": "rewarded for politeness",
}

ALTERNATIVE = (
    "A tree of next tokens. The state is the text so far; the actions are the tokens that may come "
    "next, of which the five most probable have a button, a bar and a number each, and all others "
    "together a number. Taking one leads to the next state; the probability of the path is the "
    "product of its tokens', its log-probability the sum of their logarithms. One can sample an "
    "action, take the most probable, go back, and let another model read the same text: base, "
    "shown, rewarded for right answers or rewarded for politeness. The models run in the page."
)


def next_tokens(prompt: str = "What is the capital of Peru?", seed: int = 0) -> Explorable:
    """Walk through the tree of what a language model may say, one token at a time.

    Args:
        prompt: the question that the first state holds.
        seed: of 'Sample one'.

    Returns:
        The explorable, in which each action has the probability of eq. (text-policy) of chapter 6.

    Raises:
        PromptError: if the prompt is empty.
    """
    if not prompt.strip():
        raise PromptError("The prompt is empty: give a question to begin with.")
    models = [{"name": name, "label": label} for name, label in MODELS.items()]
    data = {"config": config(), "models": models, "prompt": prompt.strip(), "seed": seed}
    return Explorable("next_tokens", ALTERNATIVE, data, assets())
