"""A layer without marks is a picture without a name to a screen reader, so it is left out."""

from __future__ import annotations

import altair as alt
import pandas as pd

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
