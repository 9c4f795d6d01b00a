"""Curves of every group as plain values, for the JSON of an audit."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.estimates import plain
from rai_dash.metrics import curves

FloatArray = NDArray[np.float64]

#: One point of a curve in so many thresholds of the grid: every percent, exactly.
STEP: Final = 10
CALIBRATION_BINS: Final = 10
SCORE_BINS: Final = 50


def curves_json(counts: GroupCounts) -> dict[str, object]:
    """Describe calibration, ROC, precision-recall and the distribution of scores of each group.

    Parameters
    ----------
    counts : GroupCounts
        One sensitive column or cross, or everyone.

    Returns
    -------
    dict
        Group to ``{"calibration": {left, right, mean_score, observed, low, high, rows}, "thresholds": {threshold, fpr,
        recall, precision}, "scores": {left, right, unfavourable, favourable, unknown, without_score}}``; lists of equal
        length, undefined = None. Thresholds are 0, 0.01 ... 1; calibration has 10 bins, scores have 50.
    """
    return {name: _one(counts.group(i)) for i, name in enumerate(counts.groups)}


def _one(counts: GroupCounts) -> dict[str, object]:
    calibration = curves.calibration_curve(counts, bins=CALIBRATION_BINS)
    scores = curves.score_histogram(counts, bins=SCORE_BINS)
    roc, precision_recall = curves.roc(counts), curves.precision_recall(counts)
    return {
        "calibration": {
            name: _plain(getattr(calibration, name))
            for name in ("left", "right", "mean_score", "observed", "low", "high", "rows")
        },
        "thresholds": {
            "threshold": _plain(precision_recall.threshold[::STEP]),
            "fpr": _plain(roc.fpr[:-1:STEP]),
            "recall": _plain(roc.recall[:-1:STEP]),
            "precision": _plain(precision_recall.precision[::STEP]),
        },
        "scores": {
            **{
                name: _plain(getattr(scores, name))
                for name in ("left", "right", "unfavourable", "favourable", "unknown")
            },
            "without_score": scores.without_score,
        },
    }


def _plain(values: FloatArray) -> list[float | None]:
    return [plain(v) for v in values]
