"""What comes out after the person has decided: review-band.md section 5.

Everything is an expectation over labelled rows. A person's recorded decision counts as certain where recorded decisions
are in use and the row has one; elsewhere the person is right with probability h1 or h0, or follows the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.counts import FAVOURABLE, UNFAVOURABLE
from rai_dash.core.errors import InvalidBand, InvalidChoice
from rai_dash.core.review_cube import APPROVED_BY_HUMAN, NO_DECISION, REFUSED_BY_HUMAN, ReviewCube
from rai_dash.core.texts import mark, tr
from rai_dash.review._routed import (
    NO_FAVOURABLE,
    NO_LABELLED,
    NO_UNFAVOURABLE,
    SHARES,
    Positions,
    Share,
    plane,
    running,
)
from rai_dash.review.settings import Reviewer

FloatArray = NDArray[np.float64]
Ends = tuple[Positions, Positions, Positions]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AfterReview:
    """Expected sums of weights after the person, labelled rows only; all (groups, *plane).

    Parameters
    ----------
    tp, fn : float64
        Favourable outcomes finally approved, and refused.
    fp, tn : float64
        Unfavourable outcomes finally approved, and refused.
    favourable, unfavourable : float64
        All labelled rows by outcome; they do not depend on the band.
    fn_amount, fp_amount : float64 or None
        Weight x amount of the expected wrong refusals and wrong approvals; None = no amounts.
    """

    tp: FloatArray
    fn: FloatArray
    fp: FloatArray
    tn: FloatArray
    favourable: FloatArray
    unfavourable: FloatArray
    fn_amount: FloatArray | None
    fp_amount: FloatArray | None

    @property
    def labelled(self) -> FloatArray:
        """All rows with a known outcome."""
        return self.favourable + self.unfavourable

    def over_groups(self) -> AfterReview:
        """Add the groups up into one."""

        def add(part: FloatArray) -> FloatArray:
            sums: FloatArray = part.sum(axis=0, keepdims=True)
            return sums

        return AfterReview(
            tp=add(self.tp),
            fn=add(self.fn),
            fp=add(self.fp),
            tn=add(self.tn),
            favourable=add(self.favourable),
            unfavourable=add(self.unfavourable),
            fn_amount=None if self.fn_amount is None else add(self.fn_amount),
            fp_amount=None if self.fp_amount is None else add(self.fp_amount),
        )


def after_review(
    cube: ReviewCube, lo_at: ArrayLike, t_at: ArrayLike, hi_at: ArrayLike, reviewer: Reviewer
) -> AfterReview:
    """Compute what is expected after the person, for one band or many at once.

    Parameters
    ----------
    cube : ReviewCube
        Of one sensitive column, or of everyone.
    lo_at, t_at, hi_at : int, or int arrays that broadcast to the plane
        Positions of low end, threshold and high end, as of `routed`; ``lo_at <= t_at <= hi_at``.
    reviewer : Reviewer
        Its pairs by group are taken for the groups of that name.

    Raises
    ------
    InvalidBand
        When a threshold lies outside its band.
    """
    lo, t, hi = plane(lo_at, t_at, hi_at)
    if bool((lo > t).any() or (t > hi).any()):
        msg = tr("The threshold must lie inside the review band. Move the ends, or the threshold.")
        raise InvalidBand(msg)
    h1, h0 = reviewer.pairs(cube.groups)
    ends = (lo, t, hi)
    mass, amount = cube.mass, cube.amount
    good, bad = mass[:, FAVOURABLE], mass[:, UNFAVOURABLE]
    fn_amount = fp_amount = None
    if amount is not None:
        fn_amount = _final(amount[:, FAVOURABLE], ends, reviewer, 1.0 - h1, approving=False)
        fp_amount = _final(amount[:, UNFAVOURABLE], ends, reviewer, 1.0 - h0, approving=True)
    flat = (len(cube.groups), *(1,) * lo.ndim)
    return AfterReview(
        tp=_final(good, ends, reviewer, h1, approving=True),
        fn=_final(good, ends, reviewer, 1.0 - h1, approving=False),
        fp=_final(bad, ends, reviewer, 1.0 - h0, approving=True),
        tn=_final(bad, ends, reviewer, h0, approving=False),
        favourable=good.sum(axis=(1, 2)).reshape(flat),
        unfavourable=bad.sum(axis=(1, 2)).reshape(flat),
        fn_amount=fn_amount,
        fp_amount=fp_amount,
    )


def column_of_pairs(cubes: Mapping[str, ReviewCube], reviewer: Reviewer) -> str | None:
    """Return the column whose groups have reviewers of their own; None where no group has.

    What is expected of everyone is then the sum over the groups of that column, and nothing can be said by the groups
    of another one, unless the cross of both is counted.

    Parameters
    ----------
    cubes : mapping of str to ReviewCube
        By sensitive column.
    reviewer : Reviewer
        With its pairs by group.

    Raises
    ------
    InvalidChoice
        When no column, or more than one, has all groups that are named.
    """
    if not reviewer.by_group:
        return None
    fitting = [
        column
        for column, cube in cubes.items()
        if reviewer.column in {None, column} and set(reviewer.by_group) <= set(cube.groups)
    ]
    if len(fitting) != 1:
        listed = ", ".join(repr(group) for group in reviewer.by_group)
        found = (
            tr("several columns have")
            if fitting
            else tr("no column among {cubes} has", cubes=", ".join(cubes))
        )
        msg = tr(
            "Reviewers are described for the groups {listed}, but {found} all of them. State the column they "
            "are of.",
            listed=listed,
            found=found,
        )
        raise InvalidChoice(msg)
    return fitting[0]


def _final(
    cells: FloatArray, ends: Ends, reviewer: Reviewer, own: FloatArray, *, approving: bool
) -> FloatArray:
    """Sum what is finally approved, or refused, of the rows of one label.

    Parameters
    ----------
    cells : float64 (groups, 3, k + 2)
        Sums by recorded decision and cell.
    own : float64 (groups,)
        The person's own probability of this final decision.
    """
    lo, _, hi = ends
    everyone = cells.sum(axis=1)
    below_t, from_t, unscored = _inside(cells[:, NO_DECISION] if reviewer.use_recorded else everyone, ends)
    own = own.reshape(-1, *(1,) * lo.ndim)
    thinks = (1.0 - reviewer.deference) * own
    follows = thinks + reviewer.deference
    # Terms of the low end and terms of the high end apart: only the last sum is as large as the plane.
    at_lo = (thinks if approving else follows) * below_t + own * unscored
    at_hi = (follows if approving else thinks) * from_t
    if approving:
        at_hi = at_hi + running(everyone, from_above=True)[:, hi + 1]
    else:
        at_lo = at_lo + running(everyone)[:, lo + 1]
    if reviewer.use_recorded:
        decided = cells[:, APPROVED_BY_HUMAN if approving else REFUSED_BY_HUMAN]
        below_t, from_t, unscored = _inside(decided, ends)
        at_lo, at_hi = at_lo + below_t + unscored, at_hi + from_t
    return at_lo + at_hi


def _inside(cells: FloatArray, ends: Ends) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sum the cells (groups, k + 2) that are reviewed: below the threshold, from it on, and without a score."""
    lo, t, hi = ends
    below = running(cells)
    at_t = below[:, t + 1]
    return at_t - below[:, lo + 1], below[:, hi + 1] - at_t, cells[:, -1].reshape(-1, *(1,) * lo.ndim)


POST_SHARES: Mapping[str, Share[AfterReview]] = {
    "post_error_rate": Share(
        lambda a: a.fp + a.fn,
        lambda a: a.labelled,
        mark("Of all applications, the share expected to be decided wrongly in the end."),
        NO_LABELLED,
    ),
    "post_precision": Share(
        lambda a: a.tp,
        lambda a: a.tp + a.fp,
        mark("Of those expected to be approved in the end, the share whose outcome is favourable."),
        "nobody with a known outcome is approved in the end in this group",
    ),
    "post_recall": Share(
        lambda a: a.tp,
        lambda a: a.favourable,
        mark("Of all favourable outcomes, the share expected to be approved in the end."),
        NO_FAVOURABLE,
    ),
    "post_fnr": Share(
        lambda a: a.fn,
        lambda a: a.favourable,
        mark("Of all favourable outcomes, the share expected to be refused in the end."),
        NO_FAVOURABLE,
    ),
    "post_fpr": Share(
        lambda a: a.fp,
        lambda a: a.unfavourable,
        mark("Of all unfavourable outcomes, the share expected to be approved in the end."),
        NO_UNFAVOURABLE,
    ),
    "post_approval_rate": Share(
        lambda a: a.tp + a.fp,
        lambda a: a.labelled,
        mark("Of all applications with a known outcome, the share expected to be approved in the end."),
        NO_LABELLED,
    ),
}


def no_such_share(share: str) -> InvalidChoice:
    """Return the error for a name that is no share of a band, with those that are."""
    msg = f"There is no share `{share}` of a band. Choose from: {', '.join((*SHARES, *POST_SHARES))}."
    return InvalidChoice(msg)
