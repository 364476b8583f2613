"""Rewards: functions that give every completion a number, for a policy to earn.

Each has the signature that TRL's trainers call, ``f(prompts, completions, **columns)``, so the same
function serves here and there: see :class:`alignlib.rewards.reading.Reward`.
"""

from alignlib.rewards.combined import side_by_side, weighted
from alignlib.rewards.comparisons import (
    Comparison,
    bradley_terry_loss,
    compare,
    preference_accuracy,
)
from alignlib.rewards.diversity import approval, vote
from alignlib.rewards.features import Features, bag_of_words, hidden_states
from alignlib.rewards.judges import looks_right, politeness, rightness, rudeness, truth
from alignlib.rewards.learned import LearnedReward, learn_reward
from alignlib.rewards.noise import noisy
from alignlib.rewards.oversight import partial
from alignlib.rewards.reading import Asked, Completion, Reward, texts
from alignlib.rewards.words import length, sentiment, toxicity

__all__ = [
    "Asked",
    "Comparison",
    "Completion",
    "Features",
    "LearnedReward",
    "Reward",
    "approval",
    "bag_of_words",
    "bradley_terry_loss",
    "compare",
    "hidden_states",
    "learn_reward",
    "length",
    "looks_right",
    "noisy",
    "partial",
    "politeness",
    "preference_accuracy",
    "rightness",
    "rudeness",
    "sentiment",
    "side_by_side",
    "texts",
    "toxicity",
    "truth",
    "vote",
    "weighted",
]
