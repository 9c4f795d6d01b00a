"""Every band of a grid at once, as planes of any number: review-band.md section 13.

What is declined depends on the low end only and what is approved on the high end only, so that a plane is two vectors
that broadcast against each other; no row is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.memo import Memo
from rai_dash.core.review_cube import OPEN_LO, ReviewCube
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.review._constraint import Constraint
from rai_dash.review._constraint_words import COST
from rai_dash.review._cubes import first_of_same
from rai_dash.review._routed import SHARES, Positions, Routed, routed_sums
from rai_dash.review.cost import costs as cost_sums
from rai_dash.review.gaps import GAPS, Kind, eligible_groups, gap_values
from rai_dash.review.people import POST_SHARES, AfterReview, after_review, column_of_pairs, no_such_share
from rai_dash.review.settings import BandCosts, Reviewer

FloatArray = NDArray[np.float64]
End = float | None

_DEFAULT_REVIEWER, _NO_COSTS = Reviewer(), BandCosts()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Bands with every low end of one list and every high end of another; made by `band_grid`.

    Planes are float64 (los, his), computed when first asked for and kept, so that another limit on the same number
    costs a comparison. NaN = undefined.

    Parameters
    ----------
    cubes : mapping of str to ReviewCube
        The same rows counted by each sensitive column, with the same edges.
    los, his : tuple of (float or None)
        Ends at or below, and at or above the threshold, ascending; an open end (None) is the first of ``los`` and the
        last of ``his``.
    threshold : float
        The inner cut, inside every band.
    at : tuple of int arrays
        Positions among the edges of low ends (los, 1), the threshold, and high ends (1, his).
    reviewer, prices : Reviewer, BandCosts
        What is assumed about people and money.
    min_n : int
        Groups with fewer rows enter no gap.
    eligible : mapping of str to bool (groups,)
        By column, the groups that are compared.
    """

    cubes: Mapping[str, ReviewCube]
    los: tuple[End, ...]
    threshold: float
    his: tuple[End, ...]
    at: tuple[Positions, int, Positions]
    reviewer: Reviewer
    prices: BandCosts
    min_n: int
    eligible: Mapping[str, NDArray[np.bool_]]
    _kept: Memo = field(default_factory=Memo, repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of low and of high ends."""
        return len(self.los), len(self.his)

    def band(self, i: int, j: int) -> ReviewBand:
        """Return the band of low end ``i`` and high end ``j``."""
        return ReviewBand(self.los[i], self.threshold, self.his[j])

    def find(self, band: ReviewBand) -> tuple[int, int] | None:
        """Return where a band lies in the planes; None = it is none of the grid."""
        is_here = band.lo in self.los and band.hi in self.his and band.threshold == self.threshold
        return (self.los.index(band.lo), self.his.index(band.hi)) if is_here else None

    def plane(self, metric: str, *, column: str | None = None, groups: Sequence[str] = ()) -> FloatArray:
        """Return one number of every band.

        Parameters
        ----------
        metric : str
            A share of everyone, a gap or ratio over the groups of a column, or ``"cost"`` (per labelled application);
            see `LIMITED` in `rai_dash.review.constraints`.
        column : str, optional
            Sensitive column; may be left out where there is one only.
        groups : sequence of str
            One group: the share of this group alone. Two: the gap or ratio of these two alone.

        Returns
        -------
        float64 (los, his)
            Read-only.

        Raises
        ------
        InvalidChoice
            For a name, column or group that is not there, and for costs by amount without amounts.
        """
        whose = tuple(groups)
        name = self.sensitive(column) if metric in GAPS or whose else ""
        return self._kept.get((metric, name, whose), lambda: self._made(metric, name, whose))

    def plane_of(self, constraint: Constraint) -> FloatArray:
        """Return the plane of what a constraint limits."""
        return self.plane(constraint.metric, column=constraint.column, groups=constraint.groups)

    def group_planes(
        self, share: str, *, column: str | None = None, groups: Sequence[str] = ()
    ) -> FloatArray:
        """Return one share of every band by group, float64 (groups, los, his); computed anew at each call.

        Parameters
        ----------
        share : str
            Of review-band.md section 4 or 5.
        column : str, optional
            Sensitive column; may be left out where there is one only.
        groups : sequence of str
            In this order; all of the column by default.

        Raises
        ------
        InvalidChoice
            As of `plane`.
        """
        name = self.sensitive(column)
        cube = self.cubes[name]
        return self._shares(share, name, cube.only(groups) if groups else cube)

    def _made(self, metric: str, column: str, groups: tuple[str, ...]) -> FloatArray:
        """Compute one plane."""
        if metric in GAPS:
            made = self._gap(*GAPS[metric], column, groups)
        elif groups:
            made = self.group_planes(metric, column=column, groups=groups)[0]
        else:
            made = self._of_everyone(metric)
        made.flags.writeable = False
        return made

    def _gap(self, share: str, kind: Kind, column: str, groups: tuple[str, ...]) -> FloatArray:
        """Compare the eligible groups of a column, or of some groups of it."""
        cube = self.cubes[column]
        is_large = dict(zip(cube.groups, self.eligible[column], strict=True))
        compared = cube.only([group for group in groups or cube.groups if is_large.get(group, True)])
        values = self._shares(share, column, compared)
        return gap_values(values, np.ones(len(values), np.bool_), kind)

    def _shares(self, share: str, column: str, cube: ReviewCube) -> FloatArray:
        """Compute one share of the groups of a cube, or of a part of it."""
        lo, t, hi = self.at
        if share in SHARES:
            values = SHARES[share].value(routed_sums(cube.mass, lo, hi))
        elif share in POST_SHARES:
            pairs = column_of_pairs(self.cubes, self.reviewer)
            if pairs not in {None, column}:
                msg = tr(
                    "Reviewers are described for the groups of `{pairs}`, so what follows for the groups "
                    "of `{column}` is not known. Count the cross of both columns.",
                    pairs=pairs,
                    column=column,
                )
                raise InvalidChoice(msg)
            values = POST_SHARES[share].value(after_review(cube, lo, t, hi, self.reviewer))
        else:
            raise no_such_share(share)
        return self._whole(values)

    def _of_everyone(self, metric: str) -> FloatArray:
        """Compute one number of everyone."""
        if metric == COST:
            everyone, routes = self._everyone()
            values = cost_sums(everyone, self._after_everyone(), routes, self.prices).per_application
        elif metric in POST_SHARES:
            values = POST_SHARES[metric].value(self._after_everyone())
        elif metric in SHARES:
            values = SHARES[metric].value(self._everyone()[1])
        else:
            raise no_such_share(metric)
        whole: FloatArray = self._whole(values)[0]
        return whole

    def _everyone(self) -> tuple[ReviewCube, Routed]:
        """Count and route everyone."""

        def made() -> tuple[ReviewCube, Routed]:
            everyone = next(iter(self.cubes.values())).total()
            return everyone, routed_sums(everyone.mass, self.at[0], self.at[2])

        return self._kept.get("everyone", made)

    def _after_everyone(self) -> AfterReview:
        """Compute what is expected after the person, of everyone."""

        def made() -> AfterReview:
            pairs = column_of_pairs(self.cubes, self.reviewer)
            cube = self._everyone()[0] if pairs is None else self.cubes[pairs]
            return after_review(cube, *self.at, self.reviewer).over_groups()

        return self._kept.get("after", made)

    def _whole(self, values: FloatArray) -> FloatArray:
        """Write out a plane that depends on one end only."""
        return np.ascontiguousarray(np.broadcast_to(values, (len(values), *self.shape)))

    def sensitive(self, column: str | None) -> str:
        """Return the sensitive column that is meant: the only one where none is named."""
        names = [name for name, cube in self.cubes.items() if cube.column]
        if column is None and len(names) == 1:
            return names[0]
        if column is None or column not in self.cubes:
            what = (
                tr("State a sensitive column")
                if column is None
                else tr("There is no sensitive column `{column}`", column=column)
            )
            msg = tr(
                "{what} of these data: {names}.", what=what, names=", ".join(names) or tr("there is none")
            )
            raise InvalidChoice(msg)
        return column


def band_grid(
    cubes: Mapping[str, ReviewCube],
    los: Iterable[End],
    threshold: float,
    his: Iterable[End],
    *,
    reviewer: Reviewer = _DEFAULT_REVIEWER,
    costs: BandCosts = _NO_COSTS,
    min_n: int = 30,
) -> Grid:
    """Lay out every band with ends from two lists and a threshold inside: ``lo <= threshold <= hi``.

    Parameters
    ----------
    cubes : mapping of str to ReviewCube
        The same rows by sensitive column, or one cube of everyone under ``""``.
    los, his : iterable of (float or None)
        Edges of the cubes at any distance, in any order; None = that side is never decided automatically. Low ends
        above the threshold and high ends below it make no band and are left out.
    threshold : float
        The inner cut. It must be an edge of the cubes where people defer to the model, else it may lie anywhere.
    reviewer, costs, min_n
        As of `evaluate`.

    Raises
    ------
    InvalidBand
        When the threshold lies outside [0, 1].
    InvalidChoice
        When there is no cube, a cut is none of the edges, the cubes have different edges or rows, or no band is left.
    """
    first = first_of_same(cubes)
    ReviewBand(None, threshold, None)
    kept_lo = sorted(
        {lo for lo in los if lo is None or lo <= threshold}, key=lambda lo: -1.0 if lo is None else lo
    )
    kept_hi = sorted(
        {hi for hi in his if hi is None or hi >= threshold}, key=lambda hi: 2.0 if hi is None else hi
    )
    if not (kept_lo and kept_hi):
        msg = tr(
            "No band is left around {threshold}: give low ends at or below and high ends at or above it.",
            threshold=threshold,
        )
        raise InvalidChoice(msg)
    column_of_pairs(cubes, reviewer)
    return Grid(
        cubes=cubes,
        los=tuple(kept_lo),
        threshold=threshold,
        his=tuple(kept_hi),
        at=places(first, kept_lo, threshold, kept_hi, follows_score=reviewer.deference > 0.0),
        reviewer=reviewer,
        prices=costs,
        min_n=min_n,
        eligible={column: eligible_groups(cube, min_n)[0] for column, cube in cubes.items()},
    )


def places(
    cube: ReviewCube, los: Sequence[End], threshold: float, his: Sequence[End], *, follows_score: bool
) -> tuple[Positions, int, Positions]:
    """Return the positions of ends and threshold among the edges of a cube, as of `Grid`.

    Raises
    ------
    InvalidChoice
        When an end is none of the edges, or the threshold is none and people follow the score.
    """
    lo_at = [OPEN_LO if lo is None else cube.at(lo) for lo in los]
    hi_at = [cube.n_edges if hi is None else cube.at(hi) for hi in his]
    # Where nobody follows the score, any cut inside all bands gives the same.
    inside = int(np.searchsorted(cube.edges, threshold, side="right")) - 1
    t_at = cube.at(threshold) if follows_score else inside
    return np.array(lo_at)[:, None], t_at, np.array(hi_at)[None]
