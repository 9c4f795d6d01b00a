"""What one band does to some groups, before and after the person, with what it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.estimates import plain
from rai_dash.core.review_cube import ReviewCube, edges_of
from rai_dash.core.types import ReviewBand
from rai_dash.review._routed import NO_LABELLED, routed
from rai_dash.review.band import RouteFigures, route_figures
from rai_dash.review.cost import CostSums, costs
from rai_dash.review.gaps import NOT_BY_THESE_GROUPS
from rai_dash.review.people import POST_SHARES, AfterReview, after_review
from rai_dash.review.settings import BandCosts, Reviewer

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Names of the counts in the JSON, as on the reference page, and of the sums they are.
_COUNTS = {
    "W": "everyone",
    "approve": "approve",
    "reject": "reject",
    "review": "review",
    "no_score": "no_score",
    "labelled": "labelled",
    "TP": "tp",
    "FP": "fp",
    "TN": "tn",
    "FN": "fn",
    "RP": "favourable_in_review",
    "RN": "unfavourable_in_review",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandFigures:
    """What a band does to some groups, before and after the person.

    Parameters
    ----------
    routes : RouteFigures
        Sums by route and the shares of the automatic part.
    after : AfterReview or None
        Expected final decisions; None where the reviewers are described by the groups of another column.
    cost : CostSums or None
        Expected costs; None likewise.
    amount_missing : int64 (groups,)
        Labelled rows with a blank amount.
    """

    routes: RouteFigures
    after: AfterReview | None
    cost: CostSums | None
    amount_missing: IntArray

    def values(self, name: str) -> FloatArray | None:
        """Return a share of `SHARES` or `POST_SHARES`, or ``"cost"``, float64 (groups,); NaN = undefined."""
        if name in self.routes.estimates:
            return self.routes.estimates[name].value
        if name == "cost":
            return None if self.cost is None else self.cost.per_application
        return None if self.after is None else POST_SHARES[name].value(self.after)

    def to_json(self, position: int = 0) -> dict[str, object]:
        """Return everything about one group as plain values; undefined = None."""
        routes = self.routes
        counts = {name: plain(routes.sums[of][position]) for name, of in _COUNTS.items()}
        rates = {}
        for name, values in routes.estimates.items():
            rates[name] = values.to_json(position) | {"effective": plain(values.size[position])}
        return {
            "counts": {"n": int(routes.n[position])} | counts,
            "rates": rates,
            "after_review": self._after_json(position),
            "cost": self._cost_json(position),
        }

    def _after_json(self, position: int) -> dict[str, object]:
        """Return what is expected after the person."""
        values = {name: self.values(name) for name in POST_SHARES}
        out: dict[str, object] = {
            name: None if value is None else plain(value[position]) for name, value in values.items()
        }
        after = self.after
        sums = {"TP": "tp", "FN": "fn", "FP": "fp", "TN": "tn"}
        for name, of in sums.items():
            out[f"expected_{name}"] = None if after is None else plain(getattr(after, of)[position])
        undefined = [name for name in POST_SHARES if out[name] is None]
        if undefined:
            out["reasons"] = {
                name: NOT_BY_THESE_GROUPS if after is None else POST_SHARES[name].undefined
                for name in undefined
            }
        return out

    def _cost_json(self, position: int) -> dict[str, object]:
        """Return what is expected to be paid."""
        names = ("error_cost", "review_cost", "total", "per_application")
        cost = self.cost
        out: dict[str, object] = {
            name: None if cost is None else plain(getattr(cost, name)[position]) for name in names
        }
        out["cost"] = out["per_application"]
        out["n_amount_missing"] = int(self.amount_missing[position])
        if out["cost"] is None:
            out["reason"] = NOT_BY_THESE_GROUPS if cost is None else NO_LABELLED
        return out


def band_figures(
    cube: ReviewCube,
    band: ReviewBand,
    reviewer: Reviewer | None,
    prices: BandCosts,
    *,
    as_one: bool = False,
) -> BandFigures:
    """Compute everything about one band for the groups of a cube, or for all of them as one.

    Parameters
    ----------
    cube : ReviewCube
        Of one sensitive column, or of everyone.
    band : ReviewBand
        Its cuts must be among the edges.
    reviewer : Reviewer or None
        None = not known for these groups: nothing is said about what comes after the person.
    prices : BandCosts
        Cost of each error and of a review.
    as_one : bool
        Whether to add the groups up into one. Expectations are added up by group, so that pairs by group count for
        everyone too.

    Raises
    ------
    InvalidChoice
        When a cut is not among the edges, or a cost needs amounts that were not counted.
    """
    # Everything below is about three cuts: the other cells are added up once, however many there are.
    cube = cube.on(edges_of(band))
    lo, t, hi = cube.positions(band)
    sums, squares = routed(cube, lo, hi)
    after = None if reviewer is None else after_review(cube, lo, t, hi, reviewer)
    paid = None if after is None else costs(cube, after, sums, prices)
    if as_one:
        cube, sums, squares = cube.total(), sums.over_groups(), squares.over_groups()
        after = None if after is None else after.over_groups()
        paid = None if paid is None else paid.over_groups()
    return BandFigures(
        routes=route_figures(cube.groups, cube.n, sums, squares),
        after=after,
        cost=paid,
        amount_missing=cube.amount_missing,
    )
