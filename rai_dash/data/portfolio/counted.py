"""The different values of a column that stays where it is, each with its rows, where they are few enough to count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.groups import MAX_CODES, width_edges
from rai_dash.data.labels import label_codes
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.order import (
    FEW_VALUES,
    Distinct,
    known_rows,
    of_ranks,
    order_statistics,
    quantiles_by_rank,
)
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Tally, Value, Within

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Pairs of equal cells that must be expected in the sample before it may say that a column has many values.
_PAIRS: Final = 200.0
#: A value that more of the sample has is frequent: how many others there are is told by the rest.
_FREQUENT: Final = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """The labels of a column: names (d,) in no stated order, ``counts`` int64 (d,) of rows."""

    labels: tuple[str, ...]
    counts: IntArray


def values_of(portfolio: Portfolio, sample: pd.Series) -> Distinct | Labelled | None:
    """Count every different value of a column over all rows, as the data door reads them.

    Parameters
    ----------
    portfolio : Portfolio
        The rows.
    sample : Series (m,)
        The column, named, in a sample of the rows.

    Returns
    -------
    Distinct, Labelled or None
        Numbers, or labels; None where there are more than ``FEW_VALUES`` different values.
    """
    column = str(sample.name)
    if has_many(sample, portfolio.n_rows):
        return None
    try:
        answer = portfolio.tally(Tally(keys=(Value(column=column),), most=FEW_VALUES))
    except InvalidChoice as error:
        if error.code != "too_many_values":
            raise
        return None
    found = answer.values()[column]
    if portfolio.kinds[column].is_number and is_number(found):
        return _numbers(answer)
    codes, names = label_codes(found)
    counts = np.zeros(len(names), np.int64)
    np.add.at(counts, codes[codes >= 0], answer.n[codes >= 0])
    return Labelled(names, counts)


def quantiles_in(portfolio: Portfolio, sample: pd.Series, at: Sequence[float]) -> FloatArray:
    """Compute quantiles of a column of numbers over all rows, as `rai_dash.data.portfolio.order.quantiles`.

    Parameters
    ----------
    sample : Series (m,)
        The column, named, in a sample of the rows: it says where to look, which is quicker than to go by the first
        rows where the table is sorted.
    """
    column, found = str(sample.name), values_of(portfolio, sample)
    if isinstance(found, Distinct):
        return quantiles_by_rank(found.n, at, lambda ranks: of_ranks(found, ranks))
    guide = sorted_numbers(sample)
    n = known_rows(portfolio, column, guide)
    return quantiles_by_rank(n, at, lambda ranks: order_statistics(portfolio, column, ranks, guide))


def sorted_numbers(sample: pd.Series) -> FloatArray:
    """Return the numbers of a sample, ascending: a guide to where those of all rows lie."""
    values = numbers(sample)
    return np.sort(values[np.isfinite(values)])


def edges_in(portfolio: Portfolio, sample: pd.Series, bins: int, *, is_width: bool) -> tuple[float, ...]:
    """Cut a column of numbers over all rows, into bins of about equal size or of equal width; empty for few values.

    Parameters
    ----------
    sample : Series (m,)
        The column, named, in a sample of the rows.
    """
    found = values_of(portfolio, sample)
    if not (found is None or isinstance(found, Distinct)) or (found and found.values.size <= MAX_CODES):
        return ()
    inner = [] if is_width else (np.arange(1, bins) / bins).tolist()
    lowest, highest, *cuts = quantiles_in(portfolio, sample, [0.0, 1.0, *inner]).tolist()
    if is_width:
        return width_edges(np.array([lowest, highest]), bins)
    edges = tuple(sorted({c for c in cuts if c > lowest}))
    return edges or (_second(portfolio, sample, found, lowest),)


def _second(portfolio: Portfolio, sample: pd.Series, found: Distinct | None, lowest: float) -> float:
    """Return the second smallest number of a column most of whose rows have the smallest."""
    if found is not None:
        return float(found.values[1])
    column = str(sample.name)
    above = portfolio.tally(Tally(where=(Within(column=column, low=float(np.nextafter(lowest, np.inf))),)))
    guide = sorted_numbers(sample)
    n = known_rows(portfolio, column, guide)
    return float(order_statistics(portfolio, column, np.array([n - int(above.n.sum())]), guide)[0])


def _numbers(answer: Answer) -> Distinct:
    values = answer.floats(0)
    known = np.isfinite(values)
    # 0.0 and -0.0 are one value here and two on some engines.
    merged, place = np.unique(values[known] + 0.0, return_inverse=True)
    counts = np.zeros(merged.size, np.int64)
    np.add.at(counts, place, answer.n[known])
    return Distinct(merged, counts)


def has_many(sample: pd.Series, n_rows: int, *, most: int = FEW_VALUES) -> bool:
    """Whether a sample shows beyond doubt that a column has more than ``most`` different values over all rows.

    Parameters
    ----------
    sample : Series (m,)
        The column in a sample in which every row has the same chance.
    n_rows : int
        Rows in all.

    Notes
    -----
    With at most D values, N rows hold at least N (N / D - 1) / 2 pairs of equal cells (Cauchy and Schwarz), and m
    sampled ones on average their share of them. Fewer than half of an expected 200 would be seen by chance less than
    once in 10^10 samples. Values that are frequent in the sample are left out, with their rows. False says nothing.
    """
    counts = sample.value_counts(dropna=True).to_numpy(np.float64)
    counts = counts[counts <= max(_FREQUENT * len(sample), 2.0)]
    m = float(counts.sum())
    n = m / max(len(sample), 1) * n_rows
    if m < 2.0 or n <= most:
        return False
    expected = m * (m - 1.0) / 2.0 * (n / most - 1.0) / (n - 1.0)
    return bool(expected >= _PAIRS and (counts * (counts - 1.0)).sum() / 2.0 < expected / 2.0)
