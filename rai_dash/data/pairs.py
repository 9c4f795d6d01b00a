"""One pair of columns: its picture as counts, boxes or a table, and its measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.associations import CRAMER, ETA, MUTUAL, PEARSON, PHI_K, SPEARMAN
from rai_dash.data.columns import is_number, numbers, require_columns
from rai_dash.data.labels import label_codes
from rai_dash.data.measures import (
    FloatArray,
    Table,
    correlation_ratio,
    cramers_v,
    mutual_information,
    pearson,
    phi_k,
    plain_v,
    spearman,
    table,
)
from rai_dash.data.pair_columns import Column, column_of

PLAIN_V = "Cramér's V, uncorrected"
#: Cells of a density on each side; boxes of a chart; rows and columns of a mosaic.
GRID, MOST_BOXES, MOST_ROWS, MOST_SHARES = 24, 16, 12, 6
OUTER = (0.01, 0.99)
BOX = (0.05, 0.25, 0.5, 0.75, 0.95)
OTHER, BLANK = "(all other)", "(blank)"


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure of a pair; NaN = undefined, because a column is constant over the rows used."""

    measure: str
    value: float
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """Two numbers, counted on a grid of equal steps between the 1st and 99th percentile; the rest in the outer cells.

    Parameters
    ----------
    x, y : float64 (g + 1,), float64 (h + 1,)
        Edges of the cells.
    counts : int64 (g, h)
        Rows in each.
    """

    x: FloatArray
    y: FloatArray
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """A number by category, most frequent categories first.

    Parameters
    ----------
    names : tuple of str (c,)
        At most 16.
    quantiles : float64 (c, 5)
        At 5, 25, 50, 75 and 95 %.
    n : tuple of int (c,)
        Rows with both known.
    left_out : int
        Categories that are not shown.
    """

    names: tuple[str, ...]
    quantiles: FloatArray
    n: tuple[int, ...]
    left_out: int


@dataclass(frozen=True, slots=True, eq=False)
class Mosaic:
    """Two categories counted against each other; rare ones are one, a blank is a category.

    Parameters
    ----------
    rows, columns : tuple of str
        At most 12 and 6.
    counts : int64 (r, k)
        Rows in each cell.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.int64]


def _edges(values: FloatArray) -> FloatArray:
    return edges_of_grid(np.quantile(values, OUTER), (float(values.min()), float(values.max())))


def edges_of_grid(outer: Sequence[float] | FloatArray, ends: tuple[float, float]) -> FloatArray:
    """Return the edges of the cells of a density from the quantiles at ``OUTER``, the lowest and the highest value."""
    low, high = outer
    if low == high:
        low, high = ends
    return np.linspace(low, high, GRID + 1) if low < high else np.array([low - 0.5, low + 0.5])


def density(x: FloatArray, y: FloatArray) -> Density | None:
    """Count two numbers (n,) on a grid over the rows where both are known; None where there is no such row."""
    both = np.isfinite(x) & np.isfinite(y)
    if not both.any():
        return None
    edges = _edges(x[both]), _edges(y[both])
    at = [
        np.clip(np.searchsorted(e, v[both], side="right") - 1, 0, e.size - 2)
        for e, v in zip(edges, (x, y), strict=True)
    ]
    shape = edges[0].size - 1, edges[1].size - 1
    counts = np.bincount(at[0] * shape[1] + at[1], minlength=shape[0] * shape[1]).reshape(shape)
    return Density(edges[0], edges[1], counts.astype(np.int64))


def boxes(series: pd.Series, x: FloatArray) -> Boxes | None:
    """Summarise a number (n,) in each category of a column; None where no row has both."""
    codes, names = label_codes(series)
    known = np.isfinite(x) & (codes >= 0)
    if not known.any():
        return None
    sizes = np.bincount(codes[known], minlength=len(names))
    order = [int(i) for i in np.argsort(-sizes, kind="stable") if sizes[i]]
    shown = order[:MOST_BOXES]
    found = np.array([np.quantile(x[known & (codes == i)], BOX) for i in shown])
    return Boxes(
        tuple(names[i] for i in shown), found, tuple(int(sizes[i]) for i in shown), len(order) - len(shown)
    )


def by_size(sizes: NDArray[np.int64]) -> list[int]:
    """Return the positions of what has rows, the largest first."""
    return [int(i) for i in np.argsort(-sizes, kind="stable") if sizes[i]]


def _folded(series: pd.Series, most: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return codes of the most frequent labels, of all others together and of blanks, with their names."""
    codes, names = label_codes(series)
    codes = np.where(codes < 0, len(names), codes)
    lookup, shown = folding(np.bincount(codes, minlength=len(names) + 1), names, most)
    return lookup[codes], shown


def folding(
    sizes: NDArray[np.int64], names: Sequence[str], most: int
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Put rare labels together.

    Parameters
    ----------
    sizes : int64 (d + 1,)
        Rows of each label, and of blanks.
    names : sequence of str (d,)
        Labels.
    most : int
        How many are kept at most, the others together among them.

    Returns
    -------
    lookup : int64 (d + 1,)
        Where each label and the blank goes.
    shown : tuple of str
        Names of these places.
    """
    labels = (*names, BLANK)
    held = np.flatnonzero(sizes)
    few = held.size <= most
    kept = held if few else np.sort(np.argsort(-sizes, kind="stable")[: most - 1])
    lookup = np.full(len(labels), kept.size, dtype=np.int64)
    lookup[kept] = np.arange(kept.size)
    return lookup, tuple(labels[i] for i in kept) + (() if few else (OTHER,))


def mosaic(first: pd.Series, second: pd.Series) -> Mosaic:
    """Count two columns of categories against each other."""
    a, rows = _folded(first, MOST_ROWS)
    b, columns = _folded(second, MOST_SHARES)
    shape = len(rows), len(columns)
    counts = np.bincount(a * shape[1] + b, minlength=shape[0] * shape[1]).reshape(shape)
    return Mosaic(rows, columns, counts.astype(np.int64))


def picture(frame: pd.DataFrame, first: str, second: str) -> Density | Boxes | Mosaic | None:
    """Summarise a pair by the kinds of its columns; None where no row has both.

    Raises
    ------
    MissingColumn
        When the table lacks one.
    """
    require_columns(frame, (first, second))
    a, b = frame[first], frame[second]
    if is_number(a) and is_number(b):
        return density(numbers(a), numbers(b))
    if is_number(a):
        return boxes(b, numbers(a))
    return boxes(a, numbers(b)) if is_number(b) else mosaic(a, b)


def measures(frame: pd.DataFrame, first: str, second: str) -> tuple[Measured, ...]:
    """Return every measure that fits the kinds of a pair, the usual one first.

    Raises
    ------
    MissingColumn
        When the table lacks one.
    """
    require_columns(frame, (first, second))
    a, b = (column_of(frame[c], places=True, cut=True) for c in (first, second))
    counted = table(a.codes, b.codes, (a.labels + 1, b.labels + 1))
    return (*_of_kind(a, b, counted), *of_any_kind(counted))


def of_any_kind(counted: Table) -> tuple[Measured, ...]:
    """Return the measures that know every kind of pair."""
    return (
        Measured(MUTUAL, mutual_information(counted), counted.n),
        Measured(PHI_K, phi_k(counted), counted.n),
    )


def of_categories(counted: Table) -> tuple[Measured, ...]:
    """Return the measures of two columns of categories only."""
    return Measured(CRAMER, cramers_v(counted), counted.n), Measured(PLAIN_V, plain_v(counted), counted.n)


def _of_kind(a: Column, b: Column, counted: Table) -> tuple[Measured, ...]:
    """Return the measures that know this kind of pair only."""
    if a.values is not None and b.values is not None:
        linear, ranked = pearson(a.values, b.values), spearman(a.places, b.places)
        return Measured(PEARSON, *linear), Measured(SPEARMAN, *ranked)
    if b.values is not None:
        return (Measured(ETA, *correlation_ratio(a.codes, a.labels, b.values)),)
    if a.values is not None:
        return (Measured(ETA, *correlation_ratio(b.codes, b.labels, a.values)),)
    return of_categories(counted)
