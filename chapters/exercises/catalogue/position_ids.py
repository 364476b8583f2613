"""Positions in a left-padded batch: a mistake that costs nothing until a model minds it."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def position_ids(attention_mask: torch.Tensor) -> torch.Tensor:
    """The position of each token, counted from the first real token of its row.

    Args:
        attention_mask: (B, L) int64, 1 at real tokens and 0 at padding. All padding
            is on the left of its row. Every row has a real token.

    Returns:
        (B, L) int64. A row's first real token has position 0, and so has its
        padding.
    """
    return (attention_mask.cumsum(-1) - 1).clamp(min=0)


def columns(attention_mask: torch.Tensor) -> torch.Tensor:
    return torch.arange(attention_mask.shape[1]).expand(attention_mask.shape)


def columns_of_real_tokens(attention_mask: torch.Tensor) -> torch.Tensor:
    return torch.arange(attention_mask.shape[1]) * attention_mask


def from_one(attention_mask: torch.Tensor) -> torch.Tensor:
    return attention_mask.cumsum(-1)


def below_zero(attention_mask: torch.Tensor) -> torch.Tensor:
    return attention_mask.cumsum(-1) - 1


def shifted_columns(attention_mask: torch.Tensor) -> torch.Tensor:
    padding = (1 - attention_mask).sum(-1, keepdim=True)
    return torch.arange(attention_mask.shape[1]) - padding


def ones_at_padding(attention_mask: torch.Tensor) -> torch.Tensor:
    positions = attention_mask.cumsum(-1) - 1
    return positions.masked_fill(attention_mask == 0, 1)


def down_the_batch(attention_mask: torch.Tensor) -> torch.Tensor:
    return (attention_mask.cumsum(0) - 1).clamp(min=0)


def from_the_end(attention_mask: torch.Tensor) -> torch.Tensor:
    return (attention_mask.flip(-1).cumsum(-1).flip(-1) - 1).clamp(min=0)


def first_row_for_all(attention_mask: torch.Tensor) -> torch.Tensor:
    positions = (attention_mask[:1].cumsum(-1) - 1).clamp(min=0)
    return positions.expand(attention_mask.shape)


def real_tokens(attention_mask: torch.Tensor) -> torch.Tensor:
    return attention_mask


def from_real_tokens(attention_mask):
    padding = attention_mask.shape[1] - attention_mask.sum(-1, keepdim=True)
    return torch.relu(torch.arange(attention_mask.shape[1]) - padding)


def row_by_row(attention_mask):
    rows = []
    for row in attention_mask.tolist():
        n = sum(row)
        rows.append([0] * (len(row) - n) + list(range(n)))
    return rows


def times_the_mask(attention_mask):
    mask = np.asarray(attention_mask)
    return (np.cumsum(mask, axis=1) - 1) * mask


def rows(*lengths: int, width: int) -> dict[str, torch.Tensor]:
    """Rows with so many real tokens."""
    mask = [[0] * (width - n) + [1] * n for n in lengths]
    return {"attention_mask": torch.tensor(mask)}


def private(rng: np.random.Generator) -> list[Case]:
    several = rng.permutation([3, 5, 9, 10]).tolist()
    width = int(rng.integers(30, 50))
    many = rng.permutation(np.arange(2, width - 1))[:16].tolist()
    n = int(rng.integers(6, 10))
    return [
        Case("four rows", rows(*several, width=11)),
        Case("sixteen long rows", rows(*many, width=width)),
        Case("nothing is padding", rows(n, n, n, width=n)),
        Case("a single token in a wide row", rows(1, n, width=n + 3)),
        Case("one row", rows(n - 2, width=n)),
    ]


EXERCISE = Exercise(
    number="6.1",
    answer=position_ids,
    points=2,
    minutes=8,
    difficulty=1,
    public=[
        Case("two rows, one padded", rows(3, 5, width=5)),
        Case("three rows, all padded", rows(4, 2, 3, width=6)),
        Case("a single real token", rows(1, 3, width=4)),
        Case("one row without padding", rows(4, width=4)),
    ],
    private=private,
    besides="other numbers of rows, wider ones, and a batch without padding.",
    wrong={
        columns: "These are the column numbers, the same for every row. Padding is no "
        "text: a row's first real token is its position 0.",
        columns_of_real_tokens: "Padding has 0 here, but what follows is still counted from the "
        "edge of the batch. Count from the row's first real token.",
        from_one: "These positions begin at 1. The first real token has position 0.",
        below_zero: "Padding gets -1 here, and no model has an entry for it. Its position is 0.",
        shifted_columns: "Real tokens are right, and padding gets negative numbers. Its position "
        "is 0.",
        ones_at_padding: "Real tokens are right. Padding has position 1 here, as in some "
        "libraries; in this course it is 0.",
        down_the_batch: "This counts down the columns, over the rows of the batch. Count along "
        "each row.",
        from_the_end: "This counts from the end of a row, backwards. Text is read from its first "
        "token on.",
        first_row_for_all: "All rows get the positions of the first one. Each row has padding of "
        "its own.",
        real_tokens: "This is the mask itself: whether a token is real, not which it is.",
    },
    right=[from_real_tokens, row_by_row, times_the_mask],
)
