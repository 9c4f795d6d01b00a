"""Area under the ROC curve, group by group, with DeLong's interval on the logit scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from rai_dash.stats.blocks import Blocks
from rai_dash.stats.intervals import effective_size, z_value

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class AucResult:
    """AUC of each group; each array is float64 (groups,), NaN = undefined.

    Parameters
    ----------
    auc : float64
        Share of (favourable, unfavourable) pairs with the higher score on the favourable one, ties
        count half; undefined where a class is empty.
    low, high : float64
        Limits; undefined also with fewer than two rows in a class, or an AUC of 0 or 1.
    favourable, unfavourable : float64
        Weight of both classes.
    tied_half : float64
        Half the share of tied pairs. With cells for blocks the AUC of the rows is within this of ``auc``.
    """

    auc: FloatArray
    low: FloatArray
    high: FloatArray
    favourable: FloatArray
    unfavourable: FloatArray
    tied_half: FloatArray


def auc(blocks: Blocks, *, level: float = 0.95) -> AucResult:
    """Compute the AUC of each group with its interval.

    Parameters
    ----------
    blocks : Blocks
        Rows in order, or cells.
    level : float
        Two-sided confidence level.

    References
    ----------
    DeLong, E. R. et al. (1988). Comparing the areas under two or more correlated receiver operating
    characteristic curves: a nonparametric approach. Biometrics 44, 837-845.
    """
    b = blocks
    m, k = b.sum_by_group(b.favourable), b.sum_by_group(b.unfavourable)
    with np.errstate(divide="ignore", invalid="ignore"):
        # A share of pairs is exactly 1 only if it is divided last.
        lower = b.below(b.unfavourable) + b.unfavourable / 2.0
        area = b.sum_by_group(b.favourable * lower) / (m * k)
        higher = b.spread(m) - b.below(b.favourable) - b.favourable / 2.0
        on_favourable, on_unfavourable = lower / b.spread(k), higher / b.spread(m)
        tied_half = b.sum_by_group(b.favourable * b.unfavourable) / (2.0 * m * k)
        variance = _variance_of_mean(
            b, area, on_favourable, b.favourable, b.favourable_sq
        ) + _variance_of_mean(b, area, on_unfavourable, b.unfavourable, b.unfavourable_sq)
        centre = np.log(area / (1.0 - area))
        half = z_value(level) * np.sqrt(variance) / (area * (1.0 - area))
        known = np.isfinite(half) & (area > 0) & (area < 1)
        low = np.where(known, expit(centre - half), np.nan)
        high = np.where(known, expit(centre + half), np.nan)
    return AucResult(area, low, high, m, k, tied_half)


def _variance_of_mean(
    b: Blocks, mean: FloatArray, values: FloatArray, weight: FloatArray, squares: FloatArray
) -> FloatArray:
    """Return the variance of the weighted mean of one class; NaN with fewer than two rows."""
    total = b.sum_by_group(weight)
    size = effective_size(total, b.sum_by_group(squares))
    spread = b.sum_by_group(weight * (values - b.spread(mean)) ** 2) / total
    return np.where(size >= 2.0, spread / (size - 1.0), np.nan)
