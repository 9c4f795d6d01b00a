"""The different numbers of a column that stays where it is, and what tells how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.columns import numbers
from rai_dash.data.portfolio.overview import overview
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Tally, Value, Within

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: A column, or a range of it, with at most so many different values is counted value by value.
FEW_VALUES: Final = 200_000
#: With more different values than this among the first rows, a column is not tried value by value.
_MANY_AT_FIRST: Final = 20_000


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


def known_rows(portfolio: Portfolio, column: str, guide: FloatArray | None = None) -> int:
    """Count the rows with a number in a column; with a guide from the look that a search of ranks starts with."""
    if guide is not None:
        return overview(portfolio, column, guide).n
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
