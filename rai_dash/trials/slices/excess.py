"""How far the errors of a slice exceed what its size explains, on one scale for small and large slices."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Excess:
    """The signed root of the likelihood ratio of the table (in the slice or not) × (wrong or not), with the correction
    for continuity: wrong rows ``k`` of ``n`` count as ``k - 1/2``.

    Normal tails of it follow the hypergeometric law of ``k`` closely down to a few expected errors, where z-scores
    make small slices look extreme; it costs four look-ups.

    Parameters
    ----------
    rows, errors : int
        Rows looked at, and wrong ones among them.

    References
    ----------
    Barndorff-Nielsen, O. E. (1986). Inference on full or partial parameters based on the standardized signed log
    likelihood ratio. Biometrika 73, 307-322; continuity as in Pierce, D. A. and Peters, D. (1992), JRSS B 54, 701-737.
    """  # noqa: D205 - the first sentence is a formula

    def __init__(self, rows: int, errors: int) -> None:
        self.rows, self.errors = rows, errors
        half = np.arange(2 * rows + 2, dtype=np.float64) / 2.0
        #: x ln x at 0, ½, 1, 1½, …
        self._table = xlogy(half, half)

    def constant(self, n: ArrayLike) -> FloatArray:
        """Return the part that depends on the size of a slice only."""
        size, table = np.asarray(n, np.int64), self._table
        whole = table[2 * self.rows] - table[2 * self.errors] - table[2 * (self.rows - self.errors)]
        fixed: FloatArray = whole - table[2 * size] - table[2 * (self.rows - size)]
        return fixed

    def root(self, k: ArrayLike, n: ArrayLike, constant: ArrayLike | None = None) -> FloatArray:
        """Return the excess of slices; 0 where there are no more errors than their size explains.

        Parameters
        ----------
        k, n : int (...)
            Wrong rows and rows.
        constant : float64 (...), optional
            ``self.constant(n)``, where it is known.
        """
        size, wrong = np.asarray(n, np.int64), 2 * np.asarray(k, np.int64) - 1
        fixed = self.constant(size) if constant is None else constant
        take = self._table.take
        deviance = take(wrong, mode="clip") + take(2 * size - wrong, mode="clip")
        deviance += take(2 * self.errors - wrong, mode="clip")
        deviance += take(2 * (self.rows - self.errors - size) + wrong, mode="clip")
        deviance += fixed
        root = np.sqrt(np.maximum(2.0 * deviance, 0.0))
        return np.where(wrong * self.rows > 2 * self.errors * size, root, 0.0)

    def least(self, n: ArrayLike, at_least: float) -> IntArray:
        """Return the fewest errors with which slices reach an excess, int64 (...); one more than can be where none do.

        Parameters
        ----------
        n : int (...)
            Rows.
        at_least : float
            The excess, 0 or more.
        """
        size = np.asarray(n, np.int64)
        constant = self.constant(size)
        low, high = np.zeros_like(size), np.minimum(size, self.errors) + 1
        # The excess rises with the errors, so that halving finds it.
        while (low < high).any():
            middle = (low + high) // 2
            reaches = self.root(middle, size, constant) >= at_least
            high = np.where(reaches & (low < high), middle, high)
            low = np.where(~reaches & (low < high), middle + 1, low)
        return low


def weighted_excess(
    total: FloatArray, weight: FloatArray, all_total: ArrayLike, *, spread: FloatArray
) -> FloatArray:
    """Return z of sums over slices against the mean over all rows, float64 (..., slices).

    Parameters
    ----------
    total : float64 (..., slices)
        Sum of weight × loss.
    weight : float64 (slices,)
        Sum of weights.
    all_total : float64 (..., 1)
        Mean loss over all rows, weighted.
    spread : float64 (slices,)
        Standard deviation of ``total`` when losses are dealt out to rows at random.
    """
    difference = total - np.asarray(all_total) * weight
    z: FloatArray = np.divide(difference, spread, out=np.zeros(difference.shape), where=spread > 0)
    return np.maximum(z, 0.0)
