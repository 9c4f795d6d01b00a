"""Exact limits and tails of the binomial law, for what may be promised about a share of errors.

Every function takes and returns arrays (or single numbers) and broadcasts. Counts are whole rows: an effective size
of weighted rows has no exact law.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincc, betaincinv

FloatArray = NDArray[np.float64]
Limits = tuple[FloatArray, FloatArray]


def tail_p(k: ArrayLike, n: ArrayLike, share: ArrayLike) -> FloatArray:
    """Return the chance of at most ``k`` errors in ``n`` rows where errors have a share: the p-value of "more".

    Parameters
    ----------
    k, n : int64 (...)
        Errors and rows, ``0 <= k <= n``.
    share : float64 (...)
        True share of errors, in [0, 1].

    Returns
    -------
    float64 (...)
        P(Bin(n, share) <= k); 1 where ``k = n``, so also without rows.

    Examples
    --------
    >>> round(float(tail_p(0, 29, 0.1)), 4)
    0.0471
    """
    k, n = np.asarray(k, np.float64), np.asarray(n, np.float64)
    p: FloatArray = np.where(k >= n, 1.0, betaincc(k + 1.0, np.maximum(n - k, 1.0), share))
    return p


def upper_limit(k: ArrayLike, n: ArrayLike, delta: ArrayLike) -> FloatArray:
    """Return the one-sided upper limit of Clopper and Pearson for the share of errors.

    Parameters
    ----------
    k, n : int64 (...)
        Errors and rows, ``0 <= k <= n``.
    delta : float64 (...)
        The chance that the limit lies below the truth is at most this.

    Returns
    -------
    float64 (...)
        The ``b`` with P(Bin(n, b) <= k) = delta, the 1 - delta quantile of Beta(k + 1, n - k); 1 where ``n = 0`` or
        ``k = n``.

    References
    ----------
    Clopper, C. and Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of the
    binomial. Biometrika 26, 404-413.

    Examples
    --------
    >>> round(float(upper_limit(0, 29, 0.05)), 4)
    0.0981
    """
    k, n = np.asarray(k, np.float64), np.asarray(n, np.float64)
    rest = np.maximum(n - k, 1.0)
    limit: FloatArray = np.where(k >= n, 1.0, betaincinv(k + 1.0, rest, 1.0 - np.asarray(delta, np.float64)))
    return limit


def lower_limit(k: ArrayLike, n: ArrayLike, delta: ArrayLike) -> FloatArray:
    """Return the one-sided lower limit of Clopper and Pearson, ``1 - upper_limit(n - k, n, delta)``.

    Parameters
    ----------
    k, n : int64 (...)
        Errors and rows, ``0 <= k <= n``.
    delta : float64 (...)
        The chance that the limit lies above the truth is at most this.

    Returns
    -------
    float64 (...)
        0 where ``k = 0`` or ``n = 0``.
    """
    k, n = np.asarray(k, np.float64), np.asarray(n, np.float64)
    # The delta quantile of Beta(k, n - k + 1) is the same number, without rounding at 1.
    limit: FloatArray = np.where(k > 0, betaincinv(np.maximum(k, 1.0), n - k + 1.0, delta), 0.0)
    return limit


def clopper_pearson(k: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> Limits:
    """Return the two-sided interval of Clopper and Pearson, ``(1 - level) / 2`` on each side.

    Parameters
    ----------
    k, n : int64 (...)
        Successes and rows, ``0 <= k <= n``.
    level : float
        Two-sided confidence level.

    Returns
    -------
    low, high : float64 (...)
        Within [0, 1]; NaN where ``n`` is 0.
    """
    if not 0.0 < level < 1.0:
        msg = f"A confidence level lies between 0 and 1, got {level}. Use 0.95 for 95 %."
        raise ValueError(msg)
    tail = (1.0 - level) / 2.0
    has_rows = np.asarray(n) > 0
    low, high = (np.where(has_rows, limit(k, n, tail), np.nan) for limit in (lower_limit, upper_limit))
    return low, high
