"""Did a column move between two data sets? PSI, Kolmogorov-Smirnov, chi-square, and what chance alone gives.

The population stability index is ``sum (q - p) ln(q / p)`` over cells, ``p`` the share then and ``q`` the share now,
each at least ``FLOOR`` and not renormalised. 0.10 and 0.25 are conventions, not tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, chndtrinc

from rai_dash.core.texts import tr
from rai_dash.stats.tests import POWER, fisher_against_rest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
FLOOR: Final = 1e-4
#: A shift worth looking at, and a large one, by convention.
WORTH_A_LOOK: Final = 0.10
LARGE: Final = 0.25
CELLS: Final = 10
REPLICATES: Final = 400
#: Cells with a smaller expected count on either side are merged before a chi-square test.
LEAST_EXPECTED: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A test of one distribution.

    Parameters
    ----------
    method : str
        ``KS``, ``KS over`` some cells, ``chi-square`` or ``Fisher``; empty = nothing could be tested.
    statistic : float
        Largest distance of the two distribution functions, or chi-square; NaN for Fisher's test.
    p_value : float
        NaN = not tested.
    merged : int
        Cells that were merged into one because too few rows were expected there.
    reason : str
        Why nothing was tested.
    """

    method: str
    statistic: float
    p_value: float
    merged: int = 0
    reason: str = ""


def inner_edges(ordered: FloatArray, *, cells: int = CELLS) -> FloatArray:
    """Return the inner quantiles of the first data set, float64 (edges,), ascending.

    Parameters
    ----------
    ordered : float64 (n,)
        Its values in ascending order, at least one, all finite.
    cells : int
        10 = deciles.

    Returns
    -------
    float64 (edges,)
        A quantile that comes up more than once is a value that fills a cell by itself: it is followed by the next
        double, so that its cell holds nothing else. Otherwise a column of which most rows are 0 would be one cell, in
        which nothing can be seen to move.
    """
    return edges_of_quantiles(np.quantile(ordered, np.arange(1, cells) / cells))


def edges_of_quantiles(quantiles: FloatArray) -> FloatArray:
    """Return the edges of `inner_edges` from the inner quantiles themselves."""
    edges, times = np.unique(quantiles, return_counts=True)
    return np.unique(np.concatenate((edges, np.nextafter(edges[times > 1], np.inf))))


def edge_names(edges: FloatArray, text: Callable[[float], str]) -> tuple[str, ...]:
    """Name the cells of `inner_edges`: ``[20, 30)``, ``0`` for a cell of one value, ``(0, 30)`` for the one above it.

    Parameters
    ----------
    edges : float64 (edges,)
        Ascending.
    text : callable
        Writes a number.
    """
    if not edges.size:
        return (tr("all values"),)
    names = [tr("[-inf, {text})", text=text(float(edges[0])))]
    for i, edge in enumerate(edges):
        above = float(edges[i + 1]) if i + 1 < edges.size else np.inf
        is_above_one = i > 0 and edge == np.nextafter(edges[i - 1], np.inf)
        if above == np.nextafter(edge, np.inf):
            names.append(text(float(edge)))
        elif is_above_one:
            names.append(f"({text(float(edges[i - 1]))}, {text(above)})")
        else:
            names.append(f"[{text(float(edge))}, {text(above)})")
    return tuple(names)


def cell_counts(ordered: FloatArray, edges: FloatArray) -> IntArray:
    """Count ascending values in the cells ``[a, b)`` between edges, int64 (edges + 1,)."""
    ends = np.searchsorted(ordered, edges, side="left")
    return np.diff(np.concatenate(([0], ends, [ordered.size]))).astype(np.int64)


def psi(then: IntArray, now: IntArray) -> float:
    """Return the population stability index of two sets of counts (k,); NaN where a side has no row."""
    if not then.sum() or not now.sum():
        return float("nan")
    return float(_psi(then[None], now[None])[0])


def _psi(then: IntArray, now: IntArray) -> FloatArray:
    p = np.maximum(then / then.sum(axis=1, keepdims=True), FLOOR)
    q = np.maximum(now / now.sum(axis=1, keepdims=True), FLOOR)
    total: FloatArray = ((q - p) * np.log(q / p)).sum(axis=1)
    return total


def psi_by_chance(then: IntArray, now: IntArray, *, seed: int, replicates: int = REPLICATES) -> float:
    """Return the median PSI of two samples of these sizes where nothing has moved.

    Parameters
    ----------
    then, now : int64 (k,)
        Counts; both samples are drawn from their pooled shares.
    seed : int
        From a fingerprint, so that a page says the same twice.
    replicates : int
        Simulated pairs.
    """
    if not then.sum() or not now.sum():
        return float("nan")
    rng = np.random.default_rng(seed)
    share = (then + now) / (then.sum() + now.sum())
    draws = [rng.multinomial(int(side.sum()), share, size=replicates) for side in (then, now)]
    return float(np.median(_psi(draws[0], draws[1])))


def kolmogorov_smirnov(then: FloatArray, now: FloatArray) -> Tested:
    """Test whether two samples of numbers have one distribution.

    Parameters
    ----------
    then, now : float64 (m,), (n,)
        In ascending order, all finite.

    Returns
    -------
    Tested
        The p-value is that of the one-sample law at the effective size ``m n / (m + n)``; with ties it is too large,
        never too small.

    References
    ----------
    Hodges, J. L. (1958). The significance probability of the Smirnov two-sample test. Arkiv för Matematik 3.
    """
    from scipy.stats import kstwo

    if not then.size or not now.size:
        return Tested(method="", statistic=np.nan, p_value=np.nan, reason=tr("one side has no value"))
    # Each distribution function jumps at its own values only, so the largest distance is just at or before a jump.
    distance = max(_largest_distance(then, now), _largest_distance(now, then))
    effective = max(1.0, np.round(then.size * now.size / (then.size + now.size)))
    p_value = float(np.clip(kstwo.sf(distance, effective), 0.0, 1.0))
    return Tested(method="KS", statistic=float(distance), p_value=p_value)


def kolmogorov_smirnov_of_counts(then: IntArray, now: IntArray, *, cells: str = "") -> Tested:
    """Test whether two samples that are counted in the same cells, in ascending order, have one distribution.

    Parameters
    ----------
    then, now : int64 (k,)
        Rows of each value, or of each cell.
    cells : str
        What the cells are, for the name of the test; empty = every value is one, and the test is `kolmogorov_smirnov`.
        Cells are ties: the distance in them can only be smaller, and so the p-value is too large, never too small.
    """
    from scipy.stats import kstwo

    m, n = int(then.sum()), int(now.sum())
    if not m or not n:
        return Tested(method="", statistic=np.nan, p_value=np.nan, reason=tr("one side has no value"))
    distance = float(np.abs(np.cumsum(then) / m - np.cumsum(now) / n).max())
    p_value = float(np.clip(kstwo.sf(distance, max(1.0, np.round(m * n / (m + n)))), 0.0, 1.0))
    return Tested(
        method=tr("KS over {cells}", cells=cells) if cells else "KS", statistic=distance, p_value=p_value
    )


def _largest_distance(own: FloatArray, other: FloatArray) -> float:
    """Return the largest excess of the distribution function of ``own`` over that of ``other``."""
    is_last = np.append(own[1:] != own[:-1], True)
    at = own[is_last]
    mine = (np.flatnonzero(is_last) + 1) / own.size
    return float(np.max(mine - np.searchsorted(other, at, side="right") / other.size))


def homogeneity(then: IntArray, now: IntArray) -> Tested:
    """Test whether two sets of counts come from one distribution.

    Parameters
    ----------
    then, now : int64 (k,)
        Counts of the same cells.

    Returns
    -------
    Tested
        Pearson's chi-square without correction. Cells with fewer than ``LEAST_EXPECTED`` expected rows on a side are
        merged into one, which both sides together decide. Where no two cells are left it is Fisher's exact test of the
        most frequent cell against all others.
    """
    from scipy.stats import chi2_contingency

    used = (then + now) > 0
    then, now = then[used], now[used]
    if not then.sum() or not now.sum():
        return Tested(method="", statistic=np.nan, p_value=np.nan, reason=tr("one side has no value"))
    if then.size < 2:
        return Tested(method="", statistic=np.nan, p_value=np.nan, reason=tr("there is one value only"))
    table, merged = _merged(then, now)
    if table.shape[1] < 2:
        top = int(np.argmax(then + now))
        rest = np.array([then.sum() - then[top], now.sum() - now[top]])
        p_value = float(fisher_against_rest(rest, np.array([then.sum(), now.sum()]))[0])
        return Tested(method="Fisher", statistic=np.nan, p_value=p_value, merged=then.size - 1)
    found = chi2_contingency(table, correction=False)
    return Tested(
        method="chi-square", statistic=float(found.statistic), p_value=float(found.pvalue), merged=merged
    )


def _merged(then: IntArray, now: IntArray) -> tuple[IntArray, int]:
    """Merge rare cells, int64 (2, cells left); and how many went into one."""
    total = then + now
    smaller = min(then.sum(), now.sum()) / total.sum()
    order = np.argsort(total, kind="stable")
    expected = total[order] * smaller
    rare = int((expected < LEAST_EXPECTED).sum())
    while 0 < rare < order.size and expected[:rare].sum() < LEAST_EXPECTED:
        rare += 1
    if not rare:
        return np.stack((then, now)), 0
    into, kept = order[:rare], order[rare:]
    table = np.stack([np.append(side[kept], side[into].sum()) for side in (then, now)])
    return table, rare


def rows_needed(size: float, *, cells: int, first: int, tests: int = 1, alpha: float = 0.05) -> int | None:
    """Return the rows that the second data set needs for a shift of this PSI to be found with power 0.80.

    Parameters
    ----------
    size : float
        PSI worth finding; for small shifts chi-square has the non-centrality ``PSI * m n / (m + n)``.
    cells : int
        Cells with a row.
    first : int
        Rows of the first data set, m.
    tests : int
        Number of columns looked at, among which ``alpha`` is shared.
    alpha : float
        Level.

    Returns
    -------
    int or None
        None where no number of rows is enough because the first data set is too small.
    """
    degrees = max(cells - 1, 1)
    critical = chdtri(degrees, alpha / max(tests, 1))
    effective = float(chndtrinc(critical, degrees, 1.0 - POWER)) / size
    return int(np.ceil(effective * first / (first - effective))) if first > effective else None
