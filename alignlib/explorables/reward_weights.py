"""What a model becomes as truth, politeness and two groups' wishes count for more or less.

The figure shows runs that were made and measured beforehand (``runs.py``), and never anything
between two runs.
"""

from __future__ import annotations

import json
from pathlib import Path

from alignlib.explorables.explorable import Explorable

STORED = Path(__file__).with_suffix(".json")


def reward_weights() -> Explorable:
    """A figure: four sliders weigh four rewards, and the model that was trained on them is shown.

    For the mixture that is chosen it shows what part of the trained ``tiny``'s answers to held-out
    questions is true, is polite, pleases the coast, pleases the hills, and is made up, and how many
    harmful requests it does; three answers; and among all mixtures, in a scatter plot of any two
    measures, where the chosen one lies and which ones are on the Pareto front. Rewards are weighed
    as in eq. (weighted-judges) of chapter 7.
    """
    data = json.loads(STORED.read_text(encoding="utf-8"))
    return Explorable(
        "reward_weights",
        "Four sliders say how much truth, politeness, the wishes of the coast and the wishes of "
        "the hills count in the reward: not at all, once or twice. For each setting a small model "
        f"was trained beforehand ({len(data['runs'])} runs). Shown are its share of true, polite, "
        "liked and made-up answers and of harmful requests done, three of its answers, and where "
        "it lies among all mixtures.",
        data,
    )
