"""How often columns that have nothing to do with each other go together as much as was found, or more.

The laws are those of independence: the squares of Pearson's correlation and of the correlation ratio are Beta
distributed (exactly so for normal numbers, approximately for others), and n times phi squared is chi-square.

References
----------
Fisher, R. A. (1925). Statistical Methods for Research Workers. Oliver and Boyd.
Bergsma, W. (2013). A bias-correction for Cramér's V and Tschuprow's T. J. Korean Stat. Soc. 42.
Šidák, Z. (1967). Rectangular confidence regions for the means of multivariate normal distributions. JASA 62.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaincc, chdtrc


def pearson_p(r: float, n: int) -> float:
    """Return the two-sided p-value of a correlation over ``n`` rows; 1 where there are too few.

    Examples
    --------
    >>> round(pearson_p(0.5, 20), 4)
    0.0248
    """
    return 1.0 if n < 3 else float(betaincc(0.5, (n - 2) / 2, min(r * r, 1.0)))


def correlation_ratio_p(eta: float, n: int, categories: int) -> float:
    """Return the p-value of a correlation ratio (the F test of one-way analysis of variance).

    Parameters
    ----------
    eta : float
        In [0, 1].
    n, categories : int
        Rows, and categories among them.
    """
    if categories < 2 or n <= categories:
        return 1.0
    return float(betaincc((categories - 1) / 2, (n - categories) / 2, min(eta * eta, 1.0)))


def cramers_v_p(v: float, n: int, shape: tuple[int, int]) -> float:
    """Return the p-value of a Cramér's V that was corrected for bias: that of the chi-square it was made from.

    Parameters
    ----------
    v : float
        In [0, 1]; 0 also stands for every chi-square below its expectation, and gives 1.
    n : int
        Rows.
    shape : (int, int)
        Categories of both columns.
    """
    rows, columns = shape
    if v <= 0 or min(shape) < 2 or n < 2:
        return 1.0
    degrees = (rows - 1) * (columns - 1)
    smaller = min(s - (s - 1) ** 2 / (n - 1) for s in shape) - 1
    phi2 = v * v * smaller + degrees / (n - 1)
    return float(chdtrc(degrees, n * phi2))


def strongest_p(p: float, tried: int) -> float:
    """Return how often the strongest of several unrelated columns goes together as much as that or more.

    Parameters
    ----------
    p : float
        Of the strongest alone.
    tried : int
        How many there were to be the strongest.

    Examples
    --------
    >>> round(strongest_p(0.01, 10), 4)
    0.0956
    """
    # 1 - (1 - p)^k, without losing a small p.
    return float(-np.expm1(tried * np.log1p(-p))) if p < 1 else 1.0
