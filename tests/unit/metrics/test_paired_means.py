"""Means of the same rows under two models against rows drawn again and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_rel

from rai_dash.metrics.paired_means import paired_mean


def test_few_values_have_the_interval_of_rows_drawn_again():
    rng = np.random.default_rng(0)
    a, b = (
        rng.choice([0.0, 1.0, 5.0], 800, p=[0.7, 0.2, 0.1]),
        rng.choice([0.0, 1.0, 5.0], 800, p=[0.6, 0.2, 0.2]),
    )
    found = paired_mean(a, b, seed=1)
    drawn = [(b - a)[rng.integers(0, 800, 800)].mean() for _ in range(8_000)]
    assert found.difference == pytest.approx(b.mean() - a.mean())
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.02)
    assert found.method == "draws"
    assert found.differing == (a != b).sum()


def test_very_many_values_have_students_interval():
    rng = np.random.default_rng(0)
    a = rng.gamma(2.0, 50.0, 3_000)
    b = a * rng.uniform(0.8, 1.1, 3_000)
    found = paired_mean(a, b)
    ends = ttest_rel(b, a).confidence_interval()
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))
    assert (found.method, found.is_shown) == ("mean", True)


def test_few_rows_that_differ_have_no_interval():
    a = np.zeros(500)
    b = a.copy()
    b[:49] = 1.0
    found = paired_mean(a, b)
    assert (found.difference, found.low, found.is_shown) == (pytest.approx(0.098), None, False)
    assert found.reason == "rests on 49 applications that cost differently, fewer than 50"
    b[49] = 1.0
    assert paired_mean(a, b).low is not None


def test_another_order_of_the_same_sum_is_no_difference():
    a = np.full(100, 0.1 + 0.2)
    assert paired_mean(a, np.full(100, 0.3)).differing == 0


def test_no_rows_have_no_mean():
    assert paired_mean(np.zeros(0), np.zeros(0)).difference is None
