"""Any number that follows from two models' decisions, compared by drawing the same rows again for both.

One multinomial draw of the joint counts has exactly the law of drawing the rows again, without touching a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import N_CELLS
from rai_dash.core.counts import N_LABELS, GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.estimates import plain
from rai_dash.core.once import Once
from rai_dash.core.texts import tr
from rai_dash.metrics._base import LEAST_OF_A_CLASS, METRICS, Costs, MetricInput
from rai_dash.metrics._confusion import Confusion
from rai_dash.metrics._paired_cells import JointCells, confusions, discordant
from rai_dash.stats.bootstrap import draw_counts, percentile_interval

FloatArray = NDArray[np.float64]

REPLICATES = 4_000
#: Decisions with a known outcome that differ, from which the percentile interval of a difference covered 92 % or more:
#: our simulation, tests/simulations/test_paired_coverage.py. With 4 that all point one way no draw would hold a 0.
LEAST_DISCORDANT = 50
_FAMILIES = frozenset({"rate", "composite", "cost"})
_NO_COUNTS = GroupCounts(column="", groups=(), counts=np.zeros((0, N_LABELS, N_CELLS), dtype=np.int64))

WEIGHTED = "rows carry weights: a draw of counts is no draw of rows then"
NOTHING_DIFFERS = "both models decide every application with a known outcome alike"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnDifference:
    """A number under a second model less the same number under a first one; None = undefined.

    Parameters
    ----------
    a, b, difference : float or None
        As seen.
    drawn : float64 (replicates,)
        Differences in samples of the same rows; empty where there is no interval. NaN = undefined in that sample.
    discordant : int
        Rows with a known outcome about which the models decide differently.
    reason : str or None
        Why there is no difference, or no interval.
    """

    a: float | None
    b: float | None
    difference: float | None
    drawn: FloatArray
    discordant: int
    reason: str | None = None

    def limits(self, level: float = 0.95) -> tuple[float, float] | None:
        """Return the percentile interval; None = there is none."""
        if not self.drawn.size:
            return None
        low, high, _ = percentile_interval(self.drawn, level=level)
        return float(low), float(high)

    @property
    def p_value(self) -> float | None:
        """Twice the share of samples on the other side of 0, never below 2 in ``REPLICATES``."""
        known = self.drawn[np.isfinite(self.drawn)]
        if not known.size:
            return 1.0 if self.difference == 0.0 and not self.discordant else None
        tail = min(int((known <= 0).sum()), int((known >= 0).sum()))
        return min(1.0, 2.0 * (tail + 1) / (known.size + 1))


@dataclass(frozen=True, slots=True, eq=False)
class PairDraws:
    """Samples of the rows of one pair, drawn when a number asks for them and the same for all numbers.

    Parameters
    ----------
    cells : JointCells
        Of the rows that both models decide about.
    costs : Costs or None
        For the cost of an application.
    samples : Once of int64 (replicates, groups, 27)
    """

    cells: JointCells
    costs: Costs | None
    samples: Once[NDArray[np.int64]]

    def difference(self, metric: str, group: int) -> DrawnDifference:
        """Compare a number in one group.

        Raises
        ------
        InvalidChoice
            When it does not follow from decisions.
        """
        if METRICS[metric].family not in _FAMILIES:
            msg = tr(
                "`{metric}` does not follow from decisions, so it cannot be drawn from their counts. Choose "
                "another.",
                metric=metric,
            )
            raise InvalidChoice(msg)
        cells = self.cells
        seen = cells.rows if cells.sums is None else cells.sums
        a, b = (plain(float(v[0])) for v in self._values(metric, seen[group][None]))
        differ = discordant(cells, group)
        found = DrawnDifference(
            a=a,
            b=b,
            difference=None if a is None or b is None else b - a,
            drawn=np.zeros(0),
            discordant=differ,
        )
        reason = self._why_not(metric, group, found)
        if reason is not None:
            return DrawnDifference(
                a=a, b=b, difference=found.difference, drawn=found.drawn, discordant=differ, reason=reason
            )
        first, second = self._values(metric, self.samples()[:, group])
        return DrawnDifference(a=a, b=b, difference=found.difference, drawn=second - first, discordant=differ)

    def _values(self, metric: str, cells: NDArray[np.number]) -> tuple[FloatArray, FloatArray]:
        """Compute the number from cells (samples, 27) for both models, float64 (samples,) twice."""
        compute = METRICS[metric].compute
        first, second = confusions(cells)
        return (
            compute(MetricInput(counts=_NO_COUNTS, sums=first, squares=first, costs=self.costs)).value,
            compute(MetricInput(counts=_NO_COUNTS, sums=second, squares=second, costs=self.costs)).value,
        )

    def _why_not(self, metric: str, group: int, found: DrawnDifference) -> str | None:
        """Say why an interval would claim too much."""
        if found.difference is None:
            return tr("the number is undefined for one of the models")
        if self.cells.is_weighted:
            return WEIGHTED
        if not found.discordant:
            return NOTHING_DIFFERS
        fewest = _fewest(metric, *confusions(self.cells.rows[group][None]))
        if fewest < LEAST_OF_A_CLASS:
            return tr(
                "rests on {fewest} applicants of one kind, fewer than {least_of_a_class}",
                fewest=f"{fewest:,}",
                least_of_a_class=LEAST_OF_A_CLASS,
            )
        if found.discordant < LEAST_DISCORDANT:
            return tr(
                "rests on {discordant} decisions that differ, fewer than {least_discordant}",
                discordant=f"{found.discordant:,}",
                least_discordant=LEAST_DISCORDANT,
            )
        return None


def _fewest(metric: str, first: Confusion, second: Confusion) -> int:
    """Count the rows that decide how well an interval covers: of the rarer outcome, or of those judged by it."""
    tables = (first, second)
    if metric in {"precision", "fdr"}:
        rows = min(float((c.tp + c.fp)[0]) for c in tables)
    elif metric in {"npv", "for_rate"}:
        rows = min(float((c.tn + c.fn)[0]) for c in tables)
    else:
        rows = min(float((c.tp + c.fn)[0]) for c in tables)
        # F1 does not depend on how many unfavourable outcomes there are.
        if metric != "f1":
            rows = min(rows, *(float((c.fp + c.tn)[0]) for c in tables))
    return int(rows)


def pair_draws(
    cells: JointCells, *, costs: Costs | None = None, seed: int = 0, replicates: int = REPLICATES
) -> PairDraws:
    """Prepare the samples of one pair.

    Parameters
    ----------
    cells : JointCells
        Rows that only one of the models decides about are left out.
    costs : Costs, optional
    seed : int
        Derive it from fingerprints, so that a page says the same twice.
    replicates : int
    """
    decided = cells.decided
    return PairDraws(
        decided, costs, Once(lambda: draw_counts(decided.rows, replicates=replicates, seed=seed))
    )
