"""All metrics of all groups at one threshold: arithmetic on counts, no row is read."""

from __future__ import annotations

from collections.abc import Iterable

from rai_dash.core.counts import GroupCounts
from rai_dash.metrics._base import (
    DEFAULT_BOOTSTRAP,
    DEFAULT_MIN_N,
    METRICS,
    Costs,
    Metric,
    MetricTable,
    build_table,
    metric_input,
)


def metric_table(
    counts: GroupCounts,
    threshold: float,
    *,
    min_n: int = DEFAULT_MIN_N,
    costs: Costs | None = None,
    bootstrap: int = DEFAULT_BOOTSTRAP,
    metrics: Iterable[str] | None = None,
    seed: int = 0,
) -> MetricTable:
    """Compute metrics with their intervals.

    Parameters
    ----------
    counts : GroupCounts
        From `rai_dash.data.counting.count`.
    threshold : float
        In [0, 1]. Favourable when ``score >= threshold``; exact on and off the grid.
    min_n : int
        Groups with fewer rows are marked small.
    costs : Costs, optional
        Without them `expected_cost` is undefined.
    bootstrap : int
        Replicates for the intervals of composites; 0 = none, for a slider in motion. Weighted counts
        have none.
    metrics : iterable of str, optional
        Names of the registry; None = all.
    seed : int
        Of the bootstrap; derive it from fingerprints so that a page says the same twice.

    Returns
    -------
    MetricTable
        Undefined where a denominator is 0, with the reason.

    Raises
    ------
    InvalidChoice
        An unknown metric, or a threshold outside [0, 1].
    """
    given = metric_input(counts, threshold, costs=costs, bootstrap=bootstrap, seed=seed)
    return build_table(given, min_n=min_n, metrics=metrics)


__all__ = ["METRICS", "Costs", "Metric", "MetricTable", "metric_table"]
