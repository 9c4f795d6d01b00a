"""The values of a column at which a model is asked, each held by a real row; and linked columns that go along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rai_dash.data.columns import is_number, numbers
from rai_dash.explain._asking import FloatArray, IntArray

#: Up to so many distinct numbers each is a point of its own; and the most categories, the rarest being left out.
MOST_VALUES = 50
#: Rows around a value among which the usual values of linked columns are looked for.
_NEIGHBOURS = 20
#: A number that this share of the rows holds is a point of its own.
_SPIKE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Points of a column, ascending or in the order of its categories.

    Parameters
    ----------
    column : str
        Name.
    is_numeric : bool
        Whether the points have an order and distances.
    donors : int64 (points,)
        Row of the table that holds each point: nothing is converted, whole numbers stay whole.
    values : float64 (points,)
        The numbers; positions 0, 1, … for categories.
    labels : tuple of str
        Points as text.
    codes : int64 (n,)
        Point of each row: of numbers the first one at or above its value; -1 = blank, or a category left out.
    """

    column: str
    is_numeric: bool
    donors: IntArray
    values: FloatArray
    labels: tuple[str, ...]
    codes: IntArray

    @property
    def counts(self) -> IntArray:
        """Rows a point, int64 (points,); of numbers those above the point before and up to this one."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.donors))

    @property
    def left_out(self) -> int:
        """Rows that belong to no point: blanks and rare categories."""
        return int((self.codes < 0).sum())


def grid_of(frame: pd.DataFrame, column: str, *, points: int = 40, categories: Sequence[str] = ()) -> Grid:
    """Choose the points of a column: observed quantiles, each distinct number where there are few, or categories.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        Rows.
    column : str
        One of its columns.
    points : int
        Steps between quantiles; a number that a fifth of the rows hold is a further point.
    categories : sequence of str
        The model's own order of the categories; those not named follow, by name.
    """
    series = frame[column]
    return _numbers(column, series, points) if is_number(series) else _categories(column, series, categories)


def _numbers(column: str, series: pd.Series, points: int) -> Grid:
    x = numbers(series)
    at = np.flatnonzero(~np.isnan(x))
    order = at[np.argsort(x[at], kind="stable")]
    ordered = x[order]
    distinct, first = np.unique(ordered, return_index=True)
    if distinct.size > MOST_VALUES:
        first = _quantiles(ordered, first, points)
        distinct = ordered[first]
    codes = np.full(len(x), -1, dtype=np.int64)
    codes[at] = np.searchsorted(distinct, x[at])
    labels = tuple(f"{v:,.10g}" for v in distinct)
    return Grid(
        column=column, is_numeric=True, donors=order[first], values=distinct, labels=labels, codes=codes
    )


def _quantiles(ordered: FloatArray, first: IntArray, points: int) -> IntArray:
    """Choose observed quantiles of ascending numbers, as positions.

    A value that many rows share (a zero, mostly) would use up most of them: it is a point, and the quantiles are
    those of all other rows.
    """
    sizes = np.diff(np.append(first, ordered.size))
    spike = int(np.argmax(sizes))
    kept = np.arange(ordered.size)
    if sizes[spike] >= _SPIKE * ordered.size:
        kept = np.delete(kept, slice(first[spike], first[spike] + sizes[spike]))
    ranks = np.ceil(np.linspace(0.0, 1.0, points + 1) * kept.size).astype(np.int64) - 1
    at = np.append(kept[np.maximum(ranks, 0)], first[spike])
    found: IntArray = at[np.unique(ordered[at], return_index=True)[1]]
    return found


def _categories(column: str, series: pd.Series, categories: Sequence[str]) -> Grid:
    codes, found = pd.factorize(series)
    names = [str(value) for value in found]
    rows = np.bincount(codes[codes >= 0], minlength=len(names))
    frequent = np.argsort(-rows, kind="stable")[:MOST_VALUES]
    rank = {name: i for i, name in enumerate(categories)}
    kept = sorted(frequent.tolist(), key=lambda k: (rank.get(names[k], len(rank)), names[k]))
    place = np.full(len(names) + 1, -1, dtype=np.int64)  # the last one is for blanks, whose code is -1
    place[kept] = np.arange(len(kept))
    codes = codes.astype(np.int64)
    first = np.array([int(np.argmax(codes == k)) for k in kept], dtype=np.int64)
    return Grid(
        column=column, is_numeric=False, donors=first, values=np.arange(len(kept), dtype=np.float64),
        labels=tuple(names[k] for k in kept), codes=place[codes],
    )  # fmt: skip


def usual_donors(frame: pd.DataFrame, grid: Grid, linked: Sequence[str]) -> IntArray:
    """Find for each point a row whose linked columns are usual there, int64 (points,).

    Usual is what is nearest to the median of numbers and to the most frequent category, among the rows that hold the
    point, or the ``20`` nearest in order where fewer do.
    """
    ranks = [_Ranked.of(frame[name]) for name in linked]
    return np.array([_usual(ranks, _around(frame, grid, k)) for k in range(len(grid.donors))], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A column as codes (n,): ranks of numbers, else any; -1 = blank."""

    codes: IntArray
    is_numeric: bool

    @classmethod
    def of(cls, series: pd.Series) -> _Ranked:
        is_numeric = is_number(series)
        return cls(pd.factorize(series, sort=is_numeric)[0].astype(np.int64), is_numeric)

    def distance(self, rows: IntArray) -> FloatArray:
        """Return how far each row is from what is usual among them, in [0, 1]."""
        found = self.codes[rows]
        if self.is_numeric:
            middle = np.sort(found)[(len(found) - 1) // 2]
            away: FloatArray = np.abs(found - middle) / max(int(np.ptp(self.codes)), 1)
            return away
        known, counts = np.unique(found, return_counts=True)
        other: FloatArray = (found != known[np.argmax(counts)]).astype(np.float64)
        return other


def _around(frame: pd.DataFrame, grid: Grid, point: int) -> IntArray:
    if not grid.is_numeric:
        return np.flatnonzero(grid.codes == point)
    x = numbers(frame[grid.column])
    away = np.where(np.isnan(x), np.inf, np.abs(x - grid.values[point]))
    exact = np.flatnonzero(away == 0)
    if exact.size >= _NEIGHBOURS:
        return exact
    return np.sort(np.argsort(away, kind="stable")[: min(_NEIGHBOURS, int(np.isfinite(away).sum()))])


def _usual(ranks: Sequence[_Ranked], rows: IntArray) -> int:
    total: Any = sum(ranked.distance(rows) for ranked in ranks)
    return int(rows[np.argmin(total)])
