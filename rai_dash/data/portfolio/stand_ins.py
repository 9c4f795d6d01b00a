"""What may stand for "missing" in a table that stays where it is, with its rows; see `rai_dash.data.missing`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from rai_dash.data.columns import is_number
from rai_dash.data.labels import label_codes
from rai_dash.data.missing import NUMBER_CODES, suggested_missing
from rai_dash.data.portfolio.counted import sorted_numbers, values_of
from rai_dash.data.portfolio.order import Distinct, known_rows, order_statistics
from rai_dash.data.portfolio.overview import overview
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Tally

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Rows that stand for all, each value by its share: what is looked at are shares and ends.
_STANDING: Final = 1_000_000


def stand_ins(portfolio: Portfolio, sample: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Find what may stand for "missing", column by column, over all rows.

    Parameters
    ----------
    sample : DataFrame (m, columns)
        Some of its rows.

    Returns
    -------
    dict of str to dict of str to int
        Column → value → rows; as `rai_dash.data.missing.missing_suggestions` of all rows in memory. Text with too many
        different values to be counted is left out.
    """
    found = {name: _of_column(portfolio, sample[name]) for name in sample.columns}
    return {name: values for name, values in found.items() if values}


def _of_column(portfolio: Portfolio, sample: pd.Series) -> dict[str, int]:
    found = values_of(portfolio, sample)
    if isinstance(found, Distinct):
        return _suggested(pa.array(found.values), found.counts)
    if found is not None:
        return _suggested(pa.array(found.labels, pa.large_string()), found.counts)
    if portfolio.kinds[str(sample.name)].is_number and is_number(sample):
        return _of_many(portfolio, sample)
    return {}


def _suggested(values: pa.Array, counts: IntArray) -> dict[str, int]:
    """Look at each value as often as its share of a million rows says, and return its rows."""
    total = int(counts.sum())
    if not total:
        return {}
    times = np.maximum(np.ceil(counts * min(_STANDING / total, 1.0)).astype(np.int64), np.minimum(counts, 2))
    found = suggested_missing(values.take(pa.array(np.repeat(np.arange(len(values)), times))))
    codes, names = label_codes(values.to_pandas())
    rows = dict(zip(names, np.bincount(codes[codes >= 0], weights=counts[codes >= 0]), strict=True))
    exact = {value: int(rows[value]) for value in found}
    return dict(sorted(exact.items(), key=lambda v: (-v[1], v[0])))


def _of_many(portfolio: Portfolio, sample: pd.Series) -> dict[str, int]:
    """Count the usual codes in a column of very many numbers, beside the ends of the others."""
    column, guide = str(sample.name), sorted_numbers(sample)
    seen = overview(portfolio, column, guide)
    low, high = seen.low, seen.high
    # What stands for missing lies outside all other numbers, so it is at an end.
    if not {low, high} & set(NUMBER_CODES):
        return {}
    codes, counts = _codes(portfolio, column, sorted(c for c in NUMBER_CODES if low <= c <= high))
    ends = [_end(portfolio, column, guide, codes, counts, is_low=is_low) for is_low in (True, False)]
    others = np.append(guide[~np.isin(guide, codes)], ends)
    values = np.concatenate([codes, others])
    return _suggested(pa.array(values), np.concatenate([counts, np.ones(others.size, np.int64)]))


def _codes(portfolio: Portfolio, column: str, wanted: Sequence[float]) -> tuple[FloatArray, IntArray]:
    """Count the rows of some numbers, ascending; those that occur come back, float64 (c,) and int64 (c,)."""
    starts = np.array(wanted, np.float64)
    edges = np.unique(np.concatenate([starts, np.nextafter(starts, np.inf)]))
    answer = portfolio.tally(Tally(keys=(Bin(column=column, edges=tuple(edges.tolist())),)))
    counts = np.zeros(edges.size + 1, np.int64)
    known = answer.codes(0, -1) >= 0
    np.add.at(counts, answer.codes(0, -1)[known], answer.n[known])
    rows = counts[np.searchsorted(edges, starts) + 1]
    return starts[rows > 0], rows[rows > 0]


def _end(
    portfolio: Portfolio, column: str, guide: FloatArray, codes: FloatArray, counts: IntArray, *, is_low: bool
) -> float:
    """Return the lowest or highest number that is no code."""
    order = np.argsort(codes if is_low else -codes)
    passed, n = 0, known_rows(portfolio, column, guide)
    while True:
        place = passed if is_low else n - 1 - passed
        value = float(order_statistics(portfolio, column, np.array([place]), guide)[0])
        hit = [int(counts[i]) for i in order if codes[i] == value]
        if not hit:
            return value
        passed += hit[0]
