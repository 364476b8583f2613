"""What must hold for sampling and scoring on every architecture."""

from __future__ import annotations

import pytest
import torch

from alignlib import LM, Samples, logprobs, sample

PROMPTS = ["a", "what is it?", "the cat sat on the mat.", "zz top", "b", "hello there", "x y", "q"]
SAME_BEGINNING = ["the cat", "the cat sat on the mat.", "the cat ran", "the cats"]
TOLERANCE = 1e-4


def assert_close(a: torch.Tensor, b: torch.Tensor) -> None:
    torch.testing.assert_close(a, b, atol=TOLERANCE, rtol=0.0)


def one_by_one(lm: LM, prompts: list[str], **arguments: float) -> list[Samples]:
    return [sample(lm, [prompt], 2, 20, seed=3, **arguments) for prompt in prompts]  # type: ignore[arg-type]


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (0.7, 1.0), (1.5, 0.8), (0.0, 1.0)])
def test_sampled_logprobs_equal_recomputed(random_lm: LM, temperature: float, top_p: float) -> None:
    drawn = sample(random_lm, PROMPTS, 3, 20, temperature=temperature, top_p=top_p)
    scored = logprobs(
        random_lm, drawn.prompts, drawn.completions, temperature=temperature, top_p=top_p
    )
    assert torch.equal(scored.tokens, drawn.tokens)
    assert torch.equal(scored.mask, drawn.mask)
    assert_close(scored.values, drawn.logprobs)


def test_scores_are_those_of_a_plain_forward_pass(random_lm: LM) -> None:
    """No padding, no cache, no batch: the definition, written out."""
    drawn = sample(random_lm, PROMPTS, 1, 20)
    scored = logprobs(random_lm, drawn.prompts, drawn.completions)
    for row, (prompt, completion) in enumerate(zip(PROMPTS, drawn.completions, strict=True)):
        ids = random_lm.encode(prompt)
        with torch.no_grad():
            logits = random_lm.model(torch.tensor([ids + completion])).logits[0]
        expected = torch.tensor(
            [
                logits[len(ids) + t - 1].log_softmax(-1)[token].item()
                for t, token in enumerate(completion)
            ]
        )
        assert_close(scored.values[row, : len(completion)], expected)
        assert_close(scored.sequence[row], expected.sum())


@pytest.mark.parametrize("prompts", [PROMPTS, SAME_BEGINNING], ids=["mixed", "same beginning"])
def test_a_batch_samples_as_batches_of_one(random_lm: LM, prompts: list[str]) -> None:
    together = sample(random_lm, prompts, 2, 20, seed=3)
    apart = one_by_one(random_lm, prompts)
    assert together.completions == [c for single in apart for c in single.completions]
    for row, single in enumerate(apart):
        width = single.tokens.shape[1]
        assert_close(together.logprobs[2 * row : 2 * row + 2, :width], single.logprobs)


def test_a_batch_of_eight_scores_as_eight_batches_of_one(random_lm: LM) -> None:
    completions = [[1, 2, 3], [4], [5, 6], [7] * 9, [8], [9, 1], [2] * 5, [3, 3]]
    together = logprobs(random_lm, PROMPTS, completions)
    for row, (prompt, completion) in enumerate(zip(PROMPTS, completions, strict=True)):
        single = logprobs(random_lm, [prompt], [completion])
        assert_close(together.values[row, : len(completion)], single.values[0])


def test_greedy_equals_generate(random_lm: LM) -> None:
    drawn = sample(random_lm, PROMPTS, 1, 20, temperature=0.0)
    for prompt, completion in zip(PROMPTS, drawn.completions, strict=True):
        ids = torch.tensor([random_lm.encode(prompt)])
        generated = random_lm.model.generate(  # type: ignore[operator]
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=20
        )
        assert generated[0, ids.shape[1] :].tolist() == completion


def test_every_path_agrees_on_the_end(random_lm: LM) -> None:
    drawn = sample(random_lm, PROMPTS, 8, 30, temperature=2.0)
    assert drawn.finished.any()
    assert not drawn.finished.all()
    for row, completion in enumerate(drawn.completions):
        ends = [t for t, token in enumerate(completion) if token in random_lm.eos_ids]
        if drawn.finished[row]:
            assert ends == [len(completion) - 1]  # its end is kept, scored, and nothing follows
            assert drawn.logprobs[row, len(completion) - 1] < 0
        else:
            assert ends == []
            assert len(completion) == 30
        assert drawn.mask[row].sum() == len(completion)
        assert (drawn.logprobs[row][~drawn.mask[row]] == 0).all()
        assert "<|end|>" not in drawn.texts[row]
    scored = logprobs(random_lm, drawn.prompts, drawn.completions, temperature=2.0)
    assert_close(scored.values, drawn.logprobs)


def test_pad_is_no_end_and_may_occur_in_a_text(random_lm: LM) -> None:
    pad = random_lm.pad_id
    assert pad not in random_lm.eos_ids
    prompt = f"{random_lm.tokenizer.decode([pad])}cat"
    padded = logprobs(random_lm, [prompt, "a much longer prompt"], [[pad, 1, pad], [2]])
    alone = logprobs(random_lm, [prompt], [[pad, 1, pad]])
    assert padded.mask[0].tolist() == [True, True, True]
    assert_close(padded.values[0], alone.values[0])
