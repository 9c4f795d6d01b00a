"""How well the score orders people, whatever the threshold."""

from __future__ import annotations

import numpy as np

from rai_dash.core.cells import NO_SCORE
from rai_dash.core.estimates import Estimates, reasons
from rai_dash.core.texts import mark
from rai_dash.metrics._base import ONE_CLASS, MetricInput, metric
from rai_dash.metrics._cells import cell_blocks
from rai_dash.stats.auc import auc as auc_of_blocks


@metric(
    "auc",
    label=mark("AUC"),
    meaning=mark(
        "The chance that someone with a favourable outcome scores above someone without; 0.5 is a coin."
    ),
    direction="higher",
    family="ranking",
)
def auc(given: MetricInput) -> Estimates:
    """Compute the area under the ROC curve; undefined where a class is empty.

    From cells, the exact value lies within ``bound`` of the value.
    """
    counts = given.counts
    totals = counts.sums[:, :2, :NO_SCORE].sum(axis=2)
    pairs = totals[:, 0] * totals[:, 1]
    if counts.figures is not None:
        figures = counts.figures()
        value, low, high = figures.auc, figures.auc_low, figures.auc_high
        bound, source = figures.auc_bound, figures.source
    else:
        found = auc_of_blocks(cell_blocks(counts))
        value, low, high, bound, source = found.auc, found.low, found.high, found.tied_half, "cells"
    return Estimates(
        value=value, low=low, high=high, numerator=value * pairs, denominator=pairs,
        size=np.where(np.isnan(value), 0.0, totals.sum(axis=1)),
        reason=reasons(value, ONE_CLASS), source=source, bound=bound,
    )  # fmt: skip
