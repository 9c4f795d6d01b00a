"""Undoing what resampling does to the scores: fairness.md section 10."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def prior_corrected(score: FloatArray, *, before: float, after: float) -> FloatArray:
    """Move scores from the share of favourable outcomes that was trained on to the share that there was.

    ``odds' = odds(p) * before / (1 - before) * (1 - after) / after`` and ``p' = odds' / (1 + odds')``.

    Parameters
    ----------
    score : float64 (n,)
        Probability of the favourable outcome from the model trained on resampled rows.
    before, after : float
        Share of favourable outcomes (weighted) in the original and in the resampled training fold, within 0 and 1.

    Returns
    -------
    float64 (n,)
        0 and 1 stay as they are, and the order of the scores never changes.

    References
    ----------
    Elkan, C. (2001). The foundations of cost-sensitive learning. IJCAI, theorem 2.
    """
    factor = before / (1.0 - before) * (1.0 - after) / after
    # The same fraction written without odds, which are infinite at 1.
    return np.asarray(score * factor / (1.0 - score + score * factor), dtype=np.float64)


def log_loss(outcome: NDArray[np.int8], score: FloatArray, weight: FloatArray | None) -> float:
    """Compute the mean of ``-log`` of the probability given to what happened; scores are kept off 0 and 1.

    Parameters
    ----------
    outcome : int8 (n,)
        0 or 1.
    score : float64 (n,)
        Probability of 1.
    weight : float64 (n,) or None
        Of each row.

    Returns
    -------
    float
        NaN without a row of positive weight. Scores are clipped at the rounding unit of doubles, as scikit-learn does.
    """
    total = float(outcome.size if weight is None else weight.sum())
    if total <= 0.0:
        return float("nan")
    eps = float(np.finfo(np.float64).eps)
    p = np.clip(score, eps, 1.0 - eps)
    loss = -np.where(outcome == 1, np.log(p), np.log1p(-p))
    return float(np.average(loss, weights=weight))


def share_above(score: FloatArray, weight: FloatArray | None) -> FloatArray:
    """Place each row by rank: 1 minus the share of rows that score as high or higher, float64 (n,) in [0, 1).

    Approving where this is at least ``1 - q`` approves the best share ``q``; rows with the same score go together.
    NaN without a score.
    """
    out = np.full(score.size, np.nan)
    known = np.isfinite(score)
    own = np.ones(int(known.sum())) if weight is None else weight[known]
    if not own.sum() > 0.0:
        return out
    _, place = np.unique(score[known], return_inverse=True)
    sums = np.bincount(place, weights=own)
    as_high = sums[::-1].cumsum()[::-1] / sums.sum()
    out[known] = np.clip(1.0 - as_high[place], 0.0, 1.0)
    return out
