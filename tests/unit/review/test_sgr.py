from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.review.guarantee import sgr
from rai_dash.review.nested import count_bands
from tests.unit.review.promised import DELTA, drawn, limit


def sgr_by_hand(score, label, threshold, alpha, delta):
    """Section 10, line by line, counting rows anew at each look."""
    rows = [(s, y) for s, y in zip(score, label, strict=True) if math.isfinite(s) and y in (0, 1)]
    distances = sorted(abs(s - threshold) for s, _ in rows)
    m = len(rows)
    looks, low, high, kept = max(1, math.ceil(math.log2(m))), 1, m, None
    for _ in range(looks):
        z = math.ceil((low + high) / 2)
        theta = distances[z - 1]
        decided = [(s, y) for s, y in rows if abs(s - threshold) >= theta]
        k = sum((s >= threshold) != (y == 1) for s, y in decided)
        b = limit(k, len(decided), delta / looks)
        if b < alpha:
            high = z
            if kept is None or theta < kept[0]:
                kept = (theta, k, len(decided), b)
        else:
            low = z
    return kept, m


@pytest.mark.parametrize("threshold", [0.5, 0.35, 0.9])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [1, 2, 60, 700])
def test_the_search_for_a_symmetric_band_equals_the_rule_read_line_by_line(seed, n, threshold):
    score, label = drawn(seed, n)
    label[0], score[0] = 1, 0.81
    for alpha in (0.1, 0.2):
        kept, m = sgr_by_hand(score, label, threshold, alpha, DELTA)

        found = sgr(score, label, threshold=threshold, alpha=alpha)

        assert found.certified == (kept is not None)
        if kept is None:
            assert (found.theta, found.band, found.bound) == (None, None, None)
            assert found.reason
            continue
        assert (found.theta, found.k, found.n) == kept[:3]
        assert found.bound == pytest.approx(kept[3])
        assert found.coverage == kept[2] / m
        # The two cuts route exactly these rows.
        counts = count_bands(score, label, [found.band])
        assert (int(counts.k[0]), int(counts.n[0])) == kept[1:3]


def test_the_search_finds_something_and_nothing_in_these_tests():
    score, label = drawn(0, 700)

    assert sgr(score, label, threshold=0.5, alpha=0.2).certified
    assert not sgr(score, label, threshold=0.5, alpha=0.01).certified


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_the_cuts_of_a_symmetric_band_agree_with_the_distance_to_the_last_bit(threshold, score):
    # 60 right decisions at one distance make exactly that distance the answer.
    label = np.full(60, int(score >= threshold), np.int8)
    found = sgr(np.full(60, score), label, threshold=threshold, alpha=0.3)

    theta = abs(score - threshold)
    assert found.theta == theta
    near = [x for x in (score, np.nextafter(score, 0), np.nextafter(score, 1), threshold) if 0 <= x <= 1]
    counts = [int(count_bands([x], np.array([1], np.int8), [found.band]).n[0]) for x in near]
    assert counts == [int(abs(x - threshold) >= theta) for x in near]


def test_the_search_has_no_answer_without_rows():
    found = sgr([np.nan, 0.4], np.array([1, 2], np.int8), threshold=0.5, alpha=0.1)

    assert (found.certified, found.n) == (False, None)
    assert found.reason
