"""What the charts of what drives a model draw."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rai_dash.charts.beeswarm import SwarmLine, beeswarm
from rai_dash.charts.dependence import dependence
from rai_dash.charts.effect_curve import MOST_LINES, EffectLine, effect_curve
from rai_dash.charts.fragility import FlipDot, flips_by_score, fragility
from rai_dash.charts.group_reasons import group_reasons
from rai_dash.charts.importance_bars import importance_bars

CHARTS = ("beeswarm", "dependence", "effect_curve", "fragility", "group_reasons", "importance_bars")


def _part(chart, name):
    return chart.data[chart.data["part"] == name].reset_index(drop=True)


@pytest.fixture(autouse=True)
def _bare_templates(monkeypatch):
    """Leave out the templates, which are slow to build: these tests look at the data."""
    for name in CHARTS:
        monkeypatch.setattr(f"rai_dash.charts.{name}._template", lambda *_, **__: {"layer": []})
    monkeypatch.setattr("rai_dash.charts.dependence._category_template", lambda *_, **__: {"layer": []})
    monkeypatch.setattr("rai_dash.charts.fragility._score_template", lambda: {"layer": []})


def test_importance_is_written_in_its_unit_beyond_its_interval():
    chart = importance_bars(
        ["a", "b"], [0.0372, -0.001], low=[0.03, -0.01], high=[0.05, None], unit="probability"
    )

    assert chart.data["label"].tolist() == ["3.7 points", "−0.1 points"]
    assert chart.data["interval_text"].tolist() == ["3 points to 5 points", "–"]
    assert chart.data["end"].tolist() == [0.05, 0.0]


def test_values_without_a_place_are_drawn_all_the_same():
    line = SwarmLine(name="a", value=[0.5, -0.5], offset=[0, 0], place=[np.nan, 0.25], text=["x", "3"])
    dots = _part(beeswarm([line], space="log-odds"), "dot")

    assert dots["plain"].tolist() == [True, False]
    assert dots["shade"].tolist() == [0.5, 0.25]
    assert dots["value_text"].tolist() == ["+0.50", "−0.50"]


def test_blanks_have_no_place_on_an_axis_of_numbers():
    dots = _part(dependence([1.5, None], [0.01, 0.02], space="probability"), "dot")

    assert dots["x"].tolist() == [1.5]
    assert dots["value_text"].tolist() == ["+1 point"]


def test_categories_stand_in_their_rows():
    chart = dependence(["b", "a", "b"], [1, 2, 3], space="log-odds", categories=["a", "b"])

    assert _part(chart, "dot")["name"].tolist() == ["b", "a", "b"]


def _line(values):
    return EffectLine(value=values, low=values, high=values)


def test_an_outlier_does_not_squeeze_the_curve():
    x = np.array([0.0, 1, 2, 3, 1000])
    chart = effect_curve(x, _line(np.arange(5) / 10), n=[1, 2, 3, 4, 1], scale="level")

    assert _part(chart, "mean")["x"].tolist() == [0, 1, 2, 3]
    assert _part(chart, "mean")["value_text"].tolist() == ["0 %", "10 %", "20 %", "30 %"]
    assert _part(chart, "rows")["n_text"].tolist() == [
        "3",
        "3",
        "4",
    ]  # the first point's row is in the first step


def test_the_lines_drawn_reach_from_the_lowest_to_the_highest():
    lines = np.random.default_rng(0).random((500, 6))
    chart = effect_curve(np.arange(6), _line(np.zeros(6)), n=[1] * 6, scale="change", lines=lines)
    drawn = _part(chart, "one")

    assert drawn["line"].nunique() == MOST_LINES
    for extreme in (lines.mean(axis=1).argmin(), lines.mean(axis=1).argmax()):
        assert str(extreme) in set(drawn["line"])


def test_the_parts_of_a_gap_add_up_also_when_some_are_put_together():
    part = [0.1, -0.3, 0.02, 0.03]
    chart = group_reasons(
        ["a", "b", "c", "d"],
        part,
        low=part,
        high=part,
        share=[-0.6667, 2.0, -0.1333, -0.2],
        starred=[False, True, False, False],
        gap=(-0.15, -0.2, -0.1),
        space="probability",
        most=2,
    )

    assert chart.data["name"].tolist() == ["the whole gap", "b", "a", "all other columns (2)"]
    assert chart.data["value"][1:].sum() == pytest.approx(chart.data["value"][0])
    assert chart.data["label"].tolist() == ["−15 points", "−30 points ★", "+10 points", "+5 points"]
    assert chart.data["share_text"].tolist() == ["–", "200 %", "−67 %", "−33 %"]


def test_undefined_flip_rates_are_left_out():
    dots = [
        FlipDot(noise="5 %", group=group, position=0, value=value, low=0.01, high=0.03, n=9, small=False)
        for group, value in ((None, 0.02), ("a", None))
    ]
    chart = fragility(dots)

    assert chart.data["row"].tolist() == ["5 % · everyone"]
    assert chart.data["label"].tolist() == ["2.0 %"]


def test_scores_with_few_rows_are_grey():
    bars = _part(flips_by_score([0, 0.5, 1], [0.2, 0.1], [9, 10], threshold=0.5), "bar")

    assert bars["few"].tolist() == [True, False]
    assert bars["range_text"].tolist() == ["0 % to 50 %", "50 % to 100 %"]


def test_charts_hold_plain_json():
    chart = effect_curve(np.arange(3), _line([0.1, np.nan, 0.3]), n=np.array([1, 2, 3]), scale="level")

    assert json.loads(chart.data.to_json(orient="records"))[-2]["y"] is None
