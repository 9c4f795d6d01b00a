"""Rows of about equal value, rows spread evenly, and values as text: what pictures of many rows are made of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rai_dash.data.columns import is_number, numbers
from rai_dash.explain._asking import FloatArray, IntArray

#: Marks of one picture.
MOST_MARKS = 2_000


def bins_of(series: pd.Series, most: int) -> IntArray:
    """Put each row in a bin, int64 (n,): a category, or at most ``most`` ranges of numbers of about equal size.

    Numbers with no more distinct values than that have a bin each; blanks are a bin of their own. Numbers follow
    each other; categories are in any order.
    """
    if not is_number(series):
        return pd.factorize(series, use_na_sentinel=False)[0].astype(np.int64)
    x = numbers(series)
    known = ~np.isnan(x)
    distinct = np.unique(x[known])
    if distinct.size > most:
        ends = np.quantile(x[known], np.linspace(0.0, 1.0, most + 1)[1:-1], method="inverted_cdf")
        distinct = np.unique(ends)
    bins = np.full(len(x), distinct.size + 1, dtype=np.int64)
    bins[known] = np.searchsorted(distinct, x[known], side="left")
    return np.unique(bins, return_inverse=True)[1].astype(np.int64)


def places_of(series: pd.Series) -> FloatArray:
    """Return where each number stands among all, in [0, 1] by mid-rank, NaN for blanks and for categories."""
    place = np.full(len(series), np.nan)
    if not is_number(series):
        return place
    from scipy.stats import rankdata

    x = numbers(series)
    known = ~np.isnan(x)
    if known.any():
        place[known] = (rankdata(x[known]) - 0.5) / known.sum()
    return place


def texts_of(series: pd.Series) -> list[str]:
    """Write values for people; a blank is ``"(blank)"``."""
    if is_number(series):
        return ["(blank)" if np.isnan(v) else f"{v:,.10g}" for v in numbers(series)]
    return ["(blank)" if blank else str(v) for v, blank in zip(series, series.isna(), strict=True)]


def spread_rows(key: FloatArray, most: int, *, then: FloatArray | None = None) -> IntArray:
    """Choose rows evenly by rank, the lowest and the highest included; the same rows each time.

    Parameters
    ----------
    key : float64 (n,)
        What the rows are ranked by; NaN last.
    most : int
        Rows wanted.
    then : float64 (n,), optional
        Ranks rows with equal keys.

    Returns
    -------
    int64 (m,)
        In the order of their ranks.
    """
    order = np.lexsort((key,) if then is None else (then, key))
    if len(order) <= most:
        return order
    return order[np.round(np.linspace(0, len(order) - 1, most)).astype(np.int64)]
