"""The numbers of one band in every bootstrap sample at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import ReviewCube
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.review._constraint_words import COST
from rai_dash.review._routed import SHARES, Routed, routed_sums
from rai_dash.review._samples import Samples
from rai_dash.review.cost import costs
from rai_dash.review.gaps import GAPS, gap_values
from rai_dash.review.people import POST_SHARES, AfterReview, after_review, no_such_share
from rai_dash.review.settings import BandCosts, Reviewer

FloatArray = NDArray[np.float64]
Sums = TypeVar("Sums", Routed, AfterReview)


class Number(NamedTuple):
    """One number of a band, as of `Grid.plane`."""

    metric: str
    column: str | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampledBand:
    """One band on all samples of one cube, the samples as the plane of its sums; made by `sampled_band`.

    Parameters
    ----------
    cube : ReviewCube
        What was seen.
    eligible : bool (groups,)
        Groups that are compared.
    routes : Routed
        Sums (groups, samples) by route.
    after : AfterReview or None
        Sums likewise; None = the reviewers are described by the groups of another column.
    all_routes, all_after : Routed, AfterReview or None
        The same of everyone, as one group.
    prices : BandCosts
        Cost of each error and of a review.
    """

    cube: ReviewCube
    eligible: NDArray[np.bool_]
    routes: Routed
    after: AfterReview | None
    all_routes: Routed
    all_after: AfterReview | None
    prices: BandCosts

    def number(self, number: Number) -> FloatArray:
        """Return one number of each sample, float64 (samples,); NaN = undefined."""
        if number.metric in GAPS:
            _, kind = GAPS[number.metric]
            values = self.compared(number)
            return gap_values(values, np.ones(len(values), np.bool_), kind)
        if number.groups:
            values, at = (
                self._share(number.metric, self.routes, self.after),
                self.cube.group_at(number.groups[0]),
            )
        elif number.metric == COST and self.all_after is not None:
            values, at = costs(self.cube, self.all_after, self.all_routes, self.prices).per_application, 0
        else:
            values, at = self._share(number.metric, self.all_routes, self.all_after), 0
        return np.asarray(values[at])

    def compared(self, number: Number) -> FloatArray:
        """Return what a gap or ratio compares, float64 (compared groups, samples)."""
        share, _ = GAPS[number.metric]
        positions = [self.cube.group_at(group) for group in number.groups or self.cube.groups]
        compared = [at for at in positions if self.eligible[at]]
        return np.asarray(self._share(share, self.routes, self.after)[compared])

    def _share(self, share: str, routes: Routed, after: AfterReview | None) -> FloatArray:
        """Compute a share."""
        if share in SHARES:
            return SHARES[share].value(routes)
        if share not in POST_SHARES:
            raise no_such_share(share)
        if after is None:
            msg = tr(
                "Reviewers are not described for the groups of `{column}`, so `{share}` is not known "
                "there. Count the cross of both columns.",
                column=self.cube.column,
                share=share,
            )
            raise InvalidChoice(msg)
        return POST_SHARES[share].value(after)


def sampled_band(
    samples: Samples,
    band: ReviewBand,
    *,
    reviewer: Reviewer | None,
    prices: BandCosts,
    eligible: NDArray[np.bool_],
) -> SampledBand:
    """Route all samples by one band.

    Every sum is linear in the cells. So the rules are asked once what one row in each cell comes to, and the samples
    are multiplied by that.

    Parameters
    ----------
    samples : Samples
        Of one cube; the cuts of the band must be among its edges.
    band, reviewer, prices, eligible
        As of `SampledBand`.
    """
    cube = samples.cube
    filled = np.flatnonzero(cube.rows.any(axis=0))
    lo, t, hi = cube.positions(band)

    def cells(of: FloatArray) -> FloatArray:
        return of.reshape(len(cube.groups), -1, len(samples))[:, filled]

    mass, amount = cells(samples.mass), None if samples.amount is None else cells(samples.amount)

    def summed(per_row: Sums) -> Sums:
        made: dict[str, Any] = {}
        for name in (field.name for field in fields(per_row)):
            worth, source = getattr(per_row, name), amount if name.endswith("_amount") else mass
            if worth is not None and source is not None:
                by_group = worth.reshape(*worth.shape[:-1], len(cube.groups), 1, filled.size)
                made[name] = np.matmul(by_group, source)[..., 0, :]
        return replace(per_row, **made)

    unit = _one_row_in_each(cube, filled, has_amount=amount is not None)
    routes = summed(routed_sums(unit.mass, lo, hi))
    after = None if reviewer is None else summed(after_review(unit, lo, t, hi, reviewer))
    return SampledBand(
        cube=cube,
        routes=routes,
        after=after,
        all_routes=routes.over_groups(),
        all_after=None if after is None else after.over_groups(),
        prices=prices,
        eligible=eligible,
    )


def _one_row_in_each(cube: ReviewCube, filled: NDArray[np.intp], *, has_amount: bool) -> ReviewCube:
    """Return one row, and an amount of 1, in each filled cell of each group; every one is a group of its own."""
    cells = np.eye(cube.rows[0].size, dtype=np.int64)[filled].reshape(-1, *cube.rows.shape[1:])
    rows = np.tile(cells, (len(cube.groups), 1, 1, 1))
    return ReviewCube(
        column=cube.column,
        groups=tuple(group for group in cube.groups for _ in filled),
        edges=cube.edges,
        rows=rows,
        amount=rows.astype(np.float64) if has_amount else None,
        amount_missing=np.zeros(len(rows), np.int64),
    )


def all_numbers(cubes: Mapping[str, ReviewCube], reviewer_column: str | None) -> tuple[Number, ...]:
    """Return every share of everyone, the cost, and every gap and ratio that is known by the groups of a column."""
    known = [
        Number(name, column)
        for column, cube in cubes.items()
        if cube.column
        for name, (share, _) in GAPS.items()
        if share in SHARES or reviewer_column in {None, column}
    ]
    return (*(Number(name) for name in (*SHARES, *POST_SHARES, COST)), *known)
