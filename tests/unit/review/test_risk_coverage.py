from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.review.risk_coverage import risk_coverage

N = 100
ALTERNATING = np.arange(N) % 2
#: Confidences, correct decisions, AURC and AUGRC that the fd-shifts package expects of itself (its fd_shifts/tests/
#: utils.py, RC_STATS_TEST_CASES, Traub et al. 2024).
PUBLISHED = {
    "equal, all right": (np.ones(N), np.ones(N), 0.0, 0.0),
    "equal, all wrong": (np.ones(N), np.zeros(N), 1.0, 0.5),
    "equal, half right": (np.ones(N), ALTERNATING, 0.5, 0.25),
    "two, the sure are right": (ALTERNATING, ALTERNATING, 0.125, 0.125),
    "two, the sure are wrong": (1 - ALTERNATING, ALTERNATING, 0.875, 0.375),
    "two, all wrong": (ALTERNATING, np.zeros(N), 1.0, 0.5),
    "ascending, half right": (np.linspace(0, 1, N), ALTERNATING, 0.48281112575762547, 0.2475),
    "ascending, all wrong": (np.linspace(0, 1, N), np.zeros(N), 1.0, 0.5),
    "plateaus, half right": (
        np.repeat([0.2, 0.4, 0.6, 0.8], N // 4),
        ALTERNATING,
        0.49083333333333334,
        0.2475,
    ),
}


@pytest.mark.parametrize("case", PUBLISHED)
def test_the_areas_equal_the_published_ones(case):
    confidence, correct, aurc, augrc = PUBLISHED[case]

    found = risk_coverage(0.5 + confidence / 2, correct.astype(np.int8), threshold=0.5)

    assert (found.aurc, found.augrc) == pytest.approx((aurc, augrc), abs=1e-14)


def as_fd_shifts(score, label, threshold):
    """Walk the rows from the least sure one on and take a point wherever the confidence changes."""
    rows = sorted((abs(s - threshold), (s >= threshold) != y) for s, y in zip(score, label, strict=True))
    n, kept, wrong = len(rows), len(rows), sum(w for _, w in rows)
    points = [(1.0, wrong / n, wrong / n)]
    for (confidence, is_wrong), (following, _) in pairwise(rows):
        kept, wrong = kept - 1, wrong - is_wrong
        if confidence != following:
            points.append((kept / n, wrong / kept, wrong / n))
    points.append((0.0, points[-1][1], 0.0))
    pairs = list(pairwise(points))
    return [sum((a[0] - b[0]) * (a[i] + b[i]) / 2 for a, b in pairs) for i in (1, 2)], points


scored = st.tuples(st.sampled_from([j / 16 for j in range(17)]) | st.floats(0, 1), st.integers(0, 1))


@settings(max_examples=40, deadline=None)
@given(st.lists(scored, min_size=1, max_size=40), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_curve_and_areas_equal_a_walk_through_the_rows(rows, threshold):
    score, label = zip(*rows, strict=True)
    areas, points = as_fd_shifts(score, label, threshold)

    found = risk_coverage(score, np.array(label, np.int8), threshold=threshold)

    curve = np.stack((found.coverage, found.selective, found.generalised), axis=1)
    assert curve == pytest.approx(np.array(points), abs=1e-13)
    assert (found.aurc, found.augrc) == pytest.approx(areas, abs=1e-13)


def test_rows_at_one_distance_on_both_sides_are_one_point():
    found = risk_coverage([0.25, 0.75, 0.75, 0.5], np.array([1, 1, 0, 1], np.int8), threshold=0.5)

    assert found.theta[:-1].tolist() == [0.0, 0.25]
    assert found.selective == pytest.approx([2 / 4, 2 / 3, 2 / 3])
    assert np.isnan(found.theta[-1])


def test_a_weight_of_2_is_a_copy_and_a_weight_of_0_nobody():
    rng = np.random.default_rng(3)
    score, label = rng.integers(0, 9, 60) / 8, rng.integers(0, 2, 60).astype(np.int8)
    copies = rng.integers(0, 4, 60)

    weighted = risk_coverage(score, label, threshold=0.5, weight=copies)
    copied = risk_coverage(np.repeat(score, copies), np.repeat(label, copies), threshold=0.5)

    assert weighted.coverage == pytest.approx(copied.coverage, abs=1e-14)
    assert (weighted.aurc, weighted.augrc) == pytest.approx((copied.aurc, copied.augrc), abs=1e-14)


def test_rows_without_score_or_outcome_are_left_out_and_float32_is_widened():
    score = np.array([0.7, np.nan, np.inf, 0.2, 0.9], np.float32)
    label = np.array([1, 1, 0, 2, 0], np.int8)

    found = risk_coverage(score, label, threshold=0.7)

    assert found.n == 2
    # The float32 next to 0.7 lies below it: this good applicant is refused.
    assert found.selective[0] == 1.0


def test_without_rows_the_areas_are_undefined_with_a_reason():
    found = risk_coverage([np.nan, 0.4], np.array([1, 2], np.int8), threshold=0.5)

    assert (found.n, found.aurc, found.augrc, found.coverage.size) == (0, None, None, 0)
    assert "known outcome" in found.reason
    assert found.to_json()["curve"] == []


def test_what_leaves_the_app_is_thinned_keeps_both_ends_and_is_plain():
    score = np.linspace(0, 1, 1001)
    found = risk_coverage(score, (score > 0.4).astype(np.int8), threshold=0.5)

    content = json.loads(json.dumps(found.to_json(points=20), allow_nan=False))

    assert len(content["curve"]) == 20
    assert [content["curve"][i]["coverage"] for i in (0, -1)] == [1.0, 0.0]
    assert content["aurc"] == found.aurc


def test_columns_that_do_not_fit_are_refused():
    label = np.array([1, 0], np.int8)

    with pytest.raises(InvalidChoice, match="3 scores and 2 labels"):
        risk_coverage([0.1, 0.2, 0.3], label, threshold=0.5)
    with pytest.raises(InvalidChoice, match="2 scores and 1 weights"):
        risk_coverage([0.1, 0.2], label, threshold=0.5, weight=[1.0])
    with pytest.raises(InvalidRoles, match=r"-1 in row 2"):
        risk_coverage([0.1, 0.2], label, threshold=0.5, weight=[1.0, -1.0])
