from __future__ import annotations

import pytest

from rai_dash.core.types import ReviewBand
from rai_dash.review.constraints import Constraint
from rai_dash.review.evaluate import evaluate
from rai_dash.review.grid import band_grid
from rai_dash.review.limited import is_kept, value_of
from rai_dash.review.optimise import kept
from rai_dash.review.settings import BandCosts
from tests.oracles.band_rows import brute
from tests.unit.review.band_worlds import world

PRICES = {"fp_fixed": 5.0, "fn_fixed": 1.0, "review": 0.25}
ENDS = (None, 0.2, 0.4, 0.5, 0.6, 0.8, None)
CUTS = [0.2, 0.4, 0.5, 0.6, 0.8]
LIMITS = [
    Constraint("review_rate", "<=", 0.4),
    Constraint("cost", "<=", 0.6),
    Constraint("post_error_rate", "<=", 0.2),
    Constraint("review_rate_gap", "<=", 0.05, "gender"),
    Constraint("review_rate_ratio", ">=", 0.8, "gender"),
    Constraint("good_auto_rejected_gap", "<=", 0.05, "gender", ("b", "a")),
    Constraint("post_approval_ratio", ">=", 0.9, "gender", ("a", "b")),
    Constraint("review_rate", ">=", 0.2, "gender", ("d",)),
    Constraint("good_auto_rejected", "<=", 0.1, "gender", ("c",)),
    Constraint("review_rate_gap", "<=", 0.5, "gender", ("a", "d")),
]
BANDS = [
    ReviewBand(0.4, 0.5, 0.6),
    ReviewBand(None, 0.5, 0.8),
    ReviewBand(0.2, 0.5, None),
    ReviewBand(0.5, 0.5, 0.5),
]


@pytest.fixture(scope="module")
def rows():
    return world(400, seed=3)


@pytest.fixture(scope="module")
def cubes(rows):
    return rows.cubes(CUTS)


@pytest.fixture(scope="module")
def by_scan(rows):
    """Return what brute force over the rows finds of each band."""
    return [brute(rows.rows(), (band.lo, band.threshold, band.hi), PRICES) for band in BANDS]


@pytest.fixture(scope="module")
def grid(cubes):
    return band_grid(cubes, ENDS, 0.5, ENDS, costs=BandCosts(**PRICES))


@pytest.fixture(scope="module")
def judged(cubes, grid):
    """Return every band of the grid, each judged alone."""
    return [
        [evaluate(cubes, grid.band(i, j), costs=BandCosts(**PRICES)) for j in range(grid.shape[1])]
        for i in range(grid.shape[0])
    ]


def _by_scan(found: dict, limit: Constraint) -> float | None:
    """Return the number of a limit from what brute force over the rows found; None = undefined."""

    def share(figures: dict, name: str) -> float | None:
        return figures[name]["value"] if isinstance(figures[name], dict) else figures[name]

    if limit.column is None:
        return share(found, limit.metric)
    if not limit.groups:
        return found["gaps"][limit.metric]
    if len(limit.groups) == 1:
        return share(found["groups"][limit.groups[0]], limit.metric)
    if not set(limit.groups) <= set(found["eligible"]):
        return None
    names = {"review_rate_gap": "review_rate", "good_auto_rejected_gap": "good_auto_rejected",
             "post_approval_ratio": "post_approval_rate"}  # fmt: skip
    one, other = (share(found["groups"][group], names[limit.metric]) for group in limit.groups)
    if one is None or other is None:
        return None
    return abs(one - other) if limit.metric.endswith("gap") else min(one, other) / max(one, other)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.words())
def test_the_number_of_a_limit_is_that_of_the_rows(cubes, by_scan, limit):
    for band, scanned in zip(BANDS, by_scan, strict=True):
        expected = _by_scan(scanned, limit)

        found = value_of(evaluate(cubes, band, costs=BandCosts(**PRICES)), limit)

        assert found == (None if expected is None else pytest.approx(expected, abs=1e-12))


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.words())
def test_one_band_keeps_a_limit_where_the_grid_says_so(grid, judged, limit):
    found = [[is_kept(value_of(one, limit), limit) for one in line] for line in judged]

    assert found == kept(grid, limit).tolist()


def test_some_limits_are_kept_and_some_are_not(grid):
    shares = [kept(grid, limit).mean() for limit in LIMITS]

    assert sum(0 < share < 1 for share in shares) >= 8


@pytest.mark.parametrize(
    ("value", "operator", "expected"),
    [
        (0.08, "<=", True),
        (0.08 + 1e-13, "<=", True),
        (0.08 + 1e-11, "<=", False),
        (0.08 - 1e-13, ">=", True),
        (0.08 - 1e-11, ">=", False),
        (None, "<=", False),
        (None, ">=", False),
    ],
)
def test_a_limit_is_kept_within_1e_12_and_never_by_an_undefined_number(value, operator, expected):
    assert is_kept(value, Constraint("review_rate", operator, 0.08)) is expected
