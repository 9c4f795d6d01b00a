from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.review.guarantee import (
    best_looking,
    crc,
    fixed,
    fixed_sequence,
    picked,
    rows_needed,
    sgr,
    split,
    union,
)
from rai_dash.review.nested import count_bands, nested_bands
from tests.unit.review.promised import DELTA, drawn, limit, sequence_by_hand

# --- one band ---


@pytest.mark.parametrize(("k", "n"), [(0, 28), (0, 29), (3, 100), (12, 80), (5, 5)])
def test_a_band_fixed_beforehand_is_certified_when_its_limit_is_low_enough(k, n):
    found = fixed(k, n, alpha=0.10, delta=DELTA)

    assert found.bound == pytest.approx(limit(k, n, DELTA), rel=1e-10)
    assert found.certified == (binom.cdf(k, n, 0.10) <= DELTA)
    assert (found.reason is None) == found.certified
    assert (found.method, found.looks, found.k, found.n) == ("fixed", 1, k, n)
    assert "before these rows were seen" in found.honest_when


def test_without_a_share_asked_for_the_limit_is_the_promise():
    band = ReviewBand(0.3, 0.5, 0.7)
    found = fixed(12, 80, band=band)

    assert (found.certified, found.band, found.alpha) == (True, band, None)
    assert found.bound == pytest.approx(limit(12, 80, DELTA))


def test_a_band_that_decides_nobody_promises_nothing():
    found = fixed(0, 0)

    assert (found.certified, found.bound) == (False, 1.0)
    assert "Nobody" in found.reason


def test_a_band_moved_by_hand_on_the_rows_that_judge_it_is_never_certified():
    for alpha in (None, 0.10):
        found = picked(0, 10_000, alpha=alpha)

        assert not found.certified
        assert found.reason.startswith("Not certified: picked on the same data.")
        assert found.bound == pytest.approx(limit(0, 10_000, DELTA))


def test_a_limit_above_what_was_asked_says_both_and_the_rows_it_would_take():
    found = fixed(5, 100, alpha=0.10, delta=DELTA)

    assert not found.certified
    assert found.rows_needed == rows_needed(0.05, alpha=0.10, delta=DELTA)
    assert f"about {found.rows_needed:,} automatic decisions" in found.reason
    assert "10.2 % may be wrong, more than the 10 % asked for" in found.reason


def test_where_the_share_seen_is_too_high_more_rows_are_not_recommended():
    found = fixed(12, 100, alpha=0.10)

    assert found.rows_needed is None
    assert "would not help" in found.reason


# --- lists of bands ---


lists = st.lists(st.tuples(st.integers(0, 200), st.floats(0, 0.3)), max_size=12)


@settings(max_examples=40, deadline=None)
@given(lists, st.sampled_from([0.05, 0.1, 0.3]), st.sampled_from([0.05, 0.025, 0.3]))
def test_a_fixed_sequence_equals_the_rule_read_line_by_line(table, alpha, delta):
    n = [rows for rows, _ in table]
    k = [int(rows * share) for rows, share in table]

    found = fixed_sequence(k, n, alpha=alpha, delta=delta)

    last, p_values = sequence_by_hand(k, n, alpha, delta)
    assert found.found == last
    assert [p is None for p in found.p_values] == [p is None for p in p_values]
    assert [p for p in found.p_values if p is not None] == pytest.approx(
        [p for p in p_values if p is not None]
    )
    assert found.certified == (last is not None)
    assert (found.bound, found.reason is None) == ((alpha, True) if found.certified else (None, False))


def test_the_tiny_safest_band_does_not_end_the_chain_and_its_outcomes_are_not_looked_at():
    n = [16, 60, 120]

    for k in (0, 1, 16):
        found = fixed_sequence([k, 1, 4], n, alpha=0.10)
        assert found.found == 2
        assert found.p_values[0] is None
    # Tested like the others it would have ended the chain: section 10 saw p = .51.
    assert binom.cdf(1, 16, 0.10) == pytest.approx(0.51, abs=0.005)


def test_a_band_with_just_the_fewest_rows_is_tested():
    assert fixed_sequence([0], [29], alpha=0.10).found == 0
    assert fixed_sequence([0], [28], alpha=0.10).p_values == (None,)


def test_a_chain_never_passes_a_band_that_failed():
    found = fixed_sequence([1, 30, 3], [60, 100, 400], alpha=0.10)

    assert found.found == 0
    assert found.p_values[2] is None


def test_the_band_that_passed_comes_back_with_its_counts():
    bands = nested_bands(0.5, (0.4, 0.2, 0.0))
    found = fixed_sequence([0, 2, 90], [40, 100, 300], alpha=0.10, bands=bands)

    assert found.band == ReviewBand(0.3, 0.5, 0.7)
    assert (found.k, found.n, found.looks) == (2, 100, 3)


def test_a_sequence_with_too_few_rows_says_how_many_the_first_test_takes():
    found = fixed_sequence([0, 0], [3, 20], alpha=0.10)

    assert (found.certified, found.k, found.rows_needed) == (False, None, 29)
    assert "29 rows" in found.reason
    assert "at most 20" in found.reason


def test_a_sequence_whose_first_test_fails_names_the_errors_and_the_rows_needed():
    found = fixed_sequence([2, 30], [40, 100], alpha=0.10)

    assert (found.certified, found.k, found.n) == (False, 2, 40)
    assert "2 of 40 wrong" in found.reason
    assert f"{rows_needed(0.05, alpha=0.10):,}" in found.reason


def test_a_band_chosen_among_several_pays_for_every_look():
    k, n = [0, 3, 12], [30, 120, 150]

    found = union(k, n, alpha=0.10)

    bounds = [limit(a, b, DELTA / 3) for a, b in zip(k, n, strict=True)]
    assert [b <= 0.10 for b in bounds] == [False, True, False]
    assert (found.found, found.looks, found.certified) == (1, 3, True)
    assert found.bound == pytest.approx(bounds[1])


def test_a_band_chosen_among_several_may_be_named_and_none_may_do():
    named = union([0, 3, 12], [30, 120, 150], chosen=2)
    none = union([9, 9], [30, 40], alpha=0.10)

    assert named.certified
    assert named.bound == pytest.approx(limit(12, 150, DELTA / 3))
    assert (none.certified, none.found, none.band) == (False, None, None)
    assert none.bound == pytest.approx(min(limit(9, 30, DELTA / 2), limit(9, 40, DELTA / 2)))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=10), st.integers(40, 300), st.sampled_from([0.05, 0.1]))
def test_conformal_risk_control_takes_the_unbroken_run_and_is_no_guarantee(k, n, alpha):
    run = None
    for i, errors in enumerate(k):
        if Fraction(errors + 1, n + 1) > Fraction(str(alpha)):
            break
        run = i

    found = crc(k, n, alpha=alpha)

    assert found.found == run
    assert not found.certified
    assert "never shown as a guarantee" in found.honest_when
    if run is not None:
        assert found.bound == pytest.approx(n / (n + 1) * (k[run] / n) + 1 / (n + 1), rel=1e-12)


def test_the_best_looking_band_is_found_and_not_certified():
    found = best_looking([0, 3, 10, 40], [0, 30, 100, 300], alpha=0.10)

    assert (found.found, found.certified) == (2, False)
    assert found.reason.startswith("Not certified: picked on the same data.")
    assert best_looking([9], [10], alpha=0.10).found is None


# --- split ---


def test_a_split_judges_the_band_on_the_rows_that_did_not_choose_it():
    score, label = np.arange(1000) / 1000, drawn(7, 1000)[1]
    seen = []

    def choose(scores, labels):
        seen.append((scores, labels))
        return ReviewBand(0.2, 0.5, 0.8)

    found = split(score, label, choose, seed=3, share=0.3)

    ((scores, labels),) = seen
    assert scores.size == 300
    assert (label[np.rint(scores * 1000).astype(int)] == labels).all()
    rest = ~np.isin(score, scores) & ((score < 0.2) | (score >= 0.8)) & (label != 2)
    wrong = (score >= 0.5) != (label == 1)
    assert (found.k, found.n) == ((wrong & rest).sum(), rest.sum())
    assert found.bound == pytest.approx(limit(found.k, found.n, DELTA))
    assert (found.method, found.certified) == ("split", True)
    assert found.to_json() == split(score, label, choose, seed=3, share=0.3).to_json()
    assert found.n != split(score, label, choose, seed=4, share=0.3).n


def test_a_split_that_chooses_no_band_promises_nothing():
    found = split(*drawn(7, 100), lambda *_: None, seed=3)

    assert (found.certified, found.band) == (False, None)
    assert "No band was chosen on the first 50 rows" in found.reason


# --- all ---


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, 5, float("nan")])
def test_shares_and_chances_outside_0_to_1_are_refused_everywhere(value):
    score, label = drawn(1, 50)
    for call in (
        lambda **kw: fixed(1, 10, **kw),
        lambda **kw: union([1], [10], **kw),
        lambda **kw: fixed_sequence([1], [10], **kw),
        lambda **kw: sgr(score, label, threshold=0.5, **kw),
        lambda **kw: split(score, label, lambda *_: None, seed=1, **kw),
    ):
        with pytest.raises(InvalidChoice, match=r"promised share of errors.*between 0 and 1"):
            call(alpha=value, delta=DELTA)
        with pytest.raises(InvalidChoice, match=r"broken promise.*between 0 and 1"):
            call(alpha=0.1, delta=value)
    with pytest.raises(InvalidChoice, match="between 0 and 1"):
        crc([1], 10, alpha=value)
    with pytest.raises(InvalidChoice, match="rows to choose on"):
        split(score, label, lambda *_: None, seed=1, share=value)


def test_impossible_counts_and_choices_are_refused():
    for k, n in ((-1, 5), (6, 5)):
        with pytest.raises(InvalidChoice, match="0 <= k <= n"):
            fixed(k, n)
    with pytest.raises(InvalidChoice, match="0 <= k <= n"):
        fixed_sequence([1, 2], [5], alpha=0.1)
    with pytest.raises(InvalidChoice, match="Say which"):
        union([1], [10])
    with pytest.raises(InvalidChoice, match="no band 3 among 2"):
        union([1, 1], [10, 10], chosen=3)


def test_every_answer_is_plain_json():
    score, label = drawn(1, 300)
    counts = count_bands(score, label, nested_bands(0.5))
    answers = [
        fixed(3, 100, alpha=0.1),
        picked(3, 100),
        union(counts.k, counts.n, alpha=0.2, bands=counts.bands),
        fixed_sequence(counts.k, counts.n, alpha=0.2, bands=counts.bands),
        sgr(score, label, threshold=0.5, alpha=0.2),
        crc(counts.k, counts.labelled, alpha=0.2, bands=counts.bands),
        best_looking(counts.k, counts.n, alpha=0.2, bands=counts.bands),
    ]

    for answer in answers:
        content = json.loads(json.dumps(answer.to_json(), allow_nan=False))
        assert content["method"] == answer.method
        assert content["certified"] is answer.certified
        if answer.band is not None:
            assert content["band"]["hi"] == answer.band.hi
