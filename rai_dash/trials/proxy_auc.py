"""How well groups are told apart by scores: one against the rest, and the mean over the groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, ndtr
from scipy.stats import rankdata

from rai_dash.core.types import Estimate
from rai_dash.stats.intervals import z_value

FloatArray = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Told:
    """How well groups are told apart.

    Parameters
    ----------
    auc : Estimate
        Mean of the AUC of each group against the rest; with two groups it is the AUC of both.
    p_value : float
        One-sided, against 0.5 (guessing) or less.
    by_group : tuple of Estimate (groups,)
        Each group against the rest.
    """

    auc: Estimate
    p_value: float
    by_group: tuple[Estimate, ...]


def told_apart(score: FloatArray, codes: NDArray[np.int32], *, folds: int | None = None) -> Told:
    """Compute the AUC of each group against the rest and their plain mean, with intervals on the logit scale.

    The mean is a function of the same rows several times over, so DeLong's components of all groups are added row by
    row before they are squared. With two groups that is DeLong's interval.

    Rows of a cross-validation train the models that score each other, so what goes together by chance counts twice.
    Where nothing can be told, DeLong's error was too small by a factor of 1.2 to 1.6 in our simulations, and a proxy
    was seen in 8 to 17 % of tables without one instead of 2.5 %. With ``folds`` the error is multiplied by the factor
    of Nadeau and Bengio, 1.5 for five folds: then in 1 to 3 %, and on the safe side where much can be told.

    Parameters
    ----------
    score : float64 (n, groups)
        How much a row looks like each group.
    codes : int32 (n,)
        Its group; each group has at least two rows.
    folds : int, optional
        Folds of the cross-validation that made the scores; None = the model has not seen any of these rows.

    References
    ----------
    DeLong, E. R. et al. (1988). Comparing the areas under two or more correlated receiver operating
    characteristic curves: a nonparametric approach. Biometrics 44, 837-845.
    Nadeau, C. and Bengio, Y. (2003). Inference for the generalization error. Machine Learning 52, 239-281.
    """
    n_groups = score.shape[1]
    # Both groups of two are the same question: 1 - p would only add rounding.
    asked = [1] if n_groups == 2 else range(n_groups)
    parts = [_against_rest(score[:, g], codes == g) for g in asked]
    # sqrt(1 + folds * test rows / training rows).
    factor = 1.0 if folds is None else float(np.sqrt(1.0 + folds / (folds - 1.0)))
    by_group = [_estimate(area, factor * _spread(influence)) for area, influence in parts]
    area = float(np.mean([a for a, _ in parts]))
    spread = factor * _spread(np.mean([influence for _, influence in parts], axis=0))
    if n_groups == 2:
        by_group *= 2
    smallest = int(np.bincount(codes, minlength=n_groups).min())
    p_value = _p_value(area, spread, smallest, codes.size)
    return Told(auc=_estimate(area, spread), p_value=p_value, by_group=tuple(by_group))


def _against_rest(score: FloatArray, inside: NDArray[np.bool_]) -> tuple[float, FloatArray]:
    """Return the AUC and what each row adds to its error, float64 (n,)."""
    within, outside = score[inside], score[~inside]
    m, k = within.size, outside.size
    ranks = rankdata(score)
    beaten = (ranks[inside] - rankdata(within)) / k
    beating = 1.0 - (ranks[~inside] - rankdata(outside)) / m
    area = float(beaten.mean())
    influence = np.empty(score.size)
    influence[inside] = (beaten - area) / np.sqrt(m * (m - 1.0))
    influence[~inside] = (beating - area) / np.sqrt(k * (k - 1.0))
    return area, influence


def _spread(influence: FloatArray) -> float:
    return float(np.sqrt((influence**2).sum()))


def _estimate(area: float, spread: float) -> Estimate:
    """Give an AUC its interval; one of exactly 0 or 1 has none."""
    if not 0.0 < area < 1.0:
        return Estimate(area)
    centre, half = np.log(area / (1.0 - area)), z_value(LEVEL) * spread / (area * (1.0 - area))
    return Estimate(area, float(expit(centre - half)), float(expit(centre + half)))


def _p_value(area: float, spread: float, smallest: int, n: int) -> float:
    """Test against guessing; groups told apart without a miss: the chance of that order of the rows."""
    if area >= 1.0:
        return float(np.exp(gammaln(smallest + 1) + gammaln(n - smallest + 1) - gammaln(n + 1)))
    if area <= 0.0 or spread == 0.0:
        return 1.0
    return float(ndtr(-np.log(area / (1.0 - area)) * area * (1.0 - area) / spread))
