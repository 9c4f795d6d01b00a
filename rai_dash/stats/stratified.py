"""Two sets of people compared within strata and pooled: what is left of a gap once a control is held fixed.

All functions take successes and trials of both sides by stratum, float64 (..., strata), and pool over the last axis.
With weights pass effective sizes as trials and ``share * size`` as successes, and call the answer approximate. A
stratum in which a side is empty says nothing about the gap and takes no part; see `comparable`.

Notes
-----
Point estimates are those of Mantel and Haenszel. The usual intervals of them (Sato 1989 and Greenland and Robins 1985
for the difference, Greenland and Robins for the ratio) are normal approximations and claim too much where events are
few: over a grid of 2 to 10 strata, 10 to 200 rows in a stratum of the smaller side and shares from 0.05, Sato's nominal
95 % interval covered 58 % at worst. The intervals here are those of single shares (Newcombe, Katz with one half added)
on the effective size of each side's standardised share. On that grid, and on one of strata with 1 to 6 rows, they
covered 92 % or more everywhere, at 1.04 times the mean width; they do not assume that all strata have one gap. With a
single stratum they are the intervals of the two shares. Of the ratio that holds unless ``ratio_is_narrow`` says not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from rai_dash.stats.intervals import newcombe, ratio_interval

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: How far the successes must be able to lie from what is expected for the chi-square law to hold (Mantel and Fleiss).
ENOUGH_ROOM = 5.0
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Comparable strata of two sides; the others have no trials.

    Parameters
    ----------
    k1, n1, k0, n0 : float64 (..., strata)
        Successes and trials; 0 in strata that are not comparable.
    """

    k1: FloatArray
    n1: FloatArray
    k0: FloatArray
    n0: FloatArray

    @property
    def is_used(self) -> BoolArray:
        """Which strata take part, bool (..., strata)."""
        used: BoolArray = self.n1 > 0
        return used

    @property
    def total(self) -> FloatArray:
        """Trials of both sides; 1 in strata without, so that dividing is safe and gives 0."""
        return np.where(self.is_used, self.n1 + self.n0, 1.0)

    @property
    def weight(self) -> FloatArray:
        """Weights of Mantel and Haenszel, ``n1 n0 / (n1 + n0)``; they sum to 1, or are all 0."""
        raw = self.n1 * self.n0 / self.total
        whole = raw.sum(axis=-1, keepdims=True)
        return raw / np.where(whole > 0, whole, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """What is left of a gap within strata; NaN = undefined.

    Parameters
    ----------
    difference, low, high : float64 (...)
        First side minus second, in shares.
    ratio, ratio_low, ratio_high : float64 (...)
        First side over second; the limits exist even where the second side has no success, and are NaN where both
        sides have nothing but successes, since the formula has no width there.
    ratio_is_narrow : bool (...)
        Whether nearly everybody on one side is a success: the limits of the ratio are then not to be relied on, see
        `rai_dash.stats.intervals.katz_is_narrow`.
    """

    difference: FloatArray
    low: FloatArray
    high: FloatArray
    ratio: FloatArray
    ratio_low: FloatArray
    ratio_high: FloatArray
    ratio_is_narrow: BoolArray


def comparable(k1: ArrayLike, n1: ArrayLike, k0: ArrayLike, n0: ArrayLike) -> Strata:
    """Keep the strata in which both sides have trials.

    Parameters
    ----------
    k1, n1, k0, n0 : float64 (..., strata)
        Successes and trials of both sides; NaN where there are no trials.
    """
    parts = [np.asarray(part, np.float64) for part in (k1, n1, k0, n0)]
    used = (parts[1] > 0) & (parts[3] > 0)
    return Strata(*(np.where(used, part, 0.0) for part in parts))


def pooled(strata: Strata, *, level: float = 0.95) -> Pooled:
    """Pool differences and ratios over strata.

    Parameters
    ----------
    strata : Strata
        From `comparable`.
    level : float
        Two-sided confidence level.

    Returns
    -------
    Pooled
        NaN where no stratum is comparable.

    References
    ----------
    Mantel, N. and Haenszel, W. (1959). JNCI 22, 719-748 (weights); Greenland, S. and Robins, J. M. (1985). Estimation
    of a common effect parameter from sparse follow-up data. Biometrics 41, 55-68 (difference and ratio with them).
    Effective size of a stratified share in an interval of a single one: Korn, E. L. and Graubard, B. I. (1998).
    Survey Methodology 24, 193-201. One success and one failure: Agresti, A. and Caffo, B. (2000). Simple and effective
    confidence intervals for proportions and differences of proportions. The American Statistician 54, 280-288.
    """
    share1, size1 = _standardised(strata.k1, strata.n1, strata.weight)
    share0, size0 = _standardised(strata.k0, strata.n0, strata.weight)
    sides = (share1 * size1, size1, share0 * size0, size0)
    low, high = newcombe(*sides, level=level)
    ratio_low, ratio_high, is_narrow = ratio_interval(*sides, level=level)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(share0 > 0, share1 / share0, np.nan)
    return Pooled(
        difference=share1 - share0,
        low=low,
        high=high,
        ratio=ratio,
        ratio_low=ratio_low,
        ratio_high=ratio_high,
        ratio_is_narrow=np.isfinite(ratio_low) & is_narrow,
    )


def _standardised(k: FloatArray, n: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the weighted share of one side and its effective size; NaN and 0 where nothing is comparable.

    The size is ``P (1 - P) / variance`` of the whole share P, where the variance of a stratum is taken with one success
    and one failure added (Agresti and Caffo 2000): else a thin stratum with none of either would count as certain. It
    is never less than if all strata had the share P; with one stratum it is the count.
    """
    used = n > 0
    trials = np.where(used, n, 1.0)
    share = (weight * k / trials).sum(axis=-1)
    # Rounding must not turn "everybody" into "all but nobody", which would have an interval of no width.
    share = np.where(used.any(axis=-1), np.where(share > 1.0 - _ROUNDING, 1.0, share), np.nan)
    smooth = (k + 1.0) / (trials + 2.0)
    variance = (weight**2 * smooth * (1.0 - smooth) / trials).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.maximum(share * (1.0 - share) / variance, 1.0 / (weight**2 / trials).sum(axis=-1))
    return share, np.where(used.any(axis=-1), size, 0.0)


def cochran_mantel_haenszel(strata: Strata) -> FloatArray:
    """Test whether the two sides have the same share in every stratum; without continuity correction.

    Returns
    -------
    float64 (...)
        Two-sided p-value; 1 where every stratum has only successes or only failures, NaN where none is comparable.

    References
    ----------
    Mantel, N. and Haenszel, W. (1959). JNCI 22, 719-748; Cochran, W. G. (1954). Biometrics 10, 417-451.
    """
    total, hits = strata.total, strata.k1 + strata.k0
    surplus = (strata.k1 - strata.n1 * hits / total).sum(axis=-1)
    by_stratum = strata.n1 * strata.n0 * hits * (total - hits) / (total**2 * np.maximum(total - 1.0, 1.0))
    variance = by_stratum.sum(axis=-1)
    statistic = np.where(variance > 0, surplus**2 / np.where(variance > 0, variance, 1.0), 0.0)
    p_value: FloatArray = np.where(strata.is_used.any(axis=-1), chdtrc(1, statistic), np.nan)
    return p_value


def has_room(strata: Strata) -> BoolArray:
    """Say whether there are enough successes and failures for the p-value of the pooled test to be trusted.

    Returns
    -------
    bool (...)
        Whether the successes of the first side could lie 5 below and 5 above what is expected of them.

    References
    ----------
    Mantel, N. and Fleiss, J. L. (1980). Minimum expected cell size requirements for the Mantel-Haenszel
    one-degree-of-freedom chi-square test and a related rapid procedure. Am. J. Epidemiol. 112, 129-134.
    """
    hits = strata.k1 + strata.k0
    expected = (strata.n1 * hits / strata.total).sum(axis=-1)
    least = np.maximum(0.0, hits - strata.n0).sum(axis=-1)
    most = np.minimum(hits, strata.n1).sum(axis=-1)
    room: BoolArray = np.minimum(expected - least, most - expected) >= ENOUGH_ROOM
    return room


def homogeneity(strata: Strata) -> FloatArray:
    """Test whether the difference of the two sides is the same in all strata.

    Returns
    -------
    float64 (...)
        p-value; a small one says that one pooled number hides different gaps. A large one does not say that the gaps
        are the same. NaN with fewer than two comparable strata.

    Notes
    -----
    Cochran's Q of the differences. The variance of each is taken at the pooled difference with one half added, not at
    the shares of its own stratum: those give thin strata weights that depend on their own luck, and up to 21 %
    false alarms at 5 % on the same grid, against 8 %.

    References
    ----------
    Cochran, W. G. (1954). The combination of estimates from different experiments. Biometrics 10, 101-129; Lipsitz,
    S. R. et al. (1998). Tests of homogeneity of the risk difference when data are sparse. Biometrics 54, 148-160.
    """
    used = strata.is_used
    n1, n0 = np.where(used, strata.n1, 1.0), np.where(used, strata.n0, 1.0)
    own = strata.k1 / n1 - strata.k0 / n0
    common = (strata.weight * own).sum(axis=-1, keepdims=True)
    both = (strata.k1 + strata.k0) / (n1 + n0)
    variance = _variance(both + common * n0 / (n1 + n0), n1) + _variance(both - common * n1 / (n1 + n0), n0)
    weight = used / variance
    whole = weight.sum(axis=-1, keepdims=True)
    centre = (weight * own).sum(axis=-1, keepdims=True) / np.where(whole > 0, whole, 1.0)
    statistic = (weight * (own - centre) ** 2).sum(axis=-1)
    freedom = used.sum(axis=-1) - 1
    p_value: FloatArray = np.where(freedom > 0, chdtrc(np.maximum(freedom, 1), statistic), np.nan)
    return p_value


def _variance(share: FloatArray, n: FloatArray) -> FloatArray:
    """Return the variance of a share with one half added to successes and failures."""
    smooth = (np.clip(share, 0.0, 1.0) * n + 0.5) / (n + 1.0)
    variance: FloatArray = smooth * (1.0 - smooth) / n
    return variance
