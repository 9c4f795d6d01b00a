"""How many people a band needs: review-band.md section 7."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from scipy.special import pdtr, pdtrik

from rai_dash.review.settings import Workload

#: A day is busy when at most one in twenty is busier.
BUSY = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Reviews and reviewers a day; None = undefined, or the number of reviewers is not stated.

    Parameters
    ----------
    reviews_per_day : float or None
        Mean number, m.
    reviewers_needed : int or None
        For a mean day.
    busy_day_reviews, busy_day_reviewers : int or None
        For a day that 95 of 100 days do not exceed, reviews arriving independently (Poisson).
    capacity_per_day : float or None
        Reviews that the stated reviewers manage.
    utilisation : float or None
        Mean number by capacity; undefined for a capacity of 0.
    backlog_after_days : float or None
        Reviews left undone after the stated days.
    """

    reviews_per_day: float | None = None
    reviewers_needed: int | None = None
    busy_day_reviews: int | None = None
    busy_day_reviewers: int | None = None
    capacity_per_day: float | None = None
    utilisation: float | None = None
    backlog_after_days: float | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return asdict(self)


def capacity(review_rate: float | None, workload: Workload) -> Capacity:
    """Compute how many reviewers a band needs.

    Parameters
    ----------
    review_rate : float or None
        Share sent to a person; None or NaN = undefined, then everything that depends on it is.
    workload : Workload
        Applications a day and minutes.
    """
    able = None
    if workload.reviewers is not None:
        able = workload.reviewers * workload.minutes_per_day / workload.minutes_per_review
    if review_rate is None or math.isnan(review_rate):
        return Capacity(capacity_per_day=able)
    mean = review_rate * workload.volume_per_day
    busy = busy_day(mean)
    return Capacity(
        reviews_per_day=mean,
        reviewers_needed=_reviewers(mean, workload),
        busy_day_reviews=busy,
        busy_day_reviewers=_reviewers(busy, workload),
        capacity_per_day=able,
        utilisation=mean / able if able is not None and able > 0.0 else None,
        backlog_after_days=None if able is None else max(0.0, (mean - able) * workload.days),
    )


def busy_day(mean: float) -> int:
    """Return the smallest k with Poisson(mean) cdf of at least `BUSY`; 0 for a mean of 0."""
    if mean <= 0.0 or pdtr(0, mean) >= BUSY:
        return 0
    # The continuous inverse is right to rounding only: the cdf itself decides.
    k = math.ceil(float(pdtrik(BUSY, mean)))
    while k > 0 and pdtr(k - 1, mean) >= BUSY:
        k -= 1
    while pdtr(k, mean) < BUSY:
        k += 1
    return k


def _reviewers(reviews: float, workload: Workload) -> int:
    """Return how many reviewers that many reviews need in a day; 1e-9 of a person is rounding."""
    return max(0, math.ceil(reviews * workload.minutes_per_review / workload.minutes_per_day - 1e-9))
