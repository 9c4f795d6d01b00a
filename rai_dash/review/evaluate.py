"""Everything about one band, from counts alone: what the review page, the command line and the record show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import ReviewCube
from rai_dash.core.types import UNKNOWN, ReviewBand
from rai_dash.review._cubes import check_same_rows
from rai_dash.review.capacity import Capacity, capacity
from rai_dash.review.cost import TheoryBand, theory_band
from rai_dash.review.figures import BandFigures, band_figures
from rai_dash.review.gaps import GapTable, gap_table
from rai_dash.review.people import column_of_pairs
from rai_dash.review.settings import BandCosts, Reviewer, Workload

_DEFAULT_REVIEWER, _NO_COSTS = Reviewer(), BandCosts()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """One band judged; made by `evaluate`.

    Parameters
    ----------
    band : ReviewBand
        The band.
    overall : BandFigures
        Of everyone, as one group.
    by_group : mapping of str to BandFigures
        By sensitive column.
    gaps : mapping of str to GapTable
        By sensitive column.
    theory : TheoryBand or None
        The band that is cheapest for a calibrated score, at the mean amount; None with ``theory_reason``.
    theory_reason : str or None
        Why there is none.
    capacity : Capacity or None
        People needed; None where no workload was given.
    settings : mapping of str to object
        What was assumed, as plain values.
    """

    band: ReviewBand
    overall: BandFigures
    by_group: Mapping[str, BandFigures]
    gaps: Mapping[str, GapTable]
    theory: TheoryBand | None
    theory_reason: str | None
    capacity: Capacity | None
    settings: Mapping[str, object]

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values, groups by name; undefined = None, never NaN."""
        band = {"lo": self.band.lo, "t": self.band.threshold, "hi": self.band.hi}
        theory = {"reason": self.theory_reason} if self.theory is None else self.theory.to_json()
        groups = {column: _by_name(figures) for column, figures in self.by_group.items()}
        return {
            "band": band,
            **self.overall.to_json(),
            "theory_band": theory,
            "capacity": None if self.capacity is None else self.capacity.to_json(),
            "groups": groups,
            "gaps": {column: table.to_json() for column, table in self.gaps.items()},
            "settings": dict(self.settings),
        }


def _by_name(figures: BandFigures) -> dict[str, object]:
    """Return the figures of all groups, by name."""
    names = figures.routes.groups
    order = sorted(range(len(names)), key=lambda i: names[i])
    return {names[i]: figures.to_json(i) for i in order}


def evaluate(
    cubes: Mapping[str, ReviewCube],
    band: ReviewBand,
    *,
    reviewer: Reviewer = _DEFAULT_REVIEWER,
    costs: BandCosts = _NO_COSTS,
    workload: Workload | None = None,
    min_n: int = 30,
) -> Evaluation:
    """Judge one band: rates with intervals, after the person, costs, people needed, groups and their gaps.

    Parameters
    ----------
    cubes : mapping of str to ReviewCube
        The same rows by sensitive column, or one cube of everyone under ``""``. The cuts of the band must be among the
        edges; see `edges_of` for a band off the grid.
    band : ReviewBand
        The band and the threshold inside it.
    reviewer : Reviewer
        How well the person decides. Pairs by group apply to the groups of one column, and through them to everyone.
    costs : BandCosts
        What errors and reviews cost.
    workload : Workload, optional
        Applications a day and the people there are.
    min_n : int
        Fewest rows of a group that enters a gap.

    Raises
    ------
    InvalidChoice
        When there is no cube, the cubes count different rows, a cut is not among the edges, a cost needs amounts that
        were not counted, or pairs by group fit no column, or several.
    """
    check_same_rows(cubes)
    pairs = column_of_pairs(cubes, reviewer)
    base = next(iter(cubes)) if pairs is None else pairs
    overall = band_figures(cubes[base], band, reviewer, costs, as_one=True)
    by_group = {
        column: band_figures(cube, band, reviewer if pairs in {None, column} else None, costs)
        for column, cube in cubes.items()
        if cube.column
    }
    theory, theory_reason = _theory(cubes[base], costs, reviewer)
    rate = overall.routes.estimate("review_rate").value
    return Evaluation(
        band=band,
        overall=overall,
        by_group=by_group,
        gaps={c: gap_table(cubes[c], figures.values, min_n=min_n) for c, figures in by_group.items()},
        theory=theory,
        theory_reason=theory_reason,
        capacity=None if workload is None else capacity(rate, workload),
        settings={
            "reviewer": reviewer.to_json(),
            "costs": costs.to_json(),
            "workload": None if workload is None else workload.to_json(),
            "min_n": min_n,
        },
    )


def _theory(cube: ReviewCube, prices: BandCosts, reviewer: Reviewer) -> tuple[TheoryBand | None, str | None]:
    """Return the theory band at the mean amount of a labelled application, or why there is none."""
    amount = 0.0
    if cube.amount is not None:
        labelled = float(cube.mass[:, :UNKNOWN].sum())
        amount = float(cube.amount[:, :UNKNOWN].sum()) / labelled if labelled > 0.0 else 0.0
    try:
        return theory_band(prices, reviewer, amount=amount), None
    except InvalidChoice as error:
        return None, error.message
