"""How wrong the machine is against how much it decides alone: review-band.md section 11."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.types import FAVOURABLE
from rai_dash.review.rows import rows_of

FloatArray = NDArray[np.float64]
NO_ROWS = "no applicant has both a score and a known outcome"
#: Points of the curve that leave the app; the areas are always those of all points.
_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiskCoverage:
    """The curve of all symmetric bands around the threshold, and the areas under it.

    Parameters
    ----------
    n : int
        Rows with a score and a known outcome.
    theta : float64 (points,)
        Distances from the threshold from which on the machine decides, ascending; NaN for the last point, where it
        decides nothing. Rows at one distance are one point.
    coverage : float64 (points,)
        Share of the rows that it decides, falling from 1 to 0.
    selective : float64 (points,)
        Share of errors among those; at coverage 0 the last value is repeated.
    generalised : float64 (points,)
        Errors per row of all; 0 at coverage 0.
    aurc, augrc : float or None
        Areas under the two over coverage, by trapezoids; None without rows.
    reason : str or None
        Why they are undefined.
    """

    n: int
    theta: FloatArray
    coverage: FloatArray
    selective: FloatArray
    generalised: FloatArray
    aurc: float | None
    augrc: float | None
    reason: str | None = None

    def to_json(self, *, points: int = _SHOWN) -> dict[str, object]:
        """Return the areas and at most so many points, evenly spread, as plain values."""
        shown = np.unique(np.linspace(0, max(self.coverage.size - 1, 0), points).astype(np.int64))
        shown = shown[: self.coverage.size]
        curve = [
            {"theta": None if np.isnan(t) else t, "coverage": c, "selective": s, "generalised": g}
            for t, c, s, g in zip(
                *(a[shown].tolist() for a in (self.theta, self.coverage, self.selective, self.generalised)),
                strict=True,
            )
        ]
        return {"n": self.n, "aurc": self.aurc, "augrc": self.augrc, "reason": self.reason, "curve": curve}


def risk_coverage(
    score: ArrayLike, label: ArrayLike, *, threshold: float, weight: ArrayLike | None = None
) -> RiskCoverage:
    """Compute the curve and its areas.

    Parameters
    ----------
    score : float (n,)
        Widened to float64; rows without a finite score are left out.
    label : int8 (n,)
        1 favourable, 0 unfavourable; rows with another label are left out.
    threshold : float
        The decision is favourable when ``score >= threshold``; confidence is the distance from it.
    weight : float64 (n,), optional
        Rows of weight 0 are left out.

    References
    ----------
    Traub, J. et al. (2024). Overcoming common flaws in the evaluation of selective classification systems. NeurIPS 37
    (AUGRC). Geifman, Y. and El-Yaniv, R. (2017). Selective classification for deep neural networks. NeurIPS 30.

    Examples
    --------
    >>> curve = risk_coverage([0.9, 0.6, 0.2, 0.4], [1, 0, 0, 0], threshold=0.5)
    >>> [round(float(x), 2) for x in curve.coverage], curve.aurc, curve.augrc
    ([1.0, 0.5, 0.25, 0.0], 0.0625, 0.0625)
    """
    rows = rows_of(score, label, weight)
    rows = rows.where(rows.has_score & rows.has_label & (rows.weight > 0))
    if not rows.score.size:
        nothing = np.empty(0)
        return RiskCoverage(
            n=0, theta=nothing, coverage=nothing, selective=nothing, generalised=nothing, aurc=None, augrc=None,
            reason=NO_ROWS,
        )  # fmt: skip
    wrong = (rows.score >= threshold) != (rows.label == FAVOURABLE)
    theta, tie = np.unique(np.abs(rows.score - threshold), return_inverse=True)
    mass = _at_or_above(tie, rows.weight, theta.size)
    errors = _at_or_above(tie, rows.weight * wrong, theta.size)
    coverage = np.append(mass / mass[0], 0.0)
    selective = errors / mass
    selective = np.append(selective, selective[-1])
    generalised = np.append(errors / mass[0], 0.0)
    return RiskCoverage(
        n=rows.score.size,
        theta=np.append(theta, np.nan),
        coverage=coverage,
        selective=selective,
        generalised=generalised,
        aurc=-float(np.trapezoid(selective, coverage)),
        augrc=-float(np.trapezoid(generalised, coverage)),
    )


def _at_or_above(tie: NDArray[np.int64], amount: FloatArray, size: int) -> FloatArray:
    """Add up an amount over the rows of each tie and of all later ones."""
    sums = np.bincount(tie, weights=amount, minlength=size).astype(np.float64)
    return np.cumsum(sums[::-1])[::-1]
