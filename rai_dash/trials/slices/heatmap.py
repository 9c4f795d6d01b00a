"""The mean error in the cells of two columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.data._slice_term import BLANK, IS, Term
from rai_dash.data.groups import bin_labels
from rai_dash.data.slices import Slice
from rai_dash.trials.slices.axes import BLANKS, OTHERS, Axis
from rai_dash.trials.slices.excess import Excess, weighted_excess
from rai_dash.trials.slices.sums import Errors

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
#: A column of numbers has at most so many ranges; each is one of those that the search looks at.
RANGES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ErrorHeatMap:
    """Two columns, crossed.

    Parameters
    ----------
    first, second : str
        The columns: rows and columns of the map.
    rows, columns : tuple of str (R,), (C,)
        Ranges or categories, then those of few rows together, then blanks; only those that occur.
    n : int64 (R, C)
        Rows of the table in each cell.
    errors, rate, low, high : float64 (R, C)
        Wrong rows (or the sum of losses; weighted where there are weights), mean error, its ordinary 95 % interval;
        NaN in an empty cell.
    few : bool (R, C)
        Cells with fewer rows than a slice needs.
    shown : bool (R, C)
        Cells that stand out though everything was looked at: the bar is that of all slices.
    slices : nested tuple of Slice or None (R, C)
        What each cell is; None where a slice cannot name it.
    """

    first: str
    second: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    n: IntArray
    errors: FloatArray
    rate: FloatArray
    low: FloatArray
    high: FloatArray
    few: BoolArray
    shown: BoolArray
    slices: tuple[tuple[Slice | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Side:
    """The ranges or categories of one column: their names, their terms, and where each row is."""

    names: tuple[str, ...]
    terms: tuple[Term | None, ...]
    codes: IntArray


def heat_map(first: Axis, second: Axis, errors: Errors, *, min_rows: int, at_least: float) -> ErrorHeatMap:
    """Count two columns against each other.

    Parameters
    ----------
    first, second : Axis
        Columns of the same n rows.
    errors : Errors
        Of these rows.
    min_rows : int
        Cells with fewer rows are marked.
    at_least : float
        Excess from which a cell stands out; infinite = nothing does.
    """
    a, b = _side(first), _side(second)
    shape = (len(a.names), len(b.names))
    sums = errors.sums(a.codes * shape[1] + b.codes, shape[0] * shape[1])
    low, high = sums.interval()
    slices = tuple(tuple(_cell(x, y) for y in b.terms) for x in a.terms)
    named = np.array([[cell is not None for cell in line] for line in slices], dtype=bool).reshape(shape)
    n = sums.rows.reshape(shape)
    few = n < min_rows
    excess = _excess(errors, sums.rows, sums.total, sums.weight, sums.squares).reshape(shape)
    return ErrorHeatMap(
        first=first.column, second=second.column, rows=a.names, columns=b.names,
        n=n, errors=sums.total.reshape(shape), rate=sums.mean.reshape(shape), low=low.reshape(shape),
        high=high.reshape(shape), few=few, shown=(excess >= at_least) & named & ~few, slices=slices,
    )  # fmt: skip


def _cell(first: Term | None, second: Term | None) -> Slice | None:
    return None if first is None or second is None else Slice(terms=(first, second))


def _excess(
    errors: Errors, n: IntArray, total: FloatArray, weight: FloatArray, squares: FloatArray
) -> FloatArray:
    """Measure cells as the search measures slices."""
    if errors.is_counted:
        return Excess(int(n.sum()), int(total.sum())).root(total, n)
    share = weight / weight.sum()
    around = squares * (1.0 - 2.0 * share) + squares.sum() * share**2
    spread = np.sqrt(np.maximum(around, 0.0) * errors.value.var(ddof=1))
    return weighted_excess(total, weight, total.sum() / weight.sum(), spread=spread)


def _side(axis: Axis) -> _Side:
    blank = axis.cells - 1
    groups: list[tuple[str, Term | None, list[int]]]
    if axis.is_numeric:
        ranges = blank
        step = 1 if ranges <= RANGES else 2
        names = bin_labels(tuple(axis.edges[step - 1 :: step]))
        firsts = range(0, ranges, step)
        groups = [
            (name, axis.range_term(i, min(i + step, ranges) - 1), list(range(i, min(i + step, ranges))))
            for name, i in zip(names, firsts, strict=True)
        ]
    else:
        groups = [
            (name, Term(column=axis.column, kind=IS, values=(name,)), [i])
            for i, name in enumerate(axis.categories)
        ]
        if axis.has_others:
            groups.append((OTHERS, None, [len(axis.categories)]))
    groups.append((BLANKS, Term(column=axis.column, kind=BLANK), [blank]))
    sizes = np.bincount(axis.codes, minlength=axis.cells)
    groups = [g for g in groups if sizes[g[2]].sum()]
    lookup = np.zeros(axis.cells, dtype=np.int64)
    for i, (_, _, cells) in enumerate(groups):
        lookup[cells] = i
    return _Side(
        names=tuple(g[0] for g in groups), terms=tuple(g[1] for g in groups), codes=lookup[axis.codes]
    )
