"""Columns that stay where they are as categories: what to ask the engine for, and the codes of what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.labels import label_codes
from rai_dash.data.pair_columns import DECILES, FEW_VALUES, inner_edges
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.levels import MOST_VALUES, require_column
from rai_dash.data.portfolio.order import (
    Distinct,
    distinct_numbers,
    first_numbers,
    known_rows,
    neighbours,
    of_ranks,
    order_statistics,
    places_around,
    quantiles_by_rank,
)
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Key, Tally, Value

Codes = NDArray[np.int32]
FloatArray = NDArray[np.float64]
#: A number with at most so many different values keeps all of them for ranks; another has so many cells of ranks.
FEW_RANKS: Final = 200
RANK_CELLS: Final = 20
#: Values that may stand for one label: " a" is "a".
_SPELLINGS: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column as categories.

    Parameters
    ----------
    column : str
    key : Key
        What to ask for.
    labels : int
        Categories or bins; a blank has this code.
    cut : bool
        Whether they are bins of a number.
    values : float64 (labels,) or None
        Of a number that is asked for value by value.
    """

    column: str
    key: Key
    labels: int
    cut: bool = False
    values: FloatArray | None = None

    def codes(self, answer: Answer, i: int) -> Codes:
        """Return the code of each combination of an answer whose key ``i`` is this column, int32 (c,)."""
        if isinstance(self.key, Bin):
            return answer.codes(i, self.labels).astype(np.int32)
        if self.values is None:
            codes, _ = label_codes(answer.values()[self.column])
            return np.where(codes < 0, np.int32(self.labels), codes)
        found = answer.floats(i) + 0.0
        codes = np.searchsorted(self.values, found).astype(np.int32)
        codes[~np.isfinite(found)] = self.labels
        return codes


def categories_of(portfolio: Portfolio, column: str, *, most: int = MOST_VALUES) -> Coded:
    """Take the labels of a column as categories.

    Raises
    ------
    InvalidChoice
        When it has more than ``most`` different values.
    """
    key = Value(column=column)
    names = label_codes(portfolio.tally(Tally(keys=(key,), most=most)).values()[column])[1]
    return Coded(column, key, len(names))


def has_few_labels(portfolio: Portfolio, column: str, most: int) -> bool:
    """Whether a column has at most ``most`` labels over all rows."""
    try:
        return categories_of(portfolio, column, most=_SPELLINGS * most).labels <= most
    except InvalidChoice as error:
        if error.code != "too_many_values":
            raise
        return False


def cut_of(portfolio: Portfolio, column: str, guide: FloatArray) -> Coded:
    """Take a column as `rai_dash.data.pair_columns.cut_codes` codes it in memory; text by its labels.

    Parameters
    ----------
    guide : float64 (m,)
        Some of the numbers of a column of numbers, ascending, that say where to look.
    """
    if not require_column(portfolio, column).is_number:
        return categories_of(portfolio, column)
    few = distinct_numbers(portfolio, column)
    if few is not None and few.values.size <= FEW_VALUES:
        return _binned(column, few.values[1:], is_cut=False, is_empty=few.values.size == 0)
    edges = _edges_of_distinct(few) if few is not None else _edges_of_many(portfolio, column, guide)
    return _binned(column, edges, is_cut=True)


def _binned(column: str, edges: FloatArray, *, is_cut: bool, is_empty: bool = False) -> Coded:
    inner = tuple(float(e) for e in edges)
    return Coded(column, Bin(column=column, edges=inner), 0 if is_empty else len(inner) + 1, cut=is_cut)


def _edges_of_distinct(few: Distinct) -> FloatArray:
    """Return the edges of a column whose different values are counted."""
    most = int(few.counts.argmax())
    rest, own = few, np.empty(0)
    if 2 * few.counts[most] > few.n:
        rest = Distinct(np.delete(few.values, most), np.delete(few.counts, most))
        own = few.values[most : most + 2]
    cuts = quantiles_by_rank(rest.n, DECILES.tolist(), lambda ranks: of_ranks(rest, ranks))
    return inner_edges(few.values[np.searchsorted(few.values, cuts)], own, float(few.values[0]))


def _edges_of_many(portfolio: Portfolio, column: str, guide: FloatArray) -> FloatArray:
    """Return the edges of a column with too many different values to be counted one by one."""
    n, at = known_rows(portfolio, column, guide), DECILES.tolist()

    def value_at(ranks: NDArray[np.int64]) -> FloatArray:
        return order_statistics(portfolio, column, ranks, guide)

    # One search for all places that are needed where no value has more than half of the rows.
    quarters = np.array([0, n // 4, n // 2, 3 * n // 4])
    ranks = np.unique(np.concatenate([quarters, *places_around(n, at)[1:]]))
    values = value_at(ranks)
    lowest, first, middle, third = values[np.searchsorted(ranks, quarters)].tolist()
    # A value of more than half of the rows is the one in the middle, and reaches to a quarter beside it.
    if middle in {first, third}:
        return _edges_around(portfolio, column, guide, (lowest, middle))
    a, b, t = neighbours(n, at, lambda wanted: values[np.searchsorted(ranks, wanted)])
    return inner_edges(_cuts(a, b, t), np.empty(0), lowest)


def _edges_around(
    portfolio: Portfolio, column: str, guide: FloatArray, ends: tuple[float, float]
) -> FloatArray:
    """Return the edges of a column whose lowest and middle value are known; most rows may have the middle one."""
    n, (lowest, middle) = known_rows(portfolio, column, guide), ends
    around = Bin(column=column, edges=(middle, float(np.nextafter(middle, np.inf))))
    answer = portfolio.tally(Tally(keys=(around,)))
    below, same = (int(answer.n[answer.codes(0, -1) == code].sum()) for code in (0, 1))
    if 2 * same <= n:
        below, same = n, 0
    own = np.empty(0)
    if same:
        last = below + same < n
        above = order_statistics(portfolio, column, np.array([below + same]), guide) if last else np.empty(0)
        own = np.append(middle, above)

    def value_at(ranks: NDArray[np.int64]) -> FloatArray:
        return order_statistics(portfolio, column, np.where(ranks < below, ranks, ranks + same), guide)

    a, b, t = neighbours(n - same, DECILES.tolist(), value_at)
    cuts = _cuts(a, b, t)
    if same:
        decile = a + (b - a) * t
        cuts = np.where((a < middle) & (middle < b) & (a < decile) & (decile <= middle), middle, cuts)
    return inner_edges(cuts, own, lowest)


def _cuts(a: FloatArray, b: FloatArray, t: FloatArray) -> FloatArray:
    """Return the lowest value that occurs at or above each decile, as cuts are in memory."""
    found: FloatArray = np.where((t == 0) | (a == b), a, b)
    return found


def ranked_of(portfolio: Portfolio, column: str, guide: FloatArray) -> Coded:
    """Take a column of numbers by the places of its values, exactly where it has few, else in cells.

    Parameters
    ----------
    guide : float64 (n,)
        Some of its values, finite, whose quantiles are the edges of the cells: ranks are of all rows whatever they are.
    """
    few = None
    if np.unique(first_numbers(portfolio, column)).size <= FEW_RANKS:
        few = distinct_numbers(portfolio, column)
    if few is not None and few.values.size <= FEW_RANKS:
        return Coded(column, Value(column=column), few.values.size, values=few.values)
    edges = (
        np.unique(np.quantile(guide, np.arange(1, RANK_CELLS) / RANK_CELLS)) if guide.size else np.empty(0)
    )
    return _binned(column, edges, is_cut=True)
