from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rai_dash.data.measures import correlation_ratio, cramers_v, table
from rai_dash.stats.association import correlation_ratio_p, cramers_v_p, pearson_p, strongest_p


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def test_the_correlation_has_the_p_value_of_scipy(rng):
    x = rng.normal(size=40)
    y = 0.3 * x + rng.normal(size=40)

    oracle = stats.pearsonr(x, y)

    assert pearson_p(oracle.statistic, 40) == pytest.approx(oracle.pvalue, rel=1e-10)


def test_the_correlation_ratio_has_the_p_value_of_the_f_test(rng):
    codes = rng.integers(0, 4, 60).astype(np.int32)
    values = rng.normal(size=60) + 0.3 * codes
    eta, n = correlation_ratio(codes, 4, values)

    oracle = stats.f_oneway(*(values[codes == c] for c in range(4)))

    assert correlation_ratio_p(eta, n, 4) == pytest.approx(oracle.pvalue, rel=1e-9)


def test_cramers_v_has_the_p_value_of_the_chi_square_it_was_made_from(rng):
    first, second = rng.integers(0, 3, 500).astype(np.int32), rng.integers(0, 4, 500).astype(np.int32)
    second = np.where(rng.random(500) < 0.2, first, second).astype(np.int32)
    counted = np.zeros((3, 4), dtype=int)
    np.add.at(counted, (first, second), 1)
    v = cramers_v(table(first, second, (3, 4)))

    oracle = stats.chi2_contingency(counted, correction=False)

    assert 0 < v < 0.5
    assert cramers_v_p(v, 500, (3, 4)) == pytest.approx(oracle.pvalue, rel=1e-9)


def test_too_few_rows_or_categories_say_nothing():
    assert pearson_p(0.99, 2) == 1.0
    assert correlation_ratio_p(0.9, 3, 3) == 1.0
    assert cramers_v_p(0.0, 100, (2, 2)) == 1.0
    assert cramers_v_p(0.5, 100, (1, 4)) == 1.0


def test_the_strongest_of_many_columns_of_noise_is_mostly_called_chance(rng):
    """Under independence the p-value of the strongest is uniform: about 5 of 100 tables fall below 0.05."""
    p = []
    for _ in range(300):
        x, noise = rng.normal(size=50), rng.normal(size=(30, 50))
        r = max(abs(stats.pearsonr(x, row).statistic) for row in noise)
        p.append(strongest_p(pearson_p(r, 50), 30))

    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert strongest_p(1e-18, 10) == pytest.approx(1e-17, rel=1e-9)
