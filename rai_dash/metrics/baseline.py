"""What deciding without a model would score: the figure to print beside every accuracy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from rai_dash.core.counts import GroupCounts
from rai_dash.metrics._base import DEFAULT_MIN_N, METRICS, MetricTable, build_table, metric_input
from rai_dash.metrics._confusion import Confusion

#: Families that follow from decisions alone.
_OF_DECISIONS = ("rate", "composite")


def always_refuse(counts: GroupCounts, *, metrics: Iterable[str] | None = None) -> MetricTable:
    """Compute the metrics of refusing everyone who has a score.

    Parameters
    ----------
    counts : GroupCounts
        The same counts as for the model.
    metrics : iterable of str, optional
        None = all that follow from decisions alone.
    """
    return _table(counts, Confusion.refuse_all, metrics)


def always_approve(counts: GroupCounts, *, metrics: Iterable[str] | None = None) -> MetricTable:
    """Compute the metrics of approving everyone who has a score; see `always_refuse`."""
    return _table(counts, Confusion.approve_all, metrics)


def _table(
    counts: GroupCounts, decide: Callable[[Confusion], Confusion], metrics: Iterable[str] | None
) -> MetricTable:
    """Compute a table from decisions that ignore the score."""
    given = metric_input(counts, 0.0)
    given = replace(given, sums=decide(given.sums), squares=decide(given.squares))
    if metrics is None:
        metrics = [name for name, entry in METRICS.items() if entry.family in _OF_DECISIONS]
    return build_table(given, min_n=DEFAULT_MIN_N, metrics=metrics)
