"""From rows to values: patterns and look-ups, block by block."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain.trees._jit import compiled
from rai_dash.explain.trees.patterns import Coding, Floats, Splits, encode
from rai_dash.explain.trees.units import Units, write_patterns

#: Rows at a time: their codes and sums stay near the processor while the tables pass by.
BLOCK = 4096


@compiled
def add_values(
    matrix: Floats, start: int, stop: int, coding: Coding, splits: Splits, units: Units, first: int, last: int,
    tables: NDArray[np.floating[Any]], phi: Floats,
) -> None:  # fmt: skip
    """Add units ``first .. last`` with their tables to rows ``start .. stop`` of ``phi`` (rows, players)."""
    most = min(BLOCK, stop - start)
    codes, pattern = np.empty((coding.column.size, most), np.int32), np.empty(most, np.int32)
    sums = np.empty((phi.shape[1], most))
    for low in range(start, stop, BLOCK):
        n = min(BLOCK, stop - low)
        encode(matrix, low, low + n, coding, codes)
        sums[:] = 0.0
        for u in range(first, last):
            write_patterns(splits, units, u, codes, 0, n, pattern)
            size = 1 << units.bits[u]
            at = units.table_at[u] - units.table_at[first]
            for i in range(units.player_at[u], units.player_at[u] + units.n_players[u]):
                table, mine = tables[at : at + size], sums[units.player[i]]
                for r in range(n):
                    mine[r] += table[np.uint32(pattern[r])]
                at += size
        for player in range(phi.shape[1]):
            for r in range(n):
                phi[low + r, player] += sums[player, r]
