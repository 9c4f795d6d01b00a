"""Phi_k against an integral and against tables of a known normal; tests/oracles has the package phik."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2_contingency, norm

from rai_dash.stats.phi_k import phi_k


def curve(rho: float, rows: int, columns: int) -> float:
    """Chi-square of one row of a normal on cells of equal width, by integrating over one side."""
    x, y = np.linspace(-5, 5, rows + 1), np.linspace(-5, 5, columns + 1)
    total, s = 0.0, math.sqrt(1 - rho**2)
    for i in range(rows):
        for j in range(columns):

            def inside(t, j=j):
                return norm.pdf(t) * (norm.cdf((y[j + 1] - rho * t) / s) - norm.cdf((y[j] - rho * t) / s))

            cell = quad(inside, x[i], x[i + 1], epsabs=1e-11)[0]
            free = (norm.cdf(x[i + 1]) - norm.cdf(x[i])) * (norm.cdf(y[j + 1]) - norm.cdf(y[j]))
            total += (cell - free) ** 2 / free
    return total


def most(rows: int, columns: int) -> float:
    """The same at correlation 1, where a cell has what its two intervals share."""
    x, y = (norm.cdf(np.linspace(-5, 5, k + 1)) for k in (rows, columns))
    total = 0.0
    for i in range(rows):
        for j in range(columns):
            both = max(0.0, min(x[i + 1], y[j + 1]) - max(x[i], y[j]))
            free = (x[i + 1] - x[i]) * (y[j + 1] - y[j])
            total += (both - free) ** 2 / free
    return total


@pytest.mark.parametrize(("rho", "shape"), [(0.3, (3, 4)), (0.9, (4, 2)), (0.6, (2, 3))])
def test_it_is_the_correlation_whose_table_has_that_chi_square_above_the_pedestal(rho, shape):
    n, pedestal = 500, (shape[0] - 1) * (shape[1] - 1)
    scale = (n * (min(shape) - 1) - pedestal) / most(*shape)

    found = phi_k(pedestal + scale * curve(rho, *shape), n, shape)

    assert found == pytest.approx(rho, abs=1e-7)
    assert phi_k(pedestal + scale * curve(rho, *shape), n, shape[::-1]) == found


def test_a_large_table_of_a_normal_gives_back_its_correlation():
    rng = np.random.default_rng(2)
    x = rng.normal(size=200_000)
    y = 0.7 * x + math.sqrt(1 - 0.49) * rng.normal(size=200_000)
    counts = np.histogram2d(x, y, bins=[np.linspace(-5, 5, 11)] * 2)[0]
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]

    found = phi_k(chi2_contingency(counts).statistic, int(counts.sum()), counts.shape)

    assert found == pytest.approx(0.7, abs=0.02)


def test_noise_is_zero_certainty_is_one_and_one_category_or_too_many_cells_are_undefined():
    assert phi_k(6.0, 100, (3, 4)) == 0.0
    assert phi_k(6.1, 100, (3, 4)) > 0.0
    assert phi_k(200.0, 100, (3, 4)) == 1.0
    assert math.isnan(phi_k(0.0, 100, (1, 4)))
    assert math.isnan(phi_k(9e9, 10**9, (1000, 251)))
