"""Charts of compared models: what their data say."""

from __future__ import annotations

import pytest

from rai_dash.charts._base import round_ticks
from rai_dash.charts.model_flips import KINDS, Moved, model_flips
from rai_dash.charts.model_metrics import MAX_ROWS, model_metrics
from rai_dash.charts.model_versions import VersionPoint, model_versions

NOBODY = Moved(right=0, wrong=0, unknown=0, low=None, high=None)


def metrics(**changes):
    given = {
        "low": [0.2, None], "high": [0.4, None], "shown": [True, False], "few": [False, True],
        "finding": ["better shown", "too few"], "tolerance": 0.05,
    }  # fmt: skip
    return model_metrics(["Recall", "Precision"], [0.5, 1.0], [0.8, 0.9], **given | changes)


def test_a_dot_is_the_candidate_less_now_with_what_both_are():
    rows = metrics().data
    assert rows["x"].tolist() == pytest.approx([0.3, -0.1])
    assert rows["label"].tolist() == ["50 % → 80 % ★", "100 % → 90 %"]
    assert rows["value_text"].tolist() == ["+30 points", "−10 points"]
    assert rows["few"].tolist() == [False, True]
    # Without an interval the rule shrinks to the dot.
    assert rows["low"][1] == rows["high"][1] == pytest.approx(-0.1)


def test_what_both_are_can_be_written_as_numbers_that_are_no_shares():
    rows = metrics(written=[("0.500", "0.800"), ("100 %", "90 %")]).data
    assert rows["label"].tolist() == ["0.500 → 0.800 ★", "100 % → 90 %"]


def test_an_undefined_number_says_why_in_the_place_of_its_dot():
    found = model_metrics(
        ["F1"], [None], [0.5], low=[None], high=[None], shown=[False], few=[False], finding=["nobody approved"],
        tolerance=0.05,
    ).data  # fmt: skip
    assert (found["label"][0], found["defined"][0]) == ("– nobody approved", False)


def test_an_interval_that_reaches_beyond_is_marked():
    found = metrics(low=[0.2, -0.9], high=[0.4, 0.2]).data
    assert found["cut_before"].tolist() == ["", "◂"]


def test_segments_lie_side_by_side_and_add_up_to_the_share():
    up, down = (
        Moved(right=30, wrong=10, unknown=5, low=0.1, high=0.2),
        Moved(right=0, wrong=20, unknown=0, low=0, high=1),
    )
    rows = model_flips(["g"], [up], [down], decided=[100]).data
    segments = rows[rows["part"] == "segment"]
    assert segments["kind"].tolist() == [KINDS[0], KINDS[1], KINDS[4], KINDS[3]]
    assert segments["start"].tolist() == pytest.approx([0.0, 0.3, 0.4, 0.0])
    assert segments["stop"].tolist() == pytest.approx([0.3, 0.4, 0.45, -0.2])
    assert rows[rows["part"] == "side"]["label"].tolist() == ["45", "20"]


def test_a_group_in_which_nothing_changes_says_so():
    rows = model_flips(["g", "h"], [NOBODY, NOBODY], [NOBODY, NOBODY], decided=[10, 0]).data
    assert rows[rows["part"] == "none"]["label"].tolist() == ["nobody", "nobody to decide about"]


def test_versions_without_a_value_are_left_out():
    points = [
        VersionPoint(series="used now", version=1, rows=9, value=None, low=None, high=None),
        VersionPoint(series="candidate", version=1, rows=9, value=0.5, low=0.2, high=0.8),
    ]
    assert model_versions(points, what="Recall").data["series"].tolist() == ["candidate"]


def test_too_many_lines_are_refused():
    n = MAX_ROWS + 1
    with pytest.raises(ValueError, match="at most 40"):
        model_metrics(
            ["x"] * n, [0.1] * n, [0.1] * n, low=[0] * n, high=[0] * n, shown=[False] * n, few=[False] * n,
            finding=[""] * n, tolerance=0.1,
        )  # fmt: skip
    with pytest.raises(ValueError, match="at most 40"):
        model_flips(["x"] * n, [NOBODY] * n, [NOBODY] * n, decided=[1] * n)


@pytest.mark.parametrize(
    ("reach", "labelled"),
    [
        (0.05, [-5, 0, 5]),
        (0.1, [-10, -5, 0, 5, 10]),
        (0.25, [-25, 0, 25]),
        (0.75, [-75, 0, 75]),
        (1.0, [-100, -50, 0, 50, 100]),
    ],
)
def test_an_axis_around_zero_is_labelled_at_whole_percents(reach, labelled):
    assert [round(100 * tick, 9) for tick in round_ticks(reach)] == labelled
