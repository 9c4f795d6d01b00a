"""Shares of everybody from cases that were drawn with different chances: strata, and an interval that knows them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.types import Estimate
from rai_dash.stats.intervals import effective_size, wilson

BoolArray = NDArray[np.bool_]
#: Fewest cases of a stratum by which its spread can be told.
_FEWEST: Final = 2


def weighted_share(
    hits: BoolArray, of: BoolArray, stratum: NDArray[np.int8], sizes: NDArray[np.int64], *, undefined: str
) -> Estimate:
    """Estimate the share of some rows among others in a whole of which each stratum was sampled at its own rate.

    Parameters
    ----------
    hits, of : bool (n,)
        Of the sampled rows; a row of ``hits`` is one of ``of``.
    stratum : int8 (n,)
        Which stratum each is of.
    sizes : int64 (strata,)
        Rows of each in the whole.
    undefined : str
        What to say where nobody of ``of`` was sampled, or nobody of a stratum that is not empty.

    Notes
    -----
    The ratio of two weighted sums; its variance by linearisation within strata; Wilson's interval on the size of a
    plain sample of the same variance, at most the sampled rows of ``of``, and Kish's where nothing varies.

    References
    ----------
    Franco, C. et al. (2019). Comparative study of confidence intervals for proportions in complex sample surveys.
    Journal of Survey Statistics and Methodology 7, 334-364.
    """
    drawn = np.bincount(stratum, minlength=sizes.size)
    if not of.any() or bool(((sizes > 0) & (drawn == 0)).any()):
        return Estimate.undefined(undefined)
    weight = (sizes / np.maximum(drawn, 1))[stratum]
    whole, mine = float(weight[of].sum()), float(weight[hits].sum())
    value = mine / whole
    size = float(of.sum())
    variance = 0.0
    residual = hits - value * of
    for i in np.flatnonzero(drawn >= _FEWEST):
        own = residual[stratum == i]
        variance += float(sizes[i]) ** 2 * float(own.var(ddof=1)) / own.size / whole**2
    kish = float(effective_size(whole, float((weight[of] ** 2).sum())))
    plain = value * (1.0 - value) / variance if variance > 0.0 else kish
    size = min(size, plain)
    low, high = wilson(value * size, size)
    return Estimate(value, float(low), float(high), mine, whole)
