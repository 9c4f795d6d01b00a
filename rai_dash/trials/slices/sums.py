"""Mean error of a set of rows, with its interval, with and without weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from rai_dash.core.estimates import plain
from rai_dash.core.types import Estimate
from rai_dash.stats.intervals import effective_size, newcombe, wilson

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
#: Two-sided 95 %.
Z95 = 1.959963984540054
EMPTY = "no rows"


def level_of(z: float) -> float:
    """Return the two-sided level of a normal quantile."""
    return float(2.0 * ndtr(z) - 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Errors:
    """What each row got wrong.

    Parameters
    ----------
    value : float64 (n,)
        0 or 1, or a loss.
    weight : float64 (n,) or None
        None = every row counts once.
    """

    value: FloatArray
    weight: FloatArray | None = None

    @property
    def is_binary(self) -> bool:
        """Whether rows are right or wrong."""
        return bool(np.isin(self.value, (0.0, 1.0)).all())

    @property
    def is_counted(self) -> bool:
        """Whether whole rows are counted."""
        return self.weight is None and self.is_binary

    @property
    def weights(self) -> FloatArray:
        """Weight of each row, float64 (n,)."""
        return np.ones(self.value.size) if self.weight is None else self.weight

    def of(self, rows: NDArray[np.integer]) -> Errors:
        """Return those of some rows, by place."""
        return Errors(value=self.value[rows], weight=None if self.weight is None else self.weight[rows])

    def sums(self, code: NDArray[np.integer], cells: int) -> Sums:
        """Add up rows by cell; ``code`` int (n,)."""
        w, e = self.weights, self.value
        add = [np.bincount(code, x, cells).astype(np.float64) for x in (w, w**2, w * e, w * e**2)]
        return Sums(
            rows=np.bincount(code, minlength=cells), weight=add[0], squares=add[1], total=add[2],
            total_squares=add[3], is_binary=self.is_binary,
        )  # fmt: skip

    def inside(self, rows: BoolArray) -> tuple[Sums, Sums]:
        """Add up some rows, and the rest."""
        both = self.sums(rows.astype(np.int64), 2)
        return both.at(1), both.at(0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """Sums over sets of rows, arrays (sets,) or numbers.

    Parameters
    ----------
    rows : int64
        How many.
    weight, squares : float64
        Sum of the weights and of their squares.
    total, total_squares : float64
        Weighted sum of the errors, and of their squares.
    is_binary : bool
        Whether the errors are 0 and 1.
    """

    rows: NDArray[np.int64]
    weight: FloatArray
    squares: FloatArray
    total: FloatArray
    total_squares: FloatArray
    is_binary: bool

    def at(self, position: int) -> Sums:
        """Return one set."""
        return Sums(
            rows=self.rows[position], weight=self.weight[position], squares=self.squares[position],
            total=self.total[position], total_squares=self.total_squares[position], is_binary=self.is_binary,
        )  # fmt: skip

    @property
    def mean(self) -> FloatArray:
        """Weighted mean error; NaN without rows."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.weight > 0, self.total / self.weight, np.nan)

    @property
    def size(self) -> FloatArray:
        """Effective number of rows (Kish)."""
        return effective_size(self.weight, self.squares)

    @property
    def variance(self) -> FloatArray:
        """Variance of the mean of losses; NaN with fewer than two rows."""
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.maximum(self.total_squares / self.weight - self.mean**2, 0.0)
            return np.where(self.size > 1, spread / (self.size - 1), np.nan)

    def interval(self, z: float = Z95) -> tuple[FloatArray, FloatArray]:
        """Return the limits of the mean: Wilson's for errors, ``mean ± z se`` for losses."""
        if self.is_binary:
            return wilson(self.mean * self.size, self.size, level=level_of(z))
        half = z * np.sqrt(self.variance)
        return self.mean - half, self.mean + half

    def estimate(self, z: float = Z95) -> Estimate:
        """Return the mean of one set."""
        value = plain(self.mean)  # type: ignore[arg-type]
        if value is None:
            return Estimate.undefined(EMPTY, numerator=0.0, denominator=0.0)
        low, high = self.interval(z)
        return Estimate(value, plain(low), plain(high), float(self.total), float(self.weight))  # type: ignore[arg-type]


def difference_of(one: Sums, other: Sums, z: float = Z95) -> Estimate:
    """Return how much more the first set is wrong than the second: Newcombe's interval, or Welch's for losses."""
    value = plain(one.mean - other.mean)  # type: ignore[arg-type]
    if value is None:
        return Estimate.undefined(EMPTY)
    if one.is_binary:
        sizes = one.size, other.size
        limits = newcombe(one.mean * sizes[0], sizes[0], other.mean * sizes[1], sizes[1], level=level_of(z))
    else:
        half = z * np.sqrt(one.variance + other.variance)
        limits = (value - half, value + half)
    return Estimate(value, plain(limits[0]), plain(limits[1]))  # type: ignore[arg-type]
