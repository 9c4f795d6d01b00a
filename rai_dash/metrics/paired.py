"""Something that is true or not of each row under two models, compared on the same rows.

It serves any property of a decision: wrong, approved, right, a favourable applicant approved. For numbers that are no
share of fixed rows see `rai_dash.metrics.paired_draws`, for the area under the curve `rai_dash.stats.paired_auc`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.stats.intervals import effective_size, wilson
from rai_dash.stats.mcnemar import mcnemar_exact, newcombe_paired

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

NO_ROWS = "there is no row to compare on"
NO_WEIGHT = "all rows to compare on have weight 0"
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference:
    """A share under a second model less the same share under a first one, on the same rows.

    Parameters
    ----------
    n : int
        Rows.
    both, only_a, only_b, neither : int
        Rows for which it is true under both models, under one of them only, and under neither.
    difference : float or None
        Share under b less share under a; weighted where there are weights. None = undefined.
    low, high : float or None
        Newcombe's 95 % interval for paired shares (1998, method 10).
    p_value : float or None
        Exact test of McNemar: the binomial law of the discordant rows. 1 without any.
    cells : tuple of float
        The same four as numbers that the interval rests on: weighted shares times Kish's effective number of rows.
    is_approximate : bool
        Whether rows carry weights: interval and test then rest on effective numbers of rows.
    reason : str or None
        Why it is undefined.
    """

    n: int
    both: int
    only_a: int
    only_b: int
    neither: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    cells: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    is_approximate: bool = False
    reason: str | None = None

    @property
    def discordant(self) -> int:
        """Rows for which it is true under one model only: what a difference is known from."""
        return self.only_a + self.only_b

    @property
    def a(self) -> Estimate:
        """The share under the first model with Wilson's interval."""
        return self._estimate(self.cells[0] + self.cells[1], self.both + self.only_a)

    @property
    def b(self) -> Estimate:
        """The share under the second model with Wilson's interval."""
        return self._estimate(self.cells[0] + self.cells[2], self.both + self.only_b)

    def limits(self, level: float) -> tuple[float, float] | None:
        """Return Newcombe's limits at another level; None = undefined."""
        if self.difference is None:
            return None
        low, high = newcombe_paired(*self.cells, level=level)
        return float(low), float(high)

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "n": self.n,
            "both": self.both,
            "only_a": self.only_a,
            "only_b": self.only_b,
            "neither": self.neither,
            "discordant": self.discordant,
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "p_value": self.p_value,
            "approximate": self.is_approximate,
            "reason": self.reason,
        }

    def _estimate(self, hits: float, rows: int) -> Estimate:
        size = sum(self.cells)
        if self.difference is None:
            return Estimate.undefined(self.reason or NO_ROWS)
        low, high = wilson(hits, size)
        value = hits / size if self.is_approximate else rows / self.n
        return Estimate(value, float(low), float(high), float(rows), float(self.n))


def paired_difference(a: ArrayLike, b: ArrayLike, weight: ArrayLike | None = None) -> PairedDifference:
    """Compare two models by something that is true or not of each row.

    Parameters
    ----------
    a, b : bool (n,)
        Whether it is true of the row under the first and under the second model, such as a wrong decision. Leave out
        rows of which either is not known.
    weight : float64 (n,), optional
        None = every row counts once.

    Returns
    -------
    PairedDifference
        b less a.

    Raises
    ------
    InvalidChoice
        When the columns differ in length, hold something else than yes or no, or a weight is no number from 0 up.

    Notes
    -----
    With weights the exact test rests on the rounded effective number of discordant rows, and is called approximate.

    Examples
    --------
    >>> paired_difference([True, True, False], [True, False, False]).only_a
    1
    """
    first, second = _flags(a), _flags(b)
    if first.shape != second.shape:
        msg = tr(
            "There are {size} rows under one model and {second_size} under the other. Compare both on "
            "the same rows.",
            size=f"{first.size:,}",
            second_size=f"{second.size:,}",
        )
        raise InvalidChoice(msg)
    cells = (first & second, first & ~second, ~first & second, ~first & ~second)
    rows = tuple(int(cell.sum()) for cell in cells)
    if weight is None:
        return paired_counts(*rows)
    weights = _weights(weight, first.size)
    sums, squares = ([float(part[cell].sum()) for cell in cells] for part in (weights, weights**2))
    return paired_sums(rows, sums, squares)


def paired_counts(both: int, only_a: int, only_b: int, neither: int) -> PairedDifference:
    """Compare two models by the rows in the four cells of their paired table; see `paired_difference`."""
    n = both + only_a + only_b + neither
    if n == 0:
        return PairedDifference(n=0, both=0, only_a=0, only_b=0, neither=0, reason=NO_ROWS)
    low, high = newcombe_paired(both, only_a, only_b, neither, level=LEVEL)
    return PairedDifference(
        n=n, both=both, only_a=only_a, only_b=only_b, neither=neither,
        difference=(only_b - only_a) / n, low=float(low), high=float(high),
        p_value=float(mcnemar_exact(only_a, only_b)),
        cells=(float(both), float(only_a), float(only_b), float(neither)),
    )  # fmt: skip


def paired_sums(rows: Sequence[int], sums: Sequence[float], squares: Sequence[float]) -> PairedDifference:
    """Compare two models by what the four cells of their paired table weigh; see `paired_difference`.

    Parameters
    ----------
    rows, sums, squares : sequence of 4 numbers
        Rows, weights and squared weights of the cells: both, only a, only b, neither.
    """
    both, only_a, only_b, neither = rows
    n, total = sum(rows), math.fsum(sums)
    if total <= 0:
        reason = NO_WEIGHT if n else NO_ROWS
        return PairedDifference(n=n, both=both, only_a=only_a, only_b=only_b, neither=neither, reason=reason)
    scale = float(effective_size(total, math.fsum(squares))) / total
    cells = (sums[0] * scale, sums[1] * scale, sums[2] * scale, sums[3] * scale)
    low, high = newcombe_paired(*cells, level=LEVEL)
    return PairedDifference(
        n=n, both=both, only_a=only_a, only_b=only_b, neither=neither,
        difference=(sums[2] - sums[1]) / total, low=float(low), high=float(high),
        p_value=_weighted_test(sums[1], sums[2], squares[1] + squares[2]), cells=cells, is_approximate=True,
    )  # fmt: skip


def _weighted_test(only_a: float, only_b: float, squares: float) -> float:
    """Test with the rounded effective number of the rows that differ."""
    total = only_a + only_b
    if total <= 0:
        return 1.0
    size = round(float(effective_size(total, squares)))
    hits = round(only_b / total * size)
    return float(mcnemar_exact(size - hits, hits))


def _flags(values: ArrayLike) -> BoolArray:
    """Take yes or no a row; a number would be counted as yes."""
    flags = np.asarray(values)
    if flags.ndim != 1 or (flags.size and flags.dtype != np.bool_):
        msg = tr(
            "Each row needs a yes or no, and this is a table of {dtype}. Give one column of true and false.",
            dtype=flags.dtype,
        )
        raise InvalidChoice(msg)
    return flags.astype(np.bool_)


def _weights(weight: ArrayLike, rows: int) -> FloatArray:
    weights = np.asarray(weight, np.float64)
    if weights.shape != (rows,) or not np.isfinite(weights).all() or (weights < 0).any():
        msg = tr(
            "{rows} weights are needed, each a number from 0 up. Check the column of weights.",
            rows=f"{rows:,}",
        )
        raise InvalidChoice(msg)
    return weights
