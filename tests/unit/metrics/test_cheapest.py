from __future__ import annotations

import numpy as np
import pytest

from rai_dash.core.counts import add_counts
from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.cheapest import cost_at, cost_curve, theory
from rai_dash.metrics.stakes import Stakes, amount_stakes, draw_stakes
from rai_dash.metrics.table import Costs, metric_table

COSTS = Costs(cost_fp=5, cost_fn=2, cost_review=0.5, approves_favourable=0.8, refuses_unfavourable=0.7)
CUTS = (0.0, 0.001, 0.35, 0.5, 0.999, 1.0, None)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(7)
    score = np.round(rng.random(600), 3)
    label = (rng.random(600) < score).astype(np.int8)
    label[:50] = 2
    score[40:70] = np.nan
    amount = np.round(rng.lognormal(8, 1, 600))
    amount[100:110] = np.nan
    return label, score, amount, rng.integers(1, 4, 600).astype(float)


def scan(label, score, amount, weight, cut):
    """Add up what every labelled row costs, one after the other."""
    total = size = 0.0
    for y, s, a, w in zip(label, score, amount, weight, strict=True):
        if y == 2:
            continue
        size += w
        if np.isnan(s):
            wrong = 5 * a * 0.3 if y == 0 else 2 * a * 0.2
            total += w * (wrong + 0.5)
        elif cut is not None and s >= cut:
            total += w * 5 * a * (y == 0)
        else:
            total += w * 2 * a * (y == 1)
    return total / size


def fixed(label, score, **more):
    return Stakes(counts=count(label, score, None, **more))


def by_amount(label, score, amount, weight=None):
    counts = count(label, score, None, weight=weight)
    return amount_stakes(label, score, amount, counts=counts, weight=weight)


def place(cut):
    return 1001 if cut is None else round(cut * 1000)


# --- the cost of every threshold ---


@pytest.mark.parametrize("cut", CUTS)
def test_fixed_costs_equal_a_scan_of_the_rows(rows, cut):
    label, score, *_ = rows
    stakes, ones = fixed(label, score), np.ones(600)
    expected = scan(label, score, ones, ones, cut)

    assert cost_curve(stakes, COSTS, draws=None).cost[place(cut)] == pytest.approx(expected, rel=1e-12)
    assert cost_at(stakes, COSTS, cut) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("cut", CUTS)
def test_costs_by_amount_and_weight_equal_a_scan_of_the_rows(rows, cut):
    label, score, amount, weight = rows
    stakes = by_amount(label, score, amount, weight)
    expected = scan(label, score, np.nan_to_num(amount), weight, cut)

    assert cost_curve(stakes, COSTS, draws=None).cost[place(cut)] == pytest.approx(expected, rel=1e-12)
    assert cost_at(stakes, COSTS, cut) == pytest.approx(expected, rel=1e-12)


def test_a_threshold_between_two_steps_of_the_grid_is_exact_too(rows):
    label, _, amount, weight = rows
    score = np.random.default_rng(1).random(600)

    found = cost_at(by_amount(label, score, amount, weight), COSTS, 0.43217)

    assert found == pytest.approx(scan(label, score, np.nan_to_num(amount), weight, 0.43217), rel=1e-12)


def test_fixed_costs_are_the_metric_expected_cost(rows):
    counts = count(*rows[:2], None)
    curve = cost_curve(Stakes(counts=counts), COSTS, draws=None)

    for k in (0, 350, 1000):
        table = metric_table(counts, k / 1000, costs=COSTS, bootstrap=0, metrics=["expected_cost"])
        assert curve.cost[k] == pytest.approx(table.estimate("expected_cost", 0).value, rel=1e-12)


def test_blank_amounts_count_as_0_and_are_counted_where_labelled(rows):
    label, score, amount, _ = rows
    label = label.copy()
    label[100:103] = 2

    assert by_amount(label, score, amount).n_amount_missing == 7


def test_negative_amounts_are_refused_with_the_way_out(rows):
    label, score, amount, _ = rows

    with pytest.raises(InvalidRoles, match=r"One amount is negative .*first: -5\)\. Choose another"):
        by_amount(label, score, np.where(np.arange(600) == 7, -5.0, amount))


def test_several_groups_are_refused():
    index = GroupIndex("a", ("x", "y"), np.array([0, 1], np.int32))

    with pytest.raises(InvalidChoice, match="one group, got 2"):
        Stakes(counts=count(np.zeros(2, np.int8), np.zeros(2), index))


def test_without_labelled_rows_costs_are_undefined():
    stakes = fixed(np.array([2], np.int8), np.array([0.5]))
    curve = cost_curve(stakes, COSTS, draws=draw_stakes(stakes, seed=0))

    assert np.isnan(curve.cost).all()
    assert (curve.cheapest, curve.stability) == (None, None)
    assert "known outcome" in curve.reason
    assert cost_at(stakes, COSTS, 0.5) is None


# --- the cheapest one ---


def test_of_equally_cheap_thresholds_the_lowest_is_named_and_where_the_run_ends():
    label, score = np.array([0, 0, 1, 1], np.int8), np.array([0.1, 0.3, 0.6, 0.9])

    best = cost_curve(fixed(label, score), Costs(cost_fp=1, cost_fn=1), draws=None).cheapest

    assert (best.threshold, best.flat_to, best.cost) == (0.301, 0.6, 0.0)
    assert best.is_flat
    assert not best.elsewhere


def test_an_equally_cheap_threshold_beyond_the_run_is_noticed():
    label, score = np.array([0, 1, 0, 1], np.int8), np.array([0.1, 0.3, 0.6, 0.9])

    best = cost_curve(fixed(label, score), Costs(cost_fp=1, cost_fn=1), draws=None).cheapest

    assert (best.threshold, best.flat_to, best.cost) == (0.101, 0.3, 0.25)
    assert best.elsewhere


def test_a_single_cheapest_threshold_is_not_flat():
    label, score = np.array([0, 1, 0], np.int8), np.array([0.499, 0.5, 0.501])

    best = cost_curve(fixed(label, score), Costs(cost_fp=1, cost_fn=3), draws=None).cheapest

    assert (best.threshold, best.is_flat) == (0.5, False)


def test_approving_nobody_can_be_cheapest():
    best = cost_curve(fixed(np.zeros(3, np.int8), np.ones(3)), COSTS, draws=None).cheapest

    assert (best.threshold, best.flat_to, best.cost) == (None, None, 0.0)
    assert not best.is_flat


def test_errors_that_cost_nothing_make_every_threshold_equal(rows):
    best = cost_curve(fixed(*rows[:2]), Costs(cost_fp=0, cost_fn=0), draws=None).cheapest

    assert (best.threshold, best.flat_to, best.elsewhere) == (0.0, None, False)
    assert theory(Costs(cost_fp=0, cost_fn=0)) is None


def test_sums_of_money_that_differ_by_rounding_only_are_equal():
    amount = np.array([0.1, 0.2, 0.3])
    stakes = by_amount(np.array([0, 0, 1], np.int8), np.array([0.2, 0.4, 0.3]), amount)

    best = cost_curve(stakes, Costs(cost_fp=1, cost_fn=2 / 3), draws=None).cheapest

    # Refusing all costs 0.2, approving from 0.201 to 0.3 costs 0.2 as well.
    assert best.threshold == 0.201
    assert best.elsewhere


@pytest.mark.parametrize(("wrong", "refused"), [(5, 1), (1, 3)])
def test_the_cheapest_threshold_of_a_true_probability_is_the_one_of_theory(wrong, refused):
    score = (np.arange(1000) + 0.5) / 1000
    good = count(np.ones(1000, np.int8), score, None, weight=score)
    bad = count(np.zeros(1000, np.int8), score, None, weight=1 - score)
    costs = Costs(cost_fp=wrong, cost_fn=refused)

    best = cost_curve(Stakes(counts=add_counts(good, bad)), costs, draws=None).cheapest

    assert best.threshold == pytest.approx(theory(costs), abs=0.001)
