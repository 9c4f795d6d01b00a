"""The cost of every threshold, the cheapest one, and how much that pick is worth: review-band.md section 6."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import EDGES, N_EDGES, NO_SCORE
from rai_dash.metrics._base import NO_LABELLED, Costs, ratio
from rai_dash.metrics.stakes import StakeDraws, Stakes
from rai_dash.stats.bootstrap import percentile_interval

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: A threshold, or None: nobody is approved.
Cut = float | None

#: Grid steps within which a replicate's pick counts as the same one: two points.
_NEAR = 20
#: Sums of money in another order differ by rounding; what is closer than this share of the highest cost is equal.
_EQUAL = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Cheapest:
    """The threshold that is cheapest on the data shown; of equally cheap ones the lowest.

    The lowest approves most people at the same cost.

    Parameters
    ----------
    threshold : float or None
        In [0, 1]; None = approving nobody is cheapest.
    cost : float
        Per labelled application, on the very data it was picked on: too good.
    flat_to : float or None
        Last threshold of the run of equally cheap ones that starts there, the same where there is no run; None =
        the run goes on to approving nobody.
    elsewhere : bool
        Whether a threshold beyond that run is just as cheap.
    """

    threshold: Cut
    cost: float
    flat_to: Cut
    elsewhere: bool

    @property
    def is_flat(self) -> bool:
        """Whether the next threshold is just as cheap."""
        return self.flat_to != self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What other samples of the same size would have picked.

    Parameters
    ----------
    low, high : float or None
        2.5 % and 97.5 % of the picks, themselves picks; None = approving nobody.
    near : float
        Share of samples whose pick lies within 2 points of the one shown.
    optimism : float
        How much cheaper a pick looks on its own sample than it is: the mean over samples of the cost of the
        sample's pick on the data shown less its cost on the sample (Efron 1983). It corrects for most of the
        flattery, not for all: about 70 to 80 % in simulations with 300 to 5,000 rows.
    regret : float
        How much dearer than the cheapest the samples' picks are on the data shown, on average; not negative.
        Alone it is too small a correction (35 to 40 %).
    replicates : int
        Samples that hold a labelled application.
    source : str
        ``"counts"`` or ``"rows"``, see `draw_stakes`.

    References
    ----------
    Efron, B. (1983). Estimating the error rate of a prediction rule: improvement on cross-validation. JASA 78,
    316-331.
    """

    low: Cut
    high: Cut
    near: float
    optimism: float
    regret: float
    replicates: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CostCurve:
    """Cost per labelled application at each threshold from 0 to 1, and at none (NaN): nobody approved.

    Parameters
    ----------
    threshold, cost : float64 (1002,)
        In the unit of the costs; NaN = no labelled application.
    low, high : float64 (1002,)
        95 % interval of each point alone, as if that threshold had been fixed beforehand; NaN = none.
    cheapest : Cheapest or None
        None = no labelled application.
    stability : Stability or None
        None = no samples could be drawn, see ``reason``.
    reason : str or None
        Why something is missing, in plain words.
    """

    threshold: FloatArray
    cost: FloatArray
    low: FloatArray
    high: FloatArray
    cheapest: Cheapest | None
    stability: Stability | None
    reason: str | None = None


NO_SAMPLES = (
    "with weights or loan amounts the rows themselves would have to be drawn again, which is done for up to "
    "200,000 rows in memory"
)


def cost_curve(stakes: Stakes, costs: Costs, *, draws: StakeDraws | None) -> CostCurve:
    """Compute the cost of every threshold, its interval, the cheapest one and how stable that pick is.

    Scored applications are decided by the threshold; those without a score go to a person, who errs and costs as
    ``costs`` say. Exact on the grid.

    Parameters
    ----------
    stakes : Stakes
        Applications, or the money in them; then ``costs`` are shares of the amount (``cost_review`` is not).
    costs : Costs
        What the errors cost.
    draws : StakeDraws or None
        Samples of the stakes from `draw_stakes`; they hold for any costs. None = no intervals, no stability.

    References
    ----------
    Elkan, C. (2001). The foundations of cost-sensitive learning. IJCAI, 973-978.
    """
    cost = _cost(stakes.table, np.array(stakes.labelled), np.array(stakes.unscored), costs)
    nothing = np.full_like(cost, np.nan)
    grid = np.append(EDGES, np.nan)
    if np.isnan(cost[0]):
        return CostCurve(
            threshold=grid, cost=cost, low=nothing, high=nothing, cheapest=None, stability=None,
            reason=NO_LABELLED,
        )  # fmt: skip
    low, high, stability = nothing, nothing, None
    if draws is not None:
        replicates = _replicates(draws, costs)
        low, high, _ = percentile_interval(replicates)
        stability = _stability(cost, replicates, draws.source)
    return CostCurve(
        threshold=grid, cost=cost, low=low, high=high, cheapest=_cheapest(cost), stability=stability,
        reason=NO_SAMPLES if draws is None else None,
    )  # fmt: skip


def cost_at(stakes: Stakes, costs: Costs, threshold: Cut) -> float | None:
    """Compute the cost per labelled application of one threshold, on the grid or off it; None = undefined.

    Raises
    ------
    InvalidChoice
        A threshold outside [0, 1], or off the grid when the rows are no longer in memory.
    """
    if stakes.labelled <= 0:
        return None
    source = stakes.counts if stakes.amounts is None else stakes.amounts
    wrongly_approved = float(source.at_or_above(threshold)[0][0, 0])
    # Without a threshold everyone with a score is below it.
    refused = source.below(threshold) if threshold is not None else source.between(None, None)
    wrongly_refused = float(refused[0][0, 1])
    errors = costs.cost_fp * wrongly_approved + costs.cost_fn * wrongly_refused
    return float(errors + _person(stakes.table, np.array(stakes.unscored), costs)) / stakes.labelled


def theory(costs: Costs) -> float | None:
    """Return the cheapest threshold of a score that is a true probability, ``F / (F + N)``; None = both cost 0."""
    total = costs.cost_fp + costs.cost_fn
    return costs.cost_fp / total if total > 0 else None


def first_of_lowest(cost: FloatArray) -> IntArray:
    """Find the first of the lowest values along the last axis, up to rounding."""
    first: IntArray = np.argmax(_is_lowest(cost), axis=-1)
    return first


def _is_lowest(cost: FloatArray) -> NDArray[np.bool_]:
    slack = _EQUAL * np.abs(cost).max(axis=-1, keepdims=True)
    lowest: NDArray[np.bool_] = cost <= cost.min(axis=-1, keepdims=True) + slack
    return lowest


def _cost(table: FloatArray, labelled: FloatArray, unscored: FloatArray, costs: Costs) -> FloatArray:
    """Compute the cost (..., 1002) at each threshold and at none from tables (..., 2, 1002)."""
    bad, good = table[..., 0, :NO_SCORE], table[..., 1, :NO_SCORE]
    nothing = np.zeros((*bad.shape[:-1], 1))
    approved_bad = np.concatenate([np.cumsum(bad[..., ::-1], axis=-1)[..., ::-1], nothing], axis=-1)
    refused_good = np.concatenate([nothing, np.cumsum(good, axis=-1)], axis=-1)
    total = costs.cost_fp * approved_bad + costs.cost_fn * refused_good
    total += _person(table, unscored, costs)[..., None]
    return ratio(total, np.broadcast_to(labelled[..., None], total.shape))


def _person(table: FloatArray, unscored: FloatArray, costs: Costs) -> FloatArray:
    """Compute what the applications without a score cost, which a person decides."""
    bad, good = table[..., 0, NO_SCORE], table[..., 1, NO_SCORE]
    approved_bad = costs.cost_fp * (1.0 - costs.refuses_unfavourable) * bad
    refused_good = costs.cost_fn * (1.0 - costs.approves_favourable) * good
    total: FloatArray = approved_bad + refused_good + costs.cost_review * unscored
    return total


def _replicates(draws: StakeDraws, costs: Costs) -> FloatArray:
    """Compute the cost of every threshold in every sample that holds a labelled application."""
    held = draws.labelled > 0
    return _cost(draws.table[held], draws.labelled[held], draws.unscored[held], costs)


def _cheapest(cost: FloatArray) -> Cheapest:
    equal = _is_lowest(cost)
    first = int(np.argmax(equal))
    beyond = np.flatnonzero(~equal[first:])
    last = first + int(beyond[0]) - 1 if beyond.size else cost.size - 1
    return Cheapest(
        threshold=cut_at(first),
        cost=float(cost[first]),
        flat_to=cut_at(last),
        elsewhere=bool(equal[last + 1 :].any()),
    )


def _stability(cost: FloatArray, replicates: FloatArray, source: str) -> Stability | None:
    if not len(replicates):
        return None
    chosen, picks = int(first_of_lowest(cost)), first_of_lowest(replicates)
    there = cost[picks]
    own = np.take_along_axis(replicates, picks[:, None], axis=1)[:, 0]
    low, high = np.quantile(picks, (0.025, 0.975), method="inverted_cdf")
    return Stability(
        low=cut_at(int(low)),
        high=cut_at(int(high)),
        near=float((np.abs(picks - chosen) <= _NEAR).mean()),
        optimism=float((there - own).mean()),
        regret=float(there.mean() - cost[chosen]),
        replicates=len(replicates),
        source=source,
    )


def cut_at(position: int) -> Cut:
    """Return the threshold at a place of the curve; the one after the last edge is None: nobody approved."""
    return float(EDGES[position]) if position < N_EDGES else None
