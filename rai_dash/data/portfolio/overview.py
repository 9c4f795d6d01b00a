"""A first look at a column of numbers that stays where it is: one question, on which all closer ones rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Factor, Grid, Tally

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Cells of the grid, by itself and by categories, and the shares of a guide that it spans.
CELLS: Final = 4_000
CELLS_BY: Final = 2_000
_SPANNED: Final = (0.001, 0.999)
#: Where a cell would hold more of the guide than this, edges at its quantiles are used, so many.
_MOST_IN_A_CELL: Final = 0.02
_EDGES: Final = 60
_MAX_BITS: Final = np.int64(0x7FFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """What one look at all rows of a column tells.

    Parameters
    ----------
    starts : float64 (c,)
        Where each range after the first begins, ascending.
    counts : int64 (c + 1,)
        Rows in ``(-inf, starts[0])``, ``[starts[0], starts[1])``, ….
    low, high, mean : float
        NaN without a number.
    """

    starts: FloatArray
    counts: IntArray
    low: float
    high: float
    mean: float

    @property
    def n(self) -> int:
        """Rows with a number."""
        return int(self.counts.sum())


def overview(portfolio: Portfolio, column: str, guide: FloatArray) -> Overview:
    """Look at all rows of a column of numbers once; the same guide asks the same question.

    Parameters
    ----------
    guide : float64 (m,)
        Some of its numbers, ascending, that say where to look.
    """
    key = ranges_over(column, guide)
    # Summed as distances from the middle: that keeps the digits of large values.
    middle = float(guide[guide.size // 2]) if guide.size else 0.0
    distance = Factor(column=column, minus=middle)
    answer = portfolio.tally(Tally(keys=(key,), sums=((distance,),), ends=(column,)))
    known = answer.codes(0, -1) >= 0
    starts, counts = starts_of(key), np.zeros(starts_of(key).size + 1, np.int64)
    np.add.at(counts, answer.codes(0, -1)[known], answer.n[known])
    if not counts.any():
        return Overview(starts, counts, np.nan, np.nan, np.nan)
    low, high = (end[known] for end in answer.ends(0))
    mean = middle + float(answer.sums(0).sum()) / int(counts.sum())
    return Overview(starts, counts, float(low.min()), float(high.max()), mean)


def ranges_over(column: str, guide: FloatArray, cells: int = CELLS) -> Grid | Bin:
    """Cut a column finely where the guide lets expect its numbers: evenly, or where that tells few rows apart by it."""
    if guide.size == 0:
        return Bin(column=column, edges=())
    low, high = (float(x) for x in np.quantile(guide, _SPANNED))
    with np.errstate(all="ignore"):
        per = float(cells / np.float64(high - low))
    if high > low and 0.0 < per < np.inf:
        grid = Grid(column=column, low=low, per=per, cells=cells)
        # A value that many rows have fills its cell with one value, however narrow that is.
        values, times = np.unique(guide, return_counts=True)
        times[times > _MOST_IN_A_CELL * guide.size] = 1
        if np.bincount(places_on(grid, values), weights=times).max() <= max(_MOST_IN_A_CELL * guide.size, 1):
            return grid
    return Bin(column=column, edges=_edges_of(guide))


def _edges_of(guide: FloatArray) -> tuple[float, ...]:
    """Cut at the quantiles of a guide; a value that many rows have is set apart."""
    cuts = np.unique(guide[np.linspace(0, guide.size - 1, min(_EDGES, guide.size)).astype(np.int64)])
    times = np.searchsorted(guide, cuts, side="right") - np.searchsorted(guide, cuts)
    often = cuts[times > _MOST_IN_A_CELL * guide.size]
    return tuple(np.unique(np.concatenate([cuts, np.nextafter(often, np.inf)])).tolist())


def places_on(grid: Grid, values: FloatArray) -> IntArray:
    """Place finite numbers on a grid with the operations of the engines, int64 (n,)."""
    with np.errstate(over="ignore"):
        place = (values - grid.low) * grid.per
    return np.floor(np.clip(place, 0.0, float(grid.cells))).astype(np.int64)


def starts_of(key: Grid | Bin) -> FloatArray:
    """Return the lowest double of each range after the first, float64 (c,), to the bit."""
    if isinstance(key, Bin):
        return np.array(key.edges, np.float64)
    wanted = np.arange(1, key.cells + 1)
    most = places_of_doubles(np.array(np.finfo(np.float64).max))
    low, high = np.full(wanted.size, -most), np.full(wanted.size, most)
    while (low < high).any():
        # Half of the way, without a sum that leaves 64 bits.
        middle = (low >> 1) + (high >> 1) + (low & high & 1)
        is_there = places_on(key, doubles_at(middle)) >= wanted
        low, high = np.where(is_there, low, np.minimum(middle + 1, high)), np.where(is_there, middle, high)
    return doubles_at(high)


def places_of_doubles(x: FloatArray) -> IntArray:
    """Return the places of doubles among all of them in ascending order; 0.0 has 0."""
    bits = np.asarray(x, np.float64).view(np.int64)
    return np.where(bits >= 0, bits, -(bits & _MAX_BITS))


def doubles_at(places: IntArray) -> FloatArray:
    """Return the doubles whose places `places_of_doubles` gave."""
    found: FloatArray = np.abs(places).view(np.float64) * np.where(places >= 0, 1.0, -1.0)
    return found


def rows_by_range(answer: Answer, group: IntArray, key: Grid | Bin, groups: int) -> IntArray:
    """Count rows of an answer by category and range, int64 (groups, c + 1); category -1 is left out."""
    codes = answer.codes(0, -1)
    known = (codes >= 0) & (group >= 0)
    counts = np.zeros((groups, starts_of(key).size + 1), np.int64)
    np.add.at(counts, (group[known], codes[known]), answer.n[known])
    return counts
