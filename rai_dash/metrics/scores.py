"""Mean score and Brier score: means over rows, whatever the threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.estimates import Estimates, reasons
from rai_dash.core.texts import mark
from rai_dash.metrics._base import NO_JUDGED, NO_SCORED, MetricInput, metric, ratio
from rai_dash.metrics._cells import HALF_CELL, cell_sums
from rai_dash.stats.intervals import effective_size, mean_interval

FloatArray = NDArray[np.float64]


@metric(
    "mean_score",
    label=mark("Mean score"),
    meaning=mark("The mean of the scores: the approval probability the model gives on average."),
    direction="neutral",
    family="score",
)
def mean_score(given: MetricInput) -> Estimates:
    """Compute ``sum w s / sum w`` over rows with a score; undefined without one."""
    return _mean(given.counts, slice(0, 3), (0, 1), undefined=NO_SCORED, bound=HALF_CELL)


@metric(
    "brier",
    label=mark("Brier score"),
    meaning=mark("The mean squared distance between score and outcome; 0 is perfect."),
    direction="lower",
    family="score",
)
def brier(given: MetricInput) -> Estimates:
    """Compute ``sum w (s - y)**2 / sum w`` over labelled rows with a score; undefined without one."""
    return _mean(given.counts, slice(0, 2), (2, 3), undefined=NO_JUDGED, bound=2 * HALF_CELL)


def _mean(
    counts: GroupCounts, labels: slice, powers: tuple[int, int], *, undefined: str, bound: float
) -> Estimates:
    """Return the mean of a number over some labels from its sum and the sum of its squares."""
    from_rows = counts.score_sums is not None
    sums = counts.score_sums() if counts.score_sums is not None else cell_sums(counts)
    first, second = (sums.values[:, labels, power].sum(axis=1) for power in powers)
    total = counts.sums[:, labels, :NO_SCORE].sum(axis=(1, 2))
    size = effective_size(total, counts.squares[:, labels, :NO_SCORE].sum(axis=(1, 2)))
    mean = ratio(first, total)
    variance = np.maximum(ratio(second, total) - mean**2, 0.0)
    low, high = mean_interval(mean, np.sqrt(variance), size)
    return Estimates(
        value=mean, low=low, high=high, numerator=first, denominator=total, size=size,
        reason=reasons(mean, undefined), source="rows" if from_rows else "cells",
        bound=None if from_rows else np.where(np.isnan(mean), np.nan, bound),
    )  # fmt: skip
