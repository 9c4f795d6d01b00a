from __future__ import annotations

import numpy as np
import pytest

from rai_dash.data.counting import count
from rai_dash.metrics.table import Costs, metric_table

LABEL = np.array([1, 0, 1, 0, 1, 0, 2], np.int8)
SCORE = np.array([0.9, 0.9, 0.1, 0.1, np.nan, np.nan, 0.9])


def cost(**more):
    table = metric_table(count(LABEL, SCORE, None, **more), 0.5, costs=Costs(cost_fp=10, cost_fn=4))
    return table.estimate("expected_cost", 0)


def test_without_costs_it_is_undefined_and_says_so():
    found = metric_table(count(LABEL, SCORE, None), 0.5).estimate("expected_cost", 0)

    assert found.reason == "no costs were given"


def test_errors_and_the_persons_errors_on_rows_without_score_are_summed_by_hand():
    found = cost()

    # One approved bad (10), one refused good (4); two without score, wrong one time in ten each.
    assert found.numerator == pytest.approx(10 + 4 + 0.1 * 4 + 0.1 * 10)
    assert found.denominator == 6
    assert found.value == pytest.approx(15.4 / 6)


def test_a_review_costs_where_there_is_no_score():
    costs = Costs(cost_fp=0, cost_fn=0, cost_review=3)

    found = metric_table(count(LABEL, SCORE, None), 0.5, costs=costs).estimate("expected_cost", 0)

    assert found.value == pytest.approx(2 * 3 / 6)


def test_weights_weigh_the_costs():
    found = cost(weight=np.array([1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 5.0]))

    assert found.value == pytest.approx((20 + 4 + 0.4 + 1.0) / 7)


def test_without_labels_it_is_undefined():
    table = metric_table(
        count(np.array([2], np.int8), np.array([0.5]), None), 0.5, costs=Costs(cost_fp=1, cost_fn=1)
    )

    assert "known outcome" in table.estimate("expected_cost", 0).reason
