"""The columns that are looked at, cut into a few cells each, and the terms that a slice may ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import MISSING_GROUP
from rai_dash.data._slice_term import BETWEEN, BLANK, COMPARE, IS, IS_NOT, Term
from rai_dash.data.asked import blank_rows
from rai_dash.data.columns import is_number, numbers, require_columns
from rai_dash.data.groups import quantile_edges
from rai_dash.data.labels import label_codes

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

#: Cells of a column of numbers, and most categories that get one of their own.
CELLS, MOST_CATEGORIES = 16, 20
#: Columns beyond which each gets fewer cells, so that pairs stay countable; and most columns at all.
MANY, MOST_COLUMNS = 20, 80
#: A value that so many rows share gets a cell of its own, and the rest is cut into quantiles.
_SPIKE: Final = 1 / 8
#: "is not A" is asked where A is neither rare nor nearly everyone.
_NOT_RARE: Final = 0.1
BLANKS, OTHERS = "(blank)", "(all other)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Axis:
    """One column in cells.

    Parameters
    ----------
    column : str
        Its name.
    codes : int32 (n,)
        The cell of each row.
    edges : float64 (k - 1,)
        Of a column of numbers: cell i holds ``edges[i - 1] <= x < edges[i]``; empty for categories.
    categories : tuple of str (k,)
        Of a column of categories, one a cell; empty for numbers.
    has_others : bool
        Whether a cell behind them holds categories of few rows, which no slice names.
    cells : int
        Cells in all; the last one holds the blanks.
    terms : tuple of Term (t,)
        What a slice may ask of the column.
    member : float32 (t, cells)
        1 where the rows of a cell answer to a term.
    """

    column: str
    codes: NDArray[np.int32]
    edges: FloatArray
    categories: tuple[str, ...]
    has_others: bool
    cells: int
    terms: tuple[Term, ...]
    member: NDArray[np.float32]

    @property
    def is_numeric(self) -> bool:
        """Whether the cells are ranges of numbers."""
        return not self.categories and not self.has_others

    def range_term(self, first: int, last: int) -> Term | None:
        """Return the term of the cells ``first`` to ``last`` of a column of numbers; None = all of them."""
        low = float(self.edges[first - 1]) if first > 0 else None
        high = float(self.edges[last]) if last < self.edges.size else None
        return _range(self.column, low, high)


def _range(column: str, low: float | None, high: float | None) -> Term | None:
    if low is not None and high is not None:
        return Term(column=column, kind=BETWEEN, low=low, high=high)
    if low is None and high is None:
        return None
    sign, end = ("<", high) if low is None else (">=", low)
    return Term(column=column, kind=COMPARE, sign=sign, low=end)


def axes_of(frame: pd.DataFrame, columns: Sequence[str], *, min_rows: int) -> tuple[Axis, ...]:
    """Cut columns into cells.

    Parameters
    ----------
    frame : DataFrame (n, ...)
        The rows that are looked at.
    columns : sequence of str
        Columns of it.
    min_rows : int
        A category of fewer rows is not named.

    Returns
    -------
    tuple of Axis
        Those of which a slice can be made; constant columns are left out.

    Raises
    ------
    MissingColumn
        When the table lacks a column.
    InvalidChoice
        When there are too many.
    """
    names = tuple(dict.fromkeys(columns))
    require_columns(frame, names)
    if len(names) > MOST_COLUMNS:
        msg = tr(
            "At most {most_columns} columns are searched for error slices, got {names}. Choose fewer.",
            most_columns=MOST_COLUMNS,
            names=len(names),
        )
        raise InvalidChoice(msg)
    part = 1 if len(names) <= MANY else 2 if len(names) <= 2 * MANY else 4
    made = (_axis(frame[name], name, part, min_rows) for name in names)
    return tuple(axis for axis in made if axis.terms)


def _axis(series: pd.Series, column: str, part: int, min_rows: int) -> Axis:
    if is_number(series):
        values = numbers(series)
        distinct = np.unique(values[~np.isnan(values)])
        if distinct.size > 2:
            return _number_axis(values, distinct, column, CELLS // part, min_rows)
    return _category_axis(series, column, MOST_CATEGORIES // part, min_rows)


def cell_edges(values: FloatArray, distinct: FloatArray, cells: int) -> FloatArray:
    """Find the inner edges that cut numbers into about ``cells`` cells; as short as they can be written."""
    if distinct.size <= cells:
        return _plain(distinct, np.arange(1, distinct.size))
    known = values[~np.isnan(values)]
    place = np.searchsorted(distinct, known)
    sizes = np.bincount(place, minlength=distinct.size)
    top = int(sizes.argmax())
    is_spike = sizes[top] > _SPIKE * known.size
    spread = known[place != top] if is_spike else known
    wanted = np.array(quantile_edges(spread, cells), dtype=np.float64)
    at = np.searchsorted(distinct, wanted)
    if is_spike:
        at = np.append(at, [top, top + 1])
    return _plain(distinct, np.unique(at[(at > 0) & (at < distinct.size)]))


def _plain(distinct: FloatArray, at: NDArray[np.intp]) -> FloatArray:
    """Return the numbers with the fewest digits that cut before the values at some places."""
    return np.array([_shortest(float(distinct[i - 1]), float(distinct[i])) for i in at], dtype=np.float64)


def _shortest(below: float, value: float) -> float:
    """Round down to the fewest digits that stay above the value before."""
    exact = Decimal(repr(value))
    for digits in range(17):
        rounded = float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits), ROUND_FLOOR))
        if rounded > below:
            return rounded
    return value


def _number_axis(values: FloatArray, distinct: FloatArray, column: str, cells: int, min_rows: int) -> Axis:
    edges = cell_edges(values, distinct, cells)
    codes = np.searchsorted(edges, values, side="right").astype(np.int32)
    blank = np.isnan(values)
    ranges = edges.size + 1
    codes[blank] = ranges
    terms, member = [], []
    for first, last in _ranges(ranges):
        low = float(edges[first - 1]) if first else None
        high = float(edges[last]) if last < edges.size else None
        term = _range(column, low, high)
        if term is not None:
            terms.append(term)
            member.append(_spans(first, last, ranges + 1))
    if blank.sum() >= min_rows:
        terms.append(Term(column=column, kind=BLANK))
        member.append(_spans(ranges, ranges, ranges + 1))
    return Axis(
        column=column, codes=codes, edges=edges, categories=(), has_others=False, cells=ranges + 1,
        terms=tuple(terms), member=np.array(member, dtype=np.float32).reshape(len(terms), ranges + 1),
    )  # fmt: skip


def _spans(first: int, last: int, cells: int) -> BoolArray:
    at = np.arange(cells)
    return (at >= first) & (at <= last)


def _ranges(cells: int) -> list[tuple[int, int]]:
    """List the ranges of cells that are asked for: all with an open end, and lengths 1, 2, 4, … half overlapping.

    Any range of two cells and more then shares at least half of the union with one of them.
    """
    found = {(0, i) for i in range(cells)} | {(i, cells - 1) for i in range(cells)}
    length = 1
    while length < cells:
        step = max(1, length // 2)
        found |= {(i, i + length - 1) for i in range(0, cells - length + 1, step)}
        length *= 2
    return sorted(found)


def _category_axis(series: pd.Series, column: str, most: int, min_rows: int) -> Axis:
    codes, names = label_codes(series)
    blank = blank_rows(series)
    sizes = np.bincount(codes[~blank], minlength=len(names))
    # By name where two are as frequent, so that the order of the rows does not matter.
    order = sorted(range(len(names)), key=lambda i: (-int(sizes[i]), names[i]))
    # A category that is called like the group of the blanks cannot be told from them in a sentence.
    kept = [i for i in order[:most] if sizes[i] >= min_rows and names[i] != MISSING_GROUP]
    has_others = any(sizes[i] for i in order if i not in set(kept))
    categories = tuple(names[i] for i in kept)
    cells = len(kept) + has_others + 1
    lookup = np.full(len(names) + 1, len(kept), dtype=np.int32)
    lookup[kept] = np.arange(len(kept))
    cell = lookup[codes]
    cell[blank] = cells - 1
    terms, member = _category_terms(column, categories, sizes[kept], cells, int((~blank).sum()))
    if blank.sum() >= min_rows:
        terms.append(Term(column=column, kind=BLANK))
        member.append(_spans(cells - 1, cells - 1, cells))
    return Axis(
        column=column, codes=cell, edges=np.empty(0), categories=categories, has_others=has_others,
        cells=cells, terms=tuple(terms), member=np.array(member, dtype=np.float32).reshape(len(terms), cells),
    )  # fmt: skip


def _category_terms(
    column: str, categories: tuple[str, ...], sizes: NDArray[np.int64], cells: int, known: int
) -> tuple[list[Term], list[BoolArray]]:
    alone = cells == 2 and len(categories) == 1
    terms: list[Term] = []
    member: list[BoolArray] = []
    for i, name in enumerate(categories):
        one = _spans(i, i, cells)
        if not alone:
            terms.append(Term(column=column, kind=IS, values=(name,)))
            member.append(one)
        # Of two categories one is what the other is not.
        if cells > 3 and known * _NOT_RARE <= sizes[i]:
            terms.append(Term(column=column, kind=IS_NOT, values=(name,)))
            member.append(~one & (np.arange(cells) < cells - 1))
    return terms, member
