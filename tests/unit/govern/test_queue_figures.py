"""How people decide, against independent oracles: scikit-learn, SciPy, numerical derivatives, rows and hand numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.govern.queue._strata import weighted_share
from rai_dash.govern.queue.figures import accuracy, agreement, deference, kappa, spread

RNG = np.random.default_rng(20)


def codes(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int8)


def drawn(n: int, k: int = 3) -> np.ndarray:
    return RNG.integers(0, k, n).astype(np.int8)


def same_as_wilson(estimate, k: int, n: int) -> None:
    limits = binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert (estimate.numerator, estimate.denominator) == (k, n)
    assert estimate.value == pytest.approx(k / n, abs=1e-15)
    assert (estimate.low, estimate.high) == pytest.approx((limits.low, limits.high), abs=1e-12)


def test_agreement_is_a_share_with_wilsons_interval():
    one, other = drawn(83), drawn(83)
    same_as_wilson(agreement(one, other), int((one == other).sum()), 83)


@pytest.mark.parametrize("k", [2, 3])
def test_kappa_equals_scikit_learn(k):
    for n in (7, 40, 300):
        one = drawn(n, k)
        other = np.where(RNG.random(n) < 0.6, one, drawn(n, k)).astype(np.int8)
        assert kappa(one, other).value == pytest.approx(cohen_kappa_score(one, other), abs=1e-12)


def test_the_interval_of_kappa_is_that_of_the_delta_method():
    """Fleiss's closed formula against numerical derivatives of kappa by the cells of the table."""
    n = 200
    one = drawn(n)
    other = np.where(RNG.random(n) < 0.5, one, drawn(n)).astype(np.int8)
    table = np.array([[((one == a) & (other == b)).mean() for b in range(3)] for a in range(3)])

    def of_table(p):
        p = p.reshape(3, 3)
        chance = (p.sum(1) * p.sum(0)).sum() / p.sum() ** 2
        return (np.trace(p) / p.sum() - chance) / (1 - chance)

    flat, step = table.ravel(), 1e-6
    slope = np.array(
        [(of_table(flat + step * e) - of_table(flat - step * e)) / (2 * step) for e in np.eye(9)]
    )
    variance = (slope**2 @ flat - (slope @ flat) ** 2) / n
    found = kappa(one, other)
    half = 1.959963984540054 * np.sqrt(variance)
    assert found.low == pytest.approx(found.value - half, abs=1e-7)
    assert found.high == pytest.approx(found.value + half, abs=1e-7)


def test_kappa_of_the_textbook():
    """Fleiss, Cohen and Everitt's own table would need three categories; this is Cohen's of two psychiatrists by hand:
    20 and 15 agreed, 5 and 10 not, of 50: observed .7, by chance .5, kappa .4."""
    one = codes(*[1] * 20, *[1] * 5, *[0] * 10, *[0] * 15)
    other = codes(*[1] * 20, *[0] * 5, *[1] * 10, *[0] * 15)
    assert kappa(one, other).value == pytest.approx(0.4, abs=1e-15)


def test_kappa_claims_no_certainty_where_everybody_agrees_and_nothing_where_chance_would():
    perfect = kappa(codes(0, 1, 1, 0), codes(0, 1, 1, 0))
    assert (perfect.value, perfect.low, perfect.high) == (1.0, None, None)
    for one in (codes(), codes(1, 1, 1)):
        found = kappa(one, one)
        assert found.value is None
        assert found.reason


def test_deference_counts_changes_towards_the_model_and_away_from_it():
    #              against: gave in, stayed, gave in | along: stayed, left | no score | unsure
    blind = codes(1, 1, 0, 1, 0, 1, 2)
    final = codes(0, 1, 1, 1, 1, 0, 0)
    side = codes(0, 0, 1, 1, 0, -1, 0)
    outcome = codes(1, 0, 1, 1, 1, 1, 1)
    found = deference(blind, final, side, outcome)
    same_as_wilson(found.followed, 2, 3)
    same_as_wilson(found.left, 1, 2)
    # Of the three who disagreed, the first was right (approved a good one) and gave in; the others were wrong.
    same_as_wilson(found.misled, 1, 1)
    same_as_wilson(found.corrected, 1, 2)


def test_nobody_who_disagreed_is_undefined_and_not_zero():
    found = deference(codes(1), codes(1), codes(1), codes(2))
    assert found.followed.value is None
    assert found.misled.value is None
    assert found.left.value == 0.0


def test_times_are_a_median_and_the_middle_half():
    seconds = RNG.integers(5, 900, 41)
    found = spread(seconds)
    ordered = np.sort(seconds)
    assert (found.n, found.low, found.median, found.high) == (41, ordered[10], ordered[20], ordered[30])
    assert spread(np.array([], dtype=np.int64)).median is None


def test_with_every_outcome_known_h1_and_h0_are_plain_shares():
    decision, outcome = drawn(150), drawn(150, 2)
    found = accuracy(decision, outcome)
    said = decision < 2
    good, bad = said & (outcome == 1), said & (outcome == 0)
    same_as_wilson(found.h1, int((decision[good] == 1).sum()), int(good.sum()))
    same_as_wilson(found.h0, int((decision[bad] == 0).sum()), int(bad.sum()))
    assert not found.is_corrected


def test_where_refusals_have_no_outcome_nothing_is_claimed():
    """A plain share would say that people approve every good one."""
    decision = codes(1, 1, 1, 0, 0)
    found = accuracy(decision, codes(1, 1, 0, 2, 2))
    assert found.h1.value is None
    assert found.h0.value is None
    assert "refused" in found.h1.reason


def test_known_outcomes_stand_for_the_unknown_ones_with_the_same_decision():
    """By hand: 10 approved, 4 known, 3 good: 7.5 good. 6 refused, 3 known, 1 good: 2 good. h1 = 7.5 / 9.5."""
    decision = codes(*[1] * 10, *[0] * 6)
    outcome = codes(1, 1, 1, 0, *[2] * 6, 1, 0, 0, *[2] * 3)
    found = accuracy(decision, outcome)
    assert found.h1.value == pytest.approx(7.5 / 9.5, abs=1e-15)
    assert found.h0.value == pytest.approx(4.0 / 6.5, abs=1e-15)
    assert found.h1.low < found.h1.value < found.h1.high
    assert (found.decided, found.known, found.is_corrected) == (16, 7, True)


def test_the_correction_is_the_expectation_of_filling_in_the_missing_outcomes():
    """Filled in at the observed rates of their decision, the unknown ones give the same share: brute force."""
    n = 400
    outcome_all = drawn(n, 2)
    decision = np.where(RNG.random(n) < 0.8, outcome_all, 1 - outcome_all).astype(np.int8)
    known = RNG.random(n) < np.where(decision == 1, 0.9, 0.3)
    outcome = np.where(known, outcome_all, 2).astype(np.int8)
    shares = {d: outcome_all[known & (decision == d)].mean() for d in (0, 1)}
    filled = np.where(known, outcome_all, np.where(decision == 1, shares[1], shares[0]))
    expected = filled[decision == 1].sum() / filled.sum()
    assert accuracy(decision, outcome).h1.value == pytest.approx(expected, abs=1e-12)


def test_the_interval_covers_when_outcomes_are_missing():
    """Nominal 95 %; 400 draws have a standard error of 1.1 points, and few known refusals cost some."""
    h1, hits = 0.85, 0
    for _ in range(400):
        good = (RNG.random(250) < 0.65).astype(np.int8)
        right = RNG.random(250) < np.where(good == 1, h1, 0.8)
        decision = np.where(right, good, 1 - good).astype(np.int8)
        known = RNG.random(250) < np.where(decision == 1, 0.9, 0.3)
        found = accuracy(decision, np.where(known, good, 2).astype(np.int8))
        hits += found.h1.low <= h1 <= found.h1.high
    assert 0.90 <= hits / 400 <= 0.99


def test_the_same_with_every_outcome_missing_on_neither_side_nothing_said():
    nothing = accuracy(codes(), codes())
    assert nothing.h1.value is None
    assert nothing.decided == 0
    unsure = accuracy(codes(2, 2), codes(1, 0))
    assert unsure.h1.value is None


def test_a_weighted_share_stands_for_the_whole():
    """Value by hand; the interval covers at unequal chances, where Kish alone fails."""
    sizes = np.array([100, 20, 400])
    stratum = np.repeat(np.arange(3, dtype=np.int8), [10, 20, 8])
    of = np.ones(38, dtype=bool)
    hits = np.zeros(38, dtype=bool)
    hits[[0, 1, 2, 12, 13, 30]] = True
    found = weighted_share(hits, of, stratum, sizes, undefined="none")
    assert found.value == pytest.approx((3 * 10 + 2 * 1 + 1 * 50) / 520, abs=1e-15)

    share, chance, whole = (
        np.array([0.2, 0.5, 0.9]),
        np.array([0.05, 1.0, 0.02]),
        np.array([3000, 1500, 4000]),
    )
    truth, inside = float((share * whole).sum() / whole.sum()), 0
    for _ in range(300):
        n = RNG.binomial(whole, chance)
        at = np.repeat(np.arange(3, dtype=np.int8), n)
        success = RNG.random(at.size) < share[at]
        found = weighted_share(success, np.ones(at.size, dtype=bool), at, whole, undefined="none")
        inside += found.low <= truth <= found.high
    assert 0.91 <= inside / 300 <= 0.99


def test_a_route_of_which_nobody_was_seen_leaves_the_whole_undefined():
    found = weighted_share(
        np.array([True]), np.array([True]), codes(1), np.array([5, 1, 0]), undefined="not every route"
    )
    assert (found.value, found.reason) == (None, "not every route")


def test_the_codes_of_outcomes_are_those_of_decisions():
    assert (UNFAVOURABLE, FAVOURABLE) == (0, 1)
