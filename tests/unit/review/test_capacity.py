from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import poisson

from rai_dash.review.capacity import Capacity, busy_day, capacity
from rai_dash.review.settings import Workload


def work(**changes) -> Workload:
    return Workload(**({"volume_per_day": 350, "minutes_per_review": 20, "minutes_per_day": 400} | changes))


def test_the_people_of_a_day_by_hand():
    found = capacity(0.1, work(reviewers=1))

    assert found.reviews_per_day == pytest.approx(35.0)
    assert found.reviewers_needed == 2  # 35 x 20 / 400 = 1.75
    assert found.busy_day_reviews == 45  # Poisson(35): cdf .940 at 44, .957 at 45
    assert found.busy_day_reviewers == 3  # 45 x 20 / 400 = 2.25
    assert found.capacity_per_day == 20.0
    assert found.utilisation == pytest.approx(1.75)
    assert found.backlog_after_days == pytest.approx(15 * 20)


def test_full_days_need_no_further_person():
    assert capacity(0.3, work(volume_per_day=200)).reviewers_needed == 3  # 0.3 * 200 = 60.000000000000004
    assert capacity(0.3000001, work(volume_per_day=200)).reviewers_needed == 4


def test_enough_people_leave_no_backlog():
    found = capacity(0.1, work(reviewers=2, days=5))

    assert (found.utilisation, found.backlog_after_days) == (pytest.approx(0.875), 0.0)


def test_nobody_there_leaves_all_of_it_and_no_utilisation():
    found = capacity(0.1, work(reviewers=0, days=5))

    assert (found.capacity_per_day, found.utilisation) == (0.0, None)
    assert found.backlog_after_days == pytest.approx(175.0)


def test_reviewers_that_are_not_stated_leave_out_what_depends_on_them():
    found = capacity(0.1, work())

    assert (found.capacity_per_day, found.utilisation, found.backlog_after_days) == (None, None, None)
    assert found.reviewers_needed == 2


@pytest.mark.parametrize("rate", [0.0, 0])
def test_nothing_to_review_needs_nobody(rate):
    found = capacity(rate, work(reviewers=1))

    assert (found.reviewers_needed, found.busy_day_reviews, found.busy_day_reviewers) == (0, 0, 0)
    assert (found.utilisation, found.backlog_after_days) == (0.0, 0.0)


@pytest.mark.parametrize("rate", [None, math.nan])
def test_an_undefined_rate_leaves_everything_undefined_but_the_capacity(rate):
    assert capacity(rate, work()) == Capacity()
    assert capacity(rate, work(reviewers=2)) == Capacity(capacity_per_day=40.0)


def test_a_busy_day_is_the_quantile_of_the_poisson_distribution():
    means = [
        1e-9,
        0.01,
        0.05,
        0.0512932,
        0.0513,
        0.3,
        1.0,
        2.5,
        17.0,
        400.0,
        12_345.6,
        1e7,
        *np.arange(0.1, 60, 0.7),
    ]

    for mean in means:
        k = busy_day(float(mean))
        assert k == poisson.ppf(0.95, mean), mean
        assert poisson.cdf(k, mean) >= 0.95
        assert k == 0 or poisson.cdf(k - 1, mean) < 0.95
