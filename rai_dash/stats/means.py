"""Means of numbers of any size with intervals: one sample, two samples, and the ratio of two means.

`rai_dash.stats.intervals.mean_interval` is for numbers in [0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """Means with their Student intervals; each array is float64 (...).

    Parameters
    ----------
    value, low, high : float64
        NaN limits with fewer than two rows.
    variance : float64
        Of one row, with n - 1; NaN with fewer than two rows.
    n : int
        Rows.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    variance: FloatArray
    n: int


def means(values: FloatArray, *, level: float = 0.95) -> Means:
    """Average rows of independent numbers.

    Parameters
    ----------
    values : float64 (n, ...)
        One entry a row.
    level : float
        Two-sided confidence level.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1-25.
    """
    n = len(values)
    blank = np.full(values.shape[1:], np.nan)
    if n < 2:
        return Means(values[0].astype(np.float64) if n else blank, blank, blank, blank, n)
    mean, variance = values.mean(axis=0), values.var(axis=0, ddof=1)
    half = student(level, n - 1) * np.sqrt(variance / n)
    return Means(mean, mean - half, mean + half, variance, n)


def student(level: float, degrees: ArrayLike) -> FloatArray:
    """Return Student's quantile of a two-sided level, 1.96 for 0.95 and many degrees of freedom."""
    from scipy.special import stdtrit

    found: FloatArray = np.asarray(stdtrit(degrees, 0.5 + level / 2.0), dtype=np.float64)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """First mean less second; each array is float64 (...).

    Parameters
    ----------
    value, low, high : float64
        Difference with its interval.
    p_value : float64
        Two-sided, of no difference. Where no row varies: 1 when the means are equal, else 0.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray


def welch(first: Means, second: Means, *, level: float = 0.95, rounding: float = 0.0) -> Difference:
    """Compare two means of independent rows whose variances may differ.

    Parameters
    ----------
    first, second : Means
        Of two samples.
    level : float
        Two-sided confidence level.
    rounding : float
        A difference of at most this is a rounding error: its p-value is 1, however little the rows vary.

    Returns
    -------
    Difference
        NaN limits and p-value where a side has fewer than two rows.

    References
    ----------
    Welch, B. L. (1947). The generalization of "Student's" problem when several different population variances are
    involved. Biometrika 34, 28-35.
    """
    from scipy.special import stdtr

    a, b = first.variance / max(first.n, 1), second.variance / max(second.n, 1)
    value, error = first.value - second.value, np.sqrt(a + b)
    with np.errstate(divide="ignore", invalid="ignore"):
        degrees = (a + b) ** 2 / (a**2 / (first.n - 1) + b**2 / (second.n - 1))
        p = 2.0 * stdtr(degrees, -np.abs(value / error))
        half = np.where(error > 0, student(level, degrees) * error, error)
    p = np.where(error == 0, 0.0, p)
    p = np.where(np.abs(value) <= rounding, np.where(np.isnan(error), np.nan, 1.0), p)
    return Difference(value, value - half, value + half, np.asarray(p, dtype=np.float64))


def fieller(
    part: ArrayLike,
    whole: ArrayLike,
    *,
    var_part: ArrayLike,
    var_whole: ArrayLike,
    covariance: ArrayLike,
    z: float,
) -> tuple[FloatArray, FloatArray]:
    """Return Fieller's interval of the ratio of two means that are estimated together.

    Parameters
    ----------
    part, whole : float64 (...)
        Estimates.
    var_part, var_whole, covariance : float64 (...)
        Of the estimates.
    z : float
        Quantile, 1.96 for 95 %.

    Returns
    -------
    low, high : float64 (...)
        NaN where ``whole`` cannot be told from 0: every ratio is possible then.

    References
    ----------
    Fieller, E. C. (1954). Some problems in interval estimation. JRSS B 16, 175-185.
    """
    d, g, v_d, v_g, c = (np.asarray(x, np.float64) for x in (part, whole, var_part, var_whole, covariance))
    lead, middle, last = g**2 - z**2 * v_g, d * g - z**2 * c, d**2 - z**2 * v_d
    with np.errstate(divide="ignore", invalid="ignore"):
        # Rounding may leave a tiny negative number where part and whole are one.
        root = np.sqrt(np.maximum(middle**2 - lead * last, 0.0))
        low, high = (middle - root) / lead, (middle + root) / lead
    told = lead > 0
    return np.where(told, low, np.nan), np.where(told, high, np.nan)
