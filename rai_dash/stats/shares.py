"""Shares of weighted rows as estimates: the point, Wilson's interval on Kish's size, the reason."""

from __future__ import annotations

from collections.abc import Sequence

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
    parts = (numerator[None], denominator[None])
    return several_estimates(*parts, squares=squares[None], undefined=(undefined,))[0]


def several_estimates(
    numerator: FloatArray, denominator: FloatArray, *, squares: FloatArray, undefined: Sequence[str]
) -> list[Estimates]:
    """Divide for several shares of the same groups at once; as of `share_estimates`, with the shares first."""
    size = effective_size(denominator, squares)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(denominator > 0, numerator / denominator, np.nan)
    low, high = wilson(value * size, size)
    return [
        Estimates(
            value=value[i],
            low=low[i],
            high=high[i],
            numerator=numerator[i],
            denominator=denominator[i],
            size=size[i],
            reason=reasons(value[i], why),
        )
        for i, why in enumerate(undefined)
    ]
