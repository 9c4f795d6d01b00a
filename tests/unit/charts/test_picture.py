"""Charts as pictures: whole, alike each time, with nothing foreign in them."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from functools import cache

import numpy as np
import pandas as pd
import pytest

from rai_dash.charts import picture, theme
from rai_dash.charts._base import Chart, part_of
from rai_dash.charts.band_handles import band_handles
from rai_dash.charts.cell_rows import cell_rows
from rai_dash.charts.drawing import draw_apart
from rai_dash.charts.group_dots import group_dots
from rai_dash.core.errors import WorkerFailed
from rai_dash.core.types import ReviewBand
from rai_dash.data.counting import count
from tests.unit.charts.test_templates import CHARTS

SVG = "{http://www.w3.org/2000/svg}"
#: What stands for all in a fast run: points, cells, bars, lines, an axis whose labels turn.
SOME = ("group_dots", "confusion", "route_bars", "trade_off", "monitor_series")
#: Cuts its labels to the width of their tiles, with an ellipsis.
CUTS = {"pair_mosaic"}
some_or_all = pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in SOME else pytest.mark.slow) for n in CHARTS]
)


@cache
def drawn(name: str) -> tuple[Chart, str]:
    """A chart of random numbers and hostile names, and its picture."""
    chart = CHARTS[name](np.random.default_rng(0))
    return chart, picture.svg(chart)


def texts(svg: str) -> list[str]:
    """What is written in a picture, as a reader of XML finds it."""
    return ["".join(text.itertext()).strip() for text in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314


def written(chart: Chart) -> set[str]:
    """What the template writes of the data beside its marks."""
    found: set[str] = set()
    for layer in chart.spec["layer"]:
        field, part = layer.get("encoding", {}).get("text", {}).get("field"), part_of(layer)
        rows = chart.data if part is None else chart.data[chart.data["part"] == part]
        if field in rows:
            found |= {text.strip() for text in rows[field] if isinstance(text, str) and text.strip()}
    return found


def _handles(rng: np.random.Generator) -> Chart:
    outcome = rng.integers(0, 3, 300).astype(np.int8)
    counts = count(outcome, np.round(rng.random(300), 3), None).counts.sum(axis=0)
    return band_handles(counts, ReviewBand(0.3, 0.5, 0.7))


@some_or_all
def test_a_picture_is_whole_and_says_what_the_chart_says(name):
    chart, svg = drawn(name)
    root = ET.fromstring(svg)  # noqa: S314

    assert root.tag == f"{SVG}svg"
    assert (root.get("width"), root.get("height")) == ("680", str(chart.spec["height"]))
    assert root.get("aria-label") == chart.alt
    assert name in CUTS or written(chart) <= set(texts(svg))


@some_or_all
def test_equal_charts_are_equal_pictures(name):
    chart, svg = drawn(name)

    assert picture.svg(chart) == svg


@some_or_all
def test_nothing_in_a_picture_is_foreign_or_runs(name):
    _, svg = drawn(name)
    known = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}

    assert set(re.findall(r"https?://[^\"'<> ]*", svg)) <= known
    elements = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}  # noqa: S314
    assert elements <= {
        *("svg", "g", "path", "rect", "line", "text", "tspan"),
        *("defs", "clipPath", "linearGradient", "stop"),
    }


def test_the_template_is_left_as_it_was():
    chart, _ = drawn("group_dots")

    assert "data" not in chart.spec
    assert "width" not in chart.spec


def test_the_chart_with_handles_is_plain_vega_and_drawn_too():
    chart = _handles(np.random.default_rng(3))
    svg = picture.svg(chart)

    assert {"declined", "to a person", "approved"} <= {text.lower() for text in texts(svg)}
    assert "Source Sans" not in svg
    assert svg == picture.svg(chart)


def test_names_from_a_file_stay_text():
    names = (
        "</svg><script>alert(1)</script>",
        '"><image href="http://evil.example/x"/>',
        'id="clip0"',
        "]]>&amp;",
    )
    svg = picture.svg(cell_rows(names, [1, 2, 3, 4], [4, 3, 2, 1]))

    assert set(names) <= set(texts(svg))
    assert not list(ET.fromstring(svg).iter(f"{SVG}script"))  # noqa: S314
    assert not list(ET.fromstring(svg).iter(f"{SVG}image"))  # noqa: S314


def test_a_long_name_is_written_out():
    name = "Group with a rather long name, aged 41 to 45"
    dots = group_dots(
        [name, "b"], [0.25, 0.75], low=[0.2, 0.7], high=[0.3, 0.8], n=[99, 99], small=[False, False], overall=0.5,
        what="Recall",
    )  # fmt: skip

    assert {name, "25 %", "75 %"} <= set(texts(picture.svg(dots)))


def test_two_pictures_on_a_page_share_no_name():
    svgs = [drawn("trade_off")[1], picture.svg(CHARTS["trade_off"](np.random.default_rng(1)))]
    names = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in svgs]

    assert all(names)
    assert not names[0] & names[1]
    for svg, own in zip(svgs, names, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= own


def test_each_theme_has_its_own_colours():
    chart, light = drawn("group_dots")
    dark = picture.svg(chart, theme="dark")

    assert f'fill="{theme.SURFACE[0]}"' in light
    assert f'fill="{theme.SURFACE[1]}"' in dark
    assert theme.INK[1] in dark
    assert theme.INK[1] not in light


def test_an_unknown_theme_is_refused():
    chart, _ = drawn("group_dots")

    with pytest.raises(ValueError, match="light, dark"):
        picture.svg(chart, theme="sepia")  # type: ignore[arg-type]


def test_data_of_another_address_are_not_fetched():
    chart, _ = drawn("confusion")
    spec = chart.spec | {"layer": [chart.spec["layer"][0] | {"data": {"url": "http://127.0.0.1:9/x.csv"}}]}

    with pytest.raises(ValueError, match="not allowed"):
        picture.svg(Chart(spec, pd.DataFrame({"part": ["x"]}), chart.alt))


def test_a_png_is_so_many_points_wide():
    chart, _ = drawn("confusion")
    png = picture.png(chart, width=400, scale=2)
    width, height = struct.unpack(">II", png[16:24])

    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert (width, height) == (800, 2 * chart.spec["height"])
    assert png == picture.png(chart, width=400, scale=2)


def test_a_process_of_its_own_draws_the_same():
    chart, svg = drawn("confusion")

    assert picture.svg(chart, apart=True) == svg


def test_a_process_that_draws_nothing_is_told():
    with pytest.raises(WorkerFailed, match="the numbers are in the table"):
        draw_apart({"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "mark": 7}, "svg")
