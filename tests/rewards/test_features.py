"""What a learned reward sees of an answer."""

from __future__ import annotations

import pytest
import torch

from alignlib import LM, chat
from alignlib.errors import PromptError, RewardError
from alignlib.model import Prompt
from alignlib.rewards import bag_of_words, hidden_states


def test_a_bag_counts_words_marks_and_neighbours() -> None:
    bag = bag_of_words(["No, no!", "Don't say no."])
    assert bag.names[:1] == ("no",)  # in both texts; all else is in one, in alphabetical order
    assert list(bag.names[1:]) == sorted(
        ["!", ",", ".", "don't", "say", "no ,", ", no", "no !", "don't say", "say no", "no ."]
    )
    (counts,) = bag.of(["?"], ["NO no no, never!"])
    seen = {name: n for name, n in zip(bag.names, counts.tolist(), strict=True) if n}
    assert seen == {"no": 3.0, ",": 1.0, "!": 1.0, "no ,": 1.0}
    assert counts.dtype == torch.float64


def test_a_bag_keeps_the_most_common() -> None:
    texts = ["a b", "b c", "b", "c c c c c"]
    assert bag_of_words(texts, most=2).names == ("b", "c")  # by texts, not by occurrences
    assert bag_of_words(texts, most=3).names == ("b", "c", "a")
    assert bag_of_words(texts).of([], []).shape == (0, 6)
    assert bag_of_words(texts).of(["?"], [""]).tolist() == [[0.0] * 6]
    for texts in ([], ["", "  "]):
        with pytest.raises(RewardError, match="no word in the texts"):
            bag_of_words(texts)
    with pytest.raises(RewardError, match="most is 0"):
        bag_of_words(["a"], most=0)


PROMPTS: list[Prompt] = ["a", "what is it?", "the cat sat on the mat.", chat("zz top")]
TEXTS = ["the cat", "it is a cat.", "b", "hello there"]


def test_hidden_states_are_those_of_a_plain_forward_pass(random_lm: LM) -> None:
    """No padding, no batch: the definition, written out."""
    rows = []
    for prompt, text in zip(PROMPTS, TEXTS, strict=True):
        before, after = random_lm.encode(prompt), random_lm.encode_completion(text)
        with torch.no_grad():
            output = random_lm.model(torch.tensor([before + after]), output_hidden_states=True)
        states = output.hidden_states[-1][0, len(before) :]
        assert len(states) == len(after)
        rows.append(states.mean(0))
    features = hidden_states(random_lm)
    seen = features.of(PROMPTS, TEXTS)
    assert seen.shape == (4, len(features.names))
    assert seen.dtype == torch.float64
    torch.testing.assert_close(seen.float(), torch.stack(rows), atol=1e-4, rtol=0.0)
    torch.testing.assert_close(
        hidden_states(random_lm, 3).of(PROMPTS, TEXTS), seen, atol=1e-4, rtol=0
    )


def test_an_empty_answer_is_all_zeros(llama: LM) -> None:
    features = hidden_states(llama)
    seen = features.of(["a", "b c"], ["", "cat"])
    assert (seen[0] == 0).all()
    torch.testing.assert_close(seen[1:], features.of(["b c"], ["cat"]), atol=1e-5, rtol=0.0)
    assert (features.of(["b c"], [""]) == 0).all()
    assert features.of([], []).shape == (0, len(features.names))
    assert not llama.model.training


def test_what_can_t_be_read_is_refused(llama: LM) -> None:
    with pytest.raises(RewardError, match="batch_size is 0"):
        hidden_states(llama, batch_size=0)
    with pytest.raises(PromptError):
        hidden_states(llama).of([""], ["a"])
