"""What a chart shows as a table, and how few people its numbers are about."""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.charts._base import fewest_people, people_of, shares_of
from rai_dash.charts.band_handles import band_handles
from rai_dash.charts.beeswarm import SwarmLine, beeswarm
from rai_dash.charts.calibration import calibration
from rai_dash.charts.cell_rows import cell_rows
from rai_dash.charts.confusion import confusion
from rai_dash.charts.curves import Curve, roc
from rai_dash.charts.drawn_table import drawn_table
from rai_dash.charts.group_dots import group_dots
from rai_dash.charts.pair_mosaic import pair_mosaic
from rai_dash.charts.route_bars import route_bars
from rai_dash.core.types import Estimate, ReviewBand
from tests.unit.charts.test_templates import CHARTS


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_has_a_table_with_named_columns_and_its_alt_text_points_there(name):
    chart = CHARTS[name](np.random.default_rng(0))
    table = drawn_table(chart)

    assert "table below has" in chart.alt
    assert len(table) > 0
    assert table.columns.is_unique
    assert not any("_" in title for title in table.columns)
    assert not table.isna().all(axis=1).any()


def _dots(n, value):
    return group_dots(
        ["a", "b"], value, low=[0.1, 0.2], high=[0.9, 0.9], n=n, small=[False, False], overall=0.5, what="Recall",
        reason=[None, "nobody is good"],
    )  # fmt: skip


def test_a_row_says_what_pointing_at_its_mark_says():
    table = drawn_table(confusion(tp=5, fn=15, fp=2, tn=8))

    assert table.to_numpy().tolist() == [
        ["favourable", "approved", "5", "25 %"],
        ["favourable", "declined", "15", "75 %"],
        ["unfavourable", "approved", "2", "20 %"],
        ["unfavourable", "declined", "8", "80 %"],
    ]


def test_a_group_without_a_number_is_in_the_table_too():
    table = drawn_table(_dots([40, 0], [0.25, None]))

    assert table["Group"].tolist() == ["a", "b"]
    assert table["Value"].tolist() == ["25 %", "–"]


def test_a_line_is_a_row_a_point_in_numbers():
    table = drawn_table(
        roc([Curve(name="all", x=[0, 0.2, 1], y=[0, 0.7, 1], marker=(0.2, 0.7))], threshold=0.5)
    )

    assert table.iloc[:, 1:].to_numpy().tolist() == [[0.0, 0.0], [0.2, 0.7], [1.0, 1.0]]


def test_the_cells_of_the_chart_with_handles_are_a_table():
    counts = np.zeros((3, 1002))
    counts[0, 250], counts[1, 251], counts[2, 1001] = 3, 4, 5
    table = drawn_table(band_handles(counts, ReviewBand(0.3, 0.5, 0.7)))

    assert table.to_numpy().tolist() == [[250, 0, 3, 0], [251, 4, 0, 0]]


# --- how few people ---


def test_the_fewest_are_counted_above_none():
    assert fewest_people([0, 12, None], np.array([[4.0, np.nan], [0.0, 9.0]])) == 4.0
    assert fewest_people([0, 0]) is None
    assert fewest_people() is None


def test_shares_are_turned_into_those_of_it_and_those_left():
    assert shares_of([0.25, None, 1.0], [40, 10, 7])[:, [0, 2]].tolist() == [[10.0, 7.0], [30.0, 0.0]]
    estimates = [Estimate(0.4, 0.1, 0.8, 2.0, 5.0), Estimate.undefined("nobody")]
    assert people_of(estimates) == [2.0, 3.0, 5.0]


@pytest.mark.parametrize(
    ("chart", "fewest"),
    [
        # 40 people, a quarter of them: 10 and 30. 60, and 57 of them: 3 are left.
        (_dots([40, 60], [0.25, 0.95]), 3.0),
        (_dots([40, 60], [0.25, 0.5]), 10.0),
        # Everyone's own routes say nothing about a group.
        (route_bars(["a"], [[3, 40, 50], [20, 30, 40]]), 20.0),
        (route_bars([], [[3, 40, 50]]), None),
        (cell_rows(["a", "b"], [50, 8], [50, 50]), 8.0),
        (pair_mosaic(["a", "b"], ["x", "y"], [[30, 2], [0, 40]]), 2.0),
        # A step of a line is a person of the group.
        (roc([Curve(name=n, x=[0, 1], y=[0, 1]) for n in "ab"], threshold=0.5), 1.0),
        (roc([Curve(name="all", x=[0, 1], y=[0, 1])], threshold=0.5), None),
        (beeswarm([SwarmLine(name="a", value=[0.1], offset=[0.0], place=[0.5], text=["x"])], space="probability"), 1.0),
        (confusion(tp=1, fn=2, fp=3, tn=4), None),
        (calibration(np.linspace(0, 1, 3), mean_score=[0.2, 0.7], rate=[0.2, 0.7], low=[0.1, 0.6], high=[0.3, 0.8],
                     n=[3, 4], small=[True, True]), None),
    ],
)  # fmt: skip
def test_a_chart_says_how_few_people_its_numbers_of_groups_are_about(chart, fewest):
    assert chart.fewest == fewest
