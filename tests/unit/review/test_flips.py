from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.review.flips import flips_between, flips_under_noise

BAND = ReviewBand(0.3, 0.5, 0.7)
BANDS = [
    BAND,
    ReviewBand(None, 0.5, 0.7),
    ReviewBand(0.3, 0.5, None),
    ReviewBand(None, 0.5, None),
    ReviewBand(0.5, 0.5, 0.5),
]


def route(score, band):
    """The table of section 3, line by line."""
    if not np.isfinite(score):
        return "review"
    if band.lo is not None and score < band.lo:
        return "reject"
    if band.hi is not None and score >= band.hi:
        return "approve"
    return "review"


scores = st.sampled_from([0.3, 0.5, 0.7, np.nextafter(0.3, 0), np.nan, np.inf, -np.inf]) | st.floats(0, 1)
tables = st.lists(st.tuples(scores, scores, st.integers(0, 8).map(lambda w: w / 4)), max_size=30)


@settings(max_examples=40, deadline=None)
@given(tables, st.sampled_from(BANDS))
def test_scores_given_twice_equal_a_walk_through_the_rows(table, band):
    total = sum(w for _, _, w in table)
    expected = dict.fromkeys(("changed", "hard", "into_review", "out_of_review"), 0.0)
    for first, second, w in table:
        before, after = route(first, band), route(second, band)
        if before != after:
            expected["changed"] += w
            kind = {after: "into_review", before: "out_of_review"}.get("review", "hard")
            expected[kind] += w

    found = flips_between(
        *(np.array([r[i] for r in table], np.float64) for i in (0, 1)), band, weight=[r[2] for r in table]
    )

    for name, mass in expected.items():
        assert getattr(found, name) == (pytest.approx(mass / total, abs=1e-12) if total else None)
    assert found.n == len(table)


def expected_under_noise(rows, band, sigma):
    """Section 12, line by line."""
    changed = hard = total = 0.0
    for s, w in rows:
        total += w
        if not np.isfinite(s):
            continue
        reject = 0.0 if band.lo is None else norm.cdf((band.lo - s) / sigma)
        approve = 0.0 if band.hi is None else norm.sf((band.hi - s) / sigma)
        chance = {"reject": reject, "approve": approve, "review": 1 - reject - approve}
        own = route(s, band)
        changed += w * (1 - chance[own])
        hard += w * {"reject": approve, "approve": reject, "review": 0.0}[own]
    return (changed / total, hard / total) if total else (None, None)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(scores, st.integers(0, 8).map(lambda w: w / 4)), max_size=20),
    st.sampled_from(BANDS),
    st.sampled_from([1e-9, 0.02, 0.1, 3.0]),
)
def test_noise_in_closed_form_equals_the_definition_row_by_row(rows, band, sigma):
    found = flips_under_noise([s for s, _ in rows], band, sigma=sigma, weight=[w for _, w in rows])

    changed, hard = expected_under_noise(rows, band, sigma)
    assert found.changed == pytest.approx(changed, abs=1e-12)
    assert found.hard == pytest.approx(hard, abs=1e-12)


def test_noise_in_closed_form_equals_drawn_noise():
    rng = np.random.default_rng(2)
    score, draws = rng.random(400), 500

    found = flips_under_noise(score, BAND, sigma=0.15)

    drawn = flips_between(
        np.repeat(score, draws), np.repeat(score, draws) + rng.normal(0, 0.15, 400 * draws), BAND
    )
    for name in ("changed", "hard"):
        p = getattr(found, name)
        assert getattr(drawn, name) == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / (400 * draws)))


def test_no_noise_changes_nothing_even_on_a_line():
    found = flips_under_noise([0.3, 0.7, 0.5], BAND, sigma=0)

    assert (found.changed, found.hard) == (0.0, 0.0)


def test_rows_without_score_never_change_but_count_in_the_denominator():
    found = flips_under_noise([0.3, np.nan, np.inf, np.nan], BAND, sigma=0.001)

    assert found.changed == pytest.approx(0.5 / 4)
    assert flips_between([np.nan], [np.inf], BAND).changed == 0.0


def test_without_rows_the_shares_are_undefined_with_a_reason():
    for found in (flips_between([], [], BAND), flips_under_noise([0.4], BAND, sigma=0.1, weight=[0.0])):
        content = json.loads(json.dumps(found.to_json(), allow_nan=False))
        assert (content["changed"], content["hard"]) == (None, None)
        assert content["reason"]


def test_a_float32_score_is_routed_like_its_double():
    assert flips_between(np.array([0.7], np.float32), [0.7], BAND).out_of_review == 1.0


@pytest.mark.parametrize("sigma", [-0.1, np.inf, np.nan])
def test_noise_that_is_none_is_refused(sigma):
    with pytest.raises(InvalidChoice, match="standard deviation"):
        flips_under_noise([0.5], BAND, sigma=sigma)


def test_two_columns_of_different_length_are_refused():
    with pytest.raises(InvalidChoice, match="2 first scores and 1 second"):
        flips_between([0.1, 0.2], [0.1], BAND)
