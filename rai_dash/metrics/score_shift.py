"""Scores of two data sets: whether they moved, still rank, and what a threshold that was set then means now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit, ndtr

from rai_dash.core.cells import EDGES, NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.types import Estimate
from rai_dash.data.column_drift import ColumnDrift, column_drift, drift_of_counts
from rai_dash.data.counting import count
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.stats.drift import CELLS, edge_names, inner_edges, kolmogorov_smirnov_of_counts
from rai_dash.stats.intervals import z_value

FloatArray = NDArray[np.float64]
METRICS: Final = ("auc", "mean_score", "base_rate", "selection_rate", "precision", "for_rate")
SCORE: Final = "score"
ALPHA: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreShift:
    """What a second data set does to the scores of a model.

    Parameters
    ----------
    drift : ColumnDrift
        Of the scores: PSI over tenths of the first data set, its chance level, Kolmogorov-Smirnov. Rows are counted,
        whatever their weight.
    then, now : MetricTable
        ``METRICS`` at the threshold; weighted where rows carry weights.
    threshold : float
        Favourable from here on.
    """

    drift: ColumnDrift
    then: MetricTable
    now: MetricTable
    threshold: float

    def of(self, metric: str) -> tuple[Estimate, Estimate]:
        """Return a metric then and now."""
        return self.then.estimate(metric, 0), self.now.estimate(metric, 0)

    @property
    def still_ranks(self) -> bool:
        """Whether the interval of the AUC now lies above one half."""
        low = self.now.estimate("auc", 0).low
        return low is not None and low > 0.5

    @property
    def ranking_p(self) -> float | None:
        """p-value that the two AUC are one, two-sided, on the logit scale of their intervals; None = not testable."""
        sides = self.of("auc")
        if any(
            s.value is None or s.low is None or s.high is None or not 0 < s.low < s.high < 1 for s in sides
        ):
            return None
        middle, low, high = (logit([getattr(s, name) for s in sides]) for name in ("value", "low", "high"))
        error = np.hypot(*((high - low) / (2 * z_value(0.95))))
        return float(2 * ndtr(-abs(middle[1] - middle[0]) / error))

    @property
    def ranks_worse(self) -> bool:
        """Whether the AUC is shown to be lower now."""
        then, now = (s.value for s in self.of("auc"))
        p = self.ranking_p
        return p is not None and p < ALPHA and then is not None and now is not None and now < then

    @property
    def means_what_it_says(self) -> bool | None:
        """Whether the mean score now lies in the interval of the favourable share now; None = unknown."""
        mean, rate = self.now.estimate("mean_score", 0), self.now.estimate("base_rate", 0)
        if mean.value is None or rate.low is None or rate.high is None:
            return None
        return rate.low <= mean.value <= rate.high

    @property
    def declined_moved(self) -> bool:
        """Whether the favourable share of those below the threshold has moved: the intervals do not meet."""
        then, now = self.of("for_rate")
        if then.low is None or then.high is None or now.low is None or now.high is None:
            return False
        return now.low > then.high or now.high < then.low


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """Scores of a data set: float64 (n,), NaN = none; outcome int8 (n,), weight float64 (n,) or None."""

    score: FloatArray
    outcome: NDArray[np.int8]
    weight: FloatArray | None = None
    counts: GroupCounts | None = field(default=None, repr=False)

    def table(self, threshold: float) -> MetricTable:
        """Compute ``METRICS``."""
        counts = self.counts or count(self.outcome, self.score, None, weight=self.weight)
        return metric_table(counts, threshold, bootstrap=0, metrics=METRICS)


def score_shift(then: Scored, now: Scored, *, threshold: float = 0.5) -> ScoreShift:
    """Compare the scores of two data sets.

    Parameters
    ----------
    then, now : Scored
        Scores on the probability scale of the favourable outcome.
    threshold : float
        In [0, 1].
    """
    sides = [pd.Series(s.score, name=SCORE) for s in (then, now)]
    drift = column_drift(sides[0], sides[1])
    return ScoreShift(
        # One test of its own, of the known scores: nothing else was tried with it.
        drift=replace(
            drift, q_value=drift.test.p_value, blank_q=drift.blank_p, cells=_cells(then.score, drift)
        ),
        then=then.table(threshold),
        now=now.table(threshold),
        threshold=threshold,
    )


def score_shift_of_counts(then: GroupCounts, now: GroupCounts, *, threshold: float = 0.5) -> ScoreShift:
    """Compare the scores of two data sets that are counted by thousandths, such as those of a portfolio.

    Parameters
    ----------
    then, now : GroupCounts
        Of everyone.
    threshold : float
        In [0, 1].

    Returns
    -------
    ScoreShift
        As of `score_shift`, but that the tenths of the first data set end on thousandths, the test sees a difference
        between thousandths only (its p-value is too large, never too small), and the medians are not known.
    """
    sides = [side.total() for side in (then, now)]
    rows = [side.counts[0].sum(axis=0) for side in sides]
    scored = [one[:NO_SCORE] for one in rows]
    edges = _grid_edges(scored[0])
    starts = np.concatenate(([0], np.searchsorted(EDGES, edges)))
    drift = drift_of_counts(
        SCORE,
        "number",
        edge_names(edges, _percent),
        [np.add.reduceat(one, starts).astype(np.int64) for one in scored],
        [int(one.sum()) for one in rows],
        tests=1,
        test=lambda: kolmogorov_smirnov_of_counts(scored[0], scored[1], cells="thousandths"),
    )
    means = [_mean(side, int(one.sum())) for side, one in zip(sides, scored, strict=True)]
    tables = [metric_table(side, threshold, bootstrap=0, metrics=METRICS) for side in sides]
    return ScoreShift(
        drift=replace(
            drift, q_value=drift.test.p_value, blank_q=drift.blank_p, mean_then=means[0], mean_now=means[1]
        ),
        then=tables[0],
        now=tables[1],
        threshold=threshold,
    )


def _grid_edges(rows: NDArray[np.int64]) -> FloatArray:
    """Return the tenths of scores as thousandths above the lowest; one that many scores have is a cell by itself."""
    n = int(rows.sum())
    if n == 0:
        return np.empty(0)
    places = np.floor((n - 1) * np.arange(1, CELLS) / CELLS)
    cells, times = np.unique(np.searchsorted(np.cumsum(rows), places, side="right"), return_counts=True)
    cells = np.unique(np.concatenate((cells, cells[times > 1] + 1)))
    edges: FloatArray = EDGES[cells[(cells > 0) & (cells < EDGES.size)]]
    return edges


def _mean(counts: GroupCounts, n: int) -> float | None:
    """Return the mean score of the rows, where rows count alike and their sum is known."""
    if n == 0 or counts.is_weighted or counts.score_sums is None:
        return None
    return float(counts.score_sums().values[0, :, 0].sum()) / n


def _percent(x: float) -> str:
    return f"{100 * x:.3g} %" if np.isfinite(x) else "inf"


def _cells(score: FloatArray, drift: ColumnDrift) -> tuple[str, ...]:
    """Name the ranges in percent."""
    known = np.sort(score[np.isfinite(score)])
    if not known.size:
        return drift.cells
    names = edge_names(inner_edges(known), _percent)
    return (*names, *drift.cells[len(names) :])
