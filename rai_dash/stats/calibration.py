"""Logistic recalibration by maximum likelihood, group by group.

``logit P(y = 1) = a + b logit s``: the intercept is ``a`` with ``b`` fixed at 1, the slope is ``b``
with both free. A calibrated score has intercept 0 and slope 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from rai_dash.stats.blocks import Blocks
from rai_dash.stats.intervals import z_value

FloatArray = NDArray[np.float64]
CLIP = 1e-6
_MAX_STEPS = 100
_TOLERANCE = 1e-10
#: Blocks a group in the rough first fit; it spares all but two or three passes over the rows.
_COARSE = 500


@dataclass(frozen=True, slots=True, eq=False)
class Recalibration:
    """Intercept and slope of each group with limits; float64 (groups,), NaN = undefined.

    The intercept needs both classes; the slope also needs scores that differ and do not separate the
    classes. The limits use the sandwich variance, which holds for weighted rows and a wrong slope.
    """

    intercept: FloatArray
    intercept_low: FloatArray
    intercept_high: FloatArray
    slope: FloatArray
    slope_low: FloatArray
    slope_high: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Parameters (2, groups) and, at them, gradient, information and log-likelihood."""

    beta: FloatArray
    gradient: FloatArray
    information: FloatArray
    likelihood: FloatArray


def recalibrate(blocks: Blocks, *, level: float = 0.95) -> Recalibration:
    """Fit intercept and slope in each group.

    Parameters
    ----------
    blocks : Blocks
        Rows in order, or cells. Scores are clipped to [1e-6, 1 - 1e-6] before the logit.
    level : float
        Two-sided confidence level.

    References
    ----------
    Cox, D. R. (1958). Two further applications of a model for binary regression. Biometrika 45, 562-565.
    """
    has_both = (blocks.sum_by_group(blocks.favourable) > 0) & (blocks.sum_by_group(blocks.unfavourable) > 0)
    coarse = _coarsen(blocks)
    intercept = _estimate(blocks, coarse, has_both, free=1)
    slope = _estimate(blocks, coarse, has_both & _overlaps(blocks), free=2)
    z = z_value(level)
    return Recalibration(
        intercept[0], intercept[0] - z * intercept[1], intercept[0] + z * intercept[1],
        slope[0], slope[0] - z * slope[1], slope[0] + z * slope[1],
    )  # fmt: skip


def _estimate(
    b: Blocks, coarse: Blocks, wanted: NDArray[np.bool_], *, free: int
) -> tuple[FloatArray, FloatArray]:
    """Return estimate and standard error of the last free parameter."""
    start = np.vstack((np.zeros(wanted.size), np.ones(wanted.size)))
    # The rough fit may separate the classes where the rows do not; then it is no start.
    rough = _maximise(coarse, start, wanted & _overlaps(coarse) if free == 2 else wanted, free)
    fit = _maximise(b, rough.beta, wanted, free)
    variance = _sandwich(b, fit, free)
    last = free - 1
    with np.errstate(invalid="ignore"):
        error = np.sqrt(variance[:, last, last])
    return np.where(wanted, fit.beta[last], np.nan), np.where(wanted, error, np.nan)


def _overlaps(b: Blocks) -> NDArray[np.bool_]:
    """Whether no cut on the score separates the classes of a group, so that the slope is finite."""
    has_good, has_bad = b.favourable > 0, b.unfavourable > 0
    score = np.clip(b.score, CLIP, 1.0 - CLIP)

    def largest(where: NDArray[np.bool_], sign: float) -> FloatArray:
        return b.max_by_group(np.where(where, sign * score, -np.inf))

    good_above_bad = largest(has_good, 1.0) > -largest(has_bad, -1.0)
    bad_above_good = largest(has_bad, 1.0) > -largest(has_good, -1.0)
    return good_above_bad & bad_above_good


def _maximise(b: Blocks, start: FloatArray, wanted: NDArray[np.bool_], free: int) -> _Fit:
    """Climb by Newton steps, halved for the groups whose likelihood would fall."""
    x = logit(np.clip(b.score, CLIP, 1.0 - CLIP))
    fit = _evaluate(b, x, start)
    active = wanted.copy()
    for _ in range(_MAX_STEPS):
        step = _newton_step(fit, free)
        step[:, ~active | ~np.isfinite(step).all(axis=0)] = 0.0
        size = np.abs(step).max(axis=0, initial=0.0)
        active = size > _TOLERANCE * (1.0 + np.abs(fit.beta).max(axis=0))
        if not active.any():
            break
        fit = _climb(b, x, fit, np.where(active, step, 0.0))
    return fit


def _climb(b: Blocks, x: FloatArray, fit: _Fit, step: FloatArray) -> _Fit:
    """Take a step that does not lower the likelihood of any group beyond rounding."""
    after = _evaluate(b, x, fit.beta + step)
    for _ in range(_MAX_STEPS):
        slack = 1e-12 * (1.0 + np.abs(fit.likelihood))
        falls = ~(after.likelihood >= fit.likelihood - slack)
        if not falls.any():
            break
        step = np.where(falls, step / 2.0, step)
        after = _evaluate(b, x, fit.beta + step)
    return after


def _evaluate(b: Blocks, x: FloatArray, beta: FloatArray) -> _Fit:
    """Compute gradient, information and log-likelihood of every group."""
    eta = b.spread(beta[0]) + b.spread(beta[1]) * x
    small = np.exp(-np.abs(eta))
    p = np.where(eta >= 0, 1.0, small) / (1.0 + small)
    total = b.favourable + b.unfavourable
    residual = b.favourable - total * p
    curve = total * small / (1.0 + small) ** 2
    likelihood = b.favourable * eta - total * (np.maximum(eta, 0.0) + np.log1p(small))
    rows = [b.sum_by_group(v) for v in (residual, residual * x, curve, curve * x, curve * x**2)]
    return _Fit(beta, np.stack(rows[:2]), np.stack(rows[2:]), b.sum_by_group(likelihood))


def _newton_step(fit: _Fit, free: int) -> FloatArray:
    """Solve information x step = gradient, (2, groups)."""
    h00, h01, h11 = fit.information
    g0, g1 = fit.gradient
    with np.errstate(divide="ignore", invalid="ignore"):
        if free == 1:
            return np.stack((g0 / h00, np.zeros_like(g0)))
        det = h00 * h11 - h01**2
        return np.stack(((h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det))


def _sandwich(b: Blocks, fit: _Fit, free: int) -> FloatArray:
    """Return the variance (groups, 2, 2) of the free parameters."""
    x = logit(np.clip(b.score, CLIP, 1.0 - CLIP))
    eta = b.spread(fit.beta[0]) + b.spread(fit.beta[1]) * x
    p = expit(eta)
    noise = b.favourable_sq * (1.0 - p) ** 2 + b.unfavourable_sq * p**2
    j00, j01, j11 = (b.sum_by_group(v) for v in (noise, noise * x, noise * x**2))
    h00, h01, h11 = fit.information
    out = np.zeros((h00.size, 2, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        if free == 1:
            out[:, 0, 0] = j00 / h00**2
            return out
        inverse = np.array([[h11, -h01], [-h01, h00]]) / (h00 * h11 - h01**2)
    middle = np.array([[j00, j01], [j01, j11]])
    variance: FloatArray = np.einsum("ijg,jkg,klg->gil", inverse, middle, inverse)
    return variance


def _coarsen(b: Blocks) -> Blocks:
    """Join neighbouring blocks, at most `_COARSE` a group, at their mean score."""
    sizes = np.diff(b.starts)
    stride = np.maximum(1, -(-sizes // _COARSE))
    position = np.arange(b.score.size) - np.repeat(b.starts[:-1], sizes)
    heads = np.flatnonzero(position % np.repeat(stride, sizes) == 0)
    total = b.favourable + b.unfavourable

    def merged(values: FloatArray) -> FloatArray:
        return np.add.reduceat(values, heads) if heads.size else values

    with np.errstate(divide="ignore", invalid="ignore"):
        mean = merged(b.score * total) / merged(total)
    return Blocks(
        score=np.where(np.isfinite(mean), mean, b.score[heads]),
        favourable=merged(b.favourable),
        unfavourable=merged(b.unfavourable),
        favourable_sq=merged(b.favourable_sq),
        unfavourable_sq=merged(b.unfavourable_sq),
        starts=np.searchsorted(heads, b.starts),
    )
