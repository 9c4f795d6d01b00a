"""Two groups compared at the same value of a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.explain._asking import FloatArray, IntArray
from rai_dash.explain.drivers._bins import bins_of
from rai_dash.stats.intervals import z_value
from rai_dash.stats.means import Difference

#: Ranges of a column within which two groups are compared.
_BINS = 20


def at_same_value(
    values: FloatArray,
    names: Sequence[str],
    frame: pd.DataFrame,
    sides: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    *,
    rounding: float,
) -> Difference:
    """Compare mean attributions within bins of each column's own value.

    Bins weigh by the rows that both sides can offer, ``a b / (a + b)``; the interval is normal.

    Parameters
    ----------
    values : float64 (n, columns)
        Attributions.
    names : sequence of str
        Columns.
    frame : DataFrame (n, …)
        The rows.
    sides : tuple of bool (n,)
        Rows of both groups.
    rounding : float
        A difference of at most this has the p-value 1.

    Returns
    -------
    Difference
        First side less second, float64 (columns,); NaN where no bin has two rows of both.
    """
    from scipy.special import ndtr

    value, error = np.full(len(names), np.nan), np.full(len(names), np.nan)
    for j, name in enumerate(names):
        bins = bins_of(frame[name], _BINS)
        k = int(bins.max(initial=-1)) + 1
        a, b = (_by_bin(values[side, j], bins[side], k) for side in sides)
        both = (a.n > 1) & (b.n > 1)
        weight = np.where(both, a.n * b.n / np.maximum(a.n + b.n, 1), 0.0)
        if weight.sum() > 0:
            weight /= weight.sum()
            value[j] = weight @ np.where(both, a.mean - b.mean, 0.0)
            error[j] = np.sqrt(weight**2 @ np.where(both, a.squared_error + b.squared_error, 0.0))
    half = z_value(0.95) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(error == 0, 0.0, 2.0 * ndtr(-np.abs(value / error)))
    p = np.where(np.abs(value) <= rounding, 1.0, p)
    return Difference(value, value - half, value + half, p)


@dataclass(frozen=True, slots=True)
class _Binned:
    n: IntArray
    mean: FloatArray
    squared_error: FloatArray  # of the mean


def _by_bin(x: FloatArray, bins: IntArray, k: int) -> _Binned:
    n = np.bincount(bins, minlength=k)
    mean = np.bincount(bins, x, minlength=k) / np.maximum(n, 1)
    squares = np.bincount(bins, (x - mean[bins]) ** 2, minlength=k)
    return _Binned(n, mean, squares / np.maximum(n - 1, 1) / np.maximum(n, 1))
