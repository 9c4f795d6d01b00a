"""How good scores are, with what each row contributes: the figures whose drop permutation importance measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.metrics._base import Costs

FloatArray = NDArray[np.float64]
#: As in scikit-learn: a probability of 0 or 1 that turns out wrong costs 36, not infinity.
_TINY = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One figure of some scores.

    Parameters
    ----------
    value : float
        The figure; NaN = undefined.
    influence : float64 (n,)
        Derivative of the figure by the weight of each row, with mean 0: the variance of the figure over samples is
        ``mean(influence**2) / n``.
    """

    value: float
    influence: FloatArray


#: Scores and outcomes (1 favourable, 0 not) to a figure.
Judge = Callable[[FloatArray, NDArray[np.bool_]], Judged]


def auc(score: FloatArray, good: NDArray[np.bool_]) -> Judged:
    """Compute the area under the ROC curve; a row's influence is its DeLong component.

    References
    ----------
    DeLong, E. R. et al. (1988). Comparing the areas under two or more correlated receiver operating characteristic
    curves: a nonparametric approach. Biometrics 44, 837-845.
    """
    m, k = int(good.sum()), int((~good).sum())
    if not m or not k:
        return Judged(np.nan, np.full(len(score), np.nan))
    up, down = np.sort(score[good]), np.sort(score[~good])
    below = (np.searchsorted(down, score, "left") + np.searchsorted(down, score, "right")) / (2.0 * k)
    above = 1.0 - (np.searchsorted(up, score, "left") + np.searchsorted(up, score, "right")) / (2.0 * m)
    won = np.where(good, below, above)
    value = float(won[good].mean())
    return Judged(value, (won - value) * np.where(good, len(score) / m, len(score) / k))


def _mean(loss: FloatArray) -> Judged:
    value = float(loss.mean()) if loss.size else np.nan
    return Judged(value, loss - value)


def brier(score: FloatArray, good: NDArray[np.bool_]) -> Judged:
    """Compute the mean squared error of the probabilities."""
    return _mean((score - good) ** 2)


def log_loss(score: FloatArray, good: NDArray[np.bool_]) -> Judged:
    """Compute the mean negative log-likelihood, as scikit-learn does."""
    p = np.clip(score, _TINY, 1.0 - _TINY)
    return _mean(-np.log(np.where(good, p, 1.0 - p)))


def cost_of(costs: Costs, threshold: float) -> Judge:
    """Return the cost per application of deciding by a threshold (`rai_dash.metrics.cost`, everybody scored)."""

    def cost(score: FloatArray, good: NDArray[np.bool_]) -> Judged:
        approved = score >= threshold
        wrong = costs.cost_fp * (approved & ~good) + costs.cost_fn * (~approved & good)
        return _mean(wrong)

    return cost
