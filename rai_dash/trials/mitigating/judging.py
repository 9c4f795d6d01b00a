"""Judging decisions on rows that nothing was trained or chosen on: the same rows for every method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.estimates import plain
from rai_dash.core.types import FAVOURABLE
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.metrics.verdict import gap_verdict
from rai_dash.stats.intervals import newcombe
from rai_dash.trials.mitigating.results import GOAL_METRICS, METRICS, Flips, Gap, Goal, Judged, Moves

FloatArray = NDArray[np.float64]
Positions = NDArray[np.int64]


def halves(outcome: NDArray[np.int8], index: GroupIndex, *, seed: int) -> tuple[Positions, Positions]:
    """Cut rows in two halves with the same mix of outcome and group.

    Parameters
    ----------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    index : GroupIndex
        Group of each row.
    seed : int
        Of the draw.

    Returns
    -------
    tuple of int64
        Positions of the half that cuts are chosen on, and of the half that is reported on. The sizes of any
        cell, and of the halves, differ by one row at most.
    """
    draw = np.random.default_rng(seed).random(outcome.size)
    # Cell after cell, in random order within: every other row is chosen on.
    order = np.lexsort((draw, index.codes, outcome))
    return np.sort(order[1::2]), np.sort(order[0::2])


@dataclass(frozen=True, kw_only=True, eq=False)
class Bench:
    """The reporting rows.

    Parameters
    ----------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    index : GroupIndex
        Group of each row.
    goal : Goal
        Which gap is looked at.
    weight : float64 (n,) or None
        Weight of each row.
    seed : int
        Of bootstraps.
    """

    outcome: NDArray[np.int8]
    index: GroupIndex
    goal: Goal
    weight: FloatArray | None = None
    seed: int = 0

    def judge(self, decision: FloatArray) -> Judged:
        """Judge decisions, float64 (n,): 1 approved, 0 refused, NaN none for want of a score."""
        counts = count(self.outcome, decision, self.index, weight=self.weight)
        by_group = metric_table(counts, 0.5, metrics=METRICS, seed=self.seed)
        everyone = metric_table(counts.total(), 0.5, metrics=METRICS, seed=self.seed)
        return Judged(everyone=everyone, by_group=by_group, gap=goal_gap(by_group, self.goal))

    def moves(self, before: FloatArray, after: FloatArray) -> Moves:
        """Count by group whose decision is another one than before."""
        both = np.isfinite(before) & np.isfinite(after)
        approved, refused = both & (after > before), both & (after < before)
        good = self.outcome == FAVOURABLE
        n, *moved = (
            np.bincount(self.index.codes[rows], minlength=self.index.n_groups).astype(np.int64)
            for rows in (both, approved, refused, approved & good, refused & good)
        )
        return Moves(
            groups=self.index.groups, n=n,
            approved=moved[0], refused=moved[1], approved_good=moved[2], refused_good=moved[3],
        )  # fmt: skip

    def flips(self, draws: FloatArray, gaps: list[float | None]) -> Flips:
        """Say how far decisions hang on the seed; ``draws`` is float64 (seeds, n)."""
        share = flip_share(draws)
        known = [g for g in gaps if g is not None]
        by_group = {
            group: plain(np.mean(share[self.index.codes == i])) if (self.index.codes == i).any() else None
            for i, group in enumerate(self.index.groups)
        }
        return Flips(
            share=plain(share.mean()) if share.size else None,
            by_group=by_group,
            draws=len(draws),
            gap_low=min(known, default=None),
            gap_high=max(known, default=None),
        )

    def matching_cut(self, score: FloatArray, decision: FloatArray) -> float:
        """Find the cut of a score that approves as nearly as can be the share that some decisions approve.

        No outcome is looked at. Infinity = nobody; of two cuts that are as near, the higher one.
        """
        weight = np.ones(score.size) if self.weight is None else self.weight
        scored, decided = np.isfinite(score), np.isfinite(decision)
        if not scored.any() or not decided.any():
            return float("inf")
        wanted = np.average(decision[decided], weights=weight[decided]) if weight[decided].any() else 0.0
        cuts, place = np.unique(score[scored], return_inverse=True)
        above = np.bincount(place, weights=weight[scored])[::-1].cumsum()
        shares = np.concatenate(([0.0], above / above[-1] if above[-1] > 0 else above))
        return float(np.concatenate(([np.inf], cuts[::-1]))[np.argmin(np.abs(shares - wanted))])


def flip_share(draws: FloatArray) -> FloatArray:
    """Compute for each row the share of pairs of seeds that decide differently.

    Parameters
    ----------
    draws : float64 (seeds, n)
        Decisions 0 and 1 under at least two seeds.

    Returns
    -------
    float64 (n,)
        ``2 k (S - k) / (S (S - 1))`` for ``k`` approvals in ``S`` draws.
    """
    seeds = len(draws)
    k = draws.sum(axis=0)
    return np.asarray(2.0 * k * (seeds - k) / (seeds * (seeds - 1)), dtype=np.float64)


def goal_gap(table: MetricTable, goal: Goal) -> Gap:
    """Measure the gap of a goal on a table, with an interval that covers all its rates at once."""
    names = GOAL_METRICS[goal]
    rates = {name: disparity(table, name) for name in names}
    verdicts = {name: gap_verdict(table, name) for name in names}
    values = [found.difference for found in rates.values()]
    if any(v is None for v in values):
        reason = next(found.reason for found in rates.values() if found.difference is None)
        return Gap(value=None, low=None, high=None, rates=rates, verdicts=verdicts, reason=reason)
    ends = [_limits(table, name, len(names)) for name in names]
    return Gap(
        value=max(v for v in values if v is not None),
        low=plain(max(low for low, _ in ends)),
        high=plain(max(high for _, high in ends)),
        rates=rates,
        verdicts=verdicts,
    )


def _limits(table: MetricTable, metric: str, rates: int) -> tuple[float, float]:
    """Return Newcombe's limits of the gap in one rate, at the level that the picked pair and ``rates`` leave.

    The gap is not negative, so neither is its lower limit.
    """
    found, values = disparity(table, metric), table.values[metric]
    pair = [table.groups.index(g) for g in (found.worst, found.best) if g is not None]
    high, low = sorted(pair, key=lambda i: -values.value[i])
    pairs = len(found.eligible) * (len(found.eligible) - 1) / 2.0
    ends = newcombe(
        values.value[high] * values.size[high], values.size[high],
        values.value[low] * values.size[low], values.size[low],
        level=1.0 - 0.05 / (pairs * rates),
    )  # fmt: skip
    return max(0.0, float(ends[0])), float(ends[1])
