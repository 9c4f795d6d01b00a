"""Phi_k: the correlation of the bivariate normal that has the chi-square of a table.

References
----------
Baak, M., Koopman, R., Snoek, H., Klous, S. (2018). A new correlation coefficient between categorical, ordinal and
interval variables with Pearson characteristics. arXiv:1811.11440.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, owens_t

FloatArray = NDArray[np.float64]
#: The normal is cut at this many standard deviations on either side, into cells of equal width.
_REACH = 5.0
#: Tables of more cells are not inverted: most are empty then, and chi-square says nothing.
MOST_CELLS = 250_000


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Edges of the cells of a normal, their probabilities without correlation, and chi-square at correlation 1."""

    x: FloatArray
    y: FloatArray
    independent: FloatArray
    most: float

    def chi2(self, rho: float) -> float:
        """Chi-square of one row against no correlation; ``rho`` in [0, 1]."""
        if rho >= 1:
            return self.most
        cells = np.diff(np.diff(_below(self.x, self.y, rho), axis=0), axis=1)
        return _apart(cells, self.independent)


def _apart(cells: FloatArray, independent: FloatArray) -> float:
    return float(((cells - independent) ** 2 / independent).sum())


def _below(h: FloatArray, k: FloatArray, rho: float) -> FloatArray:
    """Probability below two edges of a bivariate normal with ``rho`` < 1, by Owen's T (Owen 1956, eq. 2.1)."""
    root = np.sqrt((1.0 - rho) * (1.0 + rho))
    with np.errstate(divide="ignore", invalid="ignore"):
        to_k = np.where(h == 0, np.copysign(np.inf, k), (k / h - rho) / root)
        to_h = np.where(k == 0, np.copysign(np.inf, h), (h / k - rho) / root)
    opposite = (h * k < 0) | ((h * k == 0) & (h + k < 0))
    found = 0.5 * (ndtr(h) + ndtr(k)) - owens_t(h, to_k) - owens_t(k, to_h) - 0.5 * opposite
    at_zero = (h == 0) & (k == 0)
    below: FloatArray = np.where(at_zero, 0.25 + np.arcsin(rho) / (2 * np.pi), found)
    return below


@lru_cache(maxsize=256)
def _grid(rows: int, columns: int) -> _Grid:
    x, y = np.linspace(-_REACH, _REACH, rows + 1)[:, None], np.linspace(-_REACH, _REACH, columns + 1)[None, :]
    a, b = ndtr(x), ndtr(y)
    independent = np.diff(a, axis=0) * np.diff(b, axis=1)
    # At correlation 1 all mass lies on the diagonal: a cell has what its two intervals share.
    shared = np.minimum(a[1:], b[:, 1:]) - np.maximum(a[:-1], b[:, :-1])
    return _Grid(x, y, independent, _apart(np.maximum(shared, 0.0), independent))


def phi_k(chi2: float, n: int, shape: tuple[int, int]) -> float:
    """Turn a chi-square into a correlation.

    Parameters
    ----------
    chi2 : float
        Pearson's, without Yates' correction.
    n : int
        Rows of the table.
    shape : (int, int)
        Categories with a row on each side.

    Returns
    -------
    float
        In [0, 1]. 0 where chi-square is at or below its pedestal of noise, the degrees of freedom; NaN where a side
        has a single category or the table more than 250,000 cells.

    Notes
    -----
    Chi-square of the normal with correlation 1 is scaled to the largest that a table of this shape can have, n times
    one less than its shorter side; the pedestal is added to the curve.
    """
    rows, columns = shape
    if min(shape) < 2 or rows * columns > MOST_CELLS:
        return np.nan
    pedestal, most = (rows - 1) * (columns - 1), n * (min(shape) - 1)
    if chi2 <= pedestal:
        return 0.0
    if chi2 >= most * (1 - 1e-14):
        return 1.0
    # The order of the sides plays no part; one grid serves both.
    grid = _grid(min(shape), max(shape))
    wanted = grid.most * (chi2 - pedestal) / (most - pedestal)
    return float(brentq(lambda rho: grid.chi2(rho) - wanted, 0.0, 1.0, xtol=1e-9))
