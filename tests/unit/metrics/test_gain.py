from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_score, recall_score

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.by_lot import by_lot
from rai_dash.metrics.gain import gain
from rai_dash.metrics.table import Costs


@pytest.fixture
def rows():
    rng = np.random.default_rng(4)
    score = np.round(rng.random(800), 3)
    label = (rng.random(800) < score * 0.4).astype(np.int8)
    label[:40] = 2
    score[30:60] = np.nan
    return label, score


def known(rows):
    label, score = rows
    keep = (label < 2) & np.isfinite(score)
    return label[keep], score[keep]


def test_gain_equals_counting_down_the_rows_sorted_by_score(rows):
    label, score = known(rows)
    order = np.argsort(-score, kind="stable")
    sorted_score, reached = score[order], np.cumsum(label[order])

    curve = gain(count(*rows, None))

    for threshold, approved, recall in zip(curve.threshold, curve.approved, curve.recall, strict=True):
        taken = int(np.searchsorted(-sorted_score, -threshold, side="right")) if threshold >= 0 else 0
        assert approved == taken / label.size
        assert recall == (reached[taken - 1] if taken else 0) / label.sum()


def test_lift_is_precision_over_the_base_rate(rows):
    label, score = known(rows)

    curve = gain(count(*rows, None))

    for k in (0, 1, 400, 700, 900):
        decided = score >= curve.threshold[k]
        assert curve.recall[k] == recall_score(label, decided)
        assert curve.lift[k] == pytest.approx(precision_score(label, decided) / label.mean(), rel=1e-12)
        assert curve.lift[k] == pytest.approx(curve.recall[k] / curve.approved[k], rel=1e-12)
    assert np.isnan(curve.lift[-1])


def test_no_ranking_beats_the_best_curve_and_a_perfect_one_reaches_it(rows):
    curve = gain(count(*rows, None))
    xs, ys = zip(*curve.best, strict=True)
    label = np.array([1, 1, 0, 0, 0], np.int8)
    perfect = gain(count(label, np.array([0.9, 0.8, 0.3, 0.2, 0.1]), None))

    assert (curve.recall <= np.interp(curve.approved, xs, ys) + 1e-12).all()
    assert np.nanmax(curve.lift) <= curve.highest_lift + 1e-12
    assert perfect.recall == pytest.approx(np.interp(perfect.approved, *zip(*perfect.best, strict=True)))
    assert np.nanmax(perfect.lift) == perfect.highest_lift == 2.5


def test_weights_count_as_copies_of_rows():
    label, score = np.array([1, 0, 1, 0], np.int8), np.array([0.9, 0.6, 0.4, 0.1])
    copies = np.array([3, 2, 1, 4])

    weighted = gain(count(label, score, None, weight=copies.astype(float)))
    copied = gain(count(np.repeat(label, copies), np.repeat(score, copies), None))

    for name in ("approved", "recall", "lift"):
        np.testing.assert_allclose(getattr(weighted, name), getattr(copied, name), rtol=1e-12)


def test_without_favourable_or_labelled_rows_it_is_undefined():
    none_good = gain(count(np.zeros(2, np.int8), np.array([0.2, 0.4]), None))
    no_label = gain(count(np.array([2], np.int8), np.array([0.2]), None))

    assert none_good.base_rate == 0.0
    assert no_label.base_rate is None
    for curve in (none_good, no_label):
        assert np.isnan(curve.recall).all()
        assert np.isnan(curve.lift).all()
        assert (curve.best, curve.highest_lift) == ((), None)
    assert np.isnan(no_label.approved).all()


def test_several_groups_are_refused():
    index = GroupIndex("a", ("x", "y"), np.array([0, 1], np.int32))

    with pytest.raises(InvalidChoice, match="total"):
        gain(count(np.zeros(2, np.int8), np.zeros(2), index))


# --- drawing lots ---

NAMES = (
    "accuracy",
    "balanced_accuracy",
    "recall",
    "precision",
    "f1",
    "fpr",
    "selection_rate",
    "expected_cost",
)


def test_drawing_lots_is_what_many_lotteries_give_on_average(rows):
    label, score = rows
    counts = count(label, np.where(np.isnan(score), np.nan, score), None)
    has_score, costs = np.isfinite(score), Costs(cost_fp=5, cost_fn=1)
    rate = (score[has_score] >= 0.6).mean()
    rng = np.random.default_rng(0)

    found = by_lot(counts, 0.6, metrics=NAMES, costs=costs)

    drawn = rng.random((4000, score.size)) < rate
    good, bad = has_score & (label == 1), has_score & (label == 0)
    tp, fp = drawn[:, good].sum(axis=1).mean(), drawn[:, bad].sum(axis=1).mean()
    judged = good.sum() + bad.sum()
    assert found["selection_rate"][0] == pytest.approx(rate)
    assert (found["recall"][0], found["fpr"][0]) == pytest.approx((rate, rate))
    assert found["precision"][0] == pytest.approx(good.sum() / judged)
    assert found["balanced_accuracy"][0] == pytest.approx(0.5)
    assert found["accuracy"][0] == pytest.approx((tp + bad.sum() - fp) / judged, abs=0.002)
    assert found["f1"][0] == pytest.approx(2 * tp / (tp + fp + good.sum()), abs=0.002)
    person = 0.1 * ((~has_score & (label == 1)).sum() + 5 * (~has_score & (label == 0)).sum())
    cost = (5 * fp + (good.sum() - tp) + person) / (label < 2).sum()
    assert found["expected_cost"][0] == pytest.approx(cost, abs=0.01)


def test_drawing_lots_where_nobody_has_a_score_is_undefined():
    counts = count(np.array([0, 1], np.int8), np.full(2, np.nan), None)

    assert by_lot(counts, 0.5, metrics=["recall", "accuracy"]) == {"recall": [None], "accuracy": [None]}
