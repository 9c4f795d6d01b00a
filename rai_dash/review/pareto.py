"""Which choices no other choice beats everywhere: review-band.md section 13."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: Points compared with the front at a time; bounds the memory.
_BLOCK = 256


def pareto_front(keys: ArrayLike) -> BoolArray:
    """Mark the points that no other point dominates, all keys minimised.

    A point is dominated if another is at most as large in every key and smaller in one.

    Parameters
    ----------
    keys : float64 (n, k)
        One point a row; NaN = undefined.

    Returns
    -------
    bool (n,)
        Copies of a point are all in or all out. A point with an undefined key is out, and dominates nothing.

    Examples
    --------
    >>> pareto_front([[1, 3], [2, 2], [2, 3], [3, 1], [float("nan"), 0]]).tolist()
    [True, True, False, True, False]
    """
    points = np.asarray(keys, np.float64)
    is_defined = ~np.isnan(points).any(axis=1)
    # Sorted by the first key, then the second …, a point can be dominated by earlier ones only.
    distinct, copy_of = np.unique(points[is_defined], axis=0, return_inverse=True)
    in_front = np.zeros(len(points), dtype=np.bool_)
    in_front[is_defined] = _front_of_sorted(distinct)[copy_of.ravel()]
    return in_front


def _front_of_sorted(points: FloatArray) -> BoolArray:
    """Mark the front of distinct points in lexicographic order."""
    if points.shape[1] <= 3:
        return _front_of_three(points)
    in_front = np.zeros(len(points), dtype=np.bool_)
    front = points[:0]
    for start in range(0, len(points), _BLOCK):
        block = points[start : start + _BLOCK]
        alive = np.flatnonzero(~_beaten(block, front))
        alive = alive[~_beaten(block[alive], block[alive])]
        in_front[start + alive] = True
        front = np.concatenate([front, block[alive]])
    return in_front


def _front_of_three(points: FloatArray) -> BoolArray:
    """Do the same for up to three keys with a staircase: the second and third key of what was met and counts.

    Takes n log n steps, where comparing with the whole front would take n² once most bands lie in it.
    """
    padded = np.column_stack([points, np.zeros((len(points), 3 - points.shape[1]))])
    in_front = np.zeros(len(points), dtype=np.bool_)
    seconds: list[float] = []  # ascending
    thirds: list[float] = []  # descending
    for i, (second, third) in enumerate(padded[:, 1:].tolist()):
        at = bisect_right(seconds, second)
        if at and thirds[at - 1] <= third:
            continue
        in_front[i] = True
        stop = at = at - 1 if at and seconds[at - 1] == second else at
        while stop < len(thirds) and thirds[stop] >= third:
            stop += 1
        seconds[at:stop], thirds[at:stop] = [second], [third]
    return in_front


def _beaten(points: FloatArray, others: FloatArray) -> BoolArray:
    """Mark the points that are dominated by any of some others, among which a point may meet itself."""
    at_most = np.ones((len(points), len(others)), dtype=np.bool_)
    below = np.zeros_like(at_most)
    for key in range(points.shape[1]):
        at_most &= others[:, key] <= points[:, key, None]
        below |= others[:, key] < points[:, key, None]
    return np.asarray((at_most & below).any(axis=1))
