"""Sums of rows by route and label, and the shares made of them: review-band.md sections 3 and 4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import FAVOURABLE, UNFAVOURABLE, GroupCounts
from rai_dash.core.types import ReviewBand

FloatArray = NDArray[np.float64]

REJECT, REVIEW, APPROVE, NO_SCORE_ROUTE = 0, 1, 2, 3


@dataclass(frozen=True, slots=True, eq=False)
class Routed:
    """Sums by route and label; every row lies in exactly one of them.

    Parameters
    ----------
    cells : float64 (groups, 4, 3)
        Route {declined, to a person with a score, approved, to a person without a score} x label
        {unfavourable, favourable, unknown}.
    """

    cells: FloatArray

    def total(self) -> Routed:
        """Add the groups up."""
        return Routed(self.cells.sum(axis=0, keepdims=True))

    @property
    def everyone(self) -> FloatArray:
        """All rows."""
        return self.auto + self.review

    @property
    def reject(self) -> FloatArray:
        """Declined automatically."""
        return _over_labels(self.cells[:, REJECT])

    @property
    def approve(self) -> FloatArray:
        """Approved automatically."""
        return _over_labels(self.cells[:, APPROVE])

    @property
    def auto(self) -> FloatArray:
        """Decided automatically."""
        return self.approve + self.reject

    @property
    def no_score(self) -> FloatArray:
        """To a person because there is no score."""
        return _over_labels(self.cells[:, NO_SCORE_ROUTE])

    @property
    def review(self) -> FloatArray:
        """To a person, with or without a score."""
        return _over_labels(self.cells[:, REVIEW]) + self.no_score

    @property
    def tp(self) -> FloatArray:
        """Approved, favourable outcome."""
        return self.cells[:, APPROVE, FAVOURABLE]

    @property
    def fp(self) -> FloatArray:
        """Approved, unfavourable outcome."""
        return self.cells[:, APPROVE, UNFAVOURABLE]

    @property
    def fn(self) -> FloatArray:
        """Declined, favourable outcome."""
        return self.cells[:, REJECT, FAVOURABLE]

    @property
    def tn(self) -> FloatArray:
        """Declined, unfavourable outcome."""
        return self.cells[:, REJECT, UNFAVOURABLE]

    @property
    def favourable_in_review(self) -> FloatArray:
        """To a person, favourable outcome."""
        return self.cells[:, REVIEW, FAVOURABLE] + self.cells[:, NO_SCORE_ROUTE, FAVOURABLE]

    @property
    def unfavourable_in_review(self) -> FloatArray:
        """To a person, unfavourable outcome."""
        return self.cells[:, REVIEW, UNFAVOURABLE] + self.cells[:, NO_SCORE_ROUTE, UNFAVOURABLE]

    @property
    def favourable(self) -> FloatArray:
        """Favourable outcome, on any route."""
        return self.tp + self.fn + self.favourable_in_review

    @property
    def unfavourable(self) -> FloatArray:
        """Unfavourable outcome, on any route."""
        return self.fp + self.tn + self.unfavourable_in_review

    @property
    def labelled(self) -> FloatArray:
        """With a known outcome, on any route."""
        return self.favourable + self.unfavourable


def _over_labels(cells: FloatArray) -> FloatArray:
    """Sum over the labels."""
    sums: FloatArray = cells.sum(axis=1)
    return sums


def routed(counts: GroupCounts, band: ReviewBand) -> tuple[Routed, Routed]:
    """Route the counts, as sums of weights and as sums of squared weights."""
    parts = (
        counts.below(band.lo),
        counts.between(band.lo, band.hi),
        counts.at_or_above(band.hi),
        counts.without_score(),
    )
    sums, squares = (np.stack([part[which] for part in parts], axis=1) for which in (0, 1))
    return Routed(sums), Routed(squares)


@dataclass(frozen=True, slots=True)
class Share:
    """One share of rows: what it is, and its parts."""

    numerator: Callable[[Routed], FloatArray]
    denominator: Callable[[Routed], FloatArray]
    meaning: str
    undefined: str


_NO_ROWS = "no applicant in this group"
_NO_AUTO_LABELLED = "nobody with a known outcome is decided automatically in this group"
_NO_LABELLED = "no applicant with a known outcome in this group"
_NO_APPROVED = "nobody with a known outcome is approved automatically in this group"
_NO_REJECTED = "nobody with a known outcome is declined automatically in this group"
_NO_GOOD_AUTO = "nobody with a favourable outcome is decided automatically in this group"
_NO_BAD_AUTO = "nobody with an unfavourable outcome is decided automatically in this group"

SHARES: Mapping[str, Share] = {
    "coverage": Share(lambda r: r.auto, lambda r: r.everyone, "Share decided without a person.", _NO_ROWS),
    "review_rate": Share(lambda r: r.review, lambda r: r.everyone, "Share sent to a person.", _NO_ROWS),
    "auto_approve_rate": Share(
        lambda r: r.approve, lambda r: r.everyone, "Share approved automatically.", _NO_ROWS
    ),
    "auto_reject_rate": Share(
        lambda r: r.reject, lambda r: r.everyone, "Share declined automatically.", _NO_ROWS
    ),
    "auto_error_rate": Share(
        lambda r: r.fp + r.fn,
        lambda r: r.tp + r.fp + r.tn + r.fn,
        "Of the automatic decisions, the share that is wrong.",
        _NO_AUTO_LABELLED,
    ),
    "error_per_application": Share(
        lambda r: r.fp + r.fn,
        lambda r: r.labelled,
        "Of all applications, the share decided automatically and wrongly.",
        _NO_LABELLED,
    ),
    "precision_auto": Share(
        lambda r: r.tp,
        lambda r: r.tp + r.fp,
        "Of those approved automatically, the share whose outcome is favourable.",
        _NO_APPROVED,
    ),
    "npv_auto": Share(
        lambda r: r.tn,
        lambda r: r.tn + r.fn,
        "Of those declined automatically, the share whose outcome is unfavourable.",
        _NO_REJECTED,
    ),
    "recall_auto": Share(
        lambda r: r.tp,
        lambda r: r.tp + r.fn,
        "Of the favourable outcomes decided automatically, the share approved.",
        _NO_GOOD_AUTO,
    ),
    "fnr_auto": Share(
        lambda r: r.fn,
        lambda r: r.tp + r.fn,
        "Of the favourable outcomes decided automatically, the share declined.",
        _NO_GOOD_AUTO,
    ),
    "fpr_auto": Share(
        lambda r: r.fp,
        lambda r: r.fp + r.tn,
        "Of the unfavourable outcomes decided automatically, the share approved.",
        _NO_BAD_AUTO,
    ),
    "good_auto_rejected": Share(
        lambda r: r.fn,
        lambda r: r.favourable,
        "Of all favourable outcomes, the share declined automatically.",
        "no applicant with a favourable outcome in this group",
    ),
    "bad_auto_approved": Share(
        lambda r: r.fp,
        lambda r: r.unfavourable,
        "Of all unfavourable outcomes, the share approved automatically.",
        "no applicant with an unfavourable outcome in this group",
    ),
    "good_rate_in_band": Share(
        lambda r: r.favourable_in_review,
        lambda r: r.favourable_in_review + r.unfavourable_in_review,
        "Of those sent to a person, the share whose outcome is favourable.",
        "nobody with a known outcome is sent to a person in this group",
    ),
}
