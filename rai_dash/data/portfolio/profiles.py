"""What each column of a portfolio holds, over all rows: the same description as of a table in memory."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.types import Roles
from rai_dash.data.columns import is_number
from rai_dash.data.date_forms import is_dates
from rai_dash.data.labels import MAX_EXACT, label_codes
from rai_dash.data.portfolio.blanks import blank_cells
from rai_dash.data.portfolio.counted import Labelled, quantiles_in, sorted_numbers, values_of
from rai_dash.data.portfolio.ingest import Kind
from rai_dash.data.portfolio.order import FEW_VALUES as MOST_COUNTED
from rai_dash.data.portfolio.order import Distinct, known_rows, of_ranks, quantiles_by_rank
from rai_dash.data.portfolio.overview import overview
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Tally
from rai_dash.data.profile import (
    BINS,
    FEW_VALUES,
    QUANTILES,
    ColumnProfile,
    Histogram,
    empty_or_constant,
    fences_of,
    numbers_profile,
    text_profile,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: The lowest value, the stated quantiles, the highest.
_AT: Final = (0.0, *QUANTILES, 1.0)
_Q1, _Q3 = (_AT.index(q) for q in (0.25, 0.75))


def profiles(portfolio: Portfolio, sample: pd.DataFrame, roles: Roles) -> tuple[ColumnProfile, ...]:
    """Describe every column over all rows; as `rai_dash.data.profile.profile` of a table in memory.

    Parameters
    ----------
    portfolio : Portfolio
        The rows.
    sample : DataFrame (m, columns)
        Some of its rows: they tell which columns have too many values to be counted one by one, and what the text in
        such a column looks like. No figure is taken from them.
    roles : Roles
        Name the id.

    Returns
    -------
    tuple of ColumnProfile
        In the order of the columns. Values that are as frequent stand in their own order.
    """
    return tuple(profile_of_column(portfolio, sample[name], roles) for name in sample.columns)


def outlines(portfolio: Portfolio, sample: pd.DataFrame, roles: Roles) -> tuple[ColumnProfile, ...]:
    """Describe every column as `profiles`, with fewer looks at the rows.

    Numbers with too many values to be counted one by one come without quantiles, histogram and outliers.
    """
    return tuple(profile_of_column(portfolio, sample[name], roles, outline=True) for name in sample.columns)


def profile_of_column(
    portfolio: Portfolio, sample: pd.Series, roles: Roles, *, outline: bool = False
) -> ColumnProfile:
    """Describe one column over all rows; see `profiles` and `outlines`."""
    column = str(sample.name)
    kind, n = portfolio.kinds[column], portfolio.n_rows
    found = values_of(portfolio, sample)
    if isinstance(found, Labelled):
        order = sorted(range(len(found.labels)), key=found.labels.__getitem__)
        return text_profile(column, n, [found.labels[i] for i in order], found.counts[order], roles)
    if found is not None:
        return numbers_profile(column, n, found.values, found.counts, roles=roles, shape=_of_few(found))
    if kind.is_number and is_number(sample):
        shape = _of_many(portfolio, sample, outline=outline)
        # Whole numbers of so many digits are read as text.
        if kind is not Kind.WHOLE or max(abs(shape["low"]), abs(shape["high"])) < MAX_EXACT:
            is_id = empty_or_constant(column, roles, MOST_COUNTED)
            missing = n - known_rows(portfolio, column, sorted_numbers(sample))
            return _uncounted(column, is_id or "number", n, missing, shape)
    missing = blank_cells(portfolio, [column])[column]
    return _uncounted(column, _kind_of_much_text(sample, roles), n, missing, {})


def _uncounted(column: str, kind: str, n: int, missing: int, shape: dict[str, Any]) -> ColumnProfile:
    """Describe a column with more different values than are counted."""
    return ColumnProfile(
        name=column, kind=kind, n=n, missing=missing, distinct=MOST_COUNTED, more_distinct=True, **shape
    )


def _kind_of_much_text(sample: pd.Series, roles: Roles) -> str:
    """Tell text with very many labels apart by how it looks in the sample, and whether it repeats there."""
    if sample.name == roles.id:
        return "id"
    codes, labels = label_codes(sample)
    if is_dates(labels):
        return "date"
    return "id" if len(labels) == int((codes >= 0).sum()) else "text"


def _of_few(found: Distinct) -> dict[str, Any]:
    """Describe numbers whose different values are counted."""
    if not found.values.size:
        return {}
    at = quantiles_by_rank(found.n, _AT, lambda ranks: of_ranks(found, ranks))
    shape = _ends(at) | {"mean": float(found.values @ found.counts / found.n)}
    if found.values.size <= FEW_VALUES:
        return shape
    cuts = _cuts(at)
    places = np.searchsorted(cuts, found.values, side="right")
    counts = np.zeros(cuts.size + 1, np.int64)
    np.add.at(counts, places, found.counts)
    return shape | _spread(at, cuts, counts)


def _of_many(portfolio: Portfolio, sample: pd.Series, *, outline: bool) -> dict[str, Any]:
    """Describe numbers with very many different values: order statistics, then one pass for the bins."""
    column = str(sample.name)
    seen = overview(portfolio, column, sorted_numbers(sample))
    if outline:
        return {"low": seen.low, "high": seen.high, "mean": seen.mean}
    at = quantiles_in(portfolio, sample, _AT)
    cuts = _cuts(at)
    answer = portfolio.tally(Tally(keys=(Bin(column=column, edges=tuple(cuts.tolist())),)))
    codes, counts = answer.codes(0, -1), np.zeros(cuts.size + 1, np.int64)
    np.add.at(counts, codes[codes >= 0], answer.n[codes >= 0])
    return _ends(at) | {"mean": seen.mean} | _spread(at, cuts, counts)


def most_outside(portfolio: Portfolio, sample: pd.Series) -> int:
    """Return how many rows may lie outside the outer fences at most, by the first look alone.

    With the lower quartile below ``h`` and the upper above ``l`` the fences are no closer than
    ``h - 3 (l - h)`` and ``l + 3 (l - h)``.
    """
    seen = overview(portfolio, str(sample.name), sorted_numbers(sample))
    upto, ends = np.cumsum(seen.counts), np.concatenate([[seen.low], seen.starts, [seen.high]])
    first, third = int((seen.n - 1) * 0.25), int((seen.n - 1) * 0.75)
    # The lower quartile lies between two rows: at most at the end of the range of the upper one.
    h = float(ends[np.searchsorted(upto, min(first + 1, seen.n - 1), side="right") + 1])
    lowest = float(ends[np.searchsorted(upto, third, side="right")])
    low, high = fences_of(h, lowest) or (np.inf, -np.inf)
    # A range counts as a whole where a part of it lies outside.
    below = seen.counts[: np.searchsorted(seen.starts, low, side="right") + 1].sum() if seen.low < low else 0
    above = seen.counts[np.searchsorted(seen.starts, high, side="right") :].sum() if seen.high > high else 0
    return min(int(below + above), seen.n)


def _ends(at: FloatArray) -> dict[str, Any]:
    return {"low": float(at[0]), "high": float(at[-1]), "quantiles": tuple(float(q) for q in at[1:-1])}


def _edges(at: FloatArray) -> FloatArray:
    """Return the edges of the histogram, the same as numpy's."""
    return np.histogram_bin_edges(at[[0, -1]], bins=BINS).astype(np.float64)


def _fences(at: FloatArray) -> tuple[float, float] | None:
    return fences_of(float(at[_Q1]), float(at[_Q3]))


def _cuts(at: FloatArray) -> FloatArray:
    """Return where rows are parted: at the inner edges of the histogram, below the lower fence, above the upper."""
    fences = _fences(at)
    ends = [] if fences is None else [fences[0], float(np.nextafter(fences[1], np.inf))]
    return np.unique(np.concatenate([_edges(at)[1:-1], ends]))


def _spread(at: FloatArray, cuts: FloatArray, counts: IntArray) -> dict[str, Any]:
    """Put histogram and outliers together from the rows between the cuts."""
    edges, fences, upto = _edges(at), _fences(at), np.cumsum(counts)

    def below(x: float | FloatArray) -> IntArray:
        return upto[np.searchsorted(cuts, x)]

    heights = np.diff(np.concatenate([[0], below(edges[1:-1]), upto[-1:]]))
    shape: dict[str, Any] = {"histogram": Histogram(edges, heights)}
    if fences is not None:
        outside = int(upto[-1]) - int(below(float(np.nextafter(fences[1], np.inf))))
        shape |= {"fences": fences, "below": int(below(fences[0])), "above": outside}
    return shape
