"""Judges who slip."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from alignlib import chat
from alignlib.errors import RewardError
from alignlib.rewards import Reward, noisy

N = 4000
ONES = ["?"] * N
TEXTS = [f"answer {number}" for number in range(N)]


def good(prompts: Any, completions: Any, **columns: Any) -> list[float]:
    """Everything is fine."""
    return [1.0] * len(completions)


def bad(prompts: Any, completions: Any, **columns: Any) -> list[float]:
    """Nothing is."""
    return [0.0] * len(completions)


def share(n: float, p: float) -> Any:
    """A share p, as far as n draws can tell."""
    return pytest.approx(p, abs=4 * (p * (1 - p) / n) ** 0.5)


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("flip", [0.0, 0.1, 0.5, 1.0])
def test_a_noisy_judge_errs_as_often_as_is_said(flip: float, fresh: bool) -> None:
    for reward, errors_are in ((good, 0.0), (bad, 1.0)):
        given = noisy(reward, flip, seed=3, fresh=fresh)(ONES, TEXTS)
        assert set(given) <= {0.0, 1.0}
        assert np.mean(np.array(given) == errors_are) == share(N, flip)


def test_the_same_answer_is_judged_the_same() -> None:
    judge = noisy(good, 0.3)
    given = judge(ONES, TEXTS)
    assert given == judge(ONES, TEXTS) == noisy(good, 0.3)(ONES, TEXTS)
    assert given[::-1] == judge(ONES, TEXTS[::-1])
    assert given[7:9] == judge(ONES[:2], TEXTS[7:9])
    assert len(set(judge(ONES, ["the same"] * N))) == 1
    # Where the judge errs does not depend on what is judged.
    assert given == [1 - value for value in noisy(bad, 0.3)(ONES, TEXTS)]


def test_another_seed_or_prompt_is_another_judgment() -> None:
    given = noisy(good, 0.3)(ONES, TEXTS)
    others = {
        "seed": noisy(good, 0.3, seed=1)(ONES, TEXTS),
        "prompt": noisy(good, 0.3)(["!"] * N, TEXTS),
        "chat": noisy(good, 0.3)([chat("?")] * N, TEXTS),
        "system": noisy(good, 0.3)([chat("?", "Be kind.")] * N, TEXTS),
        "fresh": noisy(good, 0.3, fresh=True)(ONES, TEXTS),
    }
    for other in others.values():
        assert np.mean(np.array(given) == other) == share(N, 0.3**2 + 0.7**2)


def test_a_fresh_judgment_is_drawn_anew_but_can_be_repeated() -> None:
    judge = noisy(good, 0.3, fresh=True)
    first, second = judge(ONES, TEXTS), judge(ONES, TEXTS)
    assert np.mean(np.array(first) == second) == share(N, 0.3**2 + 0.7**2)
    again = noisy(good, 0.3, fresh=True)
    assert [again(ONES, TEXTS), again(ONES, TEXTS)] == [first, second]
    assert np.mean(judge(ONES, ["the same"] * N)) == share(N, 0.7)


def test_a_fresh_judge_keeps_the_order_of_expected_rewards() -> None:
    """1/2 + (1 - 2 flip) (r - 1/2), as the docstring says: shrunk towards 1/2."""

    def says_yes(prompts: Any, completions: Any, **columns: Any) -> list[float]:
        return [float("yes" in text) for text in completions]

    judge = noisy(says_yes, 0.3, fresh=True)
    yes, no = (np.mean(judge(ONES, [text] * N)) for text in ("yes", "no"))
    assert yes == share(N, 0.7)
    assert no == share(N, 0.3)


def test_a_judgment_is_the_same_on_every_machine() -> None:
    of_chats = noisy(good, 0.5, seed=2)([chat("a", "b")] * 20, TEXTS[:20])
    assert "".join(f"{value:.0f}" for value in of_chats) == "10000010111101001100"


def test_only_judgments_of_0_or_1_are_flipped() -> None:
    half: Reward = lambda prompts, completions, **columns: [0.5]  # noqa: E731
    with pytest.raises(RewardError, match="gave 0\\.5; only judgments of 0 or 1"):
        noisy(half, 0.1)(["x"], ["y"])
    for flip in (-0.1, 1.1, float("nan"), "often"):
        with pytest.raises(RewardError, match="flip is"):
            noisy(good, flip)  # type: ignore[arg-type]
    for seed in (-1, 0.5, True):
        with pytest.raises(RewardError, match="seed is"):
            noisy(good, 0.1, seed)  # type: ignore[arg-type]
