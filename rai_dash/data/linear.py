"""Pearson's correlation of many columns at once, from sums over the rows where both of a pair are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rai_dash.data.measures import FloatArray, pearson

#: Rows that are worked on at a time: some megabytes, whatever the size of the table.
_PIECE = 1 << 15
#: Variance of a column over the rows of a pair, beside that over all its rows, below which sums would round too much.
_LEAST_SPREAD = 1e-6


def correlations(columns: Sequence[FloatArray]) -> tuple[FloatArray, NDArray[np.int64]]:
    """Compute Pearson's correlation of every pair.

    Parameters
    ----------
    columns : sequence of float64 (n,)
        k columns; NaN = blank.

    Returns
    -------
    value : float64 (k, k)
        Over the rows where both are known; NaN where either is constant there.
    n : int64 (k, k)
        Those rows.

    Notes
    -----
    Columns are centred and scaled first, so that the sums keep their digits; a pair whose rows leave a column almost
    without spread is computed by itself.
    """
    k = len(columns)
    centre, scale = _standards(columns)
    n = np.zeros((k, k))
    sums, squares, products = np.zeros((k, k)), np.zeros((k, k)), np.zeros((k, k))
    for start in range(0, columns[0].size if k else 0, _PIECE):
        z = (np.array([c[start : start + _PIECE] for c in columns]) - centre) / scale
        known = np.isfinite(z)
        z[~known] = 0.0
        mask = known.astype(np.float64)
        n += mask @ mask.T
        sums += z @ mask.T
        squares += (z * z) @ mask.T
        products += z @ z.T
    rows = np.maximum(n, 1.0)
    spread = squares - sums**2 / rows
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (products - sums * sums.T / rows) / np.sqrt(spread * spread.T)
    value = np.clip(value, -1.0, 1.0)
    low = ~(spread > _LEAST_SPREAD * rows)
    for i, j in zip(*np.nonzero(np.tril(low | low.T)), strict=True):
        value[i, j] = value[j, i] = pearson(columns[i], columns[j])[0]
    return value, n.astype(np.int64)


def _standards(columns: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Return mean and deviation of the known values of each column (k, 1); 0 and 1 where there is nothing to scale."""
    centre, scale = np.zeros((len(columns), 1)), np.ones((len(columns), 1))
    for i, column in enumerate(columns):
        known = np.isfinite(column)
        values = column if known.all() else column[known]
        if values.size:
            centre[i], spread = values.mean(), values.std()
            scale[i] = spread if np.isfinite(spread) and spread > 0 else 1.0
    return centre, scale
