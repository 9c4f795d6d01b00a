from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from rai_dash.stats.intervals import effective_size, katz, mean_interval, newcombe, wilson, z_value


@pytest.mark.parametrize(("k", "n"), [(0, 1), (0, 10), (1, 10), (8, 10), (10, 10), (137, 500), (3, 12_345)])
@pytest.mark.parametrize("level", [0.90, 0.95, 0.999])
def test_wilson_equals_scipy(k, n, level):
    low, high = wilson(k, n, level=level)

    expected = binomtest(k, n).proportion_ci(confidence_level=level, method="wilson")
    assert (float(low), float(high)) == pytest.approx((expected.low, expected.high), abs=1e-14)


def test_wilson_limits_solve_the_score_equation_for_effective_sizes_too():
    share, n = 0.3, 17.4

    for limit in wilson(share * n, n):
        assert abs(share - limit) == pytest.approx(
            z_value(0.95) * math.sqrt(limit * (1 - limit) / n), rel=1e-12
        )


def test_wilson_ends_exactly_at_the_ends():
    low, high = wilson([0, 7, 1e6], [7, 7, 1e6])

    assert low[0] == 0.0
    assert high[1] == high[2] == 1.0


def test_wilson_is_undefined_without_rows():
    low, high = wilson([0.0, np.nan, 1], [0.0, 0.0, 2])

    assert np.isnan([low[:2], high[:2]]).all()
    assert np.isfinite([low[2], high[2]]).all()


@pytest.mark.parametrize(
    ("counts", "published"),
    [
        # Newcombe (1998), table II, method 10.
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 10), (0.6075, 1.0000)),
    ],
)
def test_newcombe_equals_the_published_examples(counts, published):
    low, high = newcombe(*counts)

    assert (round(float(low), 4), round(float(high), 4)) == published


def test_newcombe_turns_round_with_the_groups():
    low, high = newcombe(3, 10, 7, 25)

    assert newcombe(7, 25, 3, 10) == pytest.approx((-high, -low))


def test_newcombe_is_undefined_without_rows():
    assert np.isnan(newcombe([1, 0], [2, 0], [0, 1], [0, 2])).all()


def test_katz_equals_the_formula_by_hand():
    low, high = katz(3, 20, 10, 40)

    ratio, error = (3.5 / 20.5) / (10.5 / 40.5), math.sqrt(1 / 3.5 - 1 / 20.5 + 1 / 10.5 - 1 / 40.5)
    assert float(low) == pytest.approx(ratio * math.exp(-1.959963984540054 * error), rel=1e-14)
    assert float(high) == pytest.approx(ratio * math.exp(1.959963984540054 * error), rel=1e-14)


def test_katz_exists_even_where_the_point_does_not():
    low, high = katz(3, 20, 0, 40)

    assert 0 < low < high < np.inf


def test_katz_is_undefined_without_rows():
    assert np.isnan(katz([1, 0], [2, 0], [0, 1], [0, 2])).all()


def test_mean_interval_is_clipped_and_undefined_without_rows():
    low, high = mean_interval([0.5, 0.01, 0.99, np.nan], [0.1, 0.1, 0.1, np.nan], [100, 4, 4, 0])

    assert (low[0], high[0]) == pytest.approx((0.5 - 0.0195996398, 0.5 + 0.0195996398))
    assert (low[1], high[2]) == (0.0, 1.0)
    assert np.isnan([low[3], high[3]]).all()


def test_the_effective_size_is_the_count_for_equal_weights_and_less_otherwise():
    weights = np.array([1.0, 2.0, 3.0])

    assert effective_size(5 * 0.3, 5 * 0.09) == pytest.approx(5)
    assert effective_size(weights.sum(), (weights**2).sum()) == pytest.approx(36 / 14)
    assert effective_size(0.0, 0.0) == 0.0


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_a_level_outside_0_and_1_is_refused(level):
    with pytest.raises(ValueError, match=r"0\.95 for 95 %"):
        wilson(1, 2, level=level)
