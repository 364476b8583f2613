"""The log-derivative trick, drawn: chapter 5, eq. (log-derivative)."""

from __future__ import annotations

from collections.abc import Sequence

from alignlib.explorables.explorable import Explorable


def log_derivative(
    theta: float = -1.0,
    rewards: Sequence[float] = (1.0, 3.0, 2.0),
    outcomes: Sequence[str] = ("no", "maybe", "yes"),
) -> Explorable:
    """A distribution over three outcomes, its gradient, its score, and draws from it.

    The logits of the outcomes are -theta, 0 and theta. Columns as wide as p and as high as
    r grad log p have the area r grad p, eq. (log-derivative) of chapter 5; so their whole area,
    the gradient of J, is the mean height at which draws from p land, eq. (gradient-expectation).

    Args:
        theta: where the parameter starts, between -3 and 3.
        rewards: (3,) r(x) of each outcome.
        outcomes: (3,) their names.

    Raises:
        ValueError: if there are not three of each, or theta is not between -3 and 3.
    """
    if len(rewards) != 3 or len(outcomes) != 3:
        raise ValueError(f"There are {len(rewards)} rewards and {len(outcomes)} outcomes; give 3.")
    if not -3 <= theta <= 3:
        raise ValueError(f"theta is {theta}; give a number from -3 to 3.")
    return Explorable(
        name="log_derivative",
        alternative=(
            "The log-derivative trick, to try: three outcomes whose probabilities p depend on one "
            "parameter. Each outcome is a column as wide as its p and as high as its reward times "
            "grad log p, so its area is the reward times grad p. Move the parameter, then draw "
            "outcomes: the average of reward times grad log p over the draws approaches the whole "
            "area, which is the gradient of the expected reward. A table has all the numbers."
        ),
        data={
            "theta": theta,
            "outcomes": list(outcomes),
            "slopes": [-1.0, 0.0, 1.0],
            "rewards": list(rewards),
        },
    )
