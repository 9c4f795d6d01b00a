from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.counting import count
from rai_dash.metrics.chosen import Goal, choose, cut_in_halves, first_half, report
from rai_dash.metrics.stakes import Stakes
from rai_dash.metrics.table import Costs

GRID = [*(k / 1000 for k in range(1001)), None]


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(11)
    score = np.round(rng.random(400), 3)
    label = (rng.random(400) < 0.2 + 0.6 * score).astype(np.int8)
    return label, score


def stakes(label, score):
    return Stakes(counts=count(label, score, None))


def decided(score, cut):
    return np.zeros(score.size, dtype=bool) if cut is None else score >= cut


def best_by_scan(score, value):
    """Find the lowest of the best thresholds by trying all."""
    found = np.array([value(decided(score, cut)) for cut in GRID])
    return GRID[int(np.flatnonzero(found >= found.max() - 1e-12)[0])]


# --- the halves ---


def test_halves_hold_half_of_each_outcome_and_every_row_once():
    outcome = np.repeat([0, 1, 2], [101, 20, 7]).astype(np.int8)

    first = first_half(outcome, seed=1)

    assert np.bincount(outcome[first]).tolist() == [51, 10, 4]
    assert np.bincount(outcome[~first]).tolist() == [50, 10, 3]


def test_halves_are_the_same_twice_and_depend_on_the_seed():
    outcome = np.random.default_rng(0).integers(0, 2, 200).astype(np.int8)

    assert np.array_equal(first_half(outcome, seed=3), first_half(outcome, seed=3))
    assert not np.array_equal(first_half(outcome, seed=3), first_half(outcome, seed=4))


def test_the_counts_of_both_halves_add_up_to_all_rows(rows):
    label, score = rows
    weight, amount = np.arange(400) % 3 + 1.0, np.arange(400.0)

    halves = cut_in_halves(label, score, seed=2, weight=weight, amount=amount)

    whole = count(label, score, None, weight=weight)
    one, other = halves.chosen_on, halves.reported_on
    np.testing.assert_array_equal(one.counts.counts + other.counts.counts, whole.counts)
    np.testing.assert_allclose(one.counts.sums + other.counts.sums, whole.sums)
    assert one.amounts.sums.sum() + other.amounts.sums.sum() == pytest.approx((weight * amount).sum())


# --- choosing ---


def test_the_cheapest_threshold_equals_a_search_of_the_rows(rows):
    label, score = rows
    costs = Costs(cost_fp=3, cost_fn=1)

    found = choose(stakes(label, score), Goal.COST, costs=costs)

    assert found == best_by_scan(
        score, lambda yes: -float(3 * (yes & (label == 0)).sum() + (~yes & (label == 1)).sum())
    )


def balanced(label, yes):
    return (yes[label == 1].mean() + (~yes)[label == 0].mean()) / 2


def f1(label, yes):
    return 2 * (yes & (label == 1)).sum() / (yes.sum() + (label == 1).sum())


@pytest.mark.parametrize(
    ("goal", "value", "oracle"),
    [(Goal.BALANCED_ACCURACY, balanced, balanced_accuracy_score), (Goal.F1, f1, f1_score)],
)
def test_the_best_threshold_equals_a_search_of_the_rows(rows, goal, value, oracle):
    label, score = rows

    found = choose(stakes(label, score), goal)

    assert found == best_by_scan(score, lambda yes: value(label, yes))
    at_scores = [oracle(label, score >= s) for s in np.unique(score)[::4]]
    assert oracle(label, score >= found) >= max(at_scores) - 1e-12


@pytest.mark.parametrize("level", [0.0, 0.5, 0.8, 1.0])
def test_a_recall_is_reached_with_as_few_approvals_as_possible(rows, level):
    label, score = rows

    found = choose(stakes(label, score), Goal.RECALL, level=level)

    reach = [cut for cut in GRID if decided(score, cut)[label == 1].mean() >= level]
    assert found == reach[-1]


@pytest.mark.parametrize("level", [0.0, 0.29, 0.5, 1.0])
def test_approvals_are_as_many_as_allowed_and_not_more(rows, level):
    label, score = rows

    found = choose(stakes(label, score), Goal.APPROVALS, level=level)

    allowed = [cut for cut in GRID if decided(score, cut).mean() <= level]
    assert found == allowed[0]


def test_29_of_100_are_at_most_29_percent():
    """0.29 * 100 is a little less than 29 in floating point."""
    score = (np.arange(100) + 0.5) / 100
    label = np.tile([0, 1], 50).astype(np.int8)

    cut = choose(stakes(label, score), Goal.APPROVALS, level=0.29)

    assert (score >= cut).sum() == 29


def test_a_score_that_cannot_tell_approves_nobody_rather_than_too_many():
    label = np.tile([0, 1], 20).astype(np.int8)

    assert choose(stakes(label, np.ones(40)), Goal.APPROVALS, level=0.5) is None


def test_too_few_rows_of_one_outcome_are_refused():
    label = np.repeat([0, 1], [50, 4]).astype(np.int8)

    with pytest.raises(InvalidChoice, match="only 4 scored applications of the rarer outcome"):
        choose(stakes(label, np.linspace(0, 1, 54)), Goal.F1)


def test_rows_that_weigh_nothing_are_no_rows():
    label = np.repeat([0, 1], [50, 50]).astype(np.int8)
    counts = count(label, np.linspace(0, 1, 100), None, weight=1.0 - label)

    with pytest.raises(InvalidChoice, match="only 0 scored"):
        choose(Stakes(counts=counts), Goal.RECALL)


def test_the_cheapest_threshold_needs_costs(rows):
    with pytest.raises(InvalidChoice, match="needs the costs"):
        choose(stakes(*rows), Goal.COST)


# --- reporting ---


def test_the_report_is_of_the_decisions_at_that_threshold(rows):
    label, score = rows

    table = report(count(label, score, None), 0.4, metrics=["f1", "recall"])

    assert table.estimate("f1", 0).value == pytest.approx(f1_score(label, score >= 0.4))
    assert table.estimate("f1", 0).low < table.estimate("f1", 0).value < table.estimate("f1", 0).high


def test_approving_nobody_is_reported_too(rows):
    table = report(count(*rows, None), None, metrics=["recall", "precision", "selection_rate"])

    assert table.estimate("recall", 0).value == table.estimate("selection_rate", 0).value == 0.0
    assert table.estimate("precision", 0).value is None


def test_on_a_score_that_knows_nothing_the_half_it_was_chosen_on_flatters_and_the_other_does_not():
    rng = np.random.default_rng(3)
    here, there = [], []
    for seed in range(60):
        label, score = rng.integers(0, 2, 100).astype(np.int8), rng.random(100)
        halves = cut_in_halves(label, score, seed=seed)
        cut = choose(halves.chosen_on, Goal.BALANCED_ACCURACY)
        for part, found in ((halves.chosen_on, here), (halves.reported_on, there)):
            found.append(
                report(part.counts, cut, metrics=["balanced_accuracy"]).estimate("balanced_accuracy", 0).value
            )

    assert np.mean(here) > 0.55
    assert abs(np.mean(there) - 0.5) < 0.03
