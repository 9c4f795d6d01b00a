"""Curves of one group over all thresholds, from its cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import EDGES, LAST_CELL, NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.metrics._base import ratio
from rai_dash.metrics._cells import CELL_SCORE
from rai_dash.stats.intervals import effective_size, wilson

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RocCurve:
    """False positive rate and recall at each threshold from 0 to 1, and at none (NaN): nobody approved.

    All float64 (1002,); NaN = undefined, where a class is empty.
    """

    threshold: FloatArray
    fpr: FloatArray
    recall: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrecisionRecallCurve:
    """Precision and recall at each threshold from 0 to 1, float64 (1001,).

    Precision is undefined (NaN) where nobody is approved; ``base_rate`` is that of approving everyone.
    """

    threshold: FloatArray
    precision: FloatArray
    recall: FloatArray
    base_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalibrationCurve:
    """Observed share of favourable outcomes by bin of scores.

    Parameters
    ----------
    left, right : float64 (bins,)
        Ends of the bin ``[left, right)``; the last one includes 1.
    mean_score : float64 (bins,)
        From cells, within 0.0005 of the mean over rows; NaN = empty bin.
    observed, low, high : float64 (bins,)
        Share of favourable outcomes with Wilson's interval; NaN = empty bin.
    rows : float64 (bins,)
        Labelled rows (weights where there are weights).
    """

    left: FloatArray
    right: FloatArray
    mean_score: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray
    rows: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreHistogram:
    """Rows by bin of scores and label.

    Parameters
    ----------
    left, right : float64 (bins,)
        Ends of the bin ``[left, right)``; the last one includes 1.
    unfavourable, favourable, unknown : float64 (bins,)
        Rows (weights where there are weights).
    without_score : float
        Rows that are in no bin.
    """

    left: FloatArray
    right: FloatArray
    unfavourable: FloatArray
    favourable: FloatArray
    unknown: FloatArray
    without_score: float


def roc(counts: GroupCounts) -> RocCurve:
    """Compute the ROC curve of one group; every point is exact.

    Raises
    ------
    InvalidChoice
        When the counts hold several groups.
    """
    bad, good = at_or_above_each_edge(one_group(counts))[:2]
    bad, good = np.append(bad, 0.0), np.append(good, 0.0)
    return RocCurve(
        threshold=np.append(EDGES, np.nan),
        fpr=ratio(bad, np.full_like(bad, bad[0])),
        recall=ratio(good, np.full_like(good, good[0])),
    )


def precision_recall(counts: GroupCounts) -> PrecisionRecallCurve:
    """Compute the precision-recall curve of one group; every point is exact.

    Raises
    ------
    InvalidChoice
        When the counts hold several groups.
    """
    bad, good = at_or_above_each_edge(one_group(counts))[:2]
    precision = ratio(good, good + bad)
    return PrecisionRecallCurve(
        threshold=EDGES.copy(),
        precision=precision,
        recall=ratio(good, np.full_like(good, good[0])),
        base_rate=None if np.isnan(precision[0]) else float(precision[0]),
    )


def calibration_curve(counts: GroupCounts, *, bins: int = 10) -> CalibrationCurve:
    """Compare scores with outcomes in bins of equal width.

    Parameters
    ----------
    counts : GroupCounts
        One group.
    bins : int
        A divisor of 1,000, so that every bin is a run of cells.

    Raises
    ------
    InvalidChoice
        When the counts hold several groups, or the bins do not divide 1,000.
    """
    sums, edges = one_group(counts)[:2], _bin_edges(bins)
    squares = counts.squares[0, :2, :NO_SCORE]
    total = _by_bin(sums.sum(axis=0), bins)
    observed = ratio(_by_bin(sums[1], bins), total)
    size = effective_size(total, _by_bin(squares.sum(axis=0), bins))
    low, high = wilson(observed * size, size)
    return CalibrationCurve(
        left=edges[:-1],
        right=edges[1:],
        mean_score=ratio(_by_bin(sums.sum(axis=0) * CELL_SCORE, bins), total),
        observed=observed,
        low=low,
        high=high,
        rows=total,
    )


def score_histogram(counts: GroupCounts, *, bins: int = 50) -> ScoreHistogram:
    """Count scores in bins of equal width, by label.

    Parameters
    ----------
    counts : GroupCounts
        One group.
    bins : int
        A divisor of 1,000, so that every bin is a run of cells.

    Raises
    ------
    InvalidChoice
        When the counts hold several groups, or the bins do not divide 1,000.
    """
    sums, edges = one_group(counts), _bin_edges(bins)
    unfavourable, favourable, unknown = (_by_bin(label, bins) for label in sums)
    return ScoreHistogram(
        left=edges[:-1],
        right=edges[1:],
        unfavourable=unfavourable,
        favourable=favourable,
        unknown=unknown,
        without_score=float(counts.without_score()[0].sum()),
    )


def one_group(counts: GroupCounts) -> FloatArray:
    """Return the sums (3, 1001) of the only group."""
    if counts.n_groups != 1:
        msg = tr(
            "A curve is of one group, got {n_groups}. Take counts.total() or counts.group(i).",
            n_groups=counts.n_groups,
        )
        raise InvalidChoice(msg)
    return counts.sums[0, :, :NO_SCORE]


def at_or_above_each_edge(sums: FloatArray) -> FloatArray:
    """Sum each label from each edge upwards, (3, 1001)."""
    return np.cumsum(sums[:, ::-1], axis=1)[:, ::-1]


def _bin_edges(bins: int) -> FloatArray:
    """Return the ends of the bins, float64 (bins + 1,)."""
    if bins < 1 or LAST_CELL % bins:
        msg = tr(
            "{bins} bins do not divide the 1,000 cells evenly. Choose 10, 20, 25, 40, 50 or 100.", bins=bins
        )
        raise InvalidChoice(msg)
    return EDGES[:: LAST_CELL // bins].copy()


def _by_bin(cells: FloatArray, bins: int) -> FloatArray:
    """Sum cells (1001,) into bins; the score 1 joins the last bin."""
    out: FloatArray = cells[:LAST_CELL].reshape(bins, -1).sum(axis=1)
    out[-1] += cells[LAST_CELL]
    return out
