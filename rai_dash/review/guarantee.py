"""Which band may be promised to be wrong at most so often, by which rule: review-band.md section 10.

Counts are errors ``k`` and rows ``n`` of automatic decisions with a known outcome, unweighted; `nested.count_bands`
makes them from rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import ReviewBand
from rai_dash.review._sequence import best_looking, crc, fixed_sequence
from rai_dash.review._sgr import sgr
from rai_dash.review.nested import count_bands
from rai_dash.review.promise import (
    DELTA,
    HONEST_PICKED,
    NOTHING_TO_COUNT,
    PICKED,
    Guarantee,
    check_chances,
    checked_counts,
    fewest_rows,
    rows_needed,
    too_high,
)
from rai_dash.review.rows import rows_of
from rai_dash.stats.binomial import upper_limit

__all__ = [
    "Guarantee", "best_looking", "crc", "draw_parts", "fewest_rows", "fixed", "fixed_sequence", "picked",
    "rows_needed", "sgr", "split", "union",
]  # fmt: skip

FloatArray = NDArray[np.float64]
Positions = NDArray[np.int64]
Bands = Sequence[ReviewBand]
#: Chooses a band on some rows (scores, labels); None = none suits.
Choose = Callable[[FloatArray, NDArray[np.int8]], ReviewBand | None]

_HONEST_FIXED = mark("The band was chosen before these rows were seen.")
_HONEST_SPLIT = mark("The band was chosen on other rows than those that judge it, drawn at random.")


def fixed(
    k: int, n: int, *, alpha: float | None = None, delta: float = DELTA, band: ReviewBand | None = None
) -> Guarantee:
    """Judge one band that was chosen before the rows were seen.

    Parameters
    ----------
    k, n : int
        Its automatic errors and automatic decisions with a known outcome.
    alpha : float, optional
        The share to be promised; without it the limit itself is the promise.
    delta : float
        Chance that the limit lies below the truth, at most.
    band : ReviewBand, optional
        Handed back with the answer.

    Raises
    ------
    InvalidChoice
        When alpha or delta is not between 0 and 1, or the counts are impossible.

    Examples
    --------
    >>> found = fixed(3, 100, alpha=0.10)
    >>> round(found.bound, 4), found.certified
    (0.0757, True)
    """
    return _one("fixed", tr(_HONEST_FIXED), k, n, alpha=alpha, delta=delta, band=band)


def picked(
    k: int, n: int, *, alpha: float | None = None, delta: float = DELTA, band: ReviewBand | None = None
) -> Guarantee:
    """Judge a band that was moved by hand, or found by a search, on the same rows: never certified.

    Parameters
    ----------
    k, n, alpha, delta, band
        As of `fixed`; the limit is what it would be if the band had been fixed beforehand.
    """
    return _one("picked", tr(HONEST_PICKED), k, n, alpha=alpha, delta=delta, band=band)


def _one(
    method: str,
    honest: str,
    k: int,
    n: int,
    *,
    alpha: float | None,
    delta: float,
    band: ReviewBand | None,
    looks: int = 1,
    at: int = 0,
) -> Guarantee:
    """Judge one band by the limit of Clopper and Pearson at ``delta / looks``."""
    check_chances(alpha=alpha, delta=delta)
    checked_counts(k, n)
    bound = float(upper_limit(k, n, delta / looks))
    passes = n > 0 and (alpha is None or bound <= alpha)
    needed = None
    reason = tr(PICKED) if method == "picked" else None
    if n == 0:
        reason = tr(NOTHING_TO_COUNT)
    elif alpha is not None and not passes:
        needed = rows_needed(k / n, alpha=alpha, delta=delta / looks)
        reason = too_high(bound, alpha, needed) if reason is None else reason
    return Guarantee(
        method=method, alpha=alpha, delta=delta, k=k, n=n, looks=looks, bound=bound,
        found=at if passes else None, band=band if passes else None, certified=passes and method != "picked",
        honest_when=honest, reason=reason, rows_needed=needed,
    )  # fmt: skip


def union(
    k: ArrayLike,
    n: ArrayLike,
    *,
    alpha: float | None = None,
    delta: float = DELTA,
    chosen: int | None = None,
    bands: Bands | None = None,
) -> Guarantee:
    """Judge a band that was chosen among K on these rows, each of which gets ``delta / K``.

    Parameters
    ----------
    k, n : int64 (bands,)
        Of all bands that were looked at, the one with most review first.
    alpha, delta : float
        As of `fixed`.
    chosen : int, optional
        The band to be judged; by default the last one (least review) whose limit is at most alpha.
    bands : sequence of ReviewBand, optional
        One comes back with the answer.

    Raises
    ------
    InvalidChoice
        As of `fixed`, and when there is neither alpha nor a chosen band.
    """
    check_chances(alpha=alpha, delta=delta)
    errors, rows = checked_counts(k, n)
    looks = errors.size
    if not looks or (chosen is not None and not 0 <= chosen < looks):
        msg = tr(
            "There is no band {chosen} among {looks} bands. Give the position of one that was looked at.",
            chosen=chosen,
            looks=looks,
        )
        raise InvalidChoice(msg)
    if chosen is None:
        chosen = _last_within(upper_limit(errors, rows, delta / looks), alpha)
    honest = tr("The band was chosen among these {looks} bands and no others.", looks=f"{looks:,}")
    return _one(
        "union", honest, int(errors[chosen]), int(rows[chosen]), alpha=alpha, delta=delta,
        band=None if bands is None else bands[chosen], looks=looks, at=chosen,
    )  # fmt: skip


def _last_within(bounds: FloatArray, alpha: float | None) -> int:
    """Return the last band whose limit is at most alpha, or the one with the lowest limit."""
    if alpha is None:
        msg = tr("Say which of the bands is meant, or which share of errors is to be promised.")
        raise InvalidChoice(msg)
    passing = np.flatnonzero(bounds <= alpha)
    return int(passing[-1]) if passing.size else int(np.argmin(bounds))


def draw_parts(n: int, *, seed: int, share: float = 0.5) -> tuple[Positions, Positions]:
    """Draw the rows that `split` chooses on, and those that judge.

    Parameters
    ----------
    n : int
        Rows.
    seed, share
        As of `split`.

    Returns
    -------
    first, second : int64 (about share x n,), (the rest,)
        Positions of rows, each in one of them.
    """
    first, second = np.split(np.random.default_rng(seed).permutation(n), [round(share * n)])
    return first, second


def split(
    score: ArrayLike,
    label: ArrayLike,
    choose: Choose,
    *,
    seed: int,
    alpha: float | None = None,
    delta: float = DELTA,
    share: float = 0.5,
) -> Guarantee:
    """Choose a band on one part of the rows and judge it by `fixed` on the other.

    Parameters
    ----------
    score, label : float (n,), int8 (n,)
        As of `nested.count_bands`.
    choose : callable
        Gets scores and labels of the first part; any search will do.
    seed : int
        Of the draw; from fingerprints, so that a page says the same twice.
    alpha, delta : float
        As of `fixed`.
    share : float
        Part of the rows to choose on, between 0 and 1.
    """
    check_chances(alpha=alpha, delta=delta)
    if not 0.0 < share < 1.0:
        msg = tr(
            "The share of rows to choose on must lie between 0 and 1, got {share}. Use 0.5.", share=share
        )
        raise InvalidChoice(msg)
    rows = rows_of(score, label)
    first, second = draw_parts(rows.score.size, seed=seed, share=share)
    band = choose(rows.score[first], rows.label[first])
    if band is None:
        return Guarantee(
            method="split", alpha=alpha, delta=delta, k=None, n=None, looks=1, bound=None, found=None, band=None,
            certified=False, honest_when=tr(_HONEST_SPLIT),
            reason=tr("No band was chosen on the first {size} rows.", size=f"{first.size:,}"),
        )  # fmt: skip
    judged = count_bands(rows.score[second], rows.label[second], [band])
    return _one(
        "split", tr(_HONEST_SPLIT), int(judged.k[0]), int(judged.n[0]), alpha=alpha, delta=delta, band=band
    )
