"""A threshold chosen on one half of the rows and reported on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.data.counting import count
from rai_dash.metrics._base import Costs, MetricTable, ratio
from rai_dash.metrics.baseline import always_refuse
from rai_dash.metrics.cheapest import Cut, cost_curve, cut_at, first_of_lowest
from rai_dash.metrics.curves import roc
from rai_dash.metrics.gain import gain
from rai_dash.metrics.stakes import Stakes, amount_stakes
from rai_dash.metrics.table import metric_table

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: Rows of one outcome that can be divided at random by their counts.
MOST_DIVIDED = 10**9
#: Fewer scored rows of an outcome than this in the half it is chosen on, and nothing is chosen.
LEAST_OF_EACH = 5


class Goal(StrEnum):
    """What a threshold is chosen for."""

    COST = "cost"
    BALANCED_ACCURACY = "balanced_accuracy"
    F1 = "f1"
    RECALL = "recall"
    APPROVALS = "approvals"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Halves:
    """Two halves of the rows: a threshold is chosen on one and reported on the other."""

    chosen_on: Stakes
    reported_on: Stakes


def first_half(outcome: NDArray[np.int8], *, seed: int) -> BoolArray:
    """Mark half of the rows at random, stratified by outcome; of an odd number one more.

    Parameters
    ----------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    seed : int
        Derive it from the fingerprint of the data alone, so that every model is judged on the same halves.

    Returns
    -------
    bool (n,)
    """
    rng = np.random.default_rng(seed)
    marked = np.zeros(outcome.size, dtype=bool)
    for label in np.unique(outcome):
        at = rng.permutation(np.flatnonzero(outcome == label))
        marked[at[: (at.size + 1) // 2]] = True
    return marked


def cut_in_halves(
    outcome: NDArray[np.int8],
    scores: FloatArray,
    *,
    seed: int,
    weight: FloatArray | None = None,
    amount: FloatArray | None = None,
) -> Halves:
    """Cut the rows in two and count each half; see `first_half` and `amount_stakes` for the arguments."""
    first = first_half(outcome, seed=seed)

    def half(rows: BoolArray) -> Stakes:
        part = None if weight is None else weight[rows]
        counts = count(outcome[rows], scores[rows], None, weight=part)
        if amount is None:
            return Stakes(counts=counts)
        return amount_stakes(outcome[rows], scores[rows], amount[rows], counts=counts, weight=part)

    return Halves(chosen_on=half(first), reported_on=half(~first))


def cut_counts_in_halves(counts: GroupCounts, *, seed: int) -> Halves:
    """Cut rows in two that are counted by score: the same law as of `cut_in_halves`, without a row at hand.

    Parameters
    ----------
    counts : GroupCounts
        Of one group, without weights, of fewer than ``MOST_DIVIDED`` rows.
    """
    rng = np.random.default_rng(seed)
    cells = counts.counts[0]
    first = np.array(
        [
            rng.multivariate_hypergeometric(label, (int(label.sum()) + 1) // 2, method="marginals")
            for label in cells
        ]
    )

    def half(rows: NDArray[np.int64]) -> Stakes:
        return Stakes(counts=GroupCounts(column=counts.column, groups=counts.groups, counts=rows[None]))

    return Halves(chosen_on=half(first), reported_on=half(cells - first))


def choose(stakes: Stakes, goal: Goal, *, costs: Costs | None = None, level: float = 0.5) -> Cut:
    """Choose a threshold on the grid.

    Of equally good thresholds it is the lowest, which approves most people; for ``Goal.RECALL`` it is the highest
    that still reaches the level, which approves fewest.

    Parameters
    ----------
    stakes : Stakes
        Of the half it is chosen on.
    goal : Goal
        What for.
    costs : Costs, optional
        Needed for ``Goal.COST``.
    level : float
        In [0, 1]: least recall, or most approvals as a share of the rows with a score.

    Returns
    -------
    float or None
        None = nobody is to be approved.

    Raises
    ------
    InvalidChoice
        Too few rows of an outcome, or no costs where they are needed.
    """
    _check_outcomes(stakes.counts)
    if goal is Goal.COST:
        if costs is None:
            msg = tr(
                "The cheapest threshold needs the costs of both errors. Name them, or choose another goal."
            )
            raise InvalidChoice(msg)
        return cut_at(int(first_of_lowest(cost_curve(stakes, costs, draws=None).cost)))
    return cut_at(_PICKS[goal](stakes.counts, level))


def rarer_outcome(counts: GroupCounts) -> int:
    """Count the scored rows of the rarer outcome; none where they weigh nothing."""
    both = slice(UNFAVOURABLE, FAVOURABLE + 1)
    rows, weights = (table[0, both, :NO_SCORE].sum(axis=1) for table in (counts.counts, counts.sums))
    return int(np.where(weights > 0, rows, 0).min())


def report(
    counts: GroupCounts, threshold: Cut, *, metrics: Iterable[str], costs: Costs | None = None, seed: int = 0
) -> MetricTable:
    """Compute metrics with their intervals at a chosen threshold; None = nobody is approved.

    Parameters
    ----------
    counts : GroupCounts
        Of the half that the threshold was **not** chosen on, where the figures are to be believed.
    metrics : iterable of str
        Metrics that follow from decisions.
    """
    if threshold is None:
        return always_refuse(counts, metrics=metrics)
    return metric_table(counts, threshold, metrics=metrics, costs=costs, seed=seed)


def _check_outcomes(counts: GroupCounts) -> None:
    fewest = rarer_outcome(counts)
    if fewest < LEAST_OF_EACH:
        msg = tr(
            "Half of these rows hold only {fewest} scored applications of the rarer outcome, and at "
            "least {least_of_each} are needed to choose a threshold. Use more labelled rows.",
            fewest=f"{fewest:,}",
            least_of_each=LEAST_OF_EACH,
        )
        raise InvalidChoice(msg)


def _most_balanced(counts: GroupCounts, level: float) -> int:  # noqa: ARG001 - one signature for all goals
    curve = roc(counts)
    return int(first_of_lowest(curve.fpr - curve.recall))


def _highest_f1(counts: GroupCounts, level: float) -> int:  # noqa: ARG001 - as above
    curve = gain(counts)
    # 2 tp / (tp + fp + P), all over P: the favourable ones.
    f1 = ratio(2.0 * curve.recall, curve.approved / (curve.base_rate or np.nan) + 1.0)
    return int(first_of_lowest(-f1))


def _recall_at_least(counts: GroupCounts, level: float) -> int:
    return int(np.flatnonzero(roc(counts).recall >= level)[-1])


def _approve_at_most(counts: GroupCounts, level: float) -> int:
    cells = counts.sums[0, :, :NO_SCORE].sum(axis=0)
    approved = np.append(np.cumsum(cells[::-1])[::-1], 0.0)
    return int(np.flatnonzero(approved / approved[0] <= level)[0])


_PICKS: dict[Goal, Callable[[GroupCounts, float], int]] = {
    Goal.BALANCED_ACCURACY: _most_balanced,
    Goal.F1: _highest_f1,
    Goal.RECALL: _recall_at_least,
    Goal.APPROVALS: _approve_at_most,
}
