"""The formulas of intervals and tests, written a second time, slowly, with scipy where it has them."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri
from scipy.stats import binomtest, fisher_exact


def wilson(share: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Solve ``|p - share| = z sqrt(p (1 - p) / n)`` for p, a quadratic equation."""
    z2 = ndtri(0.5 + level / 2) ** 2
    a, b, c = 1 + z2 / n, -(2 * share + z2 / n), share**2
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    # The smaller root from the larger one: their product is c / a, and nothing cancels.
    high = (-b + root) / (2 * a)
    return c / a / high, min(1.0, high)


def wilson_of_scipy(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return scipy's score interval."""
    found = binomtest(k, n).proportion_ci(level, method="wilson")
    return found.low, found.high


def newcombe(p1: float, n1: float, p2: float, n2: float, level: float = 0.95) -> tuple[float, float]:
    """Square and add the distances of the Wilson limits."""
    (l1, u1), (l2, u2) = wilson(p1, n1, level), wilson(p2, n2, level)
    d = p1 - p2
    return d - math.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2), d + math.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)


def katz(p1: float, n1: float, p2: float, n2: float, level: float = 0.95) -> tuple[float, float] | None:
    """Add one half to each number; None where the interval would have no width."""
    a, b, c, d = p1 * n1 + 0.5, n1 + 0.5, p2 * n2 + 0.5, n2 + 0.5
    variance = 1 / a - 1 / b + 1 / c - 1 / d
    if variance <= 1e-15:
        return None
    centre, half = math.log(a / b) - math.log(c / d), ndtri(0.5 + level / 2) * math.sqrt(variance)
    return math.exp(centre - half), math.exp(centre + half)


def z_against_rest(k: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return the pooled two-sample z of each group against the others, 0 where all or none succeed."""
    out = []
    for j in range(k.size):
        rest_k, rest_n = k.sum() - k[j], n.sum() - n[j]
        p = k.sum() / n.sum()
        error = math.sqrt(p * (1 - p) * (1 / n[j] + 1 / rest_n))
        out.append((k[j] / n[j] - rest_k / rest_n) / error if error > 0 else 0.0)
    return np.array(out)


def simulated(k: np.ndarray, n: np.ndarray, *, draws: int, seed: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the p-value of max-z, and gaps and ratios in a world without disparity."""
    seen = np.abs(z_against_rest(k, n)).max()
    null = np.random.default_rng(seed).binomial(n, k.sum() / n.sum(), (draws, k.size))
    rates = null / n
    p = null.sum(axis=1, keepdims=True) / n.sum()
    rest = (null.sum(axis=1, keepdims=True) - null) / (n.sum() - n)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs((rates - rest) / np.sqrt(p * (1 - p) * (1 / n + 1 / (n.sum() - n))))
    z = np.nan_to_num(z).max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = rates.min(axis=1) / rates.max(axis=1)
    # Numbers that are equal but for rounding count as reached.
    return float((z >= seen - 1e-9).mean()), np.ptp(rates, axis=1), ratios[~np.isnan(ratios)]


def holm(p: list[float]) -> list[float]:
    """Step down by hand; two groups against each other are one question."""
    if len(p) == 2:
        return list(p)
    out, running = [0.0] * len(p), 0.0
    for step, j in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        running = max(running, min(1.0, (len(p) - step) * p[j]))
        out[j] = running
    return out


def benjamini_hochberg(p: list[float]) -> list[float]:
    """Step up by hand."""
    order = sorted(range(len(p)), key=p.__getitem__, reverse=True)
    out, running = [0.0] * len(p), 1.0
    for step, j in enumerate(order):
        running = min(running, p[j] * len(p) / (len(p) - step))
        out[j] = running
    return out


def fisher(k: np.ndarray, n: np.ndarray) -> list[float]:
    """Return scipy's exact test of each group against the others."""
    return [
        fisher_exact([[k[j], n[j] - k[j]], [k.sum() - k[j], n.sum() - n[j] - k.sum() + k[j]]]).pvalue
        for j in range(k.size)
    ]


def rows_needed(
    k: np.ndarray, n: np.ndarray, rows: np.ndarray, j: int, *, delta: float, alpha: float = 0.05
) -> int:
    """Return the rows group j needs for a difference to be found with power 0.80."""
    m = 1 if k.size == 2 else k.size
    rest = n.sum() - n[j]
    p2 = (k.sum() - k[j]) / rest
    p1 = p2 - delta if p2 >= delta else p2 + delta
    kappa = rest / n[j]
    mean = (p1 + kappa * p2) / (1 + kappa)
    trials = (
        ndtri(1 - alpha / m / 2) * math.sqrt((1 + 1 / kappa) * mean * (1 - mean))
        + ndtri(0.8) * math.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / kappa)
    ) ** 2 / delta**2
    return math.ceil(trials / (n[j] / rows[j]))
