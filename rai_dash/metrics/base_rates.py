"""Base rates by group before there is any model: the past that a model would learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.data.counting import count
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import group_index
from rai_dash.data.portfolio.whole import Whole
from rai_dash.metrics.disparity import Disparity, disparity
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.metrics.verdict import DEFAULT_TOLERANCE, GapVerdict, gap_verdict

METRIC = "base_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRates:
    """Share of favourable outcomes by the groups of one column.

    Parameters
    ----------
    column : str
        Sensitive column.
    table : MetricTable
        Base rates of all groups, with intervals.
    gap : Disparity
        Between the groups that are large enough.
    verdict : GapVerdict
        What may be said about it.
    rows : int64 (groups, 3) or None
        Rows by outcome {unfavourable, favourable, unknown} where shares are of weights; None = they are of rows.
    """

    column: str
    table: MetricTable
    gap: Disparity
    verdict: GapVerdict
    rows: NDArray[np.int64] | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        groups = {}
        for i, group in enumerate(self.table.groups):
            e = self.table.estimate(METRIC, i)
            groups[group] = {"rows": int(self.table.n[i])} | e.to_json() | self._rows_of(i)
        return {"groups": groups, METRIC: self.gap.to_json() | self.verdict.to_json()}

    def _rows_of(self, place: int) -> dict[str, int]:
        """Return how many rows of a group have the favourable outcome, and one at all, where that is not told yet."""
        if self.rows is None:
            return {}
        bad, good, _ = (int(n) for n in self.rows[place])
        return {"favourable_rows": good, "labelled_rows": bad + good}


def base_rates(
    dataset: Dataset, *, min_n: int = 30, tolerance: float = DEFAULT_TOLERANCE
) -> tuple[BaseRates, ...]:
    """Compare the base rates of the groups of every sensitive column, over all rows of a table.

    Parameters
    ----------
    dataset : Dataset
        The rows; the weights of the roles count.
    min_n : int
        Groups with fewer rows enter no gap and no test.
    tolerance : float
        A difference that does not matter.

    Returns
    -------
    tuple of BaseRates
        One a sensitive column; empty without a target.
    """
    if dataset.roles.target is None:
        return ()
    found = []
    for column in dataset.roles.sensitive:
        counts = _counts(dataset, column)
        # The base rate does not depend on the threshold.
        table = metric_table(counts, 0.5, bootstrap=0, metrics=(METRIC,), min_n=min_n)
        verdict = gap_verdict(table, METRIC, tolerance=tolerance)
        if verdict is not None:
            gap = disparity(table, METRIC)
            rows = counts.counts.sum(axis=2) if counts.is_weighted else None
            found.append(BaseRates(column=column, table=table, gap=gap, verdict=verdict, rows=rows))
    return tuple(found)


def _counts(dataset: Dataset, column: str) -> GroupCounts:
    """Count outcomes by group over all rows, whatever the split: of the portfolio where there is one."""
    if dataset.portfolio is not None:
        return Whole(portfolio=dataset.portfolio, roles=dataset.roles.with_(split=None)).counts((column,))
    index = group_index(dataset.frame, column, bins=dataset.roles.bins.get(column))
    no_score = np.full(dataset.n_rows, np.nan)
    return count(dataset.outcome, no_score, index, weight=dataset.weight if dataset.roles.weight else None)
