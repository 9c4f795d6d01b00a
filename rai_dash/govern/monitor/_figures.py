"""Figures of a set of counts, the same for the signed rows and for a batch."""

from __future__ import annotations

import numpy as np

from rai_dash.core.counts import GroupCounts
from rai_dash.core.estimates import Estimates
from rai_dash.core.review_cube import ReviewCube
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN, Estimate
from rai_dash.metrics._base import NO_LABELLED, NO_SCORED
from rai_dash.metrics.table import metric_table
from rai_dash.stats.shares import share_estimates

CALIBRATION = ("calibration_intercept", "calibration_slope", "brier")


def approval(cube: ReviewCube) -> Estimates:
    """Return the approval rates of the groups of a cube whose only cut is the threshold."""
    mass, squares = (part.sum(axis=(1, 2)) for part in (cube.mass, cube.squares))
    return share_estimates(
        mass[:, 1], mass[:, :2].sum(axis=1), squares=squares[:, :2].sum(axis=1), undefined=NO_SCORED
    )


def base_rate(cube: ReviewCube) -> Estimate:
    """Return the share of favourable outcomes of everyone."""
    mass, squares = (part.sum(axis=(0, 2, 3)) for part in (cube.mass, cube.squares))
    known = mass[:UNKNOWN].sum(keepdims=True)
    return share_estimates(
        mass[FAVOURABLE : FAVOURABLE + 1], known, squares=squares[:UNKNOWN].sum(keepdims=True),
        undefined=NO_LABELLED,
    ).at(0)  # fmt: skip


def plain_error(cube: ReviewCube) -> Estimate:
    """Return the share of everyone with a score and an outcome whom the model's own line decides wrongly."""
    mass, squares = (part.sum(axis=(0, 2))[:UNKNOWN, :2] for part in (cube.mass, cube.squares))
    wrong = mass[FAVOURABLE, :1] + mass[UNFAVOURABLE, 1:]
    return share_estimates(
        wrong,
        mass.sum(keepdims=True).ravel(),
        squares=squares.sum(keepdims=True).ravel(),
        undefined=NO_LABELLED,
    ).at(0)


def calibration(scores: GroupCounts) -> dict[str, tuple[Estimate, str]]:
    """Return intercept, slope and Brier score of everyone, each with ``rows`` or ``cells`` as its source."""
    # The threshold has no part in them.
    table = metric_table(scores, 0.5, bootstrap=0, metrics=CALIBRATION)
    return {name: (table.estimate(name, 0), table.values[name].source or "cells") for name in CALIBRATION}


def rows_of(estimate: Estimate) -> int:
    """Return the rows behind a share, 0 where there are none."""
    return 0 if estimate.denominator is None else int(np.rint(estimate.denominator))
