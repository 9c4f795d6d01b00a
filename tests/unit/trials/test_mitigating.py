"""The parts of the mitigation trials that train nothing, against scans of the rows and formulas by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import norm

from rai_dash.data.groups import GroupIndex
from rai_dash.trials.mitigating.changes import LEVEL, change, paired_interval
from rai_dash.trials.mitigating.judging import Bench, flip_share, halves
from rai_dash.trials.mitigating.results import Goal
from rai_dash.trials.mitigating.weights import reweighing


@pytest.fixture(scope="module")
def bench():
    rng = np.random.default_rng(3)
    codes = rng.choice(3, 1_200, p=[0.5, 0.3, 0.2]).astype(np.int32)
    outcome = rng.choice(3, 1_200, p=[0.45, 0.5, 0.05]).astype(np.int8)
    return Bench(outcome=outcome, index=GroupIndex("g", ("a", "b", "c"), codes), goal=Goal.EQUALIZED_ODDS)


def decisions(bench, *, seed, lean):
    rng = np.random.default_rng(seed)
    share = 0.3 + 0.3 * (bench.outcome == 1) + lean * (bench.index.codes == 1)
    return (rng.random(share.size) < share).astype(np.float64)


def rate_gap(outcome, codes, decision, label):
    rates = [decision[(codes == g) & (outcome == label)].mean() for g in range(3)]
    return max(rates) - min(rates)


def odds_gap(bench, decision):
    parts = (bench.outcome, bench.index.codes, decision)
    return max(rate_gap(*parts, 1), rate_gap(*parts, 0))


def test_under_the_weights_of_reweighing_all_groups_have_the_base_rate_of_everyone(bench):
    rng = np.random.default_rng(0)
    good, codes, own = bench.outcome == 1, bench.index.codes, rng.uniform(0.1, 2, bench.outcome.size)

    for weight in (None, own):
        base = np.ones(good.size) if weight is None else weight
        found = reweighing(good, codes, weight=weight)
        for g in range(3):
            share = found[(codes == g) & good].sum() / found[codes == g].sum()
            assert share == pytest.approx(base[good].sum() / base.sum(), abs=1e-12)
            assert found[codes == g].sum() == pytest.approx(base[codes == g].sum(), abs=1e-9)


def test_the_halves_share_no_row_and_split_every_cell_evenly(bench):
    first, second = halves(bench.outcome, bench.index, seed=4)

    assert np.array_equal(np.sort(np.concatenate((first, second))), np.arange(bench.outcome.size))
    for y in range(3):
        for g in range(3):
            cell = (bench.outcome == y) & (bench.index.codes == g)
            assert abs(int(cell[first].sum()) - int(cell[second].sum())) <= 1
    again, _ = halves(bench.outcome, bench.index, seed=4)
    other, _ = halves(bench.outcome, bench.index, seed=5)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_flip_share_is_the_mean_over_all_pairs_of_seeds():
    draws = (np.random.default_rng(1).random((11, 60)) < 0.3).astype(np.float64)

    pairs = [(draws[i] != draws[j]) for i, j in combinations(range(11), 2)]

    assert flip_share(draws) == pytest.approx(np.mean(pairs, axis=0), abs=1e-15)


def test_the_gap_in_equalized_odds_is_the_larger_of_the_gaps_in_both_rates(bench):
    decision = decisions(bench, seed=2, lean=0.2)

    found = bench.judge(decision).gap

    assert found.value == pytest.approx(odds_gap(bench, decision), abs=1e-15)
    assert found.low < found.value < found.high
    # Wider than the interval of one rate on its own, which does not allow for having picked among two.
    assert found.high > max(d.high for d in found.rates.values())


def test_a_group_without_good_applicants_leaves_the_gap_and_its_reason_is_kept(bench):
    outcome = np.where(bench.index.codes == 0, bench.outcome, np.int8(0)).astype(np.int8)
    lame = Bench(outcome=outcome, index=bench.index, goal=Goal.EQUAL_OPPORTUNITY)

    found = lame.judge(decisions(bench, seed=2, lean=0.0)).gap

    assert (found.value, found.low, found.high) == (None, None, None)
    assert "fewer than two groups" in found.reason
    assert len(found.rates["recall"].excluded) == 2


def test_moves_count_who_is_newly_approved_and_newly_refused(bench):
    before, after = decisions(bench, seed=2, lean=0.1), decisions(bench, seed=9, lean=0.0)
    after[0] = np.nan

    found = bench.moves(before, after)

    for g in range(3):
        rows = [i for i in range(1, before.size) if bench.index.codes[i] == g]
        assert found.n[g] == len(rows)
        assert found.approved[g] == sum(before[i] < after[i] for i in rows)
        assert found.refused[g] == sum(before[i] > after[i] for i in rows)
        assert found.refused_good[g] == sum(before[i] > after[i] and bench.outcome[i] == 1 for i in rows)
        assert found.approved_good[g] == sum(before[i] < after[i] and bench.outcome[i] == 1 for i in rows)


def test_a_change_of_accuracy_has_the_interval_of_agresti_and_min(bench):
    before, after = decisions(bench, seed=2, lean=0.1), decisions(bench, seed=9, lean=0.0)
    judged = (bench.judge(before), bench.judge(after))

    found = change(bench, before, after, judged)

    known = bench.outcome < 2
    was, now = (d[known] == bench.outcome[known] for d in (before, after))
    b, c, n = (now & ~was).sum() + 0.5, (was & ~now).sum() + 0.5, known.sum() + 2
    half = norm.ppf(0.5 + LEVEL / 2) * np.sqrt(b + c - (b - c) ** 2 / n) / n
    assert found.accuracy == pytest.approx(now.mean() - was.mean(), abs=1e-12)
    assert found.accuracy_low == pytest.approx((b - c) / n - half, abs=1e-12)
    assert found.accuracy_high == pytest.approx((b - c) / n + half, abs=1e-12)


def test_the_paired_interval_is_wide_where_nothing_was_seen_to_change():
    low, high = paired_interval(0, 0, 50)

    assert low < -0.03
    assert high > 0.03


def test_a_change_of_the_gap_has_the_interval_of_drawing_the_rows_again(bench):
    before, after = decisions(bench, seed=2, lean=0.3), decisions(bench, seed=9, lean=0.0)
    found = change(bench, before, after, (bench.judge(before), bench.judge(after)))

    rng, drawn = np.random.default_rng(0), []
    for _ in range(1_500):
        at = rng.integers(0, before.size, before.size)
        y, g = bench.outcome[at], bench.index.codes[at]
        gaps = [max(rate_gap(y, g, d[at], 1), rate_gap(y, g, d[at], 0)) for d in (before, after)]
        drawn.append(gaps[1] - gaps[0])
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])

    assert found.gap == pytest.approx(odds_gap(bench, after) - odds_gap(bench, before), abs=1e-12)
    assert found.gap_low == pytest.approx(low, abs=0.03)
    assert found.gap_high == pytest.approx(high, abs=0.03)
    assert found.gap_high < 0


def test_decisions_that_do_not_change_have_no_interval_of_the_gap(bench):
    same = decisions(bench, seed=2, lean=0.3)
    judged = bench.judge(same)

    found = change(bench, same, same.copy(), (judged, judged))

    assert (found.gap, found.gap_low, found.gap_high) == (0.0, None, None)


def test_the_matching_cut_approves_as_many_as_scores_allow(bench):
    rng = np.random.default_rng(6)
    score = np.round(rng.random(bench.outcome.size), 2)
    decision = decisions(bench, seed=2, lean=0.1)

    cut = bench.matching_cut(score, decision)

    best = min(abs((score >= c).mean() - decision.mean()) for c in [*np.unique(score), np.inf])
    assert abs((score >= cut).mean() - decision.mean()) == pytest.approx(best, abs=1e-15)
    assert bench.matching_cut(score, np.zeros(score.size)) == np.inf
    assert (score >= bench.matching_cut(score, np.ones(score.size))).all()
