"""What holds for single charts of the pages that judge a model; `test_templates` has what holds for all."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from rai_dash.charts._base import MAX_MARKS, Chart, count_marks
from rai_dash.charts.group_calibration import CalibrationLine, group_calibration
from rai_dash.charts.group_heatmap import group_heatmap
from rai_dash.charts.group_missing import group_missing
from rai_dash.charts.group_scores import group_scores
from rai_dash.charts.ranked_gaps import ranked_gaps
from tests.unit.charts.judge_builders import CELL, CHARTS, Build


@cache
def _first(build: Build) -> Chart:
    return build(np.random.default_rng(0))


def test_an_area_has_no_order_or_vega_would_cut_it_into_slivers():
    specs = [_first(build).spec for build in CHARTS.values()]
    areas = [
        spec.get("encoding", {}) | layer["encoding"]
        for spec in specs
        for layer in spec["layer"]
        if layer["mark"]["type"] == "area"
    ]

    assert areas
    assert not any("order" in encoding for encoding in areas)


def test_forty_gaps_are_drawn_and_one_more_is_refused():
    def build(k):
        flat, no = [0.1] * k, [False] * k
        names = [f"g{i}" for i in range(k)]
        return ranked_gaps(
            names, flat, flat, flat, n=[99] * k, starred=no, small=no, tolerance=0.3, what="Recall"
        )

    chart = build(40)
    assert len(chart.data) == 40
    scales = (layer["encoding"]["x"]["scale"] for layer in chart.spec["layer"] if "x" in layer["encoding"])
    assert all(scale["domain"] == [-0.5, 0.5] for scale in scales)
    with pytest.raises(ValueError, match="at most 40 groups"):
        build(41)


def test_the_colours_of_cells_are_symmetric_about_no_difference_and_the_legend_says_where_they_end():
    chart = _first(CHARTS["group_heatmap"])
    color = chart.spec["layer"][0]["encoding"]["color"]

    assert color["scale"]["domain"] == [-0.25, 0.25]
    assert color["scale"]["domainMid"] == 0
    assert color["scale"]["clamp"] is True
    assert "25+ points lower" in color["legend"]["labelExpr"]
    assert color["legend"]["values"] == [-0.25, 0, 0.25]


def test_sixty_groups_by_eight_metrics_are_drawn_and_more_are_refused():
    def build(groups, metrics):
        names = [f"g{i}" for i in range(groups)], [f"m{i}" for i in range(metrics)]
        return group_heatmap(*names, [[CELL] * metrics] * groups)

    chart = build(60, 8)
    assert count_marks(chart.spec, chart.data) == 2 * 60 * 8
    with pytest.raises(ValueError, match="at most 60 groups and 8 metrics"):
        build(61, 8)
    with pytest.raises(ValueError, match="at most 60 groups and 8 metrics"):
        build(2, 9)


def test_twenty_groups_of_twenty_five_ranges_are_calibrated_within_the_limit_and_more_are_refused():
    def build(k):
        flat = [0.5] * 25
        return group_calibration(
            [CalibrationLine(f"g{i}", flat, flat, flat, flat, [99] * 25, [False] * 25) for i in range(k)]
        )

    chart = build(20)
    assert count_marks(chart.spec, chart.data) <= MAX_MARKS
    with pytest.raises(ValueError, match="at most 20 groups"):
        build(21)


def test_eight_groups_of_two_hundred_scores_are_drawn_and_nine_groups_are_refused():
    edges = np.linspace(0, 1, 201)

    def build(k):
        return group_scores(
            [f"g{i}" for i in range(k)], list(edges[:-1]), list(edges[1:]), [[0.005] * 200] * k,
            threshold=0.5, small=[False] * k,
        )  # fmt: skip

    assert (build(8).data["part"] == "bin").sum() == 1600
    with pytest.raises(ValueError, match="at most 8 groups"):
        build(9)


def test_twenty_columns_by_twenty_groups_of_blanks_are_drawn_and_more_are_refused():
    def build(columns, groups):
        return group_missing(
            [f"c{i}" for i in range(columns)], [f"g{i}" for i in range(groups)], [[0.3] * groups] * columns,
            n=[99] * groups, starred=[[False] * groups] * columns,
        )  # fmt: skip

    chart = build(20, 20)
    assert count_marks(chart.spec, chart.data) == 800
    for shape in ((21, 1), (1, 21)):
        with pytest.raises(ValueError, match="at most 20 columns and 20 groups"):
            build(*shape)
