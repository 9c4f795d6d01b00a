from __future__ import annotations

import numpy as np
import pytest

from rai_dash.data.counting import count
from rai_dash.metrics import stakes as stakes_room
from rai_dash.metrics.cheapest import cost_curve
from rai_dash.metrics.stakes import Stakes, amount_stakes, draw_stakes
from rai_dash.metrics.table import Costs

COSTS = Costs(cost_fp=5, cost_fn=2, cost_review=0.5, approves_favourable=0.8, refuses_unfavourable=0.7)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(7)
    score = np.round(rng.random(600), 3)
    label = (rng.random(600) < score).astype(np.int8)
    label[:50] = 2
    score[40:70] = np.nan
    amount = np.round(rng.lognormal(8, 1, 600))
    amount[100:110] = np.nan
    return label, score, amount, rng.integers(1, 4, 600).astype(float)


def fixed(label, score, **more):
    return Stakes(counts=count(label, score, None, **more))


def by_amount(label, score, amount, weight=None):
    counts = count(label, score, None, weight=weight)
    return amount_stakes(label, score, amount, counts=counts, weight=weight)


def place(cut):
    return 1001 if cut is None else round(cut * 1000)


def test_samples_of_counts_have_the_law_of_drawing_the_rows_again(rows):
    label, score, *_ = rows
    stakes = fixed(label, score)
    curve = cost_curve(stakes, COSTS, draws=draw_stakes(stakes, seed=3))
    rng = np.random.default_rng(0)
    wrong = np.where(label == 0, np.where(score >= 0.5, 5.0, 0.0), np.where(score < 0.5, 2.0, 0.0))
    wrong = np.where(np.isnan(score), np.where(label == 0, 1.5, 0.4) + 0.5, wrong)

    drawn = rng.integers(0, 600, (4000, 600))
    known = label[drawn] < 2
    means = (wrong[drawn] * known).sum(axis=1) / known.sum(axis=1)

    low, high = np.quantile(means, [0.025, 0.975])
    assert (curve.low[500], curve.high[500]) == pytest.approx((low, high), abs=0.25 * (high - low))
    assert (curve.stability.source, curve.stability.replicates) == ("counts", stakes_room.COUNT_REPLICATES)


def test_samples_of_rows_agree_with_samples_of_counts_where_both_are_right(rows):
    label, score, *_ = rows
    stakes = fixed(label, score)
    same = by_amount(label, score, np.ones(600))
    counts, drawn = (cost_curve(s, COSTS, draws=draw_stakes(s, seed=1)) for s in (stakes, same))

    width = counts.high - counts.low
    assert drawn.stability.source == "rows"
    assert drawn.cost == pytest.approx(counts.cost, rel=1e-12)
    assert np.abs((drawn.high - drawn.low) / width - 1)[:1001:50].max() < 0.35


def test_weights_are_drawn_by_rows_and_never_as_counts(rows):
    label, score, _, weight = rows

    assert draw_stakes(fixed(label, score, weight=weight), seed=0).source == "rows"


def test_samples_are_the_same_twice(rows):
    label, score, amount, _ = rows
    stakes = by_amount(label, score, amount)
    first, second = (draw_stakes(stakes, seed=5) for _ in range(2))

    np.testing.assert_array_equal(first.table, second.table)
    assert not np.array_equal(first.table, draw_stakes(stakes, seed=6).table)


def test_too_many_rows_give_no_stability_and_say_why(rows, monkeypatch):
    label, score, amount, _ = rows
    monkeypatch.setattr(stakes_room, "MOST_ROWS", 599)
    stakes = by_amount(label, score, amount)

    curve = cost_curve(stakes, COSTS, draws=draw_stakes(stakes, seed=0))

    assert curve.stability is None
    assert "200,000 rows" in curve.reason
    assert np.isnan(curve.low).all()
    assert curve.cheapest is not None


def test_stability_is_about_the_picks_of_the_samples(rows):
    stakes = fixed(*rows[:2])
    draws = draw_stakes(stakes, seed=2)
    curve = cost_curve(stakes, COSTS, draws=draws)
    own = costs_of_samples(draws)
    picks = np.array([int(np.flatnonzero(c <= c.min() + 1e-9)[0]) for c in own])
    best = place(curve.cheapest.threshold)

    found = curve.stability

    ordered = np.sort(picks)
    assert (place(found.low), place(found.high)) == (ordered[7], ordered[292])  # 2.5 and 97.5 % of 300
    assert found.near == (np.abs(picks - best) <= 20).mean()
    apparent = np.array([c[k] for c, k in zip(own, picks, strict=True)])
    assert found.optimism == pytest.approx((curve.cost[picks] - apparent).mean())
    assert found.regret == pytest.approx((curve.cost[picks] - curve.cost[best]).mean())
    assert found.regret >= 0


def costs_of_samples(draws):
    """Sum over the cells on the wrong side of each threshold, sample by sample."""
    bad, good = draws.table[:, 0], draws.table[:, 1]
    is_approved = np.arange(1001)[:, None] >= np.arange(1002)
    person = 5 * 0.3 * bad[:, 1001] + 2 * 0.2 * good[:, 1001] + 0.5 * draws.unscored
    wrong = 5 * bad[:, :1001] @ is_approved + 2 * good[:, :1001] @ ~is_approved
    return (wrong + person[:, None]) / draws.labelled[:, None]


def test_a_cost_that_hardly_depends_on_the_threshold_is_an_unstable_pick():
    rng = np.random.default_rng(0)
    score, label = rng.random(400), rng.integers(0, 2, 400).astype(np.int8)  # the score knows nothing
    sure = np.where(label == 1, 0.9, 0.1)
    costs = Costs(cost_fp=1, cost_fn=1)

    lost, stable = (
        cost_curve(s, costs, draws=draw_stakes(s, seed=0)).stability
        for s in (fixed(label, score), fixed(label, sure))
    )

    assert lost.near < 0.5
    assert lost.optimism > 0.005
    assert (stable.near, stable.optimism) == (1.0, 0.0)


@pytest.mark.slow
def test_the_correction_for_having_picked_removes_most_of_the_flattery_and_not_more():
    rng = np.random.default_rng(5)

    def draw(n):
        score = rng.beta(2, 1.5, n)
        return fixed((rng.random(n) < 0.15 + 0.7 * score).astype(np.int8), score)

    costs = Costs(cost_fp=5, cost_fn=1)
    truth = cost_curve(draw(2_000_000), costs, draws=None).cost
    flattery, corrected = [], []
    for seed in range(200):
        stakes = draw(1000)
        curve = cost_curve(stakes, costs, draws=draw_stakes(stakes, seed=seed))
        flattery.append(truth[place(curve.cheapest.threshold)] - curve.cheapest.cost)
        corrected.append(curve.stability.optimism)

    assert 0.5 < np.mean(corrected) / np.mean(flattery) < 1.1
