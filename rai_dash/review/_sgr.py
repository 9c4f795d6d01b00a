"""Selection with guaranteed risk: a binary search for the narrowest symmetric band, review-band.md section 10."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.texts import mark, tr
from rai_dash.core.types import FAVOURABLE, ReviewBand
from rai_dash.core.words import percent
from rai_dash.review.promise import DELTA, NOTHING_TO_COUNT, Guarantee, check_chances
from rai_dash.review.rows import rows_of
from rai_dash.stats.binomial import upper_limit

FloatArray = NDArray[np.float64]
_HONEST = mark("The band is symmetric around a threshold that was set before these rows were seen.")


def sgr(
    score: ArrayLike, label: ArrayLike, *, threshold: float, alpha: float, delta: float = DELTA
) -> Guarantee:
    """Search the smallest distance from the threshold at which the machine may decide.

    Parameters
    ----------
    score : float (n,)
        Widened to float64; rows without a finite score are left out.
    label : int8 (n,)
        1 favourable, 0 unfavourable; rows with another label are left out.
    threshold : float
        Set beforehand.
    alpha, delta : float
        As of `Guarantee`; each of the looks gets an equal part of delta.

    Returns
    -------
    Guarantee
        ``theta`` is the distance, ``band`` the same as two cuts: exactly the scores with
        ``abs(score - threshold) >= theta`` lie outside it. The paper answers with its last look even where none
        met the target; here there is no band then.

    References
    ----------
    Geifman, Y. and El-Yaniv, R. (2017). Selective classification for deep neural networks. NeurIPS 30.
    """
    check_chances(alpha=alpha, delta=delta)
    rows = rows_of(score, label)
    rows = rows.where(rows.has_score & rows.has_label)
    m = rows.score.size
    looks = max(1, (m - 1).bit_length())  # ceil(log2 m)
    if not m:
        return _answer(alpha, delta, looks, None, tr(NOTHING_TO_COUNT))
    confidence = np.abs(rows.score - threshold)
    order = np.argsort(confidence)
    confidence = confidence[order]
    wrong = ((rows.score >= threshold) != (rows.label == FAVOURABLE))[order]
    errors = np.append(np.cumsum(wrong[::-1])[::-1], 0)
    kept: tuple[float, int, int, float] | None = None
    low, high = 1, m
    for _ in range(looks):
        z = (low + high + 1) // 2
        theta = float(confidence[z - 1])
        first = int(np.searchsorted(confidence, theta))
        k, n = int(errors[first]), m - first
        bound = float(upper_limit(k, n, delta / looks))
        if bound < alpha:
            high = z
            kept = (theta, k, n, bound) if kept is None or theta < kept[0] else kept
        else:
            low = z
    if kept is None:
        reason = tr(
            "No symmetric band around {threshold} met {alpha} in {looks} looks at {m} rows with a score "
            "and a known outcome. Promise less, or bring more rows.",
            threshold=f"{threshold:g}",
            alpha=percent(alpha),
            looks=looks,
            m=f"{m:,}",
        )
        return _answer(alpha, delta, looks, None, reason)
    return _answer(alpha, delta, looks, kept, None, band=_cuts(threshold, kept[0]), rows=m)


def _answer(
    alpha: float,
    delta: float,
    looks: int,
    kept: tuple[float, int, int, float] | None,
    reason: str | None,
    *,
    band: ReviewBand | None = None,
    rows: int = 0,
) -> Guarantee:
    """Write the search down."""
    theta, k, n, bound = kept or (None, None, None, None)
    return Guarantee(
        method="sgr", alpha=alpha, delta=delta, k=k, n=n, looks=looks, bound=bound, found=None, band=band,
        certified=kept is not None, honest_when=tr(_HONEST), reason=reason, theta=theta,
        coverage=None if n is None else n / rows,
    )  # fmt: skip


def _cuts(threshold: float, theta: float) -> ReviewBand:
    """Return the band outside which lie exactly the scores at least this far from the threshold.

    Subtraction rounds, so that ``threshold - theta`` and its like can be beside the true cut.
    """
    if theta == 0:
        return ReviewBand(threshold, threshold, threshold)
    lo = hi = None
    if threshold - 0.0 >= theta:
        lo = _first_not(lambda x: threshold - x >= theta, 0.0, threshold)
    if 1.0 - threshold >= theta:
        hi = _first_not(lambda x: x - threshold < theta, threshold, 1.0)
    return ReviewBand(lo, threshold, hi)


def _first_not(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Return the smallest number for which something ceases to hold that holds at ``low`` and not at ``high``."""
    # The bits of numbers that are not negative are ordered as the numbers are.
    below, above = (int(np.float64(x).view(np.int64)) for x in (low, high))
    while above - below > 1:
        middle = (below + above) // 2
        if holds(float(np.int64(middle).view(np.float64))):
            below = middle
        else:
            above = middle
    return float(np.int64(above).view(np.float64))
