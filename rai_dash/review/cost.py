"""What a band costs, and the band that theory would draw: review-band.md section 6."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import ReviewCube
from rai_dash.core.texts import tr
from rai_dash.metrics._base import ratio
from rai_dash.review._routed import Routed
from rai_dash.review.people import AfterReview
from rai_dash.review.settings import BandCosts, Reviewer

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CostSums:
    """Expected costs of labelled rows, in the unit of `BandCosts`.

    Parameters
    ----------
    error_cost : float64 (groups, *plane)
        Of wrong final decisions, the machine's and the person's.
    review_cost : float64 (groups, *plane)
        Of the person's time.
    labelled : float64 (groups, *plane)
        Sum of the weights of labelled rows; broadcasts to the plane.
    """

    error_cost: FloatArray
    review_cost: FloatArray
    labelled: FloatArray

    @property
    def total(self) -> FloatArray:
        """Both together."""
        return self.error_cost + self.review_cost

    @property
    def per_application(self) -> FloatArray:
        """The total by labelled application, which is what a band is chosen by; NaN without labels."""
        return ratio(self.total, self.labelled)

    def over_groups(self) -> CostSums:
        """Add the groups up into one."""
        parts = (self.error_cost, self.review_cost, self.labelled)
        error, review, labelled = (part.sum(axis=0, keepdims=True) for part in parts)
        return CostSums(error_cost=error, review_cost=review, labelled=labelled)


def costs(cube: ReviewCube, after: AfterReview, sums: Routed, prices: BandCosts) -> CostSums:
    """Add up what is expected to be paid.

    Parameters
    ----------
    cube : ReviewCube
        What ``after`` and ``sums`` were made of.
    after : AfterReview
        Expected final decisions.
    sums : Routed
        Rows by route.
    prices : BandCosts
        Cost of each error and of a review.

    Raises
    ------
    InvalidChoice
        When a cost depends on the amount and no amounts were counted.
    """
    check_amounts(cube, prices)
    error = prices.fn_fixed * after.fn + prices.fp_fixed * after.fp
    if after.fn_amount is not None and after.fp_amount is not None:
        error = error + prices.fn_per_amount * after.fn_amount + prices.fp_per_amount * after.fp_amount
    return CostSums(
        error_cost=error, review_cost=prices.review * sums.labelled_in_review, labelled=after.labelled
    )


def check_amounts(cube: ReviewCube, prices: BandCosts) -> None:
    """Refuse costs by amount where there are no amounts.

    Raises
    ------
    InvalidChoice
        A missing column must not look like amounts of 0.
    """
    if prices.needs_amount and not cube.has_amount:
        msg = tr(
            "A cost depends on the amount, but no amount column was counted. Name the amount column, or "
            "set the costs per amount to 0."
        )
        raise InvalidChoice(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class TheoryBand:
    """The cheapest band for a calibrated score and constant costs; the cuts are not clipped to [0, 1].

    Parameters
    ----------
    lo, threshold, hi : float
        Review pays for ``lo < score < hi``; without a person the cheapest cut is ``threshold``.
    is_empty : bool
        Review pays for no score; then all three are the threshold.
    """

    lo: float
    threshold: float
    hi: float
    is_empty: bool

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return {"lo": self.lo, "t": self.threshold, "hi": self.hi, "empty": self.is_empty}


def theory_band(prices: BandCosts, reviewer: Reviewer, *, amount: float = 0.0) -> TheoryBand:
    """Compute the cheapest band for a calibrated score.

    Review pays where ``c + (1 - h1) s N + (1 - h0) (1 - s) F < min(s N, (1 - s) F)``, with F the cost of an
    unfavourable applicant approved, N of a favourable one refused and c of a review. Deference and pairs by group are
    left out.

    Parameters
    ----------
    prices : BandCosts
        Cost of each error and of a review.
    reviewer : Reviewer
        For h1 and h0.
    amount : float
        The one amount for which costs by amount are taken.

    Raises
    ------
    InvalidChoice
        When one of the two errors costs nothing.
    """
    fp = prices.fp_fixed + prices.fp_per_amount * amount
    fn = prices.fn_fixed + prices.fn_per_amount * amount
    if not (fp > 0.0 and fn > 0.0):
        msg = tr(
            "The theory band needs a cost above 0 for both errors, got {fp} for a wrong approval and "
            "{fn} for a wrong refusal. Set both.",
            fp=f"{fp:g}",
            fn=f"{fn:g}",
        )
        raise InvalidChoice(msg)
    h1, h0 = reviewer.h1, reviewer.h0
    threshold = fp / (fp + fn)
    for_lo, for_hi = h1 * fn + (1.0 - h0) * fp, (1.0 - h1) * fn + h0 * fp
    # A denominator of 0 is a person who gets that side always wrong: no review pays.
    if for_lo > 0.0 and for_hi > 0.0:
        lo = (prices.review + (1.0 - h0) * fp) / for_lo
        hi = (h0 * fp - prices.review) / for_hi
        if lo < hi:
            return TheoryBand(lo=lo, threshold=threshold, hi=hi, is_empty=False)
    return TheoryBand(lo=threshold, threshold=threshold, hi=threshold, is_empty=True)
