"""Where the scores of either outcome lie: every bin once, whatever the cuts."""

from __future__ import annotations

import math

import pytest

from rai_dash.charts.score_outcomes import score_outcomes

EDGES = [0.0, 0.25, 0.5, 0.75, 1.0]


def drawn(**more):
    given = {"favourable": [0, 4, 0, 16], "unfavourable": [9, 0, 1, 0], "unknown": [0] * 4, "threshold": 0.6}
    return score_outcomes(EDGES, **(given | more)).data


def test_bars_go_up_for_the_good_and_down_for_the_bad_as_roots_of_their_rows():
    bars = drawn().query("part == 'bar'")

    assert bars["start"].tolist() == [0.25, 0.75, 0.0, 0.5]
    assert bars["height"].tolist() == pytest.approx(
        [math.sqrt(4 / 16), 1.0, -math.sqrt(9 / 16), -math.sqrt(1 / 16)]
    )
    assert bars["n_text"].tolist() == ["4", "16", "9", "1"]


def test_the_cuts_stand_where_they_are_also_within_a_bin():
    lines = drawn(ends=(0.33, 0.81)).query("part != 'bar'")

    assert dict(zip(lines["part"] + lines["side"], lines["start"], strict=True)) == {
        "endleft": 0.33, "endright": 0.81, "thresholdleft": 0.6,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("threshold", "ends", "side"),
    [
        (0.5, (None, None), "right"),
        (0.5, (0.6, 0.9), "left"),
        (0.5, (0.4, 0.6), "right"),
        (0.7, (0.6, 0.95), "right"),
        (0.9, (0.85, None), "left"),
    ],
    ids=[
        "no band",
        "an end at its right",
        "an end at either side",
        "an end at its left",
        "no room at the edge",
    ],
)
def test_the_label_of_the_threshold_keeps_clear_of_the_ends_of_the_band(threshold, ends, side):
    lines = drawn(threshold=threshold, ends=ends).query("part == 'threshold'")

    assert lines["side"].tolist() == [side]


def test_an_end_that_is_the_threshold_or_open_has_no_line_of_its_own():
    assert drawn(ends=(0.6, None)).query("part == 'end'").empty


def test_without_outcomes_all_scores_are_drawn_as_one():
    bars = drawn(favourable=[0] * 4, unfavourable=[0] * 4, unknown=[0, 3, 0, 0]).query("part == 'bar'")

    assert bars["n_text"].tolist() == ["3"]
    assert (bars["height"] > 0).all()
