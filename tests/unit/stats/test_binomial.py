from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy.stats import beta, binom, binomtest

from rai_dash.stats.binomial import clopper_pearson, lower_limit, tail_p, upper_limit

N = np.array([1, 2, 10, 29, 30, 500, 12_345, 2_000_000])
GRID = [(k, n) for n in N.tolist() for k in sorted({0, 1, n // 50, n // 10, n // 2, n - 1, n})]
K_OF, N_OF = np.array(GRID).T


@pytest.mark.parametrize("share", [0.001, 0.05, 0.1, 0.5, 0.93])
def test_the_tail_equals_scipy(share):
    assert tail_p(K_OF, N_OF, share) == pytest.approx(binom.cdf(K_OF, N_OF, share), abs=1e-13, rel=1e-9)


@pytest.mark.parametrize(("k", "n"), [(0, 29), (1, 46), (3, 50), (12, 60), (59, 60)])
def test_the_tail_equals_exact_fractions(k, n):
    share = Fraction(1, 8)
    exact = sum(comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(k + 1))

    assert float(tail_p(k, n, 0.125)) == pytest.approx(float(exact), rel=1e-13)


def test_the_tail_is_certain_where_no_row_is_right_or_there_is_no_row():
    assert tail_p([0, 3, 7], [0, 3, 7], 0.2).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("delta", [1e-6, 0.05 / 46, 0.025, 0.05, 0.5])
def test_the_upper_limit_is_the_quantile_of_the_beta_law(delta):
    inside = K_OF < N_OF

    found = upper_limit(K_OF, N_OF, delta)

    assert found[inside] == pytest.approx(
        beta.isf(delta, K_OF[inside] + 1, N_OF[inside] - K_OF[inside]), rel=1e-9
    )
    assert (found[~inside] == 1.0).all()


@pytest.mark.parametrize(("k", "n"), [(0, 29), (3, 100), (40, 500), (499, 500)])
def test_at_the_upper_limit_so_few_errors_have_exactly_the_chance_delta(k, n):
    assert binom.cdf(k, n, upper_limit(k, n, 0.05)) == pytest.approx(0.05, rel=1e-10)


def test_without_rows_nothing_is_known():
    assert float(upper_limit(0, 0, 0.05)) == 1.0
    assert float(lower_limit(0, 0, 0.05)) == 0.0
    assert np.isnan(clopper_pearson(0, 0)).all()


@pytest.mark.parametrize("delta", [0.001, 0.05, 0.3])
def test_the_lower_limit_mirrors_the_upper_one(delta):
    assert lower_limit(K_OF, N_OF, delta) == pytest.approx(
        1.0 - upper_limit(N_OF - K_OF, N_OF, delta), abs=1e-12
    )
    assert (lower_limit(K_OF, N_OF, delta)[K_OF == 0] == 0.0).all()


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_the_interval_equals_scipys_exact_one(level):
    small = N_OF <= 500

    low, high = clopper_pearson(K_OF[small], N_OF[small], level=level)

    for i, (k, n) in enumerate(zip(K_OF[small].tolist(), N_OF[small].tolist(), strict=True)):
        expected = binomtest(k, n).proportion_ci(confidence_level=level, method="exact")
        assert (low[i], high[i]) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_limit_lies_below_the_truth_with_a_chance_of_at_most_delta_whatever_the_truth():
    n, delta = 25, 0.05
    k = np.arange(n + 1)
    bounds = upper_limit(k, n, delta)

    for truth in np.linspace(0.001, 0.999, 331):
        assert binom.pmf(k, n, truth)[bounds < truth].sum() <= delta + 1e-12


def test_everything_broadcasts():
    assert upper_limit([[0], [1]], [10, 20, 30], 0.05).shape == (2, 3)
    assert tail_p(1, [10, 20], [[0.1], [0.2], [0.3]]).shape == (3, 2)


def test_a_level_in_percent_is_refused():
    with pytest.raises(ValueError, match=r"Use 0\.95"):
        clopper_pearson(1, 2, level=95)
