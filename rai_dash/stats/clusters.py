"""Shares and means where each row brings several draws, or one share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.types import Estimate
from rai_dash.stats.intervals import wilson
from rai_dash.stats.means import means

FloatArray = NDArray[np.float64]
NO_ROWS = "no applicant is in it"


def clustered_rate(flip: FloatArray, draws: int) -> Estimate:
    """Estimate a share from rows with several draws each.

    Parameters
    ----------
    flip : float64 (n,)
        Share of each row's draws that flip.
    draws : int
        Draws a row.

    Returns
    -------
    Estimate
        Wilson's interval at ``p (1 - p) / v`` draws, where ``v`` is the variance of the mean over rows: as many
        independent draws would be as sure. Where nothing (or everything) flips, rows count once each, since the next
        row may be another kind. Undefined without rows.

    References
    ----------
    Korn, E. L., Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of positive
    counts estimated from survey data. Survey Methodology 24, 193-201.
    """
    n = len(flip)
    if not n:
        return Estimate.undefined(NO_ROWS)
    p = float(flip.mean())
    size = float(n)
    if n > 1 and 0.0 < p < 1.0:
        variance = float(flip.var(ddof=1)) / n
        size = min(p * (1.0 - p) / variance, float(n * draws)) if variance > 0 else float(n * draws)
    low, high = wilson(p * size, size)
    return share_of(p, low, high, round(p * n * draws), n * draws)


def share_of(value: object, low: object, high: object, numerator: object, denominator: int) -> Estimate:
    """Put a share together from plain or numpy numbers; undefined without rows."""
    if not denominator:
        return Estimate.undefined(NO_ROWS)
    v, a, b, k = (float(np.float64(x)) for x in (value, low, high, numerator))  # type: ignore[arg-type]
    return Estimate(v, a, b, k, float(denominator))


def mean_share(values: FloatArray) -> Estimate:
    """Average shares over rows with Student's interval; its ends stay within [0, 1], undefined without rows."""
    found = means(values)
    if not found.n:
        return Estimate.undefined(NO_ROWS)
    if found.n < 2:
        return Estimate(float(found.value))
    return Estimate(float(found.value), max(0.0, float(found.low)), min(1.0, float(found.high)))
