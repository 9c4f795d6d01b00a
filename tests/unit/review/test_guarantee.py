from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom

from rai_dash.core.errors import InvalidBand, InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.review.guarantee import (
    best_looking,
    crc,
    fewest_rows,
    fixed,
    fixed_sequence,
    picked,
    rows_needed,
    sgr,
    split,
    union,
)
from rai_dash.review.nested import HALF_WIDTHS, count_bands, nested_bands
from rai_dash.review.two_sided import two_sided

DELTA = 0.05


def limit(k, n, delta):
    """The upper limit of Clopper and Pearson, from scipy."""
    return 1.0 if k == n else beta.isf(delta, k + 1, n - k)


def drawn(seed, n):
    """Calibrated scores on thousandths, some of them missing, some outcomes unknown."""
    rng = np.random.default_rng(seed)
    score = rng.integers(0, 1001, n) / 1000
    label = (rng.random(n) < score).astype(np.int8)
    label[rng.random(n) < 0.1] = 2
    score[rng.random(n) < 0.05] = np.nan
    return score, label


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


# --- rows that it takes ---


@pytest.mark.parametrize(
    ("alpha", "delta"), [(0.1, 0.05), (0.15, 0.05), (0.05, 0.025), (0.01, 0.001), (0.5, 0.25), (0.9, 0.09)]
)
def test_below_the_fewest_rows_not_even_no_error_could_pass(alpha, delta):
    n = fewest_rows(alpha, delta)
    right, allowed = 1 - Fraction(str(alpha)), Fraction(str(delta))

    assert right**n <= allowed < right ** (n - 1)


@pytest.mark.parametrize(
    ("error", "alpha", "delta"), [(0.0, 0.1, 0.05), (0.02, 0.1, 0.05), (0.07, 0.1, 0.05), (0.1, 0.15, 0.0125)]
)
def test_the_rows_needed_are_the_fewest_that_pass_four_times_in_five(error, alpha, delta):
    n = rows_needed(error, alpha=alpha, delta=delta)

    rows = np.arange(1, n + 1)
    most = binom.ppf(delta, rows, alpha)  # the smallest k with P(Bin <= k) >= delta
    most -= binom.cdf(most, rows, alpha) > delta
    passes = binom.cdf(most, rows, error) >= 0.80
    assert np.flatnonzero(passes).tolist() == [n - 1]


@pytest.mark.parametrize("error", [0.10, 0.2, 0.1 - 1e-7, float("nan")])
def test_no_number_of_rows_shows_what_is_not_so_or_is_hardly_so(error):
    assert rows_needed(error, alpha=0.10) is None


# --- lists of bands ---


def sequence_by_hand(k, n, alpha, delta):
    """Section 10, line by line, with scipy's tail."""
    fewest = math.ceil(math.log(delta) / math.log(1 - alpha) - 1e-12)
    p_values, found = [None] * len(k), None
    for i in range(len(k)):
        if n[i] < fewest:
            continue
        p_values[i] = binom.cdf(k[i], n[i], alpha)
        if p_values[i] > delta:
            break
        found = i
    return found, p_values


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


# --- sgr ---


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


# --- bands and their counts ---


def routes_by_hand(score, band):
    if not math.isfinite(score):
        return "review"
    if band.lo is not None and score < band.lo:
        return "reject"
    return "approve" if band.hi is not None and score >= band.hi else "review"


grid = st.sampled_from([0.0, 0.25, 0.3, 0.35, 0.5, 0.7, 1.0])
ends = st.none() | grid
bands = st.tuples(ends, ends).map(
    lambda e: ReviewBand(
        None if e[0] is None else min(e[0], 0.5), 0.5, None if e[1] is None else max(e[1], 0.5)
    )
)
scores = grid | st.sampled_from([np.nan, np.inf, -np.inf, np.nextafter(0.35, 0)]) | st.floats(0, 1)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(scores, st.integers(0, 2)), max_size=40), st.lists(bands, max_size=6), st.booleans()
)
def test_the_counts_of_bands_equal_a_walk_through_the_rows(rows, chosen, narrow):
    score = np.array([s for s, _ in rows], np.float32 if narrow else np.float64)
    label = np.array([y for _, y in rows], np.int8)

    found = count_bands(score, label, chosen)

    assert found.labelled == sum(y != 2 for _, y in rows)
    for i, band in enumerate(chosen):
        routed = [(routes_by_hand(float(s), band), y) for s, y in zip(score, label, strict=True)]
        assert found.approved[i] == sum(r == "approve" and y != 2 for r, y in routed)
        assert found.approved_bad[i] == sum(r == "approve" and y == 0 for r, y in routed)
        assert found.declined[i] == sum(r == "reject" and y != 2 for r, y in routed)
        assert found.declined_good[i] == sum(r == "reject" and y == 1 for r, y in routed)
        assert (found.n[i], found.k[i]) == (
            found.approved[i] + found.declined[i],
            found.approved_bad[i] + found.declined_good[i],
        )


def test_the_default_list_starts_safest_and_ends_at_the_plain_threshold():
    listed = nested_bands(0.5)

    assert listed[0] == ReviewBand(0.05, 0.5, 0.95)
    assert listed[-1] == ReviewBand(0.5, 0.5, 0.5)
    assert len(listed) == len(HALF_WIDTHS)
    counts = count_bands(*drawn(1, 500), listed)
    assert (np.diff(counts.n) >= 0).all()


def test_the_ends_are_the_decimals_that_are_shown_and_open_outside_the_scale():
    assert nested_bands(0.5, (0.15,))[0].lo == 0.35
    assert nested_bands(0.8, (0.3,)) == (ReviewBand(0.5, 0.8, None),)
    assert nested_bands(0.1, (0.1, 0.05)) == (ReviewBand(0.0, 0.1, 0.2), ReviewBand(0.05, 0.1, 0.15))
    assert nested_bands(1 / 3, (0.0,))[0] == ReviewBand(1 / 3, 1 / 3, 1 / 3)


@pytest.mark.parametrize("widths", [(0.1, 0.2), (0.1, -0.1)])
def test_half_widths_that_do_not_fall_are_refused(widths):
    with pytest.raises(InvalidChoice, match="widest first"):
        nested_bands(0.5, widths)


def test_a_threshold_outside_the_scale_is_refused():
    with pytest.raises(InvalidBand):
        nested_bands(1.2, (0.1,))


# --- both sides ---


def both(groups, alpha_approve=0.2, alpha_refuse=0.3, delta=DELTA):
    return two_sided(groups, alpha_approve=alpha_approve, alpha_refuse=alpha_refuse, delta=delta)


def test_approvals_and_refusals_have_a_chain_each_with_half_the_doubt():
    listed = nested_bands(0.5)
    counts = count_bands(*drawn(4, 4000), listed)

    found = both({"everyone": counts})

    hi, _ = sequence_by_hand(counts.approved_bad, counts.approved, 0.2, DELTA / 2)
    lo, _ = sequence_by_hand(counts.declined_good, counts.declined, 0.3, DELTA / 2)
    assert (found.approvals.found, found.refusals.found) == (hi, lo)
    assert hi != lo
    assert found.band == ReviewBand(listed[lo].lo, 0.5, listed[hi].hi)
    assert (found.certified, found.delta_each) == (True, DELTA / 2)


def test_a_promise_to_each_group_holds_where_every_group_passed():
    listed = nested_bands(0.5)
    groups = {"a": count_bands(*drawn(4, 4000), listed), "b": count_bands(*drawn(6, 3000), listed)}

    found = both(groups)

    assert found.delta_each == DELTA / 4
    last = [sequence_by_hand(c.approved_bad, c.approved, 0.2, DELTA / 4)[0] for c in groups.values()]
    assert last[0] != last[1]
    assert found.approvals.found == min(last)
    assert found.band.hi == listed[min(last)].hi


def test_a_band_that_is_too_wide_to_be_tested_for_one_group_is_promised_to_none():
    listed = nested_bands(0.5, (0.4, 0.3))
    large = count_bands(np.full(400, 0.95), np.ones(400, np.int8), listed)
    # The small group's scores lie inside the wide band; the large one fails at the narrow one.
    failing = count_bands(
        np.r_[np.full(400, 0.95), np.full(400, 0.85)], np.r_[np.ones(400), np.zeros(400)], listed
    )
    small = count_bands(np.full(400, 0.85), np.ones(400, np.int8), listed)

    assert both({"large": large, "small": small}).approvals.found == 1
    found = both({"large": failing, "small": small})
    assert found.approvals.found is None
    assert found.band.hi is None
    assert "No band passed for every group" in found.approvals.reason


def test_an_end_without_a_promise_stays_open_and_says_whose_chain_failed():
    listed = nested_bands(0.5)
    score, label = drawn(4, 4000)
    groups = {"many": count_bands(score, label, listed), "few": count_bands(score[:20], label[:20], listed)}

    found = both(groups)

    assert (found.band.lo, found.band.hi, found.certified) == (None, None, False)
    assert found.approvals.reason.startswith("few: No band decides")
    content = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert content["band"] == {"lo": None, "threshold": 0.5, "hi": None}
    assert set(content["refusals"]["groups"]) == {"many", "few"}


def test_groups_that_were_counted_with_other_bands_are_refused():
    rows = drawn(1, 50)
    groups = {"a": count_bands(*rows, nested_bands(0.5)), "b": count_bands(*rows, nested_bands(0.4))}

    with pytest.raises(InvalidChoice, match="same list of bands"):
        both(groups)
    with pytest.raises(InvalidChoice, match="same list of bands"):
        both({})


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
        lambda **kw: both({"a": count_bands(score, label, nested_bands(0.5))}, kw["alpha"], 0.1, kw["delta"]),
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


@pytest.fixture(scope="module")
def labelled():
    score, label = drawn(9, 2000)
    kept = np.isfinite(score) & (label != 2)
    return score[kept], label[kept]


def wrong_decisions(control, *, among):
    return control.BinaryRisk(lambda y, p: p != y, lambda _, p: among(p), higher_is_better=False)


@pytest.mark.filterwarnings("ignore:Fixed sequence testing requires a monotonic risk:UserWarning")
@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_the_chain_of_approvals_equals_mapies_learn_then_test(alpha, labelled):
    control = pytest.importorskip("mapie.risk_control")
    score, label = labelled
    counts = count_bands(score, label, nested_bands(0.5))
    # The label-free start is ours: MAPIE gets the bands from there on.
    start = int(np.argmax(counts.approved >= fewest_rows(alpha, DELTA)))
    wrong = wrong_decisions(control, among=lambda p: p == 1)

    theirs = control.BinaryClassificationController(
        lambda x: np.stack((1 - x, x), axis=1),
        wrong,
        alpha,
        confidence_level=1 - DELTA,
        best_predict_param_choice=wrong,
        list_predict_params=np.array([band.hi for band in counts.bands[start:]]),
        fwer_method="fixed_sequence",
    ).calibrate(score, label)

    found = fixed_sequence(counts.approved_bad, counts.approved, alpha=alpha)
    tested = [p for p in found.p_values if p is not None]
    assert tested == pytest.approx(np.ravel(theirs.p_values)[: len(tested)], abs=1e-9)
    assert len(theirs.valid_predict_params) == found.found - start + 1


def test_bands_that_pay_for_every_look_equal_mapies_with_abstention(labelled):
    control = pytest.importorskip("mapie.risk_control")
    score, label = labelled
    counts = count_bands(score, label, nested_bands(0.5))
    wrong = wrong_decisions(control, among=lambda p: ~np.isnan(p))

    theirs = control.BinaryClassificationController(
        lambda x, lo, hi: np.where(x < lo, 0.0, np.where(x >= hi, 1.0, np.nan)),
        wrong,
        0.15,
        confidence_level=1 - DELTA,
        best_predict_param_choice=wrong,
        list_predict_params=np.array([(band.lo, band.hi) for band in counts.bands]),
        fwer_method="bonferroni",
    ).calibrate(score, label)

    found = union(counts.k, counts.n, alpha=0.15, bands=counts.bands)
    # Theirs are listed in the order of ours: the last one needs least review.
    assert tuple(theirs.valid_predict_params[-1]) == (found.band.lo, found.band.hi)
