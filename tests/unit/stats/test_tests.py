from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from rai_dash.stats.intervals import newcombe
from rai_dash.stats.tests import (
    Verdict,
    equivalence,
    evidence,
    fisher_against_rest,
    holm,
    max_z,
    rows_needed,
)


def sizes(seed, groups, most=400):
    return np.random.default_rng(seed).integers(1, most, groups)


def test_z_equals_the_formula_by_hand():
    k, n = np.array([10, 30, 20]), np.array([50, 60, 90])

    found = max_z(k, n, seed=1)

    share = 60 / 200
    expected = [
        (k[j] / n[j] - (60 - k[j]) / (200 - n[j]))
        / np.sqrt(share * (1 - share) * (1 / n[j] + 1 / (200 - n[j])))
        for j in range(3)
    ]
    assert found.z == pytest.approx(expected, rel=1e-12)


def test_the_p_value_of_two_groups_is_close_to_the_chi_square_test():
    found = max_z(np.array([420, 480]), np.array([1000, 1000]), seed=2, replicates=20_000)

    assert found.p_value == pytest.approx(0.0070, abs=0.0025)


def test_the_same_seed_gives_the_same_p_value():
    k, n = np.array([5, 9, 4]), np.array([20, 20, 20])

    assert max_z(k, n, seed=3).p_value == max_z(k, n, seed=3).p_value


@pytest.mark.parametrize("share", [0, 1])
def test_all_or_no_successes_are_no_evidence(share):
    n = np.array([20, 30])

    found = max_z(n * share, n, seed=4)

    assert (found.p_value, found.expected_gap) == (1.0, 0.0)
    assert np.isnan(found.expected_ratio) == (share == 0)


def test_the_gap_expected_by_chance_is_that_of_the_reference():
    # fairness.md section 5: 40 groups, all at 35 %; 32,000 rows give a median gap near .178. The sizes
    # there are not equal; equal sizes give less, so only the order of magnitude is compared.
    n = np.full(40, 800)

    found = max_z(np.full(40, 280), n, seed=5)

    assert 0.05 < found.expected_gap < 0.178
    assert 0.5 < found.expected_ratio < 1


@pytest.mark.parametrize("seed", range(20))
def test_fisher_equals_scipy(seed):
    n = sizes(seed, 4)
    k = np.random.default_rng(seed + 100).binomial(n, np.random.default_rng(seed).random())

    found = fisher_against_rest(k, n)

    for j in range(4):
        rest_k, rest_n = k.sum() - k[j], n.sum() - n[j]
        table = [[k[j], n[j] - k[j]], [rest_k, rest_n - rest_k]]
        assert found[j] == pytest.approx(fisher_exact(table).pvalue, rel=1e-9)


def test_fisher_of_a_huge_table_with_a_huge_difference_is_practically_0():
    k, n = np.array([0, 400_000]), np.array([500_000, 500_000])

    assert fisher_against_rest(k, n).max() < 1e-100


def test_fisher_without_any_success_is_1():
    assert fisher_against_rest(np.array([0, 0]), np.array([5, 7])).tolist() == [1.0, 1.0]


def test_holm_equals_the_steps_by_hand():
    found = holm(np.array([0.01, 0.04, 0.03, 0.005]))

    assert found == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_never_exceeds_1():
    assert holm(np.array([0.9, 0.5, 0.8])).max() == 1.0


def test_two_groups_are_one_hypothesis():
    assert holm(np.array([0.03, 0.03])).tolist() == [0.03, 0.03]


def test_rows_needed_are_those_of_the_reference():
    n = np.array([1000, 1000])

    assert rows_needed(n * 35 // 100, n, n, difference=0.10).tolist() == [329, 329]
    assert rows_needed(n * 35 // 100, n, n, difference=0.05).tolist() == [1377, 1377]


def test_more_rows_are_needed_where_only_some_are_in_the_denominator():
    n = np.array([1000, 1000])

    assert rows_needed(n * 35 // 100, n, 2 * n, difference=0.10).tolist() == [657, 657]  # 2 x 328.4


def test_a_low_rate_looks_upwards_for_the_difference():
    n = np.array([1000, 1000])

    assert (rows_needed(n * 2 // 100, n, n, difference=0.05) > 0).all()


def test_equivalence_asks_for_the_whole_90_percent_interval_inside():
    k, n = np.array([3500, 3500, 35]), np.array([10_000, 10_000, 100])

    assert equivalence(k, n, tolerance=0.05).tolist() == [True, True, False]


def test_equivalence_is_judged_at_level_90_not_95():
    k, n = np.array([700, 700]), np.array([2000, 2000])
    width_90, width_95 = (float(newcombe(700, 2000, 700, 2000, level=level)[1]) for level in (0.90, 0.95))

    assert equivalence(k, n, tolerance=(width_90 + width_95) / 2).all()
    assert not equivalence(k, n, tolerance=width_90 * 0.99).any()


def judged(k, n, tolerance=0.05):
    k, n = np.array(k), np.array(n)
    return evidence(k, n, n, tolerance=tolerance, seed=1)


def test_a_clear_difference_is_shown_and_starred():
    found = judged([200, 350, 352], [1000, 1000, 1000])

    assert found.verdict is Verdict.SHOWN
    assert found.starred[0]
    assert found.beyond_tolerance[0]
    assert found.rows_needed is None


def test_a_group_that_only_its_raw_p_value_would_star_is_not_starred():
    k, n = np.array([20, 50] + [72] * 8), np.full(10, 200)

    found = judged(k, n)

    assert fisher_against_rest(k, n)[1] < 0.05 < found.adjusted[1]
    assert found.starred.tolist() == [True] + [False] * 9


def test_a_significant_difference_within_the_tolerance_is_equivalent():
    found = judged([350_000, 355_000], [1_000_000, 1_000_000])

    assert found.verdict is Verdict.EQUIVALENT
    assert found.starred.all()
    assert not found.beyond_tolerance.any()


def test_few_rows_settle_nothing_and_the_rows_needed_are_named():
    found = judged([7, 5, 9], [20, 20, 20])

    assert found.verdict is Verdict.NOT_ENOUGH
    assert found.rows_needed > 20
    assert not found.starred.any()


def test_a_single_group_is_undefined():
    found = judged([7], [20])

    assert found.verdict is Verdict.UNDEFINED
    assert found.test is None


@pytest.mark.slow
def test_false_alarms_of_40_equal_groups_stay_near_5_percent():
    rng = np.random.default_rng(9)
    alarms, repeats = 0, 300
    for repeat in range(repeats):
        n = rng.integers(30, 300, 40)
        k = rng.binomial(n, 0.35)
        alarms += bool(evidence(k, n, n, tolerance=0.01, seed=repeat).starred.any())

    # Nominal 5 %, four standard deviations of 300 draws above it.
    assert alarms / repeats < 0.05 + 4 * np.sqrt(0.05 * 0.95 / repeats)
