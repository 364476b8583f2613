"""How near the machine's limit alignlib is, from rows that were measured.

Sampling must read every weight once for each token step: its limit is the memory's bandwidth.
Training must do 6 floating point operations for each weight of a matrix and each token (2 forwards,
4 backwards; the matrix of predictions only where something is predicted): its limit is the rate of
matrix products. Attention, norms and the optimizer are not counted.

A share above 100 % is no mistake: weights that fit into the caches are not read from memory, and a
beginning that prompts share can be read once for all of them while its tokens count for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.row import OURS, Row


def shares(rows: Sequence[Row], limits: Mapping[str, float]) -> list[Row]:
    """A row for each that has a limit: of each contender, the median's share of it."""
    made = []
    for row in rows:
        if row.kind == "sampling" and row.case != "as they end":
            read = row.more["weight_bytes"] * int(row.setting["tokens"])
            most, what = limits["bandwidth"] * 1e9, "of the bandwidth"
        elif row.kind == "sft":
            read = row.more["flop"]
            most, what = limits[row.dtype] * 1e9, "of the matrix rate"
        else:
            continue
        made.append(
            Row(
                kind="limit",
                case=f"{row.kind}, {row.case}",
                model=row.model,
                dtype=row.dtype,
                setting=row.setting,
                unit=f"share {what}",
                rounds={
                    each: [read / row.median(each) / most] for each in (OURS, row.best or OURS)
                },
            )
        )
    return made
