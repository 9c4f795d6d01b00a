"""Exact order statistics of a column that stays where it is: count in bins, look closer where the rank falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.columns import numbers
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Tally, Value, Within

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: A column, or a range of it, with at most so many different values is counted value by value.
FEW_VALUES: Final = 200_000
#: With more different values than this among the first rows, a column is not tried value by value.
_MANY_AT_FIRST: Final = 20_000
#: How far from its place among the first rows a rank is looked for, as shares of all rows.
_STRAY: Final = (0.003, 0.02)
#: Edges of one look; each costs a comparison a row.
_EDGES: Final = 48
_MOST_LOOKS: Final = 80


@dataclass(frozen=True, slots=True, eq=False)
class Distinct:
    """The different values of a column of numbers: ``values`` float64 (d,) ascending, ``counts`` int64 (d,)."""

    values: FloatArray
    counts: IntArray

    @property
    def n(self) -> int:
        """Rows with a number."""
        return int(self.counts.sum())


def distinct_numbers(
    portfolio: Portfolio, column: str, *, where: tuple[Within, ...] = (), most: int = FEW_VALUES
) -> Distinct | None:
    """Count every different number of a column; None where there are more than ``most``."""
    if not where and np.unique(first_numbers(portfolio, column)).size > _MANY_AT_FIRST:
        return None
    try:
        found = portfolio.tally(Tally(keys=(Value(column=column),), where=where, most=most))
    except InvalidChoice as error:
        if error.code != "too_many_values":
            raise
        return None
    values, counts = found.floats(0), found.n
    known = np.isfinite(values)
    # 0.0 and -0.0 are one value here and two on some engines.
    merged, place = np.unique(values[known] + 0.0, return_inverse=True)
    return Distinct(merged, np.bincount(place, weights=counts[known], minlength=merged.size).astype(np.int64))


def quantiles(portfolio: Portfolio, column: str, at: Sequence[float]) -> FloatArray:
    """Compute quantiles of a column of numbers, equal to ``numpy.quantile`` of all its rows to the bit.

    Parameters
    ----------
    at : sequence of float (q,)
        In [0, 1].

    Returns
    -------
    float64 (q,)
        Linear interpolation between the two nearest values (Hyndman and Fan's definition 7); NaN without a value.
    """
    few = distinct_numbers(portfolio, column)
    n = few.n if few is not None else known_rows(portfolio, column)
    if n == 0:
        return np.full(len(at), np.nan)
    place = (n - 1) * np.asarray(at, np.float64)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, n - 1)
    ranks = np.unique(np.concatenate([low, high]))
    values = of_ranks(few, ranks) if few is not None else order_statistics(portfolio, column, ranks)
    at_rank = dict(zip(ranks.tolist(), values.tolist(), strict=True))
    a, b = (np.array([at_rank[r] for r in side.tolist()]) for side in (low, high))
    return _between(a, b, place - low)


def _between(a: FloatArray, b: FloatArray, t: FloatArray) -> FloatArray:
    """Interpolate with the operations of numpy, which start from the nearer end."""
    step = b - a
    out: FloatArray = np.where(t >= 0.5, b - step * (1.0 - t), a + step * t)
    return out


def known_rows(portfolio: Portfolio, column: str) -> int:
    """Count the rows with a number in a column."""
    found = portfolio.tally(Tally(keys=(Bin(column=column, edges=(0.0,)),)))
    return int(found.n[found.codes(0, -1) >= 0].sum())


def of_ranks(values: Distinct, ranks: IntArray) -> FloatArray:
    """Return the values at some places (0 = the smallest) of the sorted rows."""
    found: FloatArray = values.values[np.searchsorted(np.cumsum(values.counts), ranks, side="right")]
    return found


def first_numbers(portfolio: Portfolio, column: str) -> FloatArray:
    """Return the numbers of the first rows, ascending: a guide to where to look, never part of a result."""
    values = numbers(portfolio.first_rows((column,))[column])
    return np.sort(values[np.isfinite(values)])


def order_statistics(portfolio: Portfolio, column: str, ranks: IntArray) -> FloatArray:
    """Find the values at some places of the sorted rows, exactly, on any engine.

    Parameters
    ----------
    ranks : int64 (r,)
        Places among the rows with a number, 0 = the smallest; ascending.
    """
    guide = first_numbers(portfolio, column)
    edges = _first_edges(guide, ranks, known_rows(portfolio, column))
    start = _looked_at(portfolio, column, edges, _Range(-np.inf, np.inf, 0))
    return np.array([_at_rank(portfolio, column, int(rank), start, guide) for rank in ranks])


@dataclass(frozen=True, slots=True)
class _Range:
    """Rows whose number lies in ``[low, high)``, and how many lie below."""

    low: float
    high: float
    below: int

    def where(self, column: str) -> tuple[Within, ...]:
        low, high = (x if np.isfinite(x) else None for x in (self.low, self.high))
        return () if low is high is None else (Within(column=column, low=low, high=high),)


def _looked_at(portfolio: Portfolio, column: str, edges: tuple[float, ...], inside: _Range) -> list[_Range]:
    """Count the rows of a range between some edges."""
    found = portfolio.tally(Tally(keys=(Bin(column=column, edges=edges),), where=inside.where(column)))
    codes, counts = found.codes(0, -1), np.zeros(len(edges) + 1, np.int64)
    np.add.at(counts, codes[codes >= 0], found.n[codes >= 0])
    below = inside.below + np.cumsum(counts) - counts
    ends = (inside.low, *edges, inside.high)
    return [_Range(ends[i], ends[i + 1], int(below[i])) for i in range(len(counts)) if counts[i]]


def _at_rank(portfolio: Portfolio, column: str, rank: int, ranges: list[_Range], guide: FloatArray) -> float:
    """Narrow the range that a rank falls in until its values can be counted one by one."""
    for _ in range(_MOST_LOOKS):
        inside = [r for r in ranges if r.below <= rank][-1]
        where = inside.where(column)
        few = distinct_numbers(portfolio, column, where=where) if where else None
        if few is not None:
            return float(of_ranks(few, np.array([rank - inside.below]))[0])
        ranges = _looked_at(portfolio, column, _edges_between(inside, guide), inside)
    msg = f"The values of `{column}` lie too close together to be told apart. Cut it into bins of your own."
    raise InvalidChoice(msg)


def _first_edges(guide: FloatArray, ranks: IntArray, n: int) -> tuple[float, ...]:
    """Cut closely around where the first rows let expect each rank."""
    if guide.size == 0:
        return _edges_between(_Range(-np.inf, np.inf, 0), guide)
    at = ranks / max(n - 1, 1)
    around = [at + side * stray for stray in _STRAY for side in (-1.0, 1.0)]
    return tuple(np.unique(np.quantile(guide, np.clip(np.concatenate(around), 0.0, 1.0))).tolist())


def _edges_between(inside: _Range, guide: FloatArray) -> tuple[float, ...]:
    """Cut a range by the first rows; where few of them lie in it, into pieces with as many doubles in each."""
    known = np.unique(guide[(guide > inside.low) & (guide < inside.high)])
    if known.size >= _EDGES:
        return tuple(known[np.linspace(0, known.size - 1, _EDGES).astype(np.int64)].tolist())
    ends = [_place_of_double(x) for x in (inside.low, inside.high)]
    step = max((ends[1] - ends[0]) // (_EDGES + 1), 1)
    cuts = (_double_at(ends[0] + step * (i + 1)) for i in range(_EDGES))
    return tuple(sorted({c for c in cuts if inside.low < c < inside.high}))


def _place_of_double(x: float) -> int:
    """Return the place of a double among all of them in ascending order; 0.0 has 0."""
    bits = int(np.float64(x).view(np.int64))
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def _double_at(place: int) -> float:
    """Return the double of a number that `_place_of_double` gave."""
    return float(np.int64(abs(place)).view(np.float64)) * (1.0 if place >= 0 else -1.0)
