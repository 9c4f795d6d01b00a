"""Numbers made of several rates; their intervals come from the count bootstrap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.estimates import Estimates
from rai_dash.core.texts import mark, tr
from rai_dash.metrics._base import ONE_CLASS, MetricInput, composite, metric, ratio
from rai_dash.metrics._confusion import Confusion

FloatArray = NDArray[np.float64]


@metric(
    "balanced_accuracy",
    label=mark("Balanced accuracy"),
    meaning=mark("The mean of the share right among favourable and among unfavourable outcomes."),
    direction="higher",
    family="composite",
)
def balanced_accuracy(given: MetricInput) -> Estimates:
    """Compute ``(recall + tnr) / 2``; undefined where a class is empty."""

    def formula(c: Confusion) -> FloatArray:
        return (ratio(c.tp, c.tp + c.fn) + ratio(c.tn, c.fp + c.tn)) / 2.0

    return composite(given, formula, undefined=ONE_CLASS)


@metric(
    "f1",
    label=mark("F1"),
    meaning=mark("The harmonic mean of precision and recall."),
    direction="higher",
    family="composite",
)
def f1(given: MetricInput) -> Estimates:
    """Compute ``2 tp / (2 tp + fp + fn)``; undefined where nobody is approved nor favourable."""

    def parts(c: Confusion) -> tuple[FloatArray, FloatArray]:
        return 2.0 * c.tp, 2.0 * c.tp + c.fp + c.fn

    undefined = tr("nobody with a score in this group is approved or has a favourable outcome")
    # It is a function of tp / (tp + fp + fn) alone: how many unfavourable outcomes there are does not matter.
    favourable = given.sums.tp + given.sums.fn
    return composite(
        given,
        lambda c: ratio(*parts(c)),
        undefined=undefined,
        parts=parts(given.sums),
        rests_on=favourable,
    )
