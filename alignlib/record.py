"""What was drawn so far, token by token, while rows end and leave the batch."""

from __future__ import annotations

import torch
from torch import Tensor

from alignlib.logprobs import LogProbs
from alignlib.model import LM


class Record:
    """What was drawn so far, in the places of the rows that it was drawn for."""

    def __init__(self, lm: LM, B: int, T: int, kind: torch.dtype) -> None:
        self._pad_id = lm.pad_id
        self._tokens = torch.full((B, T), lm.pad_id, device=lm.device)
        self._values = torch.zeros(B, T, dtype=kind, device=lm.device)
        self._mask = torch.zeros(B, T, dtype=torch.bool, device=lm.device)
        self._rows = torch.arange(B, device=lm.device)
        self._written = 0
        self._steps: list[tuple[Tensor, Tensor, Tensor]] = []

    def add(self, tokens: Tensor, values: Tensor, going: Tensor) -> None:
        """One step of the rows in the batch: what was drawn, and whether they had not ended."""
        self._steps.append((tokens, values, going))

    def keep(self, rows: Tensor) -> None:
        """From here on only some of the rows are in the batch."""
        self._write()
        self._rows = self._rows[rows]

    def drawn(self) -> LogProbs:
        """All of it, on the CPU."""
        self._write()
        length = int(self._mask.any(0).sum())
        tokens, values, mask = self._tokens, self._values, self._mask
        return LogProbs(tokens[:, :length].cpu(), mask[:, :length].cpu(), values[:, :length].cpu())

    def _write(self) -> None:
        if self._steps:
            tokens, values, going = (
                torch.stack(each, 1) for each in zip(*self._steps, strict=True)
            )
            here = self._rows, slice(self._written, self._written + len(self._steps))
            self._tokens[here] = tokens.masked_fill(~going, self._pad_id)
            self._values[here] = values.masked_fill(~going, 0.0)
            self._mask[here] = going
            self._written += len(self._steps)
            self._steps = []
