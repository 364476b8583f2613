"""What a learned reward sees of an answer: its words, or a language model's picture of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from alignlib.arguments import is_whole
from alignlib.checkpoints import text_config
from alignlib.errors import RewardError
from alignlib.logprobs import check_length, collate, encode_prompts
from alignlib.model import LM, Prompt, evaluating

__all__ = ["Features", "bag_of_words", "hidden_states"]

_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")


@dataclass(frozen=True)
class Features:
    """F numbers about an answer.

    Attributes:
        names: (F,) what each of them is.
        of: from n prompts and n texts to an (n, F) tensor.
    """

    names: tuple[str, ...]
    of: Callable[[Sequence[Prompt], Sequence[str]], Tensor]

    def table(self, prompts: Sequence[Prompt], texts: Sequence[str]) -> Tensor:
        """(n, F) what ``of`` gives, in float64.

        Raises:
            RewardError: if it is not one row of F numbers for each text.
        """
        rows = self.of(prompts, texts)
        if rows.shape != (len(texts), len(self.names)):
            raise RewardError(
                f"The features of {len(texts)} texts are {tuple(rows.shape)}, and have "
                f"{len(self.names)} names: give a row for each text, and a name for each column."
            )
        return rows.detach().cpu().double()


def bag_of_words(texts: Sequence[str], most: int = 500) -> Features:
    """How often each word, mark and pair of neighbours occurs in an answer.

    Upper and lower case are the same; neither the prompt nor the order of words counts beyond
    pairs.

    Args:
        texts: where the words are taken from.
        most: keep this many, those that occur in most of the texts; of two that occur in as many,
            the first in the alphabet.

    Raises:
        RewardError: if there is no word in the texts, or ``most`` is no whole number of 1 or more.
    """
    if not is_whole(most, 1):
        raise RewardError(f"most is {most!r}: give a whole number of words, 1 or more.")
    occurs = Counter(each for text in texts for each in set(_terms(text)))
    names = sorted(occurs, key=lambda each: (-occurs[each], each))[:most]
    if not names:
        raise RewardError("There is no word in the texts: give some that say something.")
    column = {name: number for number, name in enumerate(names)}

    def of(prompts: Sequence[Prompt], texts: Sequence[str]) -> Tensor:
        counts = torch.zeros(len(texts), len(names), dtype=torch.float64)  # (n, F)
        for row, text in enumerate(texts):
            for each in _terms(text):
                if each in column:
                    counts[row, column[each]] += 1
        return counts

    return Features(tuple(names), of)


def hidden_states(lm: LM, batch_size: int = 64) -> Features:
    """A language model's last hidden state at each token of an answer, averaged over its tokens.

    The model reads the prompt too, so a reward can depend on both. It is not trained. The answer is
    read without an end of text; of an empty one all numbers are 0.

    Args:
        lm: the model, with a hidden state of F numbers.
        batch_size: rows that are read together.

    Raises:
        RewardError: if ``batch_size`` is no whole number of 1 or more.
        PromptError: when called, if a prompt can't be given to the model.
    """
    if not is_whole(batch_size, 1):
        raise RewardError(f"batch_size is {batch_size!r}: give a whole number, 1 or more.")
    F: int = text_config(lm.model).hidden_size

    @torch.no_grad()
    def of(prompts: Sequence[Prompt], texts: Sequence[str]) -> Tensor:
        read = [torch.zeros(0, F, dtype=torch.float64)]
        with evaluating(lm.model):
            for start in range(0, len(texts), batch_size):
                part = slice(start, start + batch_size)
                read.append(_mean_state(lm, prompts[part], texts[part]))
        return torch.cat(read)  # (n, F)

    return Features(tuple(f"hidden {number}" for number in range(F)), of)


def _mean_state(lm: LM, prompts: Sequence[Prompt], texts: Sequence[str]) -> Tensor:
    prompt_ids = encode_prompts(lm, prompts)
    completion_ids = [lm.encode_completion(text) for text in texts]
    for row, (prompt, completion) in enumerate(zip(prompt_ids, completion_ids, strict=True)):
        check_length(lm, row, len(prompt), len(completion))
    batch = collate(lm, prompt_ids, completion_ids)
    output = lm.model(
        input_ids=batch.input_ids,
        attention_mask=batch.attention_mask,
        position_ids=batch.position_ids,
        output_hidden_states=True,
        logits_to_keep=1,
        use_cache=False,
    )
    mask = batch.completion_mask[..., None]  # (B, T, 1)
    P = batch.input_ids.shape[1] - mask.shape[1]
    states: Tensor = output.hidden_states[-1][:, P:].float() * mask  # (B, T, F), float32
    return (states.sum(1) / mask.sum(1).clamp(min=1)).cpu().double()


def _terms(text: str) -> Iterator[str]:
    """Words and marks, and pairs of neighbours."""
    words = [word.casefold() for word in _WORD.findall(text)]
    yield from words
    yield from (" ".join(pair) for pair in pairwise(words))
