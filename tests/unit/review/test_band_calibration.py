from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from rai_dash.core.types import ReviewBand
from rai_dash.review.band_calibration import band_calibration

BAND = ReviewBand(0.25, 0.5, 0.75)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(5)
    score = rng.random(3000)
    label = (rng.random(3000) < score**1.5).astype(np.int8)
    return score, label, rng.integers(0, 5, 3000) / 2


def test_without_weights_everything_equals_scikit_learn_and_scipy(rows):
    score, label, _ = rows
    found = band_calibration(score, label, BAND)

    inside = (score >= 0.25) & (score < 0.75)
    s, y = score[inside], label[inside]
    observed, predicted = calibration_curve(y, (s - 0.25) / 0.5, n_bins=5, strategy="uniform")
    sizes = np.histogram(s, bins=5, range=(0.25, 0.75))[0]
    wilson = binomtest(int(y.sum()), y.size).proportion_ci(method="wilson")

    assert found.n == inside.sum()
    assert found.mean_score == pytest.approx(s.mean(), rel=1e-12)
    assert found.observed.value == pytest.approx(y.mean(), rel=1e-12)
    assert (found.observed.low, found.observed.high) == pytest.approx((wilson.low, wilson.high), abs=1e-12)
    assert found.gap == pytest.approx(s.mean() - y.mean(), abs=1e-12)
    assert found.brier == pytest.approx(brier_score_loss(y, s), rel=1e-12)
    expected = (sizes * np.abs(predicted * 0.5 + 0.25 - observed)).sum() / y.size
    assert found.ece == pytest.approx(expected, abs=1e-12)


def test_the_brier_score_of_weighted_rows_equals_scikit_learn(rows):
    score, label, weight = rows
    inside = (score >= 0.25) & (score < 0.75)

    found = band_calibration(score, label, BAND, weight=weight)

    assert found.brier == pytest.approx(
        brier_score_loss(label[inside], score[inside], sample_weight=weight[inside]), rel=1e-12
    )
    size = weight[inside].sum() ** 2 / (weight[inside] ** 2).sum()
    share = np.average(label[inside], weights=weight[inside])
    # The limit of Wilson solves the score equation at Kish's size.
    assert share - found.observed.low == pytest.approx(
        1.959963984540054 * np.sqrt(found.observed.low * (1 - found.observed.low) / size), rel=1e-9
    )


def by_hand(rows, lo, hi, cells=5):
    """Read the definitions of section 9 word by word, one row after the other."""
    inside = [r for r in rows if np.isfinite(r[0]) and r[1] in (0, 1) and lo <= r[0] < hi]
    total = sum(w for _, _, w in inside)
    if not total:
        return len(inside), None
    mean = sum(w * s for s, _, w in inside) / total
    observed = sum(w * y for _, y, w in inside) / total
    brier = sum(w * (s - y) ** 2 for s, y, w in inside) / total
    error = 0.0
    for b in range(cells):
        cell = [r for r in inside if min(cells - 1, int((r[0] - lo) / (hi - lo) * cells)) == b]
        w_b = sum(w for _, _, w in cell)
        if w_b:
            s_b, y_b = (sum(r[2] * r[i] for r in cell) / w_b for i in (0, 1))
            error += w_b / total * abs(s_b - y_b)
    return len(inside), (mean, observed, mean - observed, brier, error)


scores = st.sampled_from([0.25, 0.35, 0.45, 0.5, 0.75, np.nextafter(0.75, 0), np.nan, np.inf]) | st.floats(
    0, 1
)
tables = st.lists(st.tuples(scores, st.integers(0, 2), st.integers(0, 8).map(lambda w: w / 4)), max_size=30)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_any_rows_equal_the_definitions_read_row_by_row(table):
    score, label, weight = (np.array([r[i] for r in table], np.float64) for i in range(3))

    found = band_calibration(score, label.astype(np.int8), BAND, weight=weight)

    n, expected = by_hand(table, 0.25, 0.75)
    assert found.n == n
    values = (found.mean_score, found.observed.value, found.gap, found.brier, found.ece)
    assert values == (pytest.approx(expected, abs=1e-12) if expected else (None,) * 5)


def test_without_rows_everything_is_undefined_with_the_reason():
    found = band_calibration([0.1, np.nan, 0.5], np.array([1, 1, 2], np.int8), BAND)

    assert found.n == 0
    content = found.to_json()
    assert {content[k] for k in ("mean_score", "observed", "low", "high", "gap", "brier", "ece")} == {None}
    assert "nobody" in content["reason"]


def test_an_empty_band_has_no_rows():
    assert band_calibration([0.5], np.array([1], np.int8), ReviewBand(0.5, 0.5, 0.5)).n == 0


@pytest.mark.parametrize("band", [ReviewBand(None, 0.5, 0.75), ReviewBand(0.25, 0.5, None)])
def test_an_open_end_has_all_but_the_calibration_error(band, rows):
    score, label, _ = rows
    inside = (score >= (band.lo or 0)) & (score < (band.hi or 2))

    found = band_calibration(score, label, band)

    assert found.n == inside.sum()
    assert found.brier == pytest.approx(brier_score_loss(label[inside], score[inside]), rel=1e-12)
    assert (found.ece, found.cells) == (None, None)
    assert "open end" in found.to_json()["reason"]


def test_the_cells_are_listed_and_an_empty_one_is_undefined():
    found = band_calibration([0.26, 0.30, 0.74], np.array([1, 0, 1], np.int8), BAND)

    cells = json.loads(json.dumps(found.to_json(), allow_nan=False))["cells"]

    assert [c["weight"] for c in cells] == [2, 0, 0, 0, 1]
    assert cells[0]["mean_score"] == pytest.approx(0.28)
    assert [cells[i]["observed"] for i in (0, 1, 4)] == [0.5, None, 1.0]
    assert [cells[0]["from"], cells[-1]["to"]] == [0.25, 0.75]


def test_float32_scores_are_widened_before_they_meet_the_band():
    score = np.array([0.7], np.float32)

    assert band_calibration(score, np.array([1], np.int8), ReviewBand(0.2, 0.5, 0.7)).n == 1
