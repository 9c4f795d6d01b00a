from __future__ import annotations

import math

import numpy as np
import pytest

from rai_dash.core.errors import InvalidBand, InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.review._routed import SHARES
from rai_dash.review.constraints import parse_constraint
from rai_dash.review.gaps import GAPS
from rai_dash.review.grid import band_grid
from rai_dash.review.people import POST_SHARES
from rai_dash.review.settings import BandCosts, Reviewer
from tests.oracles.band_rows import brute
from tests.unit.review.band_worlds import GENDER, world

EDGES = (0.0, 0.1, 0.35, 0.4, 0.5, 0.55, 0.8, 1.0)  # at no common distance
LOS, HIS, T = (0.4, None, 0.0, 0.35), (1.0, 0.5, 0.55, None, 0.8), 0.5
KEPT_LOS, KEPT_HIS = (None, 0.0, 0.35, 0.4), (0.5, 0.55, 0.8, 1.0, None)
PRICES = {"fp_fixed": 3.0, "fn_fixed": 1.0, "review": 0.25}
BY_AMOUNT = PRICES | {"fp_per_amount": 0.5, "fn_per_amount": 0.125}
CASES = {
    "plain": (world(150, seed=1), {"min_n": 20} | PRICES),
    "weights, amounts, decisions, deference, own reviewers": (
        world(150, seed=2, weighted=True, recorded=True),
        BY_AMOUNT
        | {"min_n": 20, "h1": 0.8, "h0": 0.7, "deference": 0.25, "use_recorded": True}
        | {"by_group": {"a": (0.6, 1.0)}},
    ),
}


def ours(settings):
    prices = {k: v for k, v in settings.items() if k in BY_AMOUNT}
    reviewer = {k: v for k, v in settings.items() if k not in BY_AMOUNT and k != "min_n"}
    return {"costs": BandCosts(**prices), "reviewer": Reviewer(**reviewer), "min_n": settings["min_n"]}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    """Return a grid, and what the rows say of each of its bands."""
    applications, settings = CASES[request.param]
    rows = applications.rows()
    grid = band_grid(applications.cubes(EDGES), LOS, T, HIS, **ours(settings))
    return grid, [[brute(rows, (lo, T, hi), settings) for hi in KEPT_HIS] for lo in KEPT_LOS]


def agree(found, expected):
    """Compare a plane with values; None = undefined, which must be so in both."""
    wanted = np.array([[math.nan if v is None else v for v in line] for line in expected])
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12, equal_nan=True)


def value(figures, name):
    return figures[name]["value"] if isinstance(figures[name], dict) else figures[name]


def test_ends_are_sorted_and_kept_where_the_threshold_lies_between_them(case):
    grid, _ = case
    assert (grid.los, grid.his, grid.shape) == (KEPT_LOS, KEPT_HIS, (4, 5))
    assert grid.band(0, 4) == ReviewBand(None, T, None)
    assert grid.find(ReviewBand(0.35, T, 0.8)) == (2, 2)
    assert grid.find(ReviewBand(0.1, T, 0.8)) is None


@pytest.mark.parametrize("name", [*SHARES, *POST_SHARES, "cost"])
def test_planes_of_everyone_equal_a_scan_of_the_rows_for_every_band(case, name):
    grid, scans = case
    agree(grid.plane(name), [[value(figures, name) for figures in line] for line in scans])


@pytest.mark.parametrize("name", [*SHARES, *POST_SHARES])
def test_planes_of_groups_equal_a_scan_of_their_rows(case, name):
    grid, scans = case
    planes = grid.group_planes(name, column="gender")
    assert planes.shape == (4, 4, 5)
    for plane, group in zip(planes, GENDER, strict=True):
        agree(plane, [[value(figures["groups"][group], name) for figures in line] for line in scans])
        agree(grid.plane(name, column="gender", groups=[group]), plane)


@pytest.mark.parametrize("name", GAPS)
def test_gaps_equal_a_scan_over_the_eligible_groups(case, name):
    grid, scans = case
    assert scans[0][0]["excluded"] == ["d"]
    agree(grid.plane(name, column="gender"), [[figures["gaps"][name] for figures in line] for line in scans])


@pytest.mark.parametrize(
    "said", ["wrongly declined gap between a and b under 5 points", "review ratio between b and a over 0.8"]
)
def test_the_gap_of_two_groups_leaves_the_others_out(case, said):
    grid, scans = case
    limit = parse_constraint(said, columns={"gender": GENDER})
    share, kind = GAPS[limit.metric]

    def compared(figures):
        pair = [value(figures["groups"][group], share) for group in "ab"]
        if None in pair:
            return None
        if kind == "gap":
            return abs(pair[0] - pair[1])
        return min(pair) / max(pair) if max(pair) else None

    agree(grid.plane_of(limit), [[compared(figures) for figures in line] for line in scans])


def test_a_group_that_is_too_small_makes_the_gap_of_two_undefined(case):
    grid, _ = case
    assert np.isnan(grid.plane("review_rate_gap", column="gender", groups=["a", "d"])).all()
    assert not np.isnan(grid.plane("review_rate", column="gender", groups=["d"])).any()


def test_a_second_column_is_compared_on_its_own():
    applications, settings = CASES["plain"]
    rows = applications.rows("region")
    grid = band_grid(applications.cubes(EDGES), LOS, T, HIS, **ours(settings))
    agree(
        grid.plane("post_fpr_gap", column="region"),
        [[brute(rows, (lo, T, hi), settings)["gaps"]["post_fpr_gap"] for hi in KEPT_HIS] for lo in KEPT_LOS],
    )


def test_reviewers_of_one_column_say_nothing_about_another():
    applications, settings = CASES["weights, amounts, decisions, deference, own reviewers"]
    grid = band_grid(applications.cubes(EDGES), LOS, T, HIS, **ours(settings))

    assert not np.isnan(grid.plane("review_rate_gap", column="region")).any()
    with pytest.raises(InvalidChoice, match="cross of both"):
        grid.plane("post_fpr_gap", column="region")


def test_planes_are_made_once_and_cannot_be_changed():
    applications, settings = CASES["plain"]
    grid = band_grid(applications.cubes(EDGES), LOS, T, HIS, **ours(settings))

    assert grid.plane("cost") is grid.plane("cost")
    with pytest.raises(ValueError, match="read-only"):
        grid.plane("cost")[0, 0] = 0.0


def test_without_deference_the_threshold_may_lie_between_the_edges():
    applications = world(80, seed=3)
    cubes = applications.cubes(EDGES)

    grid = band_grid(cubes, LOS, 0.523, HIS, costs=BandCosts(**PRICES))

    assert grid.his == (0.55, 0.8, 1.0, None)
    expected = [
        [brute(applications.rows(), (lo, 0.523, hi), PRICES)["cost"] for hi in grid.his] for lo in grid.los
    ]
    agree(grid.plane("cost"), expected)
    with pytest.raises(InvalidChoice, match="none of the 8"):
        band_grid(cubes, LOS, 0.523, HIS, reviewer=Reviewer(deference=0.1))


def test_a_threshold_below_every_edge_leaves_only_the_open_low_end():
    applications = world(80, seed=3)
    grid = band_grid(applications.cubes((0.3, 0.8)), [None, 0.3], 0.1, [0.3, 0.8], costs=BandCosts(**PRICES))

    assert grid.los == (None,)
    expected = [[brute(applications.rows(), (None, 0.1, hi), PRICES)["cost"] for hi in (0.3, 0.8)]]
    agree(grid.plane("cost"), expected)


def test_no_rows_and_no_eligible_groups_are_undefined_and_not_0():
    grid = band_grid(world(0, seed=1).cubes(EDGES), LOS, T, HIS)

    for plane in (grid.plane("cost"), grid.plane("review_rate"), grid.plane("post_fnr_gap", column="gender")):
        assert np.isnan(plane).all()
        assert plane.shape == (4, 5)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"los": [0.2]}, InvalidChoice, "none of the 8"),
        ({"los": [0.55, 0.8]}, InvalidChoice, "No band is left"),
        ({"his": []}, InvalidChoice, "No band is left"),
        ({"threshold": 1.5}, InvalidBand, "leaves 0 to 1"),
        ({"cubes": {}}, InvalidChoice, "no counts"),
        ({"reviewer": Reviewer(by_group={"nobody": (0.5, 0.5)})}, InvalidChoice, "nobody"),
    ],
)
def test_what_makes_no_grid_is_refused(change, error, says):
    given = {"cubes": world(40, seed=1).cubes(EDGES), "los": LOS, "threshold": T, "his": HIS} | change

    with pytest.raises(error, match=says):
        band_grid(**given)


def test_cubes_of_other_rows_or_other_cuts_are_refused():
    one, other = world(40, seed=1).cubes(EDGES), world(41, seed=1).cubes(EDGES)
    cut = world(40, seed=1).cubes((0.4, 0.5))

    with pytest.raises(InvalidChoice, match="different rows"):
        band_grid({"gender": one["gender"], "region": other["region"]}, LOS, T, HIS)
    with pytest.raises(InvalidChoice, match="different cuts"):
        band_grid({"gender": one["gender"], "region": cut["region"]}, [0.4], T, [0.5])


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"metric": "happiness"}, "no share `happiness`"),
        ({"metric": "review_rate_gap"}, "State a sensitive column.*gender, region"),
        ({"metric": "review_rate_gap", "column": "age"}, "no sensitive column `age`"),
        ({"metric": "review_rate", "column": "gender", "groups": ["z"]}, "no group `z`"),
    ],
)
def test_what_is_not_there_is_refused(asked, says):
    grid = band_grid(world(40, seed=1).cubes(EDGES), LOS, T, HIS)

    with pytest.raises(InvalidChoice, match=says):
        grid.plane(**asked)


def test_costs_by_amount_need_amounts():
    grid = band_grid(world(40, seed=1).cubes(EDGES), LOS, T, HIS, costs=BandCosts(fp_per_amount=1.0))

    with pytest.raises(InvalidChoice, match="no amount column"):
        grid.plane("cost")
