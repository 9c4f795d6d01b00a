"""Confidence intervals for shares, their differences and ratios, and means.

Every function takes and returns arrays (or single numbers) and broadcasts. A size of 0 gives NaN.
With weights pass Kish's effective size as ``n`` and ``share * n`` as ``k``; see `effective_size`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

FloatArray = NDArray[np.float64]
Limits = tuple[FloatArray, FloatArray]


def z_value(level: float) -> float:
    """Return the normal quantile of a two-sided level, 1.96 for 0.95."""
    if not 0.0 < level < 1.0:
        msg = f"A confidence level lies between 0 and 1, got {level}. Use 0.95 for 95 %."
        raise ValueError(msg)
    return float(ndtri(0.5 + level / 2.0))


def effective_size(total: ArrayLike, squares: ArrayLike) -> FloatArray:
    """Return Kish's effective number of rows, ``total**2 / squares``.

    Parameters
    ----------
    total, squares : float64 (...)
        Sum of the weights and sum of the squared weights.

    Returns
    -------
    float64 (...)
        The count of rows where all weights are equal; 0 where the weights sum to 0.
    """
    total, squares = np.asarray(total, np.float64), np.asarray(squares, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, total**2 / squares, 0.0)


def wilson(k: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> Limits:
    """Return the Wilson score interval of the share ``k / n``.

    Parameters
    ----------
    k, n : float64 (...)
        Successes and trials; ``n`` may be an effective size, then ``k = share * n``.
    level : float
        Two-sided confidence level.

    Returns
    -------
    low, high : float64 (...)
        Within [0, 1]; NaN where ``n`` is 0.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    JASA 22, 209-212.

    Examples
    --------
    >>> low, high = wilson(8, 10)
    >>> round(float(low), 4), round(float(high), 4)
    (0.4902, 0.9433)
    """
    k, n = np.asarray(k, np.float64), np.asarray(n, np.float64)
    z2 = z_value(level) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(n > 0, np.clip(k / n, 0.0, 1.0), np.nan)
        shrink = 1.0 + z2 / n
        centre = (share + z2 / (2.0 * n)) / shrink
        half = np.sqrt(z2 * (share * (1.0 - share) / n + z2 / (4.0 * n**2))) / shrink
        # At the ends the limit is the end itself; rounding would leave it 1e-17 beside.
        low = np.where(share == 0.0, 0.0, np.maximum(0.0, centre - half))
        high = np.where(share == 1.0, 1.0, np.minimum(1.0, centre + half))
    return low, high


def newcombe(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, *, level: float = 0.95) -> Limits:
    """Return Newcombe's interval of the difference ``k1 / n1 - k2 / n2`` of two independent shares.

    Parameters
    ----------
    k1, n1, k2, n2 : float64 (...)
        Successes and trials of both; sizes may be effective ones.
    level : float
        Two-sided confidence level.

    Returns
    -------
    low, high : float64 (...)
        Within [-1, 1]; NaN where a size is 0.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions:
    comparison of eleven methods (method 10). Statistics in Medicine 17, 873-890.
    """
    low1, high1 = wilson(k1, n1, level=level)
    low2, high2 = wilson(k2, n2, level=level)
    with np.errstate(divide="ignore", invalid="ignore"):
        share1 = np.divide(k1, n1, dtype=np.float64)
        share2 = np.divide(k2, n2, dtype=np.float64)
        difference = share1 - share2
        low = difference - np.hypot(share1 - low1, high2 - share2)
        high = difference + np.hypot(high1 - share1, share2 - low2)
    return low, high


#: With fewer people than this on one side who do not count, the interval of `katz` is too narrow.
FEW_OTHERS = 5


def katz_is_narrow(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> NDArray[np.bool_]:
    """Say where the interval of `katz` is not to be relied on, since nearly everybody on one side counts.

    Parameters
    ----------
    k1, n1, k2, n2 : float64 (...)
        As of `katz`.

    Notes
    -----
    Its error vanishes as a share goes to 1. By exact enumeration the nominal 95 % interval of shares near .95 covers
    40 % for 10 against 500 people, 64 % for 20 and 78 % for 30 (`tests/simulations/test_coverage.py` has the grid on
    which it holds).
    """
    others = np.minimum(
        np.asarray(n1, np.float64) - np.asarray(k1, np.float64),
        np.asarray(n2, np.float64) - np.asarray(k2, np.float64),
    )
    # Sizes may be effective ones, so that rounding is no person.
    narrow: NDArray[np.bool_] = others < FEW_OTHERS - 1e-9
    return narrow


def katz(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, *, level: float = 0.95) -> Limits:
    """Return the log interval of the ratio of two shares with one half added to each number.

    The point that is printed stays ``(k1 / n1) / (k2 / n2)``; the interval exists even where that is
    undefined (``k2 = 0``).

    Parameters
    ----------
    k1, n1, k2, n2 : float64 (...)
        Successes and trials of both; sizes may be effective ones.
    level : float
        Two-sided confidence level.

    Returns
    -------
    low, high : float64 (...)
        Positive; NaN where a size is 0.

    References
    ----------
    Katz, D. et al. (1978). Obtaining confidence intervals for the risk ratio in cohort studies.
    Biometrics 34, 469-474; one half added as in Walter, S. D. (1975), Biometrika 62, 371-374.
    """
    k1, n1 = np.asarray(k1, np.float64) + 0.5, np.asarray(n1, np.float64)
    k2, n2 = np.asarray(k2, np.float64) + 0.5, np.asarray(n2, np.float64)
    half = z_value(level) * np.sqrt(1 / k1 - 1 / (n1 + 0.5) + 1 / k2 - 1 / (n2 + 0.5))
    ratio = np.where((n1 > 0) & (n2 > 0), (k1 / (n1 + 0.5)) / (k2 / (n2 + 0.5)), np.nan)
    return ratio * np.exp(-half), ratio * np.exp(half)


def ratio_interval(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Return the interval of `katz` as far as it says something, and where it is too narrow to be relied on.

    Parameters
    ----------
    k1, n1, k2, n2 : float64 (...)
        As of `katz`.
    level : float
        Two-sided confidence level.

    Returns
    -------
    low, high : float64 (...)
        NaN where everybody on both sides counts: the formula has no width there and would claim to be certain.
    is_narrow : bool (...)
        See `katz_is_narrow`; also true where there is no interval for that reason.
    """
    low, high = katz(k1, n1, k2, n2, level=level)
    has_width = high > low
    return np.where(has_width, low, np.nan), np.where(has_width, high, np.nan), katz_is_narrow(k1, n1, k2, n2)


def mean_interval(mean: ArrayLike, sd: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> Limits:
    """Return ``mean ± z sd / sqrt(n)`` clipped to [0, 1], for means of scores and squared errors.

    Parameters
    ----------
    mean, sd, n : float64 (...)
        Mean, standard deviation and (effective) number of rows.
    level : float
        Two-sided confidence level.

    Returns
    -------
    low, high : float64 (...)
        NaN where ``n`` is 0.
    """
    mean, n = np.asarray(mean, np.float64), np.asarray(n, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = np.where(n >= 2, z_value(level) * np.asarray(sd, np.float64) / np.sqrt(n), np.nan)
    return np.clip(mean - half, 0.0, 1.0), np.clip(mean + half, 0.0, 1.0)
