"""The distribution of one column, split by outcome or by group over the same bars; over all rows of a data set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.counts import N_LABELS
from rai_dash.data.columns import numbers
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import group_index
from rai_dash.data.labels import label_codes, labels
from rai_dash.data.profile import QUANTILES, ColumnProfile

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


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


def by_outcome_of(dataset: Dataset, one: ColumnProfile, *, top: int) -> IntArray:
    """Count all rows of each bar of a column by outcome, int64 (bars, 3); see `split_counts`."""
    if dataset.portfolio is None:
        return split_counts(dataset.frame[one.name], one, dataset.outcome, N_LABELS, top=top)
    from rai_dash.data.portfolio.cells import Bars, bars_by_outcome

    return bars_by_outcome(dataset.portfolio, dataset.roles, Bars(one, top))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ByGroup:
    """A column in each group of another.

    Parameters
    ----------
    groups : tuple of str (g,)
        In display order.
    n, filled : int64 (g,)
        Rows, and those with a value.
    bars : int64 (bars, g)
        See `split_counts`.
    quantiles : float64 (g, 5) or None
        ``QUANTILES`` of a column of numbers with a histogram; NaN in a group without a value.
    """

    groups: tuple[str, ...]
    n: IntArray
    filled: IntArray
    bars: IntArray
    quantiles: FloatArray | None


def by_group_of(dataset: Dataset, one: ColumnProfile, by: str, *, top: int) -> ByGroup:
    """Describe a column in each group of another over all rows."""
    if dataset.portfolio is not None:
        return _by_group_counted(dataset, one, by, top=top)
    index = group_index(dataset.frame, by, bins=dataset.roles.bins.get(by))
    series = dataset.frame[one.name]
    filled = np.bincount(index.codes[series.notna().to_numpy()], minlength=index.n_groups)
    return ByGroup(
        groups=index.groups,
        n=index.sizes,
        filled=filled.astype(np.int64),
        bars=split_counts(series, one, index.codes, index.n_groups, top=top),
        quantiles=_quantiles(series, index.codes, index.n_groups) if one.histogram is not None else None,
    )


def _by_group_counted(dataset: Dataset, one: ColumnProfile, by: str, *, top: int) -> ByGroup:
    from rai_dash.data.portfolio.cells import Bars, bars_by_group, group_quantiles, group_rows
    from rai_dash.data.portfolio.levels import levels_of

    assert dataset.portfolio is not None  # noqa: S101 - asked by the caller
    levels = levels_of(dataset.portfolio, by, dataset.roles.bins.get(by))
    bars = bars_by_group(dataset.portfolio, levels, Bars(one, top))
    filled, quantiles = bars.sum(axis=0), None
    if one.histogram is not None:
        series = dataset.frame[one.name]
        quantiles = group_quantiles(dataset.portfolio, series, levels, filled, QUANTILES)
    return ByGroup(
        groups=levels.groups,
        n=group_rows(dataset.portfolio, levels),
        filled=filled,
        bars=bars,
        quantiles=quantiles,
    )


def _quantiles(series: pd.Series, codes: NDArray[np.integer], groups: int) -> FloatArray:
    """Compute the quantiles of a column of numbers in each group, float64 (groups, 5)."""
    values = numbers(series)
    found = np.full((groups, len(QUANTILES)), np.nan)
    for g in range(groups):
        inside = values[(codes == g) & np.isfinite(values)]
        if inside.size:
            found[g] = np.quantile(inside, QUANTILES)
    return found


def label_rows_of(dataset: Dataset, column: str, *, most: int) -> dict[str, int] | None:
    """Count all rows of each label of a column, most frequent first; None where it has more than ``most`` labels."""
    here = {str(v): int(n) for v, n in labels(dataset.frame[column]).value_counts().items()}
    # What a sample holds, all rows hold: there is nothing to count where it has too many.
    if dataset.portfolio is None or len(here) > most:
        return here if len(here) <= most else None
    from rai_dash.data.portfolio.cells import label_rows

    found = label_rows(dataset.portfolio, column)
    return found if found is not None and len(found) <= most else None
