"""Two shares of the same rows: the exact test of McNemar, and Newcombe's interval of the difference.

All functions take the four cells of the paired table and broadcast: rows for which something is true of ``both``, of
the first only, of the second only, and of neither.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

from rai_dash.stats.intervals import Limits, wilson

FloatArray = NDArray[np.float64]


def mcnemar_exact(only_first: ArrayLike, only_second: ArrayLike) -> FloatArray:
    """Return the two-sided exact p-value that something is as often true of the first as of the second.

    Parameters
    ----------
    only_first, only_second : int (...)
        Rows where it is true of one of them only. The other rows say nothing about a difference.

    Returns
    -------
    float64 (...)
        1 where there is no such row.

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions or percentages.
    Psychometrika 12, 153-157; the binomial law of the discordant rows instead of its approximation.

    Examples
    --------
    >>> float(mcnemar_exact(0, 6))
    0.03125
    """
    first, second = np.asarray(only_first, np.int64), np.asarray(only_second, np.int64)
    p: FloatArray = np.minimum(1.0, 2.0 * bdtr(np.minimum(first, second), first + second, 0.5))
    return p


def newcombe_paired(
    both: ArrayLike, only_first: ArrayLike, only_second: ArrayLike, neither: ArrayLike, *, level: float = 0.95
) -> Limits:
    """Return the interval of the share of the second less the share of the first.

    Parameters
    ----------
    both, only_first, only_second, neither : float64 (...)
        The paired table; with weights its shares times the effective number of rows.
    level : float
        Two-sided confidence level.

    Returns
    -------
    low, high : float64 (...)
        Within [-1, 1]; NaN where there is no row.

    References
    ----------
    Newcombe, R. G. (1998). Improved confidence intervals for the difference between binomial proportions based on
    paired data (method 10: Wilson's limits squared and added, with the correlation of the two shares corrected for
    continuity). Statistics in Medicine 17, 2635-2650.

    Examples
    --------
    >>> low, high = newcombe_paired(14, 0, 5, 22)
    >>> round(float(low), 3), round(float(high), 3)
    (0.011, 0.226)
    """
    cells = (np.asarray(cell, np.float64) for cell in (both, only_first, only_second, neither))
    both, first, second, neither = cells
    n = both + first + second + neither
    correlation = _correlation(both, first, second, neither)
    low1, high1 = wilson(both + first, n, level=level)
    low2, high2 = wilson(both + second, n, level=level)
    with np.errstate(divide="ignore", invalid="ignore"):
        share1, share2 = (both + first) / n, (both + second) / n
        difference = (second - first) / n
        down = _combined(share2 - low2, high1 - share1, correlation)
        up = _combined(high2 - share2, share1 - low1, correlation)
    return np.maximum(-1.0, difference - down), np.minimum(1.0, difference + up)


def _combined(one: FloatArray, other: FloatArray, correlation: FloatArray) -> FloatArray:
    """Square and add; rounding may leave a tiny negative number where both shares are one."""
    root: FloatArray = np.sqrt(np.maximum(0.0, one**2 - 2.0 * correlation * one * other + other**2))
    return root


def _correlation(both: FloatArray, first: FloatArray, second: FloatArray, neither: FloatArray) -> FloatArray:
    """Return phi of the table, moved half a row towards 0 where it is positive; 0 where a margin is empty."""
    n = both + first + second + neither
    product = both * neither - first * second
    corrected = np.where(product > n / 2.0, product - n / 2.0, np.minimum(product, 0.0))
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    phi: FloatArray = np.divide(corrected, np.sqrt(margins), out=np.zeros_like(n), where=margins > 0)
    return phi
