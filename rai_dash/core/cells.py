"""The grid of scores: 1,001 edges, and the cell of each score, exact to the last bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

N_EDGES = 1001
N_CELLS = 1002
NO_SCORE = 1001
LAST_CELL = 1000
#: The doubles nearest to the decimals 0.000 .. 1.000. ``linspace`` misses 144 of them.
EDGES: NDArray[np.float64] = np.arange(N_EDGES, dtype=np.float64) / 1000.0
EDGES.flags.writeable = False

#: Rows handled at a time: what is in flight stays in the processor's cache.
_BLOCK = 1 << 14


def score_cells(score: NDArray[np.float64]) -> NDArray[np.int16]:
    """Find the cell of each score: the largest k in 0..1000 with ``k / 1000 <= score``.

    Parameters
    ----------
    score : float64 (n,)
        In [0, 1]; NaN or infinite = no score. Below 0 the cell is 0.

    Returns
    -------
    int16 (n,)
        Cell 0..1000, or ``NO_SCORE`` (1001).
    """
    cells = np.empty(score.size, np.int16)
    with np.errstate(invalid="ignore"):  # infinity minus infinity; the row is marked below
        for start in range(0, score.size, _BLOCK):
            part = score[start : start + _BLOCK]
            guess = np.floor(part * 1000.0)
            # Rounding lifts some doubles just below an edge onto it; it never drops one below its edge,
            # since the product grows with the score and is exact enough at all 1,001 edges. So compare
            # with the true edge, which is k / 1000 by correct rounding, and step down by one.
            guess -= guess / 1000.0 > part
            np.clip(guess, 0.0, LAST_CELL, out=guess)
            guess[~np.isfinite(part)] = NO_SCORE
            cells[start : start + _BLOCK] = guess
    return cells


def cell_of(cut: float) -> int:
    """Return the cell that a finite cut lies in, 0..1000."""
    return int(score_cells(np.array([cut], dtype=np.float64))[0])
