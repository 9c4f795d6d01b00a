"""Is a gap between groups more than chance? Tests, expected gap, equivalence, rows needed, verdict.

All functions take, for the groups that are compared, successes ``k`` and trials ``n`` of one rate as
whole numbers. With weights pass rounded effective sizes and call the answer approximate. The formulas
are those of ``fairness.md`` section 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtri

from rai_dash.stats.intervals import newcombe

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

REPLICATES = 2000
POWER = 0.80
#: Standard deviations around the mean in which a hypergeometric law is summed; beyond lies 1e-31.
_WINDOW = 12.0


class Verdict(StrEnum):
    """What may be said about a column and a metric."""

    EQUIVALENT = "equivalent within tolerance"
    SHOWN = "disparity shown"
    NOT_ENOUGH = "not enough data"
    UNDEFINED = "undefined"


@dataclass(frozen=True, slots=True, eq=False)
class MaxZ:
    """The studentised max-z test.

    Parameters
    ----------
    z : float64 (groups,)
        Each group against the rest.
    p_value : float
        Chance of a largest absolute z like this if all groups had one rate.
    expected_gap, expected_ratio : float
        Median of max - min and of min / max in the same simulated world without disparity.
    """

    z: FloatArray
    p_value: float
    expected_gap: float
    expected_ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All that is said about one metric of one column.

    Parameters
    ----------
    verdict : Verdict
        First that applies: equivalent, shown, not enough data.
    test : MaxZ or None
        None with fewer than two groups.
    adjusted : float64 (groups,)
        Holm-adjusted p-values of Fisher's exact test against the rest.
    starred, equivalent, beyond_tolerance : bool (groups,)
        Shown to differ; shown to differ by less than the tolerance; starred and by more than it.
    rows_needed : int or None
        Rows of the group that needs most, for a difference of the tolerance; with not enough data only.
    """

    verdict: Verdict
    test: MaxZ | None
    adjusted: FloatArray
    starred: BoolArray
    equivalent: BoolArray
    beyond_tolerance: BoolArray
    rows_needed: int | None


def max_z(k: IntArray, n: IntArray, *, seed: int, replicates: int = REPLICATES) -> MaxZ:
    """Test whether all groups can have one rate.

    Parameters
    ----------
    k, n : int64 (groups,)
        At least two groups, each with ``n > 0``.
    seed : int
        From fingerprints and the name of the metric, so that a page says the same twice.
    replicates : int
        Simulated data sets.
    """
    share = k.sum() / n.sum()
    # Drawn from the smallest group to the largest: the answer must not depend on how groups are named or ordered.
    by_size = np.argsort(n, kind="stable")
    draws = np.empty((replicates, k.size), dtype=np.int64)
    draws[:, by_size] = np.random.default_rng(seed).binomial(n[by_size], share, size=draws.shape)
    z = _z_against_rest(np.vstack((k, draws)), n)
    largest = np.abs(z).max(axis=1)
    p_value = 1.0
    if 0.0 < share < 1.0:
        p_value = (1.0 + np.count_nonzero(largest[1:] >= largest[0])) / (replicates + 1.0)
    rates = draws / n
    top = rates.max(axis=1)
    ratios = rates.min(axis=1)[top > 0] / top[top > 0]
    return MaxZ(
        z=z[0],
        p_value=float(p_value),
        expected_gap=float(np.median(top - rates.min(axis=1))),
        expected_ratio=float(np.median(ratios)) if ratios.size else float("nan"),
    )


def _z_against_rest(k: IntArray, n: IntArray) -> FloatArray:
    """Studentise each group against the rest; k (draws, groups). All or no successes: 0."""
    total, trials = k.sum(axis=1, keepdims=True), n.sum()
    rest = trials - n
    share = total / trials
    error = np.sqrt(share * (1.0 - share) * (1.0 / n + 1.0 / rest))
    difference = k / n - (total - k) / rest
    z: FloatArray = np.divide(difference, error, out=np.zeros(difference.shape), where=error > 0)
    return z


def fisher_against_rest(k: IntArray, n: IntArray) -> FloatArray:
    """Return the two-sided exact p-value of each group against all others, float64 (groups,).

    References
    ----------
    Fisher, R. A. (1935). The logic of inductive inference. JRSS 98, 39-82. Two-sided: the sum of the
    tables that are at most as likely as the one seen.
    """
    return np.array([_fisher(int(a), int(b), int(k.sum()), int(n.sum())) for a, b in zip(k, n, strict=True)])


def _fisher(k: int, n: int, successes: int, total: int) -> float:
    """Sum the hypergeometric law of k over what is at most as likely."""
    mean = n * successes / total
    sd = np.sqrt(mean * (1.0 - successes / total) * (total - n) / max(total - 1, 1))
    low = max(0, n + successes - total, min(k, int(mean - _WINDOW * sd) - 2))
    high = min(n, successes, max(k, int(mean + _WINDOW * sd) + 2))
    x = np.arange(low, high + 1)
    log_p = -(
        gammaln(x + 1)
        + gammaln(successes - x + 1)
        + gammaln(n - x + 1)
        + gammaln(total - successes - n + x + 1)
    )
    p = np.exp(log_p - log_p.max())
    # The usual guard: tables that are equally likely differ by rounding.
    as_unlikely = p <= p[k - low] * (1.0 + 1e-7)
    return float(min(1.0, p[as_unlikely].sum() / p.sum()))


def holm(p: FloatArray) -> FloatArray:
    """Adjust p-values for having tried all groups; with two groups there is one hypothesis.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scand. J. Stat. 6, 65-70.
    """
    return p.copy() if p.size <= 2 else holm_of_all(p)


def holm_of_all(p: FloatArray) -> FloatArray:
    """Adjust p-values of hypotheses of their own, however many there are; see `holm`."""
    order = np.argsort(p, kind="stable")
    steps = np.minimum(1.0, (p.size - np.arange(p.size)) * p[order])
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(steps)
    return adjusted


def equivalence(k: IntArray, n: IntArray, *, tolerance: float, alpha: float = 0.05) -> BoolArray:
    """Say which groups differ from the rest by less than the tolerance (two one-sided tests).

    A group passes when Newcombe's interval at level ``1 - 2 alpha`` lies inside the tolerance.
    """
    low, high = newcombe(k, n, k.sum() - k, n.sum() - n, level=1.0 - 2.0 * alpha)
    inside: BoolArray = (low > -tolerance) & (high < tolerance)
    return inside


def rows_needed(
    k: IntArray, n: IntArray, rows: IntArray, *, difference: float, alpha: float = 0.05
) -> IntArray:
    """Return the rows each group needs for a difference from the rest to be found with power 0.80.

    Parameters
    ----------
    k, n : int64 (groups,)
        Successes and trials.
    rows : int64 (groups,)
        Rows of the group, of which only ``n`` are in the denominator of the rate.
    difference : float
        What is worth finding.
    alpha : float
        Level, shared among the groups.
    """
    rest = n.sum() - n
    p2 = (k.sum() - k) / rest
    p1 = np.where(p2 - difference < 0.0, np.minimum(p2 + difference, 1.0), p2 - difference)
    kappa = rest / n
    pooled = (p1 + kappa * p2) / (1.0 + kappa)
    z_alpha = ndtri(1.0 - alpha / _hypotheses(k.size) / 2.0)
    under_null = z_alpha * np.sqrt((1.0 + 1.0 / kappa) * pooled * (1.0 - pooled))
    under_difference = ndtri(POWER) * np.sqrt(p1 * (1.0 - p1) + p2 * (1.0 - p2) / kappa)
    trials = ((under_null + under_difference) / difference) ** 2
    needed: IntArray = np.ceil(trials / (n / rows)).astype(np.int64)
    return needed


def _hypotheses(n_groups: int) -> int:
    """Two groups against each other are one question."""
    return 1 if n_groups == 2 else n_groups


def evidence(
    k: IntArray, n: IntArray, rows: IntArray, *, tolerance: float, seed: int, alpha: float = 0.05
) -> Evidence:
    """Reach the verdict about one metric of one column.

    Parameters
    ----------
    k, n, rows : int64 (groups,)
        Successes, trials (positive) and rows of the groups that are compared.
    tolerance : float
        A difference that does not matter, for example 0.05; set by the user and printed.
    seed : int
        See `max_z`.
    alpha : float
        Level of all tests.
    """
    nobody = np.zeros(k.size, dtype=bool)
    if k.size < 2:
        nothing = np.full(k.size, np.nan)
        return Evidence(Verdict.UNDEFINED, None, nothing, nobody, nobody, nobody, None)
    test = max_z(k, n, seed=seed)
    adjusted = holm(fisher_against_rest(k, n))
    starred = (adjusted < alpha) & (test.p_value < alpha)
    equivalent = equivalence(k, n, tolerance=tolerance, alpha=alpha)
    level = 1.0 - alpha / _hypotheses(k.size)
    low, high = newcombe(k, n, k.sum() - k, n.sum() - n, level=level)
    beyond = starred & ((low > tolerance) | (high < -tolerance))
    needed = None
    if equivalent.all():
        verdict = Verdict.EQUIVALENT
    elif starred.any():
        verdict = Verdict.SHOWN
    else:
        verdict = Verdict.NOT_ENOUGH
        needed = int(rows_needed(k, n, rows, difference=tolerance, alpha=alpha)[~equivalent].max())
    return Evidence(verdict, test, adjusted, starred, equivalent, beyond, needed)
