from __future__ import annotations

import pytest
from scipy.stats import spearmanr

from rai_dash.explain.agreement import agreement

A = {"age": -3.0, "job": 2.0, "home": 1.0, "debt": 0.5}
B = {"age": -1.0, "job": -4.0, "home": 0.2, "debt": 0.9}


def test_measures_of_the_top_columns_are_those_worked_out_by_hand():
    found = agreement(A, B, k=3)

    # Top three: age, job, home against job, age, debt.
    assert found.overlap == pytest.approx(2 / 3)
    assert found.rank == 0.0
    assert found.sign == pytest.approx(1 / 3)  # age only; job changes its sign
    assert found.signed_rank == 0.0
    # Pairs in the same order of size: age-home, age-debt, job-home, job-debt.
    assert found.pairwise == pytest.approx(4 / 6)


def test_rank_correlations_are_those_of_scipy():
    found = agreement(A, B)

    assert found.spearman == pytest.approx(spearmanr(list(A.values()), list(B.values())).statistic)
    magnitudes = [[abs(v) for v in side.values()] for side in (A, B)]
    assert found.spearman_abs == pytest.approx(spearmanr(*magnitudes).statistic)


def test_an_explanation_agrees_with_itself():
    found = agreement(A, dict(reversed(A.items())))

    assert (found.k, found.overlap, found.rank, found.sign, found.signed_rank) == (4, 1, 1, 1, 1)
    assert (found.spearman, found.spearman_abs, found.pairwise) == pytest.approx((1, 1, 1))


def test_a_constant_side_has_no_rank_correlation():
    assert agreement({"a": 0.0, "b": 0.0}, {"a": 1.0, "b": 2.0}).spearman is None


def test_a_single_column_has_no_pairs():
    found = agreement({"a": 1.0}, {"a": 2.0})

    assert found.pairwise is None
    assert found.overlap == 1.0


def test_explanations_of_different_columns_are_not_compared():
    with pytest.raises(ValueError, match="same columns"):
        agreement({"a": 1.0}, {"b": 1.0})
