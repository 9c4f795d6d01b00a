"""Whether the score can be read as a probability, whatever the threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.estimates import Estimates, reasons
from rai_dash.core.figures import BLURRED
from rai_dash.core.texts import mark
from rai_dash.metrics._base import ONE_CLASS, MetricInput, metric
from rai_dash.metrics._cells import cell_blocks
from rai_dash.stats.calibration import recalibrate

FloatArray = NDArray[np.float64]

TOO_CLOSE = "the scores lie too close together to be told apart by counts"
NO_SLOPE = "the outcomes are all the same, the scores are, or a cut on the score separates the outcomes"


@metric(
    "calibration_intercept",
    label=mark("Calibration intercept"),
    meaning=mark("0 where scores are right on average; below 0 they promise too much."),
    direction="neutral",
    family="calibration",
)
def calibration_intercept(given: MetricInput) -> Estimates:
    """Compute ``a`` in ``logit P(y=1) = a + logit s`` by maximum likelihood; undefined with one class."""
    return _estimates(given.counts, "calibration_intercept", ONE_CLASS)


@metric(
    "calibration_slope",
    label=mark("Calibration slope"),
    meaning=mark("1 where scores spread as they should; below 1 they are too extreme."),
    direction="neutral",
    family="calibration",
)
def calibration_slope(given: MetricInput) -> Estimates:
    """Compute ``b`` in ``logit P(y=1) = a + b logit s`` by maximum likelihood.

    Undefined with one class, equal scores, or scores that separate the classes.
    """
    return _estimates(given.counts, "calibration_slope", NO_SLOPE)


def _estimates(counts: GroupCounts, name: str, undefined: str) -> Estimates:
    """Return one of the two with limits, from rows or fine cells where they were counted."""
    if counts.figures is not None:
        figures = counts.figures()
        value, low, high = (getattr(figures, name + end) for end in ("", "_low", "_high"))
        source = figures.source
    else:
        found = recalibrate(cell_blocks(counts))
        short = name.removeprefix("calibration_")
        value, low, high = (getattr(found, short + end) for end in ("", "_low", "_high"))
        source = "cells"
    nothing = np.full(value.shape, np.nan)
    rows = counts.sums[:, :2, :NO_SCORE].sum(axis=(1, 2))
    return Estimates(
        value=value, low=low, high=high, numerator=nothing, denominator=nothing, size=rows,
        reason=_why(counts, value, undefined), source=source,
    )  # fmt: skip


def _why(counts: GroupCounts, value: FloatArray, undefined: str) -> tuple[str | None, ...]:
    """Say why a value is undefined: also where fine cells cannot tell the scores apart."""
    bound = None if counts.figures is None else counts.figures().auc_bound
    found = reasons(value, undefined)
    if bound is None:
        return found
    is_blurred = np.isnan(value) & (bound > BLURRED)
    return tuple(TOO_CLOSE if is_so else text for text, is_so in zip(found, is_blurred, strict=True))
