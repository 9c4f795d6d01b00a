"""Rows that a reader of trees most easily sends astray."""

from __future__ import annotations

import numpy as np

NUMBERS = ["tenths", "income", "debt"]
HUGE = 1e30


def drawn_table():
    """Numbers that float32 cannot hold, exact and nearly exact zeros, blanks, and codes of 70 categories."""
    rng = np.random.default_rng(3)
    n = 300
    x = np.column_stack(
        [
            rng.integers(0, 30, n) / 10,
            rng.lognormal(3, 1, n),
            np.where(rng.random(n) < 0.4, 0.0, rng.normal(size=n)),
        ]
    )
    x[rng.random((n, 3)) < 0.1] = np.nan
    codes = rng.integers(0, 70, n).astype(float)
    odd = np.isin(codes % 7, (1, 2, 4))
    signal = np.nan_to_num(x) @ [0.8, 0.02, 0.7] + 1.5 * odd - np.isnan(x[:, 1])
    return x, codes, (signal + rng.normal(0, 0.5, n) > np.median(signal)).astype(int)


def edges(trees, x):
    """Rows at, just below and just above each threshold, in float64 and float32, with blanks and extremes."""
    rows = []
    for j in range(x.shape[1]):
        t = trees.threshold[(trees.feature == j) & np.isfinite(trees.threshold)][:12]
        narrow = t.astype(np.float32)
        near = [np.nextafter(narrow, np.float32(side)) for side in (-np.inf, np.inf)]
        close = [np.nextafter(t, side) for side in (-np.inf, np.inf)]
        fixed = [np.nan, 0.0, -0.0, 1e-36, -1e-36, 2e-35, 0.1, 0.3, HUGE, -HUGE]
        for value in np.concatenate([t, narrow, *near, *close, fixed]).astype(np.float64):
            row = x[len(rows) % len(x)].copy()
            row[j] = value
            rows.append(row)
    return np.array(rows)
