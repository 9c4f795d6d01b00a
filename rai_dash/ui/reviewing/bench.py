"""What the workbench works on: the counts of the judged rows, and the choices turned into settings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.core.cells import EDGES
from rai_dash.core.counts import GroupCounts
from rai_dash.core.review_cube import NO_DECISION, ReviewCube, edges_of
from rai_dash.core.types import ReviewBand
from rai_dash.data.portfolio.cubes import Decisions, review_cube_of
from rai_dash.data.review_counting import cube_of_counts
from rai_dash.review.evaluate import Evaluation, evaluate
from rai_dash.review.grid import Grid, band_grid
from rai_dash.review.nested import BandCounts, count_bands, count_bands_of
from rai_dash.review.rows import TO_A_PERSON, row_routes
from rai_dash.review.settings import BandCosts, Reviewer, Workload
from rai_dash.review.stability import BandRows
from rai_dash.ui import controls, costing
from rai_dash.ui.choices import Choices
from rai_dash.ui.queue import recorded
from rai_dash.ui.reviewing.always import judgement_under
from rai_dash.ui.reviewing.decided import approved_value, human_columns, recorded_decisions, recorded_inside
from rai_dash.ui.reviewing.recent import recent
from rai_dash.ui.state import View

#: Ends of the bands that are tried, 200 on the grid of 0.005.
STEP = 0.005
ENDS: tuple[float | None, ...] = (None, *(round(k * STEP, 4) for k in range(1, 201)), None)
_EVERYONE = ""
#: Why all figures of the page may be of the sample, though all rows have a score.


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bench:
    """One view of the page: the band, and everything it is judged by.

    Parameters
    ----------
    view : View
        The case and the choices.
    judgement : Judgement
        The pair of data and model.
    band : ReviewBand
        The committed band.
    reviewer, costs, workload : Reviewer, BandCosts, Workload
        What is assumed.
    """

    view: View
    judgement: Judgement
    band: ReviewBand
    reviewer: Reviewer
    costs: BandCosts
    workload: Workload

    @property
    def columns(self) -> tuple[str, ...]:
        """Sensitive columns."""
        return self.judgement.roles.sensitive

    @property
    def by(self) -> str:
        """The sensitive column that people are compared by; empty = there is none."""
        chosen = self.view.choices.by
        return chosen if chosen in self.columns else next(iter(self.columns), _EVERYONE)

    @property
    def without(self) -> ReviewBand:
        """The threshold alone, without any review."""
        t = self.band.threshold
        return ReviewBand(t, t, t)

    def cubes(self, *others: ReviewBand, by: Sequence[str] = ()) -> Mapping[str, ReviewCube]:
        """Return the counts that hold the cuts of the band and of some others exactly.

        Parameters
        ----------
        *others : ReviewBand
            More bands whose cuts are needed.
        by : sequence of str
            Sensitive columns; none = all of them.
        """
        cuts = edges_of(self.band, *others)
        return {name: self._cube(name, cuts) for name in by or self.columns or (_EVERYONE,)}

    def cube(self) -> ReviewCube:
        """Return the counts by the column that people are compared by."""
        return self.cubes(by=(self.by,))[self.by]

    @property
    def is_whole(self) -> bool:
        """Whether counts are of all rows of a portfolio, while single rows are those of a sample."""
        return self.judgement.whole is not None

    @property
    def is_sample_only(self) -> bool:
        """Whether counts are of a sample though all rows of the portfolio have a score."""
        return not self.is_whole and self.view.judgement.whole is not None

    def automatic(self, bands: Sequence[ReviewBand]) -> BandCounts:
        """Count what some bands decide automatically."""
        if self.is_whole:
            return count_bands_of(self.judgement.counts(), bands)
        return count_bands(self.scores(), self.outcomes(), bands)

    def scores(self) -> NDArray[np.float64]:
        """Return the scores of the judged rows in memory, float64 (n_judged,); NaN = no score."""
        return self.judgement.score[self.judgement.judged]

    def outcomes(self) -> NDArray[np.int8]:
        """Return their outcomes, int8 (n_judged,)."""
        return self.judgement.data.dataset.outcome[self.judgement.judged]

    def weights(self) -> NDArray[np.float64] | None:
        """Return their weights, float64 (n_judged,); None = every weight is 1."""
        return costing.weights(self.judgement)

    def judged(self, band: ReviewBand | None = None, *, by: Sequence[str] = ()) -> Evaluation:
        """Judge a band.

        Parameters
        ----------
        band : ReviewBand, optional
            Another one than the present.
        by : sequence of str
            Sensitive columns that are needed; none = all of them.
        """
        chosen, columns = band or self.band, tuple(by) or self.columns or (_EVERYONE,)
        key = (chosen, columns, self.reviewer, self.costs, self.workload, self.cubes_key())

        def make() -> Evaluation:
            cubes = self.cubes(chosen, by=columns)
            return evaluate(cubes, chosen, reviewer=self.reviewer, costs=self.costs, workload=self.workload)

        return recent(self.judgement, "band_judged", key, make, most=32)

    def grid(self) -> Grid:
        """Return every band on the grid of 0.005 around the threshold."""
        key = (self.cubes_key(), self.band.threshold, self.reviewer, self.costs)

        def make() -> Grid:
            cubes = self.cubes(self.without)
            return band_grid(cubes, ENDS, self.band.threshold, ENDS, reviewer=self.reviewer, costs=self.costs)

        return recent(self.judgement, "band_grid", key, make)

    def gap(self, name: str, column: str) -> float | None:
        """Return a gap of the present band; a band of the grid is looked up, another one is judged."""
        at = self.grid().find(self.band)
        if at is None:
            return self.judged().gaps[column].values[name]
        value = float(self.grid().plane(name, column=column)[at])
        return None if math.isnan(value) else value

    def cubes_key(self) -> tuple[object, ...]:
        """Return what the counts depend on besides the judged rows."""
        chosen = self.view.choices
        decision: tuple[object, ...] = ()
        if self.reviewer.use_recorded:
            is_queue = recorded.is_queue(chosen.human)
            decision = (chosen.human, recorded.version(chosen.human) if is_queue else chosen.human_flip)
        return (self.costs.needs_amount, decision)

    def sampled(self, *, joint: bool = False) -> Mapping[str, BandRows] | None:
        """Return the rows to draw samples of; None = the counts say as much. ``joint``: all columns in one sample."""
        if not (joint or self.costs.needs_amount or self.cube().is_weighted):
            return None
        if self.is_whole:
            # Without rows, and so with the reason why there are no samples.
            return {name: BandRows(counts=self._counts(name)) for name in self.columns or (_EVERYONE,)}
        return {
            name: BandRows(counts=self._counts(name), amount=self._amount(), decision=self._decision())
            for name in self.columns or (_EVERYONE,)
        }

    def recorded_inside(self) -> tuple[int, int]:
        """Count the applications that the band sends to a person: those with a decision that is used, and all."""
        if self.is_whole:
            return recorded_inside(self.cube(), self.band)
        inside = row_routes(self.scores(), self.band) == TO_A_PERSON
        decision = self._decision()
        used = 0 if decision is None else int((inside & (decision != NO_DECISION)).sum())
        return used, int(inside.sum())

    def _cube(self, column: str, cuts: NDArray[np.float64]) -> ReviewCube:
        """Return the counts of one column with more edges where the cuts need them; those on the grid are kept."""
        at = np.searchsorted(EDGES, cuts)
        on_grid = bool((EDGES[at] == cuts).all())
        edges = EDGES if on_grid else np.union1d(EDGES, cuts)
        key = (column, self.cubes_key(), () if on_grid else tuple(cuts.tolist()))

        def make() -> ReviewCube:
            if self.judgement.whole is not None:
                return review_cube_of(
                    self.judgement.whole,
                    (column,) if column else (),
                    amount=self.judgement.roles.amount if self.costs.needs_amount else None,
                    decision=self._decisions(),
                    edges=edges,
                )
            return cube_of_counts(
                self._counts(column), amount=self._amount(), decision=self._decision(), edges=edges
            )

        return recent(self.judgement, "review_cube", key, make, most=32)

    def _counts(self, column: str) -> GroupCounts:
        return self.judgement.counts((column,) if column else ())

    def _amount(self) -> NDArray[np.float64] | None:
        return costing.amounts(self.judgement) if self.costs.needs_amount else None

    def _decision(self) -> NDArray[np.int8] | None:
        if not self.reviewer.use_recorded:
            return None
        chosen = self.view.choices
        if recorded.is_queue(chosen.human):
            return recorded.decisions(self.judgement, chosen.human)
        return recorded_decisions(self.judgement, chosen.human, flip=chosen.human_flip)

    def _decisions(self) -> Decisions | None:
        """Return where the recorded decisions stand."""
        chosen = self.view.choices
        if not self.reviewer.use_recorded:
            return None
        return Decisions(
            chosen.human, (approved_value(self.judgement, chosen.human, flip=chosen.human_flip),)
        )


def bench_of(view: View) -> Bench:
    """Read the choices; the address may hold anything."""
    chosen, judgement = view.choices, judgement_under(view)
    reviewer = reviewer_of(view, judgement)
    if reviewer.use_recorded and recorded.is_queue(chosen.human):
        # A queue knows single rows: those in memory.
        judgement = judgement.of_sample
    return Bench(
        view=view,
        judgement=judgement,
        band=controls.band_of(chosen),
        reviewer=reviewer,
        costs=costs_of(judgement, chosen),
        workload=workload_of(chosen),
    )


def reviewer_of(view: View, judgement: Judgement) -> Reviewer:
    """Read how well people decide."""
    chosen = view.choices
    yes, no, follow = (_within(x, 0, 100) / 100 for x in (chosen.right_yes, chosen.right_no, chosen.defers))
    there = recorded.offered(view) if recorded.is_queue(chosen.human) else human_columns(judgement)
    known = chosen.recorded and chosen.human in there
    return Reviewer(h1=yes, h0=no, deference=follow, use_recorded=known)


def costs_of(judgement: Judgement, chosen: Choices) -> BandCosts:
    """Read what errors and a review cost."""
    price = costing.priced(judgement, chosen)
    review = _within(chosen.review_cost, 0, 100 * costing.MOST) / 100
    if price.by_amount:
        return BandCosts(fp_per_amount=price.costs.cost_fp, fn_per_amount=price.costs.cost_fn, review=review)
    return BandCosts(fp_fixed=price.costs.cost_fp, fn_fixed=price.costs.cost_fn, review=review)


def workload_of(chosen: Choices) -> Workload:
    """Read how much work comes in, and who is there for it."""
    return Workload(
        volume_per_day=_within(chosen.volume, 0, 10**7),
        minutes_per_review=_within(chosen.minutes, 1, 10_000),
        minutes_per_day=_within(chosen.day_minutes, 1, 1440),
        reviewers=_within(chosen.team, 0, 10**6) or None,
    )


def _within(value: int, least: int, most: int) -> int:
    return min(max(int(value), least), most)
