"""Attributions of all rows as a beeswarm of at most 2,000 marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.explain._asking import FloatArray, IntArray
from rai_dash.explain.drivers._bins import MOST_MARKS, places_of, spread_rows, texts_of

#: Columns of a beeswarm.
MOST_COLUMNS = 12
#: Levels of equal attribution in which the marks are stacked.
_LEVELS = 80
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SwarmColumn:
    """Marks of one column.

    Parameters
    ----------
    name : str
        Column.
    rows : int64 (m,)
        Rows of the table, from the lowest attribution to the highest.
    value : float64 (m,)
        Attributions.
    offset : float64 (m,)
        Where the mark stands across its line, in [-1, 1]: the wider the swarm, the more rows.
    place : float64 (m,)
        Where the row's own value stands among all, 0 lowest to 1 highest; NaN = a category or a blank.
    text : tuple of str, m
        The row's own value.
    """

    name: str
    rows: IntArray
    value: FloatArray
    offset: FloatArray
    place: FloatArray
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Swarm:
    """A beeswarm.

    Parameters
    ----------
    columns : tuple of SwarmColumn
        By mean absolute attribution, the largest first.
    shown, of : int
        Marks a column, of how many rows.
    left_out : int
        Columns that matter less and are not shown.
    """

    columns: tuple[SwarmColumn, ...]
    shown: int
    of: int
    left_out: int


def beeswarm(
    values: FloatArray,
    names: Sequence[str],
    frame: pd.DataFrame,
    *,
    most_columns: int = MOST_COLUMNS,
    most_marks: int = MOST_MARKS,
) -> Swarm:
    """Choose the marks of a beeswarm.

    Of many rows some are drawn, for each column evenly over the ranks of its attributions. That keeps the shape and
    the extremes; a row shown in one column need not be shown in another.

    Parameters
    ----------
    values : float64 (n, columns)
        Attributions of all rows, in one space.
    names : sequence of str
        Columns of ``values``.
    frame : DataFrame (n, …)
        The rows themselves.
    most_columns, most_marks : int
        Limits.
    """
    size = np.abs(values).mean(axis=0) if len(values) else np.zeros(len(names))
    top = np.argsort(-size, kind="stable")[:most_columns]
    shown = min(len(values), max(1, most_marks // max(len(top), 1)))
    lowest, highest = (float(f(values[:, top])) if values.size else 0.0 for f in (np.min, np.max))
    columns = []
    for j in top:
        rows = spread_rows(values[:, j], shown)
        own, value = frame[names[j]].iloc[rows], values[rows, j]
        columns.append(
            SwarmColumn(
                name=names[j], rows=rows, value=value, offset=_stacked(value, lowest, highest),
                place=places_of(frame[names[j]])[rows], text=tuple(texts_of(own)),
            )
        )  # fmt: skip
    return Swarm(columns=tuple(columns), shown=shown, of=len(values), left_out=len(names) - len(top))


def _stacked(value: FloatArray, lowest: float, highest: float) -> FloatArray:
    """Spread ascending values that are about equal across the line, as wide as there are many."""
    width = (highest - lowest) / _LEVELS or 1.0
    level = np.floor((value - lowest) / width).astype(np.int64)
    start = np.searchsorted(level, level, side="left")
    at = np.arange(len(value)) - start
    rows = np.bincount(level)
    # The golden ratio fills the width evenly, in an order that draws no arrows; the first stands on the line.
    turn = 2.0 * ((at * _GOLDEN + 0.5) % 1.0) - 1.0
    width_at = rows[level] / rows.max(initial=1)
    return np.asarray(turn * width_at, dtype=np.float64)
