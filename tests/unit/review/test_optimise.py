from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.data.review_counting import review_cube
from rai_dash.review.constraints import Constraint
from rai_dash.review.grid import band_grid
from rai_dash.review.optimise import feasible_bands, optimise
from rai_dash.review.settings import BandCosts, Reviewer
from tests.oracles.band_rows import brute
from tests.unit.review.band_worlds import world

EDGES = (0.0, 0.1, 0.35, 0.4, 0.5, 0.55, 0.8, 1.0)
LOS, HIS, T = (None, 0.0, 0.1, 0.35, 0.4, 0.5), (0.5, 0.55, 0.8, 1.0, None), 0.5
COSTS = {"fp_fixed": 3.0, "fn_fixed": 1.0, "review": 0.4}
LIMITS = [
    Constraint("review_rate", "<=", 0.5),
    Constraint("review_rate", "<=", 0.2),
    Constraint("auto_error_rate", "<=", 0.2),
    Constraint("coverage", ">=", 0.3),
    Constraint("npv_auto", ">=", 0.5),
    Constraint("cost", "<=", 0.35),
    Constraint("good_auto_rejected_gap", "<=", 0.1, "gender"),
    Constraint("post_approval_ratio", ">=", 0.75, "gender"),
    Constraint("good_rate_in_band", ">=", 0.0),  # undefined where nobody is reviewed
    Constraint("post_recall", ">=", 0.97),
]


def limited(figures, limit):
    found = figures["gaps"].get(limit.metric, figures.get(limit.metric))
    return found["value"] if isinstance(found, dict) else found


def keeps(figures, limit):
    value = limited(figures, limit)
    if value is None:
        return False
    return value <= limit.value + 1e-12 if limit.operator == "<=" else value >= limit.value - 1e-12


def number(end, if_open):
    return if_open if end is None else end


def order(band, figures):
    """Rank as in section 13; where all of it is equal, an open low end comes first and an open high end last."""
    lo, hi = number(band[0], 0.0), number(band[2], 1.0)
    keys = (figures["cost"], figures["review_rate"]["value"], hi - lo)
    return *(round(key, 12) for key in keys), lo, band[0] is not None, band[2] is None


def scan(rows, limits, own, settings):
    """Judge every band by its rows, one by one."""
    judged = {(lo, T, hi): brute(rows, (lo, T, hi), settings) for lo in LOS for hi in HIS}
    feasible = {band: f for band, f in judged.items() if all(keeps(f, limit) for limit in limits)}

    def far(band):
        away = abs(number(band[0], 0.0) - number(own[0], 0.0)) + abs(
            number(band[2], 1.0) - number(own[2], 1.0)
        )
        return round(away, 12), order(band, feasible[band])

    blocks = {}
    for i, limit in enumerate(limits):
        others = limits[:i] + limits[i + 1 :]
        left = [f for f in judged.values() if all(keeps(f, other) for other in others)]
        defined = [limited(f, limit) for f in left if limited(f, limit) is not None]
        if left and not feasible:
            pick = min if limit.operator == "<=" else max
            blocks[i] = (len(left), pick(defined) if defined else None)
    own_fails = not all(keeps(brute(rows, own, settings), limit) for limit in limits)
    return {
        "best": min(feasible, key=lambda band: order(band, feasible[band]), default=None),
        "n_feasible": len(feasible),
        "fails": [sum(not keeps(f, limit) for f in judged.values()) for limit in limits],
        "blocks": blocks,
        "own_is_feasible": not own_fails,
        "nearest": min(feasible, key=far, default=None) if own_fails else None,
    }


def ends(choice):
    return None if choice is None else (choice.band.lo, choice.band.threshold, choice.band.hi)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.sampled_from([1, 4, 12, 20]),
    weighted=st.booleans(),
    limits=st.lists(st.sampled_from(LIMITS), max_size=4),
    own=st.sampled_from([(0.4, T, 0.55), (None, T, None), (0.5, T, 0.5), (0.1, 0.4, 0.8)]),
    prices=st.sampled_from([COSTS, {}, {"review": 1.0}, {"fn_fixed": 2.0}]),
)
def test_the_optimum_is_that_of_judging_every_band_by_its_rows(*, seed, n, weighted, limits, own, prices):
    applications = world(n, seed=seed, weighted=weighted)
    rows, min_n = applications.rows(), {"min_n": 3}
    if all(row["label"] == 2 for row in rows):
        return
    grid = band_grid(applications.cubes(EDGES), LOS, T, HIS, costs=BandCosts(**prices), min_n=3)

    found, expected = optimise(grid, limits, own=ReviewBand(*own)), scan(rows, limits, own, prices | min_n)

    assert ends(found.best) == expected["best"]
    assert (found.n_candidates, found.n_feasible) == (30, expected["n_feasible"])
    assert list(found.fails_by_constraint) == expected["fails"]
    assert found.own_is_feasible == expected["own_is_feasible"]
    assert ends(found.nearest) == expected["nearest"]
    assert [limits.index(block.constraint) for block in found.blocks] == [
        limits.index(limits[i]) for i in expected["blocks"]
    ]
    for block, (n_without, reachable) in zip(found.blocks, expected["blocks"].values(), strict=True):
        assert block.n_without == n_without
        assert block.reachable == (None if reachable is None else pytest.approx(reachable, abs=1e-12))
    assert feasible_bands(grid, limits).sum() == expected["n_feasible"]


@pytest.fixture
def grid():
    """Six applications whose bands are easily judged by hand."""
    label = np.array([0, 0, 1, 0, 1, 1], np.int8)
    score = np.array([0.05, 0.2, 0.45, 0.52, 0.7, 0.9])
    cube = review_cube(label, score, None, edges=np.array(EDGES))
    return band_grid({"": cube}, LOS, T, HIS, costs=BandCosts(fp_fixed=1.0, fn_fixed=1.0, review=0.05))


def test_the_cheapest_band_sends_just_the_two_doubtful_ones_to_a_person(grid):
    found = optimise(grid)

    # 0.45 is good and 0.52 bad: the plain cut errs twice. Reviewed, each costs .05 and is wrong in .1 of the cases.
    assert ends(found.best) == (0.4, 0.5, 0.55)
    assert found.best.cost == pytest.approx(2 * 0.15 / 6)
    assert found.best.review_rate == pytest.approx(2 / 6)
    assert (found.n_candidates, found.n_feasible, found.blocks, found.nearest) == (30, 30, (), None)


def test_a_limit_that_is_just_reached_is_kept_and_one_missed_by_more_than_1e_12_is_not(grid):
    def n(value):
        return optimise(grid, [Constraint("review_rate", "<=", value)]).n_feasible

    assert n(2 / 6 - 0.9e-12) == n(2 / 6)
    assert n(2 / 6 - 1.1e-12) < n(2 / 6)


def test_an_undefined_number_fails_at_most_as_well_as_at_least(grid):
    # Nobody is declined below an open low end: no band of it has a share of good among the declined.
    for sign, value in (("<=", 1.0), (">=", 0.0)):
        feasible = feasible_bands(grid, [Constraint("npv_auto", sign, value)])
        assert not feasible[:2].any()
        assert feasible[2:].all()


def test_the_constraint_that_stands_alone_in_the_way_is_named_with_what_could_be_had(grid):
    limits = [Constraint("auto_error_rate", "<=", 0.0), Constraint("review_rate", "<=", 0.2)]

    found = optimise(grid, limits)

    assert found.best is None
    by_name = {block.constraint.metric: block for block in found.blocks}
    assert by_name["review_rate"].reachable == pytest.approx(2 / 6)
    assert by_name["auto_error_rate"].reachable == pytest.approx(1 / 5)


def test_where_more_than_one_stands_in_the_way_none_is_named(grid):
    limits = [
        Constraint("review_rate", "<=", 0.0),
        Constraint("auto_error_rate", "<=", 0.0),
        Constraint("coverage", "<=", 0.0),
    ]

    found = optimise(grid, limits)

    assert (found.best, found.blocks, found.n_feasible) == (None, (), 0)


def test_the_nearest_band_is_offered_only_where_the_own_one_fails(grid):
    limits = [Constraint("review_rate", "<=", 0.4)]

    assert optimise(grid, limits, own=ReviewBand(0.4, T, 0.55)).nearest is None
    # Half of all are in the own band. Moving its high end by .05 suffices; its low end would have to move by .25.
    found = optimise(grid, limits, own=ReviewBand(0.1, T, 0.55))
    assert (found.own_is_feasible, ends(found.nearest)) == (False, (0.1, T, 0.5))


def test_an_own_band_between_the_cuts_cannot_be_judged_and_gets_the_nearest(grid):
    found = optimise(grid, own=ReviewBand(0.41, T, 0.56))

    assert (found.own_is_feasible, ends(found.nearest)) == (None, (0.4, T, 0.55))


def chosen(score, los, his, *, t=0.5, limits=(), costs=None, reviewer=None):
    """Choose among bands for good applicants."""
    edges = np.unique([t, *los, *his])
    cube = review_cube(np.ones(len(score), np.int8), np.array(score), None, edges=edges)
    grid = band_grid({"": cube}, los, t, his, costs=costs or BandCosts(), reviewer=reviewer or Reviewer())
    return ends(optimise(grid, limits).best)


def test_a_billionth_of_cost_decides_and_a_tenth_of_a_trillionth_does_not():
    def best(saved):
        costs = BandCosts(fn_fixed=1.0, review=1.0 - saved)
        return chosen([0.45], [0.4, 0.5], [0.5], costs=costs, reviewer=Reviewer(h1=1.0))

    assert best(1e-9) == (0.4, 0.5, 0.5)
    assert best(1e-13) == (0.5, 0.5, 0.5)


def test_among_bands_of_one_cost_the_one_with_less_review_wins_however_wide():
    limits = [Constraint("review_rate", ">=", 0.1)]

    assert chosen([0.45, 0.46, 0.7], [0.4, 0.5], [0.5, 0.8], limits=limits) == (0.5, 0.5, 0.8)


def test_among_bands_of_one_cost_and_review_the_narrower_wins():
    assert chosen([0.95], [0.3, 0.5], [0.5, 0.7]) == (0.5, 0.5, 0.5)


def test_among_bands_of_one_width_the_lower_wins_also_where_binary_fractions_differ():
    # One of two is reviewed from 0.1 to 0.4 as from 0.3 to 0.6, and 0.4 - 0.1 > 0.6 - 0.3 in binary.
    limits = [Constraint("review_rate", "<=", 0.5), Constraint("review_rate", ">=", 0.5)]

    assert chosen([0.2, 0.5], [0.1, 0.3], [0.4, 0.6], t=0.35, limits=limits) == (0.1, 0.35, 0.4)


def test_open_ends_count_as_0_and_1():
    cube = review_cube(np.array([1, 0], np.int8), np.array([0.5, 0.5]), None, edges=np.array([0.0, 0.5, 1.0]))

    found = optimise(band_grid({"": cube}, [0.0, None], 0.5, [1.0, None]))

    # All four send both to a person and are 1 wide.
    assert ends(found.best) == (None, 0.5, 1.0)


@pytest.mark.parametrize("label", [[2, 2], []])
def test_without_outcomes_nothing_is_best_and_it_says_so(label):
    cube = review_cube(np.array(label, np.int8), np.full(len(label), 0.5), None, edges=np.array(EDGES))

    with pytest.raises(InvalidChoice, match="No application has a known outcome"):
        optimise(band_grid({"": cube}, LOS, T, HIS))


def test_json_says_everything_without_nan(grid):
    limits = [Constraint("auto_error_rate", "<=", 0.0), Constraint("review_rate", "<=", 0.2)]

    stuck = json.loads(
        json.dumps(optimise(grid, limits, own=ReviewBand(0.4, T, 0.55)).to_json(), allow_nan=False)
    )
    free = optimise(grid, limits[:1]).to_json()

    assert (stuck["best"], stuck["candidates"], stuck["feasible"], stuck["own_is_feasible"]) == (
        None,
        30,
        0,
        False,
    )
    assert [line["words"] for line in stuck["fails_by_constraint"]] == [
        "automated error at most 0 %",
        "review at most 20 %",
    ]
    assert stuck["own"] == {"lo": 0.4, "t": 0.5, "hi": 0.55}
    assert stuck["nearest"] is None
    assert free["best"]["hi"] == 0.55
    assert free["blocks"] == []
