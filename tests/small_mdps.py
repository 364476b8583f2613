"""Random decision processes, small enough to enumerate."""

from __future__ import annotations

import torch
from torch import Tensor

from alignlib.mdp import MDP


def random_mdp(seed: int = 0, S: int = 3, A: int = 2, T: int = 3, ends: bool = True) -> MDP:
    """A process with random dynamics and rewards; with ``ends``, its last state is terminal."""
    generator = torch.Generator().manual_seed(seed)
    initial = _distributions(S, generator=generator)
    transition = _distributions(S, A, S, generator=generator)
    reward = torch.randn(S, A, dtype=torch.float64, generator=generator)
    terminal = torch.zeros(S, dtype=torch.bool)
    if ends:
        initial = torch.cat([initial[:-1] / initial[:-1].sum(), initial.new_zeros(1)])
        terminal[-1] = True
        transition[-1] = torch.eye(S, dtype=torch.float64)[-1]
        reward[-1] = 0.0
    return MDP(initial, transition, reward, T, terminal)


def random_logits(mdp: MDP, seed: int = 0) -> Tensor:
    """(S, A) logits of a softmax policy."""
    generator = torch.Generator().manual_seed(1000 + seed)
    return torch.randn(mdp.n_states, mdp.n_actions, dtype=torch.float64, generator=generator)


def _distributions(*shape: int, generator: torch.Generator) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=generator).softmax(-1)
