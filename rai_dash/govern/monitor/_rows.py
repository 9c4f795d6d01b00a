"""What is read off rows, the same for the signed ones and for a batch: cells, groups, cubes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.review_cube import ReviewCube
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.groups import GroupIndex, group_index
from rai_dash.data.labels import label_codes, labels
from rai_dash.data.review_counting import review_cube
from rai_dash.govern._policy_monitoring import WatchedColumn
from rai_dash.govern.monitor.counts import ColumnCounts
from rai_dash.govern.monitor.states import psi_counts

FloatArray = NDArray[np.float64]
EVERYONE_COLUMN = ""


def groups_of(frame: pd.DataFrame, column: str, bins: Sequence[float] | None) -> GroupIndex | None:
    """Divide rows as at signing; None where the column is not there, or holds text where numbers were cut."""
    if column not in frame.columns:
        return None
    series = frame[column]
    if bins:
        return group_index(frame, column, bins=bins) if is_number(series) else None
    if is_number(series):
        # Without edges every value is a group, however many a batch has.
        return group_index(pd.DataFrame({column: labels(series)}), column)
    return group_index(frame, column)


def cubes_of(
    outcome: NDArray[np.int8],
    score: FloatArray,
    indices: Mapping[str, GroupIndex],
    edges: FloatArray,
    weight: FloatArray | None,
) -> dict[str, ReviewCube]:
    """Count by every sensitive column, and everyone under ``""``."""
    found = {EVERYONE_COLUMN: review_cube(outcome, score, None, weight=weight, edges=edges)}
    for column, index in indices.items():
        found[column] = review_cube(outcome, score, index, weight=weight, edges=edges)
    return found


def column_counts(series: pd.Series, watched: WatchedColumn) -> ColumnCounts:
    """Count one column of a batch as the policy counted it."""
    return _numbers(series, watched) if watched.kind == "number" else _labels(series, watched)


def _numbers(series: pd.Series, watched: WatchedColumn) -> ColumnCounts:
    nothing = np.zeros(len(watched.edges) + 1, np.int64)
    if not is_number(series):
        blank = int(series.isna().sum())
        return ColumnCounts(n=len(series), blank=blank, is_text=blank < len(series), cells=nothing)
    cells = psi_counts(numbers(series), np.asarray(watched.edges))
    return ColumnCounts(n=len(series), blank=len(series) - int(cells.sum()), cells=cells)


def _labels(series: pd.Series, watched: WatchedColumn) -> ColumnCounts:
    codes, names = label_codes(series)
    seen = np.bincount(codes[codes >= 0], minlength=len(names))
    by_name = dict(zip(names, seen.tolist(), strict=True))
    cells = np.array([by_name.pop(name, 0) for name in watched.categories], np.int64)
    new = {name: rows for name, rows in sorted(by_name.items()) if rows}
    return ColumnCounts(n=len(series), blank=len(series) - int(seen.sum()), cells=cells, new=new)
