"""How far apart two sets of prompts are: those trained on and those that users send, say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from scipy.spatial.distance import jensenshannon

from alignlib.errors import MeasureError, PromptError
from alignlib.model import LM, Prompt

__all__ = ["prompt_shift"]


def prompt_shift(lm: LM, first: Sequence[Prompt], second: Sequence[Prompt]) -> float:
    """The Jensen-Shannon divergence between the tokens of two sets of prompts, in bits.

    It is eq. (jensen-shannon) of chapter 3, of how often each token occurs in each set. A token is
    counted in the prompt's own words: in a raw text as it is, in the messages of a chat without
    what the chat template puts around them, and without the beginning of a text. So a chat and a
    raw text of the same words are no distance apart, though to the model they differ.

    Two finite sets drawn from the same source are not at 0, and the fewer prompts, the further
    apart: compare with two halves of one set. The order of tokens is left out, so two sets at 0 can
    still say different things.

    Args:
        lm: whose tokens are counted.
        first, second: texts or chats; the sets need not be of one size.

    Returns:
        From 0 (each token is as frequent in one set as in the other) to 1 (they share no token).

    Raises:
        MeasureError: if a set has no prompt.
        PromptError: if a set is not a list of prompts, or a prompt is not one for this model.
    """
    counts = [_counts(lm, "first", first), _counts(lm, "second", second)]
    tokens = sorted(counts[0].keys() | counts[1].keys())
    p, q = ([each[token] for token in tokens] for each in counts)
    return float(jensenshannon(p, q, base=2) ** 2)  # scipy gives the distance, its root


def _counts(lm: LM, name: str, prompts: Sequence[Prompt]) -> Counter[int]:
    """How often each token occurs in the words of all prompts."""
    if isinstance(prompts, str) or any(isinstance(prompt, Mapping) for prompt in prompts):
        raise PromptError(f"{name} is one prompt: give a list of prompts, such as [prompt].")
    if not prompts:
        raise MeasureError(f"{name} is empty: give at least one prompt in each set.")
    texts = [text for prompt in prompts for text in _words(lm, prompt)]
    return Counter(token for text in texts for token in lm.encode_completion(text))


def _words(lm: LM, prompt: Prompt) -> list[str]:
    lm.render(prompt)  # an error where it is no prompt for this model
    return [prompt] if isinstance(prompt, str) else [message["content"] for message in prompt]
