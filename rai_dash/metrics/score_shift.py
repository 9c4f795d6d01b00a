"""Scores of two data sets: whether they moved, still rank, and what a threshold that was set then means now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit, ndtr

from rai_dash.core.counts import GroupCounts
from rai_dash.core.types import Estimate
from rai_dash.data.column_drift import ColumnDrift, column_drift
from rai_dash.data.counting import count
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.stats.drift import edge_names, inner_edges
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


def _cells(score: FloatArray, drift: ColumnDrift) -> tuple[str, ...]:
    """Name the ranges in percent."""
    known = np.sort(score[np.isfinite(score)])
    if not known.size:
        return drift.cells
    names = edge_names(inner_edges(known), lambda x: f"{100 * x:.3g} %")
    return (*names, *drift.cells[len(names) :])
