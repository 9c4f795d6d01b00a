"""One matrix of associations for numbers and categories, each cell with its measure and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.columns import is_number, numbers, require_columns
from rai_dash.data.labels import label_codes

FloatArray = NDArray[np.float64]
#: Tables up to this many cells are counted whole; larger ones by the cells that hold a row.
_MOST_CELLS = 1 << 20
PEARSON, CRAMER, ETA = "Pearson", "Cramér's V", "correlation ratio"


@dataclass(frozen=True, slots=True)
class Partner:
    """Another column and how strongly it goes with this one."""

    name: str
    value: float
    measure: str
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class AssociationMatrix:
    """Associations of every pair of columns.

    Parameters
    ----------
    columns : tuple of str (k,)
        In the order asked for.
    value : float64 (k, k)
        Symmetric, diagonal 1; NaN = undefined (a column with a single value), the diagonal too.
    measure : tuple of tuple of str (k, k)
        Pearson (numbers), Cramér's V corrected for bias (categories), correlation ratio (mixed).
    n : int64 (k, k)
        Rows used: both known; all rows in tables of two categories, where a blank is a category too.
    """

    columns: tuple[str, ...]
    value: FloatArray
    measure: tuple[tuple[str, ...], ...]
    n: NDArray[np.int64]

    def partners(self, column: str, most: int) -> tuple[Partner, ...]:
        """Return the strongest partners of a column by absolute value; undefined ones are left out."""
        i = self.columns.index(column)
        found = [
            Partner(name, float(self.value[i, j]), self.measure[i][j], int(self.n[i, j]))
            for j, name in enumerate(self.columns)
            if j != i and not np.isnan(self.value[i, j])
        ]
        return tuple(sorted(found, key=lambda p: -abs(p.value))[:most])


def pearson(x: FloatArray, y: FloatArray) -> tuple[float, int]:
    """Pearson's correlation over rows where both are known; NaN where either is constant."""
    both = np.isfinite(x) & np.isfinite(y)
    n = int(both.sum())
    if n < 2 or _is_constant(x[both]) or _is_constant(y[both]):
        return np.nan, n
    a, b = x[both] - x[both].mean(), y[both] - y[both].mean()
    spread = float(np.sqrt(a @ a) * np.sqrt(b @ b))
    return (float(np.clip((a @ b) / spread, -1.0, 1.0)), n) if spread > 0 else (np.nan, n)


def _is_constant(values: FloatArray) -> bool:
    """Whether all values are one; a variance would be a rounding error then, not 0."""
    return bool(values.min() == values.max())


def cramers_v(a: NDArray[np.int32], b: NDArray[np.int32], shape: tuple[int, int]) -> tuple[float, int]:
    """Cramér's V corrected for bias, without Yates' correction.

    References
    ----------
    Bergsma, W. (2013). A bias-correction for Cramér's V and Tschuprow's T. J. Korean Stat. Soc. 42.
    """
    n, joint = a.size, a * np.int64(shape[1]) + b
    rows, columns = np.bincount(a, minlength=shape[0]), np.bincount(b, minlength=shape[1])
    r, k = int((rows > 0).sum()), int((columns > 0).sum())
    if n < 2 or min(r, k) < 2:
        return np.nan, n
    if shape[0] * shape[1] <= _MOST_CELLS:
        counts = np.bincount(joint, minlength=shape[0] * shape[1])
        cells = np.flatnonzero(counts)
        observed = counts[cells].astype(np.float64)
    else:
        cells, sizes = np.unique(joint, return_counts=True)
        observed = sizes.astype(np.float64)
    # The sum of (O - E)^2 / E over all cells, empty ones too, is the sum of O^2 / E less n.
    phi2 = (
        float((observed**2 / (rows[cells // shape[1]] * columns[cells % shape[1]].astype(np.float64))).sum())
        - 1.0
    )
    corrected = max(0.0, phi2 - (r - 1) * (k - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1.0
    return (min(1.0, float(np.sqrt(corrected / smaller))), n) if smaller > 0 else (np.nan, n)


def correlation_ratio(codes: NDArray[np.int32], k: int, x: FloatArray) -> tuple[float, int]:
    """Square root of the share of the variance of ``x`` that lies between the categories.

    Rows with a blank on either side (NaN, code ``k`` or above) are left out; NaN where one is constant.
    """
    known = np.isfinite(x) & (codes < k)
    values, group = x[known], codes[known]
    n = values.size
    if n < 2 or _is_constant(values):
        return np.nan, n
    values = values - values.mean()
    sizes = np.bincount(group, minlength=k)
    sums = np.bincount(group, weights=values, minlength=k)
    total = float(values @ values)
    if total <= 0 or (sizes > 0).sum() < 2:
        return np.nan, n
    between = float((sums[sizes > 0] ** 2 / sizes[sizes > 0]).sum())
    return float(np.sqrt(min(1.0, between / total))), n


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """A column as numbers, or as codes: 0..labels-1, and one more category for blanks."""

    values: FloatArray | None
    codes: NDArray[np.int32]
    labels: int


def _column(series: pd.Series) -> _Column:
    if is_number(series):
        return _Column(numbers(series), np.empty(0, dtype=np.int32), 0)
    codes, names = label_codes(series)
    return _Column(None, np.where(codes < 0, np.int32(len(names)), codes), len(names))


def _pair(a: _Column, b: _Column) -> tuple[float, int, str]:
    if a.values is not None and b.values is not None:
        return *pearson(a.values, b.values), PEARSON
    if a.values is not None:
        return *correlation_ratio(b.codes, b.labels, a.values), ETA
    if b.values is not None:
        return *correlation_ratio(a.codes, a.labels, b.values), ETA
    return *cramers_v(a.codes, b.codes, (a.labels + 1, b.labels + 1)), CRAMER


def associations(frame: pd.DataFrame, columns: Sequence[str]) -> AssociationMatrix:
    """Compute the association of every pair of columns.

    Parameters
    ----------
    frame : DataFrame (n, …)
        The table.
    columns : sequence of str (k,)
        Which of its columns.

    Returns
    -------
    AssociationMatrix
        Numbers with numbers: Pearson; categories with categories: Cramér's V; mixed: correlation ratio.

    Raises
    ------
    MissingColumn
        When the table lacks one.
    """
    require_columns(frame, columns)
    parts = [_column(frame[c]) for c in columns]
    k = len(parts)
    value, n = np.full((k, k), np.nan), np.zeros((k, k), dtype=np.int64)
    measure = [["" for _ in range(k)] for _ in range(k)]
    for i in range(k):
        for j in range(i + 1):
            found, rows, kind = _pair(parts[i], parts[j])
            value[i, j] = value[j, i] = 1.0 if i == j and not np.isnan(found) else found
            n[i, j] = n[j, i] = rows
            measure[i][j] = measure[j][i] = kind
    return AssociationMatrix(tuple(columns), value, tuple(map(tuple, measure)), n)
