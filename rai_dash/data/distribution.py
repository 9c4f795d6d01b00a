"""The distribution of one column, split by outcome or by group over the same bars."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.columns import numbers
from rai_dash.data.labels import label_codes
from rai_dash.data.profile import ColumnProfile

IntArray = NDArray[np.int64]


def split_counts(
    series: pd.Series, one: ColumnProfile, codes: NDArray[np.integer], parts: int, *, top: int
) -> IntArray:
    """Count the rows of each bar of a column by some codes.

    Parameters
    ----------
    series : Series (n,)
        The column.
    one : ColumnProfile
        Of it: where it has a histogram the bars are its bins (the last one closed), else its ``top`` most frequent
        labels and, where there are more, one bar for all others.
    codes : int (n,)
        From 0 to ``parts`` - 1, for example the outcome of each row.
    parts : int
        How many codes there are.
    top : int
        Most labels with a bar of their own.

    Returns
    -------
    int64 (bars, parts)
        Blank cells are in no bar.
    """
    if one.histogram is not None:
        values = numbers(series)
        known = np.isfinite(values)
        edges = one.histogram.edges
        bar = np.clip(np.searchsorted(edges, values[known], side="right") - 1, 0, len(edges) - 2)
        return _table(bar, codes[known], len(edges) - 1, parts)
    shown = [label for label, _ in one.top[:top]]
    place = {label: i for i, label in enumerate(shown)}
    of_cell, names = label_codes(series)
    lookup = np.array([place.get(name, len(shown)) for name in names], dtype=np.int64)
    known = of_cell >= 0
    bars = len(shown) + (one.distinct > len(shown))
    return _table(lookup[of_cell[known]], codes[known], bars, parts)


def _table(bar: NDArray[np.integer], codes: NDArray[np.integer], bars: int, parts: int) -> IntArray:
    flat = bar.astype(np.int64) * parts + codes
    return np.bincount(flat, minlength=bars * parts).reshape(bars, parts).astype(np.int64)
