from __future__ import annotations

import pytest

from rai_dash.charts.shift_bars import shift_bars
from rai_dash.charts.two_distributions import two_distributions


def test_each_value_has_its_share_of_both_data_sets():
    chart = two_distributions(["a", "b"], [30, 10], [5, 15])

    shares = chart.data.set_index(["name", "side"])["share"].to_dict()
    assert shares == {("a", "then"): 0.75, ("b", "then"): 0.25, ("a", "now"): 0.25, ("b", "now"): 0.75}


def test_bars_of_both_data_sets_start_at_zero():
    """Bars with a colour are stacked by default: the second would start where the first ends."""
    spec = two_distributions(["a"], [1], [1]).spec
    views = [spec, *spec["layer"]]

    at = [v["encoding"]["x"] for v in views if "x" in v.get("encoding", {})]
    assert at
    assert all("stack" in x and x["stack"] is None for x in at)


def test_a_side_without_rows_is_drawn_as_nothing():
    assert two_distributions(["a"], [0], [3]).data["share"].tolist() == [0.0, 1.0]


def test_an_undefined_index_is_a_dash_and_a_shift_that_is_shown_has_a_star():
    chart = shift_bars(
        ["a", "b"],
        [0.3, None],
        chance=[0.01, None],
        shown=[True, False],
        finding=["large shift", "not compared"],
    )

    assert chart.data["label"].tolist() == ["0.30 ★", "–"]
    assert chart.data["few"].tolist() == [False, True]


def test_numbers_are_not_in_the_template():
    one, other = (
        shift_bars(["a"], [v], chance=[0.0], shown=[True], finding=["shift"]).spec for v in (0.11, 0.29)
    )

    assert one is other


def test_too_many_rows_are_refused():
    names, ones = [str(i) for i in range(41)], [1] * 41
    with pytest.raises(ValueError, match="at most 40 values"):
        two_distributions(names, ones, ones)
    with pytest.raises(ValueError, match="at most 40 columns"):
        shift_bars(names, ones, chance=ones, shown=[False] * 41, finding=names)
