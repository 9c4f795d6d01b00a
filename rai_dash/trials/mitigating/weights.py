"""Reweighing: training rows are weighed so that group and outcome look independent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def reweighing(
    favourable: NDArray[np.bool_], codes: NDArray[np.int32], *, weight: FloatArray | None = None
) -> FloatArray:
    """Weigh training rows by ``P(g) P(y) / P(g, y)``.

    Parameters
    ----------
    favourable : bool (m,)
        Outcome of the training rows.
    codes : int32 (m,)
        Their group.
    weight : float64 (m,), optional
        Weights the rows have already: shares are of their sums, and the result is multiplied by them.

    Returns
    -------
    float64 (m,)
        Under these weights every group has the same share of favourable outcomes; the sum stays as it was.

    References
    ----------
    Kamiran, F. and Calders, T. (2012). Data preprocessing techniques for classification without discrimination.
    Knowledge and Information Systems 33, 1-33.
    """
    own = np.ones(favourable.size) if weight is None else weight
    cell = codes.astype(np.int64) * 2 + favourable
    sums = np.bincount(cell, weights=own, minlength=2 * (int(codes.max(initial=0)) + 1)).reshape(-1, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = sums.sum(axis=1, keepdims=True) * sums.sum(axis=0) / (sums.sum() * sums)
    # A cell without rows, or whose rows all weigh 0, weighs nobody.
    return own * np.where(sums > 0, factor, 0.0).ravel()[cell]
