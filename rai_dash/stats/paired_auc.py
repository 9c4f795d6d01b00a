"""The areas under the ROC curves of two scores of the same rows, and their difference by DeLong's method."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from rai_dash.stats.intervals import effective_size, z_value

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

ONE_OUTCOME = "applicants of both outcomes are needed"
TWO_NEEDED = "an interval needs at least two applicants of each outcome"
SAME_ORDER = "both models put these applicants in the same order"
NO_SPREAD = "every applicant's place differs alike, so that the rows do not say how sure this is"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedAuc:
    """Two areas of the same rows; None = undefined.

    Parameters
    ----------
    a, b : float or None
        Areas of the first and of the second score.
    difference, error : float or None
        b less a, and its standard error.
    p_value : float or None
        Two-sided, of no difference; 1 where both scores put the rows in one order.
    favourable, unfavourable : int
        Rows of each outcome.
    reason : str or None
        Why there is no area, or no interval.
    """

    a: float | None
    b: float | None
    difference: float | None
    error: float | None
    p_value: float | None
    favourable: int
    unfavourable: int
    reason: str | None = None

    def limits(self, level: float = 0.95) -> tuple[float, float] | None:
        """Return the interval of the difference; None = there is none."""
        if self.difference is None or not self.error:
            return None
        half = z_value(level) * self.error
        return max(-1.0, self.difference - half), min(1.0, self.difference + half)


def paired_auc(
    a: FloatArray, b: FloatArray, favourable: BoolArray, weight: FloatArray | None = None
) -> PairedAuc:
    """Compare how well two scores order the same rows.

    Parameters
    ----------
    a, b : float64 (n,)
        Finite scores.
    favourable : bool (n,)
        Outcomes.
    weight : float64 (n,), optional
        None = every weight is 1; else variances rest on Kish's effective sizes.

    References
    ----------
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated
    receiver operating characteristic curves: a nonparametric approach. Biometrics 44, 837-845.
    """
    weights = np.ones(len(a)) if weight is None else weight
    good, bad = favourable & (weights > 0), ~favourable & (weights > 0)
    n_good, n_bad = int(good.sum()), int(bad.sum())
    if not min(n_good, n_bad):
        return PairedAuc(
            a=None, b=None, difference=None, error=None, p_value=None, favourable=n_good, unfavourable=n_bad,
            reason=ONE_OUTCOME,
        )  # fmt: skip
    # Of each row: the share of the other outcome that it beats, under either score.
    placed = [
        (_beaten(s[good], s[bad], weights[bad]), _beaten(-s[bad], -s[good], weights[good])) for s in (a, b)
    ]
    areas = [_mean(on_good, weights[good]) for on_good, _ in placed]
    if min(n_good, n_bad) < 2:
        return PairedAuc(
            a=areas[0], b=areas[1], difference=areas[1] - areas[0], error=None, p_value=None, favourable=n_good,
            unfavourable=n_bad, reason=TWO_NEEDED,
        )  # fmt: skip
    variance = sum(
        _variance(second - first, weights[rows])
        for first, second, rows in zip(placed[0], placed[1], (good, bad), strict=True)
    )
    difference, error = areas[1] - areas[0], float(np.sqrt(variance))
    found = PairedAuc(
        a=areas[0], b=areas[1], difference=difference, error=None, p_value=None, favourable=n_good,
        unfavourable=n_bad,
    )  # fmt: skip
    if error == 0.0:
        is_same = difference == 0.0
        return replace(found, p_value=1.0 if is_same else None, reason=SAME_ORDER if is_same else NO_SPREAD)
    return replace(found, error=error, p_value=float(2.0 * ndtr(-abs(difference) / error)))


def _beaten(own: FloatArray, others: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the weighted share of the others with a lower score, ties half, float64 (own,)."""
    order = np.argsort(others, kind="stable")
    ordered, below = others[order], np.concatenate(([0.0], np.cumsum(weight[order])))
    lower = below[np.searchsorted(ordered, own, side="left")]
    not_higher = below[np.searchsorted(ordered, own, side="right")]
    share: FloatArray = (lower + not_higher) / (2.0 * below[-1])
    return share


def _mean(values: FloatArray, weight: FloatArray) -> float:
    return float(values @ weight / weight.sum())


def _variance(values: FloatArray, weight: FloatArray) -> float:
    """Return the variance of the weighted mean."""
    size = float(effective_size(weight.sum(), weight @ weight))
    spread = float(weight @ (values - _mean(values, weight)) ** 2 / weight.sum())
    return spread / (size - 1.0) if size > 1.0 else float("nan")
