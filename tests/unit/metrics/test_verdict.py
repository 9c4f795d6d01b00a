from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.table import metric_table
from rai_dash.metrics.verdict import gap_verdict


def _table(sizes, approved, *, weight=None):
    """All labels favourable, so that recall is the share approved."""
    codes = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    score = np.concatenate(
        [np.r_[np.full(k, 0.9), np.full(n - k, 0.1)] for n, k in zip(sizes, approved, strict=True)]
    )
    index = GroupIndex("g", tuple("abcdefgh"[: len(sizes)]), codes)
    counts = count(np.ones(codes.size, dtype=np.int8), score, index, weight=weight)
    return metric_table(counts, 0.5, bootstrap=0)


def test_a_large_difference_is_shown_and_the_group_is_starred():
    found = gap_verdict(_table([400, 400, 400], [200, 200, 100]), "recall")

    assert found.verdict == "disparity shown"
    assert "c" in found.starred
    # Fisher against the rest, times the number of groups, bounds the Holm value from above.
    assert 3 * fisher_exact([[100, 300], [400, 400]]).pvalue < 0.05
    assert found.p_value == pytest.approx(1 / 2001)


def test_no_difference_in_large_groups_is_equivalence():
    found = gap_verdict(_table([20_000, 20_000], [10_000, 10_010]), "recall")

    assert found.verdict == "equivalent within tolerance"
    assert found.starred == ()


def test_small_groups_are_not_enough_and_say_how_many_rows_are_needed():
    found = gap_verdict(_table([40, 40], [20, 16]), "recall")

    assert found.verdict == "not enough data"
    assert found.rows_needed > 40


def test_the_gap_expected_by_chance_equals_a_simulation_of_its_own():
    rng = np.random.default_rng(11)
    sizes = np.array([50, 80, 200])
    share = (25 + 40 + 90) / sizes.sum()
    draws = rng.binomial(sizes, share, size=(20_000, 3)) / sizes
    expected = np.median(draws.max(axis=1) - draws.min(axis=1))

    found = gap_verdict(_table(sizes, [25, 40, 90]), "recall")

    assert found.expected_by_chance == pytest.approx(expected, abs=0.006)


def test_groups_below_min_n_and_undefined_ones_take_no_part():
    table = _table([400, 400, 10], [200, 100, 0])

    assert "c" not in gap_verdict(table, "recall").starred
    assert gap_verdict(_table([400], [200]), "recall").verdict == "undefined"
    assert gap_verdict(table, "auc") is None


def test_the_same_data_say_the_same_twice():
    table = _table([60, 70], [30, 25])

    assert gap_verdict(table, "recall") == gap_verdict(table, "recall")


def test_weights_are_called_approximate():
    weight = np.where(np.arange(800) % 2 == 0, 1.0, 3.0)

    assert gap_verdict(_table([400, 400], [200, 150], weight=weight), "recall").is_approximate
    assert not gap_verdict(_table([400, 400], [200, 150]), "recall").is_approximate


def test_the_order_of_the_groups_changes_nothing():
    sizes, approved = [400, 90, 250, 60], [200, 60, 100, 20]
    there = gap_verdict(_table(sizes, approved), "recall")
    back = gap_verdict(_table(sizes[::-1], approved[::-1]), "recall")

    assert there.p_value == back.p_value
    assert there.expected_by_chance == back.expected_by_chance
    assert [there.adjusted[g] for g in "abcd"] == pytest.approx([back.adjusted[g] for g in "dcba"], rel=1e-12)
