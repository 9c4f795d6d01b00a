from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import auc, average_precision_score, roc_auc_score

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.curves import calibration_curve, precision_recall, roc, score_histogram
from rai_dash.stats.intervals import wilson


@pytest.fixture
def rows():
    rng = np.random.default_rng(1)
    score = np.round(rng.random(2000), 3)
    label = (rng.random(2000) < score).astype(np.int8)
    label[:100] = 2
    score[100:120] = np.nan
    return label, score


def known(rows):
    label, score = rows
    keep = (label < 2) & np.isfinite(score)
    return label[keep], score[keep]


def test_every_point_of_the_roc_curve_equals_a_scan(rows):
    label, score = known(rows)

    curve = roc(count(*rows, None))

    for k in (0, 1, 350, 500, 999, 1000):
        approved = score >= curve.threshold[k]
        assert curve.recall[k] == approved[label == 1].mean()
        assert curve.fpr[k] == approved[label == 0].mean()
    assert (curve.fpr[-1], curve.recall[-1]) == (0.0, 0.0)
    assert np.isnan(curve.threshold[-1])


def test_the_area_under_the_curve_is_the_auc_where_scores_are_on_the_grid(rows):
    curve = roc(count(*rows, None))

    assert auc(curve.fpr, curve.recall) == pytest.approx(roc_auc_score(*known(rows)), abs=1e-12)


def test_every_point_of_precision_and_recall_equals_a_scan(rows):
    label, score = known(rows)

    curve = precision_recall(count(*rows, None))

    for k in (0, 10, 350, 900):
        approved = score >= curve.threshold[k]
        assert curve.precision[k] == label[approved].mean()
        assert curve.recall[k] == approved[label == 1].mean()
    assert curve.base_rate == label.mean()
    steps = -np.diff(np.append(curve.recall, 0.0)) * np.nan_to_num(curve.precision)
    assert steps.sum() == pytest.approx(average_precision_score(label, score), abs=1e-12)


def test_precision_is_undefined_where_nobody_is_approved():
    curve = precision_recall(count(np.array([0, 1], np.int8), np.array([0.2, 0.4]), None))

    assert np.isnan(curve.precision[401:]).all()
    assert np.isfinite(curve.precision[:401]).all()


def test_curves_without_labels_are_undefined():
    counts = count(np.array([2], np.int8), np.array([0.2]), None)

    assert np.isnan(roc(counts).recall).all()
    assert precision_recall(counts).base_rate is None
    assert np.isnan(calibration_curve(counts).observed).all()


def test_calibration_bins_equal_a_scan(rows):
    label, score = known(rows)

    curve = calibration_curve(count(*rows, None), bins=10)

    for b in range(10):
        inside = (score >= b / 10) & ((score < (b + 1) / 10) | (b == 9))
        low, high = wilson(label[inside].sum(), inside.sum())
        assert curve.rows[b] == inside.sum()
        assert curve.observed[b] == label[inside].mean()
        assert (curve.low[b], curve.high[b]) == pytest.approx((float(low), float(high)))
        assert curve.mean_score[b] == pytest.approx(score[inside].mean(), abs=0.0005 + 1e-9)
    assert (curve.left[0], curve.right[-1]) == (0.0, 1.0)


def test_an_empty_calibration_bin_is_undefined():
    curve = calibration_curve(count(np.array([0, 1], np.int8), np.array([0.05, 1.0]), None))

    assert np.isnan(curve.observed[1:-1]).all()
    assert np.isnan(curve.mean_score[1]) and np.isnan(curve.low[1])  # noqa: PT018
    assert curve.observed[-1] == 1.0


def test_the_histogram_counts_every_row_once(rows):
    label, score = rows

    histogram = score_histogram(count(*rows, None), bins=50)

    expected, _ = np.histogram(score[(label == 1) & np.isfinite(score)] + 1e-9, bins=50, range=(0, 1 + 1e-6))
    assert histogram.favourable.sum() == expected.sum()
    assert histogram.unknown.sum() == ((label == 2) & np.isfinite(score)).sum()
    assert histogram.without_score == 20
    total = histogram.unfavourable.sum() + histogram.favourable.sum() + histogram.unknown.sum()
    assert total + histogram.without_score == 2000


def test_a_histogram_bin_is_closed_on_the_left_and_1_is_in_the_last():
    scores = np.array([0.0, 0.0199, 0.02, 0.98, 1.0])

    histogram = score_histogram(count(np.ones(5, np.int8), scores, None))

    assert histogram.favourable[[0, 1, -1]].tolist() == [2, 1, 2]


def test_curves_of_weights_use_the_weights():
    counts = count(
        np.array([0, 1, 1], np.int8), np.array([0.5, 0.5, 0.55]), None, weight=np.array([1.0, 2.0, 3.0])
    )

    curve = calibration_curve(counts)

    assert curve.observed[5] == pytest.approx(5 / 6)
    low, _ = wilson(5 / 6 * 36 / 14, 36 / 14)
    assert curve.low[5] == pytest.approx(float(low))


def test_several_groups_are_refused_with_the_way_out():
    counts = count(np.zeros(2, np.int8), np.zeros(2), GroupIndex("a", ("x", "y"), np.array([0, 1], np.int32)))

    with pytest.raises(InvalidChoice, match=r"total\(\)"):
        roc(counts)
    assert roc(counts.group(1)).fpr[0] == 1.0


@pytest.mark.parametrize("bins", [0, 7, 3000])
def test_bins_that_do_not_divide_the_grid_are_refused(bins):
    with pytest.raises(InvalidChoice, match="Choose 10"):
        score_histogram(count(np.zeros(1, np.int8), np.zeros(1), None), bins=bins)
