"""The rules by which one number of a batch is called ok, to be watched, or a breach: review-band.md section 14.1.

They look at one number alone. That some of many numbers leave their limits by chance is allowed for in the verdict of
the batch, see `rai_dash.govern.monitor.chance`.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.stats import drift
from rai_dash.stats.intervals import wilson

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: A point outside by less than this is rounding.
ROUNDING: Final = 1e-12
CELLS: Final = 10
PSI_WATCH: Final = drift.WORTH_A_LOOK
PSI_BREACH: Final = drift.LARGE


class State(StrEnum):
    """What is said about one number of a batch."""

    OK = "ok"
    WATCH = "watch"
    BREACH = "breach"
    NO_DATA = "no_data"
    NO_ROWS = "no_rows"
    NO_LIMIT = "no_limit"

    @property
    def is_judged(self) -> bool:
        """Whether the number was held against a limit."""
        return self in {State.OK, State.WATCH, State.BREACH}


def rate_state(k: float, n: float, value: float, tolerance: float) -> State:
    """Judge a share of a batch.

    Parameters
    ----------
    k, n : float
        Rows that count, of all; effective numbers where rows carry weights.
    value, tolerance : float
        The signed share, and how far it may move.

    Returns
    -------
    State
        ``no_data`` without a row; ``breach`` where Wilson's 95 % interval lies wholly outside ``value ± tolerance``;
        ``watch`` where the point does; else ``ok``.

    Examples
    --------
    >>> rate_state(31, 100, 0.18, 0.02).value, rate_state(24, 100, 0.18, 0.02).value
    ('breach', 'watch')
    """
    if n == 0:
        return State.NO_DATA
    low, high = wilson(k, n)
    return interval_state(k / n, float(low), float(high), value, tolerance)


def interval_state(point: float, low: float, high: float, value: float, tolerance: float) -> State:
    """Judge a number by its interval, by the rule of `rate_state`."""
    least, most = value - tolerance, value + tolerance
    if high < least or low > most:
        return State.BREACH
    if point < least - ROUNDING or point > most + ROUNDING:
        return State.WATCH
    return State.OK


def psi_state(value: float, *, watch: float = PSI_WATCH, breach: float = PSI_BREACH) -> State:
    """Judge a population stability index; NaN = a side has no value."""
    if math.isnan(value):
        return State.NO_DATA
    if value < watch:
        return State.OK
    return State.WATCH if value < breach else State.BREACH


def psi_edges(reference: ArrayLike) -> FloatArray:
    """Return the inner edges by which numbers are counted for a PSI, float64 (edges,), ascending.

    Parameters
    ----------
    reference : float (n,)
        What is not finite is left out.

    Returns
    -------
    float64 (edges,)
        The k/10 quantiles (numpy's linear ones) without doubles; none where there is no value.
    """
    values = _finite(reference)
    return np.unique(np.quantile(values, np.arange(1, CELLS) / CELLS)) if values.size else np.empty(0)


def psi_counts(values: ArrayLike, edges: FloatArray) -> IntArray:
    """Count the finite values of each cell, int64 (edges + 1,): the cell is the number of edges at or below one."""
    cell = np.searchsorted(edges, _finite(values), side="right")
    return np.bincount(cell, minlength=edges.size + 1).astype(np.int64)


def psi(reference: ArrayLike, x: ArrayLike) -> float:
    """Return the population stability index of two samples of numbers; NaN where a side has no finite value.

    Parameters
    ----------
    reference, x : float (m,), (n,)
        What was signed, and the batch.

    Returns
    -------
    float
        ``sum (q - p) ln(q / p)`` over the cells of `psi_edges`, shares at least 1e-4 and not renormalised.
    """
    edges = psi_edges(reference)
    return psi_of_counts(psi_counts(reference, edges), psi_counts(x, edges))


def psi_of_counts(reference: IntArray, x: IntArray) -> float:
    """Return the index of two sets of counts of the same cells, as of `psi`."""
    return drift.psi(np.asarray(reference, np.int64), np.asarray(x, np.int64))


def ks(x: ArrayLike, y: ArrayLike) -> drift.Tested:
    """Return the largest distance of the two empirical distribution functions, with its p-value.

    Parameters
    ----------
    x, y : float (m,), (n,)
        What is not finite is left out; NaN where a side has no value.
    """
    return drift.kolmogorov_smirnov(np.sort(_finite(x)), np.sort(_finite(y)))


def ks_of_cells(reference: IntArray, x: IntArray) -> float:
    """Return the largest distance at the edges of cells: at most the exact one; NaN where a side has no row."""
    if not reference.sum() or not x.sum():
        return math.nan
    return float(np.abs(np.cumsum(reference) / reference.sum() - np.cumsum(x) / x.sum()).max())


def _finite(values: ArrayLike) -> FloatArray:
    found = np.asarray(values, np.float64)
    return found[np.isfinite(found)]
