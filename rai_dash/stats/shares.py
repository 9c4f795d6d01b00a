"""Shares of weighted rows as estimates: the point, Wilson's interval on Kish's size, the reason."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.estimates import Estimates, reasons
from rai_dash.stats.intervals import effective_size, wilson

FloatArray = NDArray[np.float64]


def share_estimates(
    numerator: FloatArray, denominator: FloatArray, *, squares: FloatArray, undefined: str
) -> Estimates:
    """Divide, with an interval.

    Parameters
    ----------
    numerator, denominator : float64 (groups,)
        Sums of weights.
    squares : float64 (groups,)
        Sums of squared weights over the rows of the denominator.
    undefined : str
        What to say where the denominator is 0.
    """
    size = effective_size(denominator, squares)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(denominator > 0, numerator / denominator, np.nan)
    low, high = wilson(value * size, size)
    return Estimates(
        value=value,
        low=low,
        high=high,
        numerator=numerator,
        denominator=denominator,
        size=size,
        reason=reasons(value, undefined),
    )
