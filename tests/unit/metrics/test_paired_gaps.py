"""Gaps of two models on the same rows against numpy over rows, and the verdicts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.metrics._paired_cells import joint_cells
from rai_dash.metrics.disparity import TOO_FEW_GROUPS
from rai_dash.metrics.paired_draws import WEIGHTED
from rai_dash.metrics.paired_gaps import ALIKE, GapVerdict, PairedGap, judged_gaps, paired_gap

GROUPS = ("a", "b", "c")


def world(n=3_000, *, gap_a=0.3, gap_b=0.0, seed=0, groups=GROUPS, weight=False):
    """Rows of which the last group is approved less often, by another distance under each model."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, len(groups), n)
    outcome = rng.integers(0, 2, n).astype(np.int8)
    last = codes == len(groups) - 1
    draw = rng.random(n)
    a = (draw >= 0.6 - gap_a * last).astype(np.int8)
    b = (np.where(rng.random(n) < 0.5, draw, rng.random(n)) >= 0.6 - gap_b * last).astype(np.int8)
    more = {"weight": rng.uniform(0.5, 2, n)} if weight else {}
    cells = joint_cells(outcome, (a, b), codes=codes, groups=groups, column="g", **more)
    return cells, codes, outcome, a == 0, b == 0


def shares(codes, keep, hit):
    return np.array([hit[keep & (codes == g)].mean() for g in range(codes.max() + 1)])


@pytest.mark.parametrize("metric", ["selection_rate", "recall", "fpr", "accuracy"])
def test_each_gap_is_the_largest_less_the_smallest_share_of_the_rows(metric):
    cells, codes, outcome, a, b = world()
    keep = {"recall": outcome == 1, "fpr": outcome == 0}.get(metric, outcome >= 0)
    hits = [(x == (outcome == 1)) if metric == "accuracy" else x for x in (a, b)]
    now, then = (shares(codes, keep, hit) for hit in hits)
    found = paired_gap(cells, metric)
    assert found.a == pytest.approx(np.ptp(now))
    assert found.b == pytest.approx(np.ptp(then))
    assert found.difference == pytest.approx(np.ptp(then) - np.ptp(now))
    assert found.ends_a == (GROUPS[now.argmin()], GROUPS[now.argmax()])
    assert found.discordant == int((keep & (hits[0] != hits[1])).sum())


def test_the_interval_of_a_clear_gap_between_two_groups_is_the_bootstrap_of_the_rows():
    """With two groups far apart under both models no other pair can be the widest, so that rows are drawn plainly."""
    cells, codes, _, a, b = world(2_000, gap_a=0.3, gap_b=0.2, groups=("a", "b"))
    found = paired_gap(cells, "selection_rate", seed=3)
    rng = np.random.default_rng(7)
    drawn = []
    groups = [np.flatnonzero(codes == g) for g in range(2)]
    for _ in range(2_000):
        at = [rng.choice(rows, rows.size) for rows in groups]
        now, then = ([hit[rows].mean() for rows in at] for hit in (a, b))
        drawn.append((then[0] - then[1]) - (now[0] - now[1]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.005)


def test_a_gap_that_closes_is_shown_and_one_that_stays_is_not():
    closes = paired_gap(world(gap_b=0.0)[0], "selection_rate")
    stays = paired_gap(world(gap_b=0.3)[0], "selection_rate")
    opens = paired_gap(world(gap_a=0.0, gap_b=0.3)[0], "selection_rate")
    (found,) = judged_gaps([[closes, stays, opens]], tolerance=0.01)
    assert [one.verdict for one in found] == [GapVerdict.NARROWER, GapVerdict.NONE, GapVerdict.WIDER]
    assert found[0].high < 0 < found[2].low
    assert found[1].low < 0 < found[1].high


def test_gaps_that_are_close_are_alike_within_the_tolerance():
    cells, *_ = world(60_000, gap_b=0.3)
    assert (
        judged_gaps([[paired_gap(cells, "selection_rate")]], tolerance=0.05)[0][0].verdict
        is GapVerdict.EQUIVALENT
    )


def test_the_order_and_names_of_groups_change_nothing():
    cells, codes, outcome, a, b = world()
    order = np.array([2, 0, 1])
    moved = joint_cells(
        outcome,
        ((~a).astype(np.int8), (~b).astype(np.int8)),
        codes=order[codes],
        groups=("x", "y", "z"),
        column="g",
    )
    first, second = (paired_gap(c, "recall", seed=5) for c in (cells, moved))
    assert (first.low, first.high, first.p_value) == (second.low, second.high, second.p_value)


def test_small_groups_are_left_out_and_fewer_than_two_compare_nothing():
    cells, *_ = world(100, groups=("a", "b"))
    assert paired_gap(cells, "recall", min_n=1_000).reason == TOO_FEW_GROUPS
    assert judged_gaps([[paired_gap(cells, "recall", min_n=1_000)]], tolerance=0.05)[0][0].verdict is (
        GapVerdict.UNDEFINED
    )


def test_few_rows_of_a_share_or_few_that_differ_give_a_gap_without_an_interval():
    cells, *_ = world(150)
    share, differ = paired_gap(cells, "recall", min_n=40), paired_gap(cells, "recall", min_n=10)
    assert "applicants in one group, fewer than 40" in share.reason
    assert "decisions that differ, fewer than 50" in differ.reason
    for one in judged_gaps([[share, differ]], tolerance=0.05)[0]:
        assert one.difference is not None
        assert (one.low, one.p_value, one.verdict) == (None, None, GapVerdict.TOO_FEW)


def test_weights_give_the_weighted_gap_and_no_test():
    cells, *_ = world(weight=True)
    found = judged_gaps([[paired_gap(cells, "recall")]], tolerance=0.05)[0][0]
    assert (found.low, found.reason, found.verdict) == (None, WEIGHTED, GapVerdict.UNTESTED)


def test_models_that_decide_alike_have_no_difference_of_gaps():
    _, codes, outcome, a, _ = world()
    same = (~a).astype(np.int8)
    cells = joint_cells(outcome, (same, same), codes=codes, groups=GROUPS, column="g")
    found = paired_gap(cells, "recall")
    assert (found.difference, found.p_value, found.reason) == (0.0, 1.0, ALIKE)


def test_holm_counts_every_gap_that_is_tested():
    def one(p):
        return PairedGap(metric="recall", a=0.1, b=0.2, difference=0.1, low=0.01, high=0.19, p_value=p)

    found = judged_gaps([[one(0.03)], [one(0.01), one(None)]], tolerance=0.05)
    assert [g.adjusted for family in found for g in family] == [0.03, 0.02, None]
    assert judged_gaps([[one(0.03)], [one(0.04)]], tolerance=0.05)[0][0].verdict is GapVerdict.NONE


def test_a_number_that_is_no_share_of_the_same_rows_is_refused():
    with pytest.raises(InvalidChoice, match="`precision` is none"):
        paired_gap(world()[0], "precision")
