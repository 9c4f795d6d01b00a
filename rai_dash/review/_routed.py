"""Sums of rows by route and label, and the shares made of them: review-band.md sections 3 and 4.

The sums may be of one band or of many at once (a *plane*): what is declined depends on the low end only and what is
approved on the high end only, so a whole grid of bands is two vectors that broadcast against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.review_cube import ReviewCube
from rai_dash.core.texts import mark
from rai_dash.core.types import ReviewBand
from rai_dash.metrics._base import ratio
from rai_dash.review._route_sums import Routed

FloatArray = NDArray[np.float64]
Positions = NDArray[np.int64]
Sums = TypeVar("Sums")


def plane(*positions: ArrayLike) -> tuple[Positions, ...]:
    """Return positions of cuts as integer arrays of one number of dimensions, which broadcast to the plane."""
    arrays = [np.asarray(p, np.int64) for p in positions]
    ndim = max(a.ndim for a in arrays)
    return tuple(a.reshape((1,) * (ndim - a.ndim) + a.shape) for a in arrays)


def running(cells: FloatArray, *, from_above: bool = False) -> FloatArray:
    """Sum the cells of a cube below (or at and above) each cut.

    Both are sums of the very rows they are about: a difference of large sums would leave 1e-16 where there is no row,
    and turn an undefined share into a number.

    Parameters
    ----------
    cells : float64 (..., k + 2)
        As of `ReviewCube`; the last one, without a score, is left out.
    from_above : bool
        Whether to sum from the highest score down.

    Returns
    -------
    float64 (..., k + 2)
        At ``position + 1`` of a cut; 0 is the open low end, k + 1 the open high end.
    """
    finite = cells[..., :-1]
    out = np.zeros(cells.shape)
    if from_above:
        np.cumsum(finite[..., ::-1], axis=-1, out=out[..., -2::-1])
    else:
        np.cumsum(finite, axis=-1, out=out[..., 1:])
    return out


def routed(cube: ReviewCube, lo_at: ArrayLike, hi_at: ArrayLike) -> tuple[Routed, Routed]:
    """Route the rows of a cube by one band or by many at once.

    Parameters
    ----------
    cube : ReviewCube
        Of one sensitive column, or of everyone.
    lo_at, hi_at : int, or int arrays that broadcast to the plane
        Positions of the ends among ``cube.edges``, ``lo_at <= hi_at``; -1 = open low end, ``cube.n_edges`` = open high
        end, as `ReviewCube.positions` returns them. Shapes (A, 1) and (1, B) give a grid.

    Returns
    -------
    sums, squares : Routed
        Sums of weights and of squared weights. Without weights both are the same object.
    """
    sums = routed_sums(cube.mass, lo_at, hi_at)
    return sums, routed_sums(cube.squares, lo_at, hi_at) if cube.is_weighted else sums


def routed_sums(cells: FloatArray, lo_at: ArrayLike, hi_at: ArrayLike) -> Routed:
    """Route sums of cells, (groups, 3, 3, k + 2); see `routed`."""
    lo, hi = plane(lo_at, hi_at)
    by_label = np.moveaxis(cells.sum(axis=2), 1, 0)
    below = running(by_label)
    flat = (*by_label.shape[:2], *(1,) * lo.ndim)
    return Routed(
        rejected=below[..., lo + 1],
        approved=running(by_label, from_above=True)[..., hi + 1],
        below_hi=below[..., hi + 1],
        unscored=by_label[..., -1].reshape(flat),
        scored=below[..., -1].reshape(flat),
    )


def routed_counts(counts: GroupCounts, band: ReviewBand) -> tuple[Routed, Routed]:
    """Route the counts by one band, on or off their grid, as sums of weights and of squared weights."""
    parts = (
        counts.below(band.lo),
        counts.between(band.lo, band.hi),
        counts.at_or_above(band.hi),
        counts.without_score(),
    )
    sums, squares = (
        Routed.of_routes(
            rejected=parts[0][which].T,
            in_band=parts[1][which].T,
            approved=parts[2][which].T,
            unscored=parts[3][which].T,
        )
        for which in (0, 1)
    )
    return sums, squares


@dataclass(frozen=True, slots=True)
class Share(Generic[Sums]):
    """One share of rows: its parts, what it is, and why it can be undefined."""

    numerator: Callable[[Sums], FloatArray]
    denominator: Callable[[Sums], FloatArray]
    meaning: str
    undefined: str

    def value(self, sums: Sums) -> FloatArray:
        """Return the share, (groups, *plane); NaN where the denominator is 0."""
        return ratio(self.numerator(sums), self.denominator(sums))


_NO_ROWS = "no applicant in this group"
_NO_AUTO_LABELLED = "nobody with a known outcome is decided automatically in this group"
NO_LABELLED = "no applicant with a known outcome in this group"
_NO_APPROVED = "nobody with a known outcome is approved automatically in this group"
_NO_REJECTED = "nobody with a known outcome is declined automatically in this group"
_NO_GOOD_AUTO = "nobody with a favourable outcome is decided automatically in this group"
_NO_BAD_AUTO = "nobody with an unfavourable outcome is decided automatically in this group"
NO_FAVOURABLE = "no applicant with a favourable outcome in this group"
NO_UNFAVOURABLE = "no applicant with an unfavourable outcome in this group"

SHARES: Mapping[str, Share[Routed]] = {
    "coverage": Share(
        lambda r: r.auto, lambda r: r.everyone, mark("Share decided without a person."), _NO_ROWS
    ),
    "review_rate": Share(lambda r: r.review, lambda r: r.everyone, mark("Share sent to a person."), _NO_ROWS),
    "auto_approve_rate": Share(
        lambda r: r.approve, lambda r: r.everyone, mark("Share approved automatically."), _NO_ROWS
    ),
    "auto_reject_rate": Share(
        lambda r: r.reject, lambda r: r.everyone, mark("Share declined automatically."), _NO_ROWS
    ),
    "auto_error_rate": Share(
        lambda r: r.fp + r.fn,
        lambda r: r.auto_labelled,
        mark("Of the automatic decisions, the share that is wrong."),
        _NO_AUTO_LABELLED,
    ),
    "error_per_application": Share(
        lambda r: r.fp + r.fn,
        lambda r: r.labelled,
        mark("Of all applications, the share decided automatically and wrongly."),
        NO_LABELLED,
    ),
    "precision_auto": Share(
        lambda r: r.tp,
        lambda r: r.tp + r.fp,
        mark("Of those approved automatically, the share whose outcome is favourable."),
        _NO_APPROVED,
    ),
    "npv_auto": Share(
        lambda r: r.tn,
        lambda r: r.tn + r.fn,
        mark("Of those declined automatically, the share whose outcome is unfavourable."),
        _NO_REJECTED,
    ),
    "recall_auto": Share(
        lambda r: r.tp,
        lambda r: r.tp + r.fn,
        mark("Of the favourable outcomes decided automatically, the share approved."),
        _NO_GOOD_AUTO,
    ),
    "fnr_auto": Share(
        lambda r: r.fn,
        lambda r: r.tp + r.fn,
        mark("Of the favourable outcomes decided automatically, the share declined."),
        _NO_GOOD_AUTO,
    ),
    "fpr_auto": Share(
        lambda r: r.fp,
        lambda r: r.fp + r.tn,
        mark("Of the unfavourable outcomes decided automatically, the share approved."),
        _NO_BAD_AUTO,
    ),
    "good_auto_rejected": Share(
        lambda r: r.fn,
        lambda r: r.favourable,
        mark("Of all favourable outcomes, the share declined automatically."),
        NO_FAVOURABLE,
    ),
    "bad_auto_approved": Share(
        lambda r: r.fp,
        lambda r: r.unfavourable,
        mark("Of all unfavourable outcomes, the share approved automatically."),
        NO_UNFAVOURABLE,
    ),
    "good_rate_in_band": Share(
        lambda r: r.favourable_in_review,
        lambda r: r.labelled_in_review,
        mark("Of those sent to a person, the share whose outcome is favourable."),
        "nobody with a known outcome is sent to a person in this group",
    ),
}

__all__ = [
    "NO_FAVOURABLE",
    "NO_LABELLED",
    "NO_UNFAVOURABLE",
    "SHARES",
    "Positions",
    "Routed",
    "Share",
    "plane",
    "routed",
    "routed_counts",
    "routed_sums",
    "running",
]
