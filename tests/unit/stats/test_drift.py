from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency, fisher_exact, ks_2samp, ncx2

from rai_dash.stats import drift


def _brute_psi(then, now):
    total = 0.0
    for a, b in zip(then, now, strict=True):
        p, q = max(a / sum(then), 1e-4), max(b / sum(now), 1e-4)
        total += (q - p) * np.log(q / p)
    return total


@pytest.mark.parametrize("now", [[10, 20, 70], [0, 50, 50], [30, 30, 40]])
def test_psi_is_the_sum_over_cells_with_a_floor(now):
    then = [30, 30, 40]

    assert drift.psi(np.array(then), np.array(now)) == pytest.approx(_brute_psi(then, now), abs=1e-12)


def test_psi_of_a_side_without_rows_is_undefined():
    assert np.isnan(drift.psi(np.array([1, 2]), np.array([0, 0])))
    assert np.isnan(drift.psi_by_chance(np.array([0, 0]), np.array([1, 2]), seed=0))


def test_cells_are_deciles_closed_on_the_left():
    values = np.sort(np.random.default_rng(0).normal(size=1_003))
    edges = drift.inner_edges(values)

    assert edges.tolist() == [np.quantile(values, k / 10) for k in range(1, 10)]
    expected = [int(sum((edges <= v).sum() == k for v in values)) for k in range(10)]
    assert drift.cell_counts(values, edges).tolist() == expected
    on_edge = np.array([edges[0]])
    assert drift.cell_counts(on_edge, edges).tolist() == [0, 1, *[0] * 8]


def test_a_value_that_fills_a_tenth_stands_alone():
    values = np.sort(np.r_[np.zeros(95), [3.0, 5.0, 7.0, 9.0, 11.0]])
    edges = drift.inner_edges(values)

    assert drift.edge_names(edges, lambda v: f"{v:g}") == ("[-inf, 0)", "0", "(0, inf)")
    assert drift.cell_counts(values, edges).tolist() == [0, 95, 5]


def test_names_of_cells_say_which_end_belongs_to_them():
    edges = np.array([1.0, np.nextafter(1.0, np.inf), 4.0])

    assert drift.edge_names(edges, lambda v: f"{v:g}") == ("[-inf, 1)", "1", "(1, 4)", "[4, inf)")


@pytest.mark.parametrize("decimals", [8, 0], ids=["no ties", "ties"])
def test_kolmogorov_smirnov_equals_scipys(decimals):
    rng = np.random.default_rng(3)
    then, now = rng.normal(size=700).round(decimals), rng.normal(0.15, 1.2, size=300).round(decimals)

    found = drift.kolmogorov_smirnov(np.sort(then), np.sort(now))

    expected = ks_2samp(then, now, method="asymp")
    assert found.statistic == pytest.approx(expected.statistic, abs=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_chi_square_equals_scipys_where_no_cell_is_rare():
    then, now = np.array([400, 300, 300]), np.array([50, 20, 30])

    found = drift.homogeneity(then, now)

    expected = chi2_contingency([then, now], correction=False)
    assert (found.method, found.merged) == ("chi-square", 0)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)


def test_rare_cells_are_merged_before_the_test():
    then, now = np.array([500, 400, 50, 6, 2, 0]), np.array([40, 50, 5, 1, 0, 4])

    found = drift.homogeneity(then, now)

    # Expected rows on the smaller side are 2.6 or less in the last two and 0.66 in the fourth: three are merged, and
    # since 1.2 is still too few the next one joins them.
    merged = [[500, 400, 58], [40, 50, 10]]
    assert found.merged == 4
    assert found.p_value == pytest.approx(chi2_contingency(merged, correction=False).pvalue)


def test_where_no_two_cells_are_left_it_is_fishers_test():
    found = drift.homogeneity(np.array([3_000, 3]), np.array([40, 3]))

    assert found.method == "Fisher"
    assert found.p_value == pytest.approx(fisher_exact([[3_000, 3], [40, 3]]).pvalue, rel=1e-6)


@pytest.mark.parametrize(
    ("then", "now", "reason"), [([5, 0], [9, 0], "one value only"), ([5, 3], [0, 0], "no value")]
)
def test_what_cannot_be_tested_says_why(then, now, reason):
    found = drift.homogeneity(np.array(then), np.array(now))

    assert np.isnan(found.p_value)
    assert reason in found.reason


def test_psi_by_chance_is_near_its_expectation_and_the_same_twice():
    then, now = np.full(10, 800), np.full(10, 60)

    found = [drift.psi_by_chance(then, now, seed=4) for _ in range(2)]

    # To first order PSI is chi-square with 9 degrees of freedom over m n / (m + n).
    expected = chi2.median(9) * (1 / 8_000 + 1 / 600)
    assert found[0] == found[1]
    assert found[0] == pytest.approx(expected, rel=0.12)


def test_with_the_rows_needed_the_power_is_80_percent():
    first = 8_000
    needed = drift.rows_needed(0.1, cells=10, first=first, tests=3)
    assert needed is not None

    effective = first * needed / (first + needed)
    critical = chi2.isf(0.05 / 3, 9)
    assert ncx2.sf(critical, 9, 0.1 * effective) == pytest.approx(0.8, abs=2e-3)


def test_a_first_data_set_that_is_too_small_cannot_be_made_up_for():
    assert drift.rows_needed(0.1, cells=10, first=100) is None


def test_chance_alone_is_called_a_shift_in_5_percent_of_cases():
    rng = np.random.default_rng(8)
    share = np.array([0.5, 0.3, 0.15, 0.03, 0.02])
    hits = [
        drift.homogeneity(rng.multinomial(900, share), rng.multinomial(90, share)).p_value < 0.05
        for _ in range(600)
    ]

    assert 0.02 < np.mean(hits) < 0.08
