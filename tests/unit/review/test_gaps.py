from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from rai_dash.data.groups import GroupIndex
from rai_dash.data.review_counting import review_cube
from rai_dash.review._routed import SHARES
from rai_dash.review.gaps import GAPS, NOT_BY_THESE_GROUPS, eligible_groups, gap_table, gap_values
from rai_dash.review.people import POST_SHARES

ALL = np.array([True, True, True])


def cube(sizes, names=("b", "a", "c")):
    codes = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    index = GroupIndex("sex", names, codes)
    return review_cube(np.ones(codes.size, np.int8), np.full(codes.size, 0.5), index, edges=np.array([0.5]))


def test_every_gap_is_of_a_share_that_exists():
    assert {of for of, _ in GAPS.values()} <= {*SHARES, *POST_SHARES}
    assert all(name.endswith(kind) for name, (_, kind) in GAPS.items())


def test_gap_and_ratio_by_hand():
    values = np.array([0.2, 0.5, 0.4])

    assert gap_values(values, ALL, "gap") == pytest.approx(0.3)
    assert gap_values(values, ALL, "ratio") == pytest.approx(0.4)
    assert gap_values(values, np.array([True, False, True]), "gap") == pytest.approx(0.2)


def test_an_undefined_value_never_enters_a_gap():
    values = np.array([np.nan, 0.5, 0.4])

    assert gap_values(values, ALL, "gap") == pytest.approx(0.1)
    assert np.isnan(gap_values(values, np.array([True, True, False]), "gap"))
    assert np.isnan(gap_values(np.full(3, np.nan), ALL, "ratio"))


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_groups_leave_it_undefined(n):
    eligible = np.arange(3) < n

    assert np.isnan(gap_values(np.array([0.2, 0.5, 0.4]), eligible, "gap"))
    assert np.isnan(gap_values(np.ones((3, 2, 4)), eligible, "ratio")).tolist() == [[True] * 4] * 2


def test_a_ratio_with_a_largest_value_of_0_is_undefined_and_the_gap_is_0():
    assert np.isnan(gap_values(np.zeros(3), ALL, "ratio"))
    assert gap_values(np.zeros(3), ALL, "gap") == 0
    assert gap_values(np.array([0.0, 0.5, 0.5]), ALL, "ratio") == 0


@pytest.mark.parametrize("kind", ["gap", "ratio"])
def test_a_plane_equals_pandas_band_by_band(kind):
    rng = np.random.default_rng(0)
    values = rng.integers(0, 4, (5, 7, 6)) / 4
    values[rng.random(values.shape) < 0.5] = np.nan
    eligible = np.array([True, True, False, True, True])

    found = gap_values(values, eligible, kind)

    bands = pd.DataFrame(values[eligible].reshape(4, -1))
    expected = (
        bands.max() - bands.min() if kind == "gap" else bands.min() / bands.max().where(bands.max() > 0)
    )
    expected[bands.count() < 2] = np.nan
    assert np.allclose(found.ravel(), expected, equal_nan=True)
    assert np.isnan(found).any()
    assert not np.isnan(found).all()


def test_groups_need_rows_and_the_ones_without_are_named():
    eligible, excluded = eligible_groups(cube([30, 29, 0]), 30)

    assert eligible.tolist() == [True, False, False]
    assert excluded == {"a": "29 rows, fewer than 30", "c": "0 rows, fewer than 30"}


def test_the_table_says_why_a_gap_is_undefined_and_who_was_left_out():
    shares = {"review_rate": np.zeros(3), "auto_approve_rate": np.array([0.25, 0.75, 0.0])}
    shares["fnr_auto"] = np.array([np.nan, 0.1, 0.3])
    missing = dict.fromkeys(POST_SHARES)

    table = gap_table(cube([30, 30, 5]), lambda of: missing.get(of, shares.get(of, np.zeros(3))), min_n=30)

    assert table.eligible == ("a", "b")
    assert table.excluded == {"c": "5 rows, fewer than 30"}
    assert (table.values["auto_approve_gap"], table.values["review_rate_gap"]) == (0.5, 0.0)
    assert (table.values["review_rate_ratio"], table.values["fnr_auto_gap"]) == (None, None)
    assert table.undefined == {"fnr_auto_gap": ("b",)}
    assert table.reasons["review_rate_ratio"] == "the number is 0 in every group"
    assert table.reasons["fnr_auto_gap"] == "fewer than two groups can be compared"
    assert table.reasons["post_fnr_gap"] == NOT_BY_THESE_GROUPS
    plain = json.loads(json.dumps(table.to_json(), allow_nan=False))
    assert set(GAPS) | {"eligible", "excluded", "undefined", "reasons"} == set(plain)
