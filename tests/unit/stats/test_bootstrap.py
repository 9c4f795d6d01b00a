from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp

from rai_dash.stats.bootstrap import draw_counts, errors_of_gap, percentile_interval


def test_draws_have_the_shape_and_total_of_the_counts():
    cells = np.array([[3, 0, 5], [0, 2, 10]])

    draws = draw_counts(cells, replicates=50, seed=1)

    assert draws.shape == (50, 2, 3)
    assert (draws.sum(axis=(1, 2)) == 20).all()
    assert (draws[:, cells == 0] == 0).all()


def test_the_same_seed_gives_the_same_draws():
    cells = np.array([4, 5, 6])

    assert np.array_equal(draw_counts(cells, replicates=9, seed=3), draw_counts(cells, replicates=9, seed=3))
    assert not np.array_equal(
        draw_counts(cells, replicates=9, seed=3), draw_counts(cells, replicates=9, seed=4)
    )


def test_no_rows_give_empty_draws():
    assert draw_counts(np.zeros((2, 2), int), replicates=3, seed=0).sum() == 0


def test_drawing_counts_has_the_law_of_drawing_rows():
    cells = np.array([30, 12, 8, 50])
    rows = np.repeat(np.arange(4), cells)
    rng = np.random.default_rng(5)
    by_rows = np.array([np.bincount(rng.choice(rows, rows.size), minlength=4) for _ in range(2000)])

    by_counts = draw_counts(cells, replicates=2000, seed=6)

    def f1(c):
        return 2 * c[:, 0] / (2 * c[:, 0] + c[:, 1] + c[:, 2])

    assert ks_2samp(f1(by_rows), f1(by_counts)).pvalue > 0.001


def test_the_interval_follows_numpys_linear_rule():
    values = np.random.default_rng(2).normal(size=(101, 3))

    low, high, dropped = percentile_interval(values, level=0.9)

    assert low == pytest.approx(np.percentile(values, 5, axis=0), abs=1e-14)
    assert high == pytest.approx(np.percentile(values, 95, axis=0), abs=1e-14)
    assert dropped.tolist() == [0, 0, 0]


def test_undefined_replicates_are_dropped_and_counted():
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan], [2.0, np.nan]])

    low, high, dropped = percentile_interval(values, level=0.5)

    assert (low[0], high[0]) == (1.5, 2.5)
    assert np.isnan([low[1], high[1]]).all()
    assert dropped.tolist() == [1, 4]


def test_no_replicates_give_no_interval():
    low, high, dropped = percentile_interval(np.empty((0, 2)))

    assert np.isnan([low, high]).all()
    assert dropped.tolist() == [0, 0]


def test_the_error_of_a_gap_is_the_largest_over_pairs_of_groups():
    rng = np.random.default_rng(4)
    seen, drawn = rng.random(5), rng.random((50, 5))

    found = errors_of_gap(seen, drawn)

    for one, error in zip(drawn, found, strict=True):
        pairs = [abs((one[i] - one[j]) - (seen[i] - seen[j])) for i in range(5) for j in range(i)]
        assert error == pytest.approx(max(pairs), abs=1e-12)
        assert abs(np.ptp(one) - np.ptp(seen)) <= error + 1e-12


def test_a_replicate_with_an_undefined_number_has_an_undefined_error():
    assert np.isnan(errors_of_gap(np.zeros(2), np.array([[0.1, np.nan], [0.1, 0.2]]))).tolist() == [
        True,
        False,
    ]
