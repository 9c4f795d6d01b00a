"""A layer without marks is a picture without a name to a screen reader, so it is left out."""

from __future__ import annotations

import json
import re

import altair as alt
import pandas as pd
import pytest
import vl_convert

from rai_dash.charts._base import Chart, part, template
from rai_dash.charts._layers import seen_spec


def _chart(*parts: str) -> Chart:
    layers = [
        part("dot").mark_point().encode(x="x:Q", description="told:N"),
        part("few").mark_rect(color="grey").encode(x="x:Q", description="told:N"),
        part("none").mark_text().encode(x="x:Q", text="told:N"),
        part("few").mark_rule(aria=False).encode(x="x:Q"),
        alt.Chart().transform_filter("datum.x > 9").mark_tick().encode(x="x:Q"),
    ]
    data = pd.DataFrame({"part": parts, "x": range(len(parts)), "told": list(parts)})
    return Chart(template(layers, height=60), data, "alt")


def test_only_pictures_without_rows_are_left_out():
    kinds = [layer["mark"]["type"] for layer in seen_spec(_chart("dot", "dot"))["layer"]]

    assert kinds == ["point", "text", "rule", "tick"]


def test_the_template_itself_is_drawn_where_each_picture_has_rows():
    chart = _chart("dot", "few")

    assert seen_spec(chart) is chart.spec


def test_a_chart_without_any_rows_keeps_its_template():
    chart = Chart(
        template([part("dot").mark_point().encode(x="x:Q")], height=60), pd.DataFrame({"part": []}), "alt"
    )

    assert seen_spec(chart) is chart.spec


def _drawn(spec: dict, data: pd.DataFrame) -> str:
    rows = {"values": data.to_dict("records")}
    svg = vl_convert.vegalite_to_svg(spec | {"data": rows, "width": 300}, allowed_base_urls=[])
    # Counted through the process, not through the picture.
    return re.sub(r"(clip|gradient_)\d+", r"\1", svg)


@pytest.mark.parametrize("parts", [("dot", "dot"), ("few", "few"), ("dot", "few", "none")])
def test_an_axis_that_one_layer_says_for_all_is_drawn_as_if_each_said_it(monkeypatch, parts):
    x, y = alt.X("x:Q", axis=alt.Axis(title=None, tickCount=3)), alt.Y("told:N", axis=alt.Axis(title="Who"))
    layers = [
        part("dot").mark_point().encode(x=x, y=y, description="told:N"),
        part("few").mark_rect(color="grey").encode(x=x, y=y, description="told:N"),
        part("none").mark_text().encode(x=x, y=y, text="told:N"),
        part("few").mark_rule(aria=False).encode(x=x),
    ]
    data = pd.DataFrame({"part": parts, "x": range(len(parts)), "told": list(parts)})

    short = Chart(template(layers, height=60), data, "alt")
    monkeypatch.setattr("rai_dash.charts._base._say_axes_once", lambda _: None)
    long = Chart(template(layers, height=60), data, "alt")

    assert len(json.dumps(short.spec)) < len(json.dumps(long.spec))
    assert _drawn(seen_spec(short), data) == _drawn(seen_spec(long), data)
