"""``Routed``: sums of rows by route and label, of one band or of many at once: review-band.md section 3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Routed:
    """Sums by route and label; every row lies in exactly one route.

    Properties have the shape (groups, *plane), or one that broadcasts to it. The plane is ``()`` for one band and
    ``(A, B)`` for a grid of A low and B high ends, where ``rejected`` is (3, groups, A, 1) and ``approved``
    (3, groups, 1, B).

    Parameters
    ----------
    rejected, approved : float64 (3, groups, *plane)
        Declined and approved automatically; first axis: label {unfavourable, favourable, unknown}.
    below_hi : float64 (3, groups, *plane)
        With a score below the high end; what of it is not declined is in the band.
    unscored, scored : float64 (3, groups, *plane)
        Without a score, and all rows with one.
    """

    rejected: FloatArray
    approved: FloatArray
    below_hi: FloatArray
    unscored: FloatArray
    scored: FloatArray

    @classmethod
    def of_routes(
        cls, *, rejected: FloatArray, in_band: FloatArray, approved: FloatArray, unscored: FloatArray
    ) -> Routed:
        """Build it from sums of the four routes, for example of bootstrap replicates."""
        below_hi = rejected + in_band
        return cls(
            rejected=rejected,
            approved=approved,
            below_hi=below_hi,
            unscored=unscored,
            scored=below_hi + approved,
        )

    def over_groups(self) -> Routed:
        """Add the groups up into one."""
        parts = (self.rejected, self.approved, self.below_hi, self.unscored, self.scored)
        rejected, approved, below_hi, unscored, scored = (p.sum(axis=1, keepdims=True) for p in parts)
        return Routed(
            rejected=rejected, approved=approved, below_hi=below_hi, unscored=unscored, scored=scored
        )

    @property
    def everyone(self) -> FloatArray:
        """All rows, added up as `review` is: all of them in review are exactly all of them."""
        return _over_labels(self.scored) + self.no_score

    @property
    def reject(self) -> FloatArray:
        """Declined automatically."""
        return _over_labels(self.rejected)

    @property
    def approve(self) -> FloatArray:
        """Approved automatically."""
        return _over_labels(self.approved)

    @property
    def auto(self) -> FloatArray:
        """Decided automatically."""
        return self.approve + self.reject

    @property
    def no_score(self) -> FloatArray:
        """To a person because there is no score."""
        return _over_labels(self.unscored)

    @property
    def review(self) -> FloatArray:
        """To a person, with or without a score."""
        return (_over_labels(self.below_hi) - self.reject) + self.no_score

    @property
    def tp(self) -> FloatArray:
        """Approved, favourable outcome."""
        return _of_label(self.approved, FAVOURABLE)

    @property
    def fp(self) -> FloatArray:
        """Approved, unfavourable outcome."""
        return _of_label(self.approved, UNFAVOURABLE)

    @property
    def fn(self) -> FloatArray:
        """Declined, favourable outcome."""
        return _of_label(self.rejected, FAVOURABLE)

    @property
    def tn(self) -> FloatArray:
        """Declined, unfavourable outcome."""
        return _of_label(self.rejected, UNFAVOURABLE)

    @property
    def auto_labelled(self) -> FloatArray:
        """Decided automatically, with a known outcome."""
        return (self.tp + self.fp) + (self.tn + self.fn)

    @property
    def favourable_in_review(self) -> FloatArray:
        """To a person, favourable outcome."""
        return self._in_review(FAVOURABLE)

    @property
    def unfavourable_in_review(self) -> FloatArray:
        """To a person, unfavourable outcome."""
        return self._in_review(UNFAVOURABLE)

    @property
    def labelled_in_review(self) -> FloatArray:
        """To a person, with a known outcome."""
        return self.favourable_in_review + self.unfavourable_in_review

    @property
    def favourable(self) -> FloatArray:
        """Favourable outcome, on any route."""
        return _of_label(self.scored, FAVOURABLE) + _of_label(self.unscored, FAVOURABLE)

    @property
    def unfavourable(self) -> FloatArray:
        """Unfavourable outcome, on any route."""
        return _of_label(self.scored, UNFAVOURABLE) + _of_label(self.unscored, UNFAVOURABLE)

    @property
    def labelled(self) -> FloatArray:
        """With a known outcome, on any route."""
        return self.favourable + self.unfavourable

    def _in_review(self, label: int) -> FloatArray:
        """Sum what goes to a person, of one label."""
        in_band = _of_label(self.below_hi, label) - _of_label(self.rejected, label)
        return in_band + _of_label(self.unscored, label)


def _over_labels(cells: FloatArray) -> FloatArray:
    """Sum over the labels."""
    sums: FloatArray = cells.sum(axis=0)
    return sums


def _of_label(cells: FloatArray, label: int) -> FloatArray:
    """Take the rows of one label."""
    part: FloatArray = cells[label]
    return part
