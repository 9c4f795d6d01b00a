"""What a band is expected to cost for each row, so that two bands can be compared on the same applications."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import APPROVED_BY_HUMAN, REFUSED_BY_HUMAN
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, ReviewBand
from rai_dash.data.groups import GroupIndex
from rai_dash.review.rows import APPROVED, TO_A_PERSON, row_routes
from rai_dash.review.settings import BandCosts, Reviewer

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cases:
    """Applications with a known outcome, as far as their cost does not depend on the model.

    Parameters
    ----------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable.
    amount : float64 (n,) or None
        Blank counts as 0, as in the sums of `rai_dash.review.cost`.
    decision : int8 (n,) or None
        What a person decided: 0 refused, 1 approved, 2 none.
    groups : GroupIndex or None
        Of the column whose groups have reviewers of their own.
    """

    outcome: NDArray[np.int8]
    amount: FloatArray | None = None
    decision: NDArray[np.int8] | None = None
    groups: GroupIndex | None = None


def row_costs(
    cases: Cases, score: FloatArray, band: ReviewBand, reviewer: Reviewer, prices: BandCosts
) -> FloatArray:
    """Return the expected cost of each application: its mean is the cost of `rai_dash.review.cost`, without weights.

    Parameters
    ----------
    cases : Cases
    score : float64 (n,)
        NaN = no score, or held by a condition: a person decides.
    band : ReviewBand
    reviewer : Reviewer
    prices : BandCosts

    Returns
    -------
    float64 (n,)

    Raises
    ------
    InvalidChoice
        When a cost depends on the amount and there are none.
    """
    if prices.needs_amount and cases.amount is None:
        msg = tr(
            "A cost depends on the amount, but there is no amount column. Name it, or set these costs to 0."
        )
        raise InvalidChoice(msg)
    approved = _approved(cases, score, band, reviewer)
    good = cases.outcome == FAVOURABLE
    amount = np.zeros(good.size) if cases.amount is None else np.nan_to_num(cases.amount, nan=0.0)
    refusal = prices.fn_fixed + prices.fn_per_amount * amount
    approval = prices.fp_fixed + prices.fp_per_amount * amount
    error = np.where(good, (1.0 - approved) * refusal, approved * approval)
    paid: FloatArray = error + prices.review * (row_routes(score, band) == TO_A_PERSON)
    return paid


def _approved(cases: Cases, score: FloatArray, band: ReviewBand, reviewer: Reviewer) -> FloatArray:
    """Return the probability that each row is approved in the end."""
    routes = row_routes(score, band)
    thinks = _thinks(cases, reviewer)
    follows = (1.0 - reviewer.deference) * thinks + reviewer.deference * (score >= band.threshold)
    person = np.where(np.isfinite(score), follows, thinks)
    if reviewer.use_recorded and cases.decision is not None:
        person = np.where(cases.decision == APPROVED_BY_HUMAN, 1.0, person)
        person = np.where(cases.decision == REFUSED_BY_HUMAN, 0.0, person)
    found: FloatArray = np.where(routes == TO_A_PERSON, person, (routes == APPROVED).astype(np.float64))
    return found


def _thinks(cases: Cases, reviewer: Reviewer) -> FloatArray:
    """Return the probability that the person would approve each row without looking at the score."""
    n = cases.outcome.size
    h1, h0 = np.full(n, reviewer.h1), np.full(n, reviewer.h0)
    if cases.groups is not None:
        h1, h0 = (pair[cases.groups.codes] for pair in reviewer.pairs(cases.groups.groups))
    found: FloatArray = np.where(cases.outcome == FAVOURABLE, h1, 1.0 - h0)
    return found
