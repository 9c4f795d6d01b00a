"""Measures of how two columns go together, each from the arrays of one pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]
#: Tables up to this many cells are counted whole; larger ones by the cells that hold a row.
_MOST_CELLS = 1 << 20
#: Rows that are worked on at a time.
_PIECE = 1 << 15


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


def places(values: FloatArray) -> Codes:
    """Return the place of each value among the distinct ones in ascending order, -1 where NaN: int32 (n,)."""
    known = np.isfinite(values)
    found = np.full(values.size, -1, dtype=np.int32)
    found[known] = np.unique(values[known], return_inverse=True)[1]
    return found


def spearman(a: Codes, b: Codes) -> tuple[float, int]:
    """Spearman's correlation of two columns of ``places``: Pearson of midranks over rows where both are known.

    Rows with a blank on either side are left out before ranking; NaN where either is constant.
    """
    both = (a >= 0) & (b >= 0)
    if not both.any():
        return np.nan, 0
    return pearson(midranks(a[both]), midranks(b[both]))


def midranks(at: Codes) -> FloatArray:
    """Return the rank of each value, ties sharing their middle one: float64 (n,), from ``places`` without a blank."""
    sizes = np.bincount(at)
    ranks: FloatArray = (np.cumsum(sizes) - (sizes - 1) / 2)[at]
    return ranks


def spearman_of_counts(a: Codes, b: Codes, n: NDArray[np.int64]) -> tuple[float, int]:
    """Spearman's correlation from combinations of ``places`` (c,) that are counted already; as `spearman`."""
    both = (a >= 0) & (b >= 0)
    weight = n[both].astype(np.float64)
    total = int(weight.sum())
    if total < 2:
        return np.nan, total
    x, y = (_counted_ranks(side[both], weight) - (total + 1) / 2 for side in (a, b))
    spread = float(np.sqrt(weight @ x**2) * np.sqrt(weight @ y**2))
    return (float(np.clip((weight * x) @ y / spread, -1.0, 1.0)) if spread > 0 else np.nan), total


def _counted_ranks(at: Codes, weight: FloatArray) -> FloatArray:
    sizes = np.bincount(at, weights=weight)
    ranks: FloatArray = (np.cumsum(sizes) - (sizes - 1) / 2)[at]
    return ranks


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Two columns of categories counted against each other: only the cells that hold a row.

    Parameters
    ----------
    counts : float64 (c,)
        Rows of each cell.
    row, column : int64 (c,)
        Where the cell stands.
    rows, columns : int64 (r,), int64 (k,)
        Margins, with zeros for categories without a row.
    n : int
        Rows in all.
    """

    counts: FloatArray
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    n: int

    @property
    def levels(self) -> tuple[int, int]:
        """Categories with a row, on each side."""
        return int((self.rows > 0).sum()), int((self.columns > 0).sum())


def table(a: Codes, b: Codes, shape: tuple[int, int]) -> Table:
    """Count two columns of codes, 0 to ``shape`` less one, against each other with one bincount."""
    size = shape[0] * shape[1]
    if size <= _MOST_CELLS:
        # Pieces that stay in the processor's cache are counted twice as fast; large tables cost a sum for each.
        step = _PIECE if size <= _PIECE // 4 else max(a.size, 1)
        whole = np.zeros(size, dtype=np.int64)
        for at in range(0, a.size, step):
            joint = a[at : at + step] * np.int64(shape[1]) + b[at : at + step]
            whole += np.bincount(joint, minlength=size)
        cells = np.flatnonzero(whole)
        sizes = whole[cells]
    else:
        cells, sizes = np.unique(a * np.int64(shape[1]) + b, return_counts=True)
    return _with_margins(cells.astype(np.int64), sizes, shape)


def table_of_counts(a: Codes, b: Codes, n: NDArray[np.int64], shape: tuple[int, int]) -> Table:
    """Count two columns against each other from combinations of codes (c,) that are counted already."""
    cells, place = np.unique(a * np.int64(shape[1]) + b, return_inverse=True)
    sizes = np.bincount(place, weights=n, minlength=cells.size)
    return _with_margins(cells.astype(np.int64), sizes, shape)


def _with_margins(cells: NDArray[np.int64], sizes: NDArray[np.number], shape: tuple[int, int]) -> Table:
    row, column = np.divmod(cells, shape[1])
    counts = sizes.astype(np.float64)
    rows = np.bincount(row, weights=counts, minlength=shape[0]).astype(np.int64)
    columns = np.bincount(column, weights=counts, minlength=shape[1]).astype(np.int64)
    return Table(counts, row, column, rows, columns, int(counts.sum()))


def _phi2(of: Table) -> float:
    # The sum of (O - E)^2 / E over all cells, empty ones too, is the sum of O^2 / E less n.
    margins = of.rows[of.row] * of.columns[of.column].astype(np.float64)
    return max(0.0, float((of.counts**2 / margins).sum()) - 1.0)


def cramers_v(of: Table) -> float:
    """Cramér's V corrected for bias, without Yates' correction; NaN where a side has one category.

    References
    ----------
    Bergsma, W. (2013). A bias-correction for Cramér's V and Tschuprow's T. J. Korean Stat. Soc. 42.
    """
    (r, k), n = of.levels, of.n
    if n < 2 or min(r, k) < 2:
        return np.nan
    corrected = max(0.0, _phi2(of) - (r - 1) * (k - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1.0
    return min(1.0, float(np.sqrt(corrected / smaller))) if smaller > 0 else np.nan


def phi_k(of: Table) -> float:
    """Phi_k, see `rai_dash.stats.phi_k`; NaN where a side has one category or the table is too large."""
    from rai_dash.stats.phi_k import phi_k as invert

    return invert(of.n * _phi2(of), of.n, of.levels)


def plain_v(of: Table) -> float:
    """Cramér's V as first defined, without any correction: biased upwards where rows are few."""
    r, k = of.levels
    return np.nan if min(r, k) < 2 else min(1.0, float(np.sqrt(_phi2(of) / (min(r, k) - 1))))


def mutual_information(of: Table) -> float:
    """Normalised mutual information: MI / sqrt(H_x H_y), natural logarithms; NaN where a side has one category.

    Biased upwards where categories are many and rows are few.
    """
    if min(of.levels) < 2:
        return np.nan
    p = of.counts / of.n
    expected = (of.rows[of.row] / of.n) * (of.columns[of.column] / of.n)
    shared = max(0.0, float((p * np.log(p / expected)).sum()))
    return min(1.0, shared / float(np.sqrt(_entropy(of.rows) * _entropy(of.columns))))


def _entropy(sizes: NDArray[np.int64]) -> float:
    p = sizes[sizes > 0] / sizes.sum()
    return -float((p * np.log(p)).sum())


def correlation_ratio(codes: Codes, k: int, x: FloatArray) -> tuple[float, int]:
    """Square root of the share of the variance of ``x`` that lies between the categories.

    Rows with a blank on either side (NaN, code ``k`` or above) are left out; NaN where one is constant.
    """
    known = np.isfinite(x) & (codes < k)
    # A copy costs more than all that follows.
    values, group = (x, codes) if known.all() else (x[known], codes[known])
    n = values.size
    if n < 2 or _is_constant(values):
        return np.nan, n
    return ratio_of_sums(*_grouped(group, values - values.mean(), k)), n


def ratio_of_sums(sizes: NDArray[np.int64], sums: FloatArray, total: float) -> float:
    """Correlation ratio from the rows and the sum of each category (k,) and the sum of all squares, around the mean."""
    held = sizes > 0
    if total <= 0 or held.sum() < 2:
        return np.nan
    between = float((sums[held] ** 2 / sizes[held]).sum())
    return float(np.sqrt(min(1.0, between / total)))


def _grouped(group: Codes, values: FloatArray, k: int) -> tuple[NDArray[np.int64], FloatArray, float]:
    """Return rows and sum of each group, and the sum of all squares."""
    sizes, sums, squares = np.zeros(k, dtype=np.int64), np.zeros(k), 0.0
    for at in range(0, values.size, _PIECE):
        codes, piece = group[at : at + _PIECE].astype(np.intp), values[at : at + _PIECE]
        sizes += np.bincount(codes, minlength=k)
        sums += np.bincount(codes, weights=piece, minlength=k)
        # Not by @: BLAS would wake its threads for each piece, and wait for them longer than this takes.
        squares += float((piece * piece).sum())
    return sizes, sums, squares
