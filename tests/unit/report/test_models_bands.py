"""The cheapest band of each model against a search over rows, with the same people, prices and limits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from rai_dash.core.types import ReviewBand
from rai_dash.report.band_choices import BandChoices
from rai_dash.report.models_bands import BandAsked, best_bands
from rai_dash.report.models_work import CompareOptions, compare_models
from rai_dash.review.promise import PICKED
from rai_dash.review.settings import BandCosts, Reviewer
from tests.unit.report.models_world import case_of, data, people

CUTS = [round(0.1 * k, 6) for k in range(11)]


@pytest.fixture(scope="module")
def frame():
    return people(800, unknown=0.0)


@pytest.fixture(scope="module")
def compared(frame):
    return compare_models(case_of(data(frame)), "living", ["a", "b"], CompareOptions(thresholds={"b": 0.4}))


def asked(**more):
    costs = BandCosts(fp_fixed=5.0, fn_fixed=1.0, review=0.2)
    reviewer = Reviewer(h1=0.9, h0=0.8)
    return BandAsked(
        choices=BandChoices(band=ReviewBand(0.5, 0.5, 0.5), costs=costs, reviewer=reviewer, step=0.1, **more)
    )


def cost_of(frame, score, lo, hi):
    good, s = (frame["paid"] == "1").to_numpy(), frame[score].to_numpy()
    approve, decline = s >= hi, s < lo
    person = ~approve & ~decline
    wrong_yes = (approve & ~good).sum() + (1 - 0.8) * (person & ~good).sum()
    wrong_no = (decline & good).sum() + (1 - 0.9) * (person & good).sum()
    return (5.0 * wrong_yes + 1.0 * wrong_no + 0.2 * person.sum()) / len(frame)


def test_each_band_is_the_cheapest_around_the_models_own_threshold(frame, compared):
    for one, threshold in zip(best_bands(compared, asked()), (0.5, 0.4), strict=True):
        costs = [
            cost_of(frame, one.key, lo, hi)
            for lo, hi in itertools.product(CUTS, CUTS)
            if lo <= threshold <= hi
        ]
        assert one.cost == pytest.approx(min(costs))
        assert one.cost == pytest.approx(cost_of(frame, one.key, one.band.lo, one.band.hi))
        assert one.band.threshold == threshold
        assert one.threshold_cost == pytest.approx(cost_of(frame, one.key, threshold, threshold))
        score = frame[one.key].to_numpy()
        inside = (score >= one.band.lo) & (score < one.band.hi)
        assert one.review_rate == pytest.approx(inside.mean())


def test_a_band_that_was_found_here_is_never_certified(compared):
    assert {one.caution for one in best_bands(compared, asked())} == {PICKED}


def test_a_limit_that_no_band_keeps_leaves_none_and_says_which(compared):
    found = best_bands(compared, asked(limits=("final error at most 0.1 %",)))
    assert {one.band for one in found} == {None}
    assert all(one.blocked and not one.limits_kept for one in found)
    assert all(np.isfinite(one.threshold_cost) for one in found)
    assert found[0].to_json()["cost"] is None


def row_costs_of(frame, score, lo, hi):
    good, s = (frame["paid"] == "1").to_numpy(), frame[score].to_numpy()
    person = (s >= lo) & (s < hi)
    wrong_yes = np.where(person, 1 - 0.8, s >= hi) * ~good
    wrong_no = np.where(person, 1 - 0.9, s < lo) * good
    return 5.0 * wrong_yes + wrong_no + 0.2 * person


def test_the_difference_of_costs_is_that_of_the_same_applications_drawn_again(frame, compared):
    now, then = best_bands(compared, asked())
    found = then.cost_difference
    a, b = (row_costs_of(frame, one.key, one.band.lo, one.band.hi) for one in (now, then))
    assert now.cost_difference is None
    assert found.difference == pytest.approx(then.cost - now.cost)
    assert found.differing == int((np.abs(a - b) > 1e-9).sum())
    rng = np.random.default_rng(2)
    drawn = [(b - a)[rng.integers(0, len(a), len(a))].mean() for _ in range(4_000)]
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.01)
    assert then.to_json()["cost_difference"]["low"] == found.low


def test_without_a_band_there_is_no_difference_of_costs(compared):
    assert best_bands(compared, asked(limits=("final error at most 0.1 %",)))[1].cost_difference is None
