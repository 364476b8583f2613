"""Chapter 8: after how many requests a prompt has cost as much as training."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from tests.equations import checks

# The number of requests, from the tokens that were read, learnt from, and added to each request.
BreakEven = Callable[[int, int, int], float]


def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Embedding(7, 8),
        torch.nn.Linear(8, 12, bias=False),
        torch.nn.Tanh(),
        torch.nn.Linear(12, 7, bias=False),
    )


def operations(tokens: int, learn: bool) -> int:
    """What a small network counts when it reads tokens, and when it learns from them, too."""
    lm = network()
    ids = torch.arange(tokens) % 7
    with FlopCounterMode(display=False) as counter:
        loss = lm(ids).log_softmax(-1)[:, 0].sum()
        if learn:
            loss.backward()
    return int(counter.get_total_flops())


@checks(
    "break-even",
    right={
        "as printed": lambda read, learnt, added: (read + 3 * learnt) / added,
        "2 operations forwards and 4 backwards": lambda read, learnt, added: (
            (2 * read + 6 * learnt) / (2 * added)
        ),
    },
    wrong={
        "no cost to go backwards": lambda read, learnt, added: (read + learnt) / added,
        "backwards as cheap as forwards": lambda read, learnt, added: (read + 2 * learnt) / added,
        "all is learnt from": lambda read, learnt, added: 3 * (read + learnt) / added,
        "reading is free": lambda read, learnt, added: 3 * learnt / added,
        "what is added is learnt from": lambda read, learnt, added: (
            (read + 3 * learnt) / (3 * added)
        ),
        "a difference": lambda read, learnt, added: read + 3 * learnt - added,
        "upside down": lambda read, learnt, added: added / (read + 3 * learnt),
    },
)
def break_even(requests: BreakEven) -> None:
    """Requests are served, and their operations counted, until they have cost as much."""
    for read, learnt, added in ((10, 5, 3), (0, 20, 6), (40, 0, 7), (12, 12, 12), (90, 31, 4)):
        spent = operations(read, False) + operations(learnt, True)
        served = 0
        while served * operations(added, False) < spent:
            served += 1
        before, after = served - 1, served
        assert before < requests(read, learnt, added) <= after
