"""What deciding without a model would score: the figure to print beside every accuracy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from rai_dash.core.counts import GroupCounts
from rai_dash.core.types import Estimate
from rai_dash.metrics._base import DEFAULT_MIN_N, METRICS, MetricTable, build_table, metric_input
from rai_dash.metrics._confusion import Confusion
from rai_dash.stats.mcnemar import mcnemar_exact

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


@dataclass(frozen=True, slots=True)
class Beside:
    """The accuracy of a model beside giving everyone the same answer, whichever of the two answers is right more often.

    Parameters
    ----------
    model, same : Estimate
        Accuracy of the model, and of the same answer for everyone who has a score.
    approves : bool
        Whether that answer is the approval.
    p_value : float or None
        That both are right as often, by the exact test of McNemar on the rows that they decide differently; None where
        rows carry weights, which it does not allow for.
    """

    model: Estimate
    same: Estimate
    approves: bool
    p_value: float | None

    @property
    def difference(self) -> float | None:
        """Return by how much the model is right more often; None = undefined."""
        if self.model.value is None or self.same.value is None:
            return None
        return self.model.value - self.same.value


def beside_one_answer(counts: GroupCounts, threshold: float) -> Beside:
    """Hold a model against the better of refusing everyone and approving everyone.

    Parameters
    ----------
    counts : GroupCounts
        Their first group is judged.
    threshold : float
        In [0, 1].
    """
    given = metric_input(counts, threshold)
    model = build_table(given, min_n=DEFAULT_MIN_N, metrics=("accuracy",)).estimate("accuracy", 0)
    refuse, approve = (
        make(counts, metrics=("accuracy",)).estimate("accuracy", 0)
        for make in (always_refuse, always_approve)
    )
    approves = (approve.value or 0.0) > (refuse.value or 0.0)
    cells = given.sums
    right, wrong = (cells.tn, cells.fn) if approves else (cells.tp, cells.fp)
    p = None if counts.is_weighted else float(mcnemar_exact(right[0], wrong[0]))
    return Beside(model, approve if approves else refuse, approves, p)


def _table(
    counts: GroupCounts, decide: Callable[[Confusion], Confusion], metrics: Iterable[str] | None
) -> MetricTable:
    """Compute a table from decisions that ignore the score."""
    given = metric_input(counts, 0.0)
    given = replace(given, sums=decide(given.sums), squares=decide(given.squares))
    if metrics is None:
        metrics = [name for name, entry in METRICS.items() if entry.family in _OF_DECISIONS]
    return build_table(given, min_n=DEFAULT_MIN_N, metrics=metrics)
