"""The door to the picture of a chart and to what it shows, as a page offers it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.charts import picture
from rai_dash.core.settings import get_settings
from rai_dash.ui import pictures

Files = dict[str, Callable[[], bytes]]


def page_with_charts() -> None:
    """A chart that is not about groups, one about few people, two that are read alike, and one outside of a panel."""
    from rai_dash.charts.confusion import confusion
    from rai_dash.charts.route_bars import route_bars
    from rai_dash.ui import pictures, widgets

    with pictures.panel():
        widgets.draw(confusion(tp=5, fn=15, fp=2, tn=8), key="cells")
        widgets.how_to_read("In one sentence.")
        widgets.draw(route_bars(["a*b", "=c"], [[10, 20, 30], [4, 10, 20], [6, 10, 10]]), key="few")
        widgets.how_to_read("In another.")
        for name in ("first", "second"):
            widgets.draw(confusion(tp=5, fn=15, fp=2, tn=8), key=name, title=f"The {name}")
        widgets.how_to_read("Both alike.")
        widgets.how_to_read("About no chart.")
    widgets.draw(confusion(tp=1, fn=1, fp=1, tn=1), key="outside")
    widgets.how_to_read("Without a panel.")


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """What each button that can be pressed would send, by file name."""
    offered: Files = {}
    original = pictures.st.download_button

    def button(label: str, **options: Any) -> bool:
        if not options["disabled"]:
            offered[options["file_name"]] = options["data"]
        assert options["on_click"] == "ignore"
        return original(label, **options)

    monkeypatch.setattr(pictures.st, "download_button", button)
    return offered


@pytest.fixture
def page(files: Files) -> AppTest:
    at = AppTest.from_function(page_with_charts, default_timeout=120)
    return at.run()


def opened(at: AppTest, key: str) -> AppTest:
    at.session_state[f"keep_{key}"] = True
    return at.run()


def test_a_closed_door_makes_nothing(page, files, monkeypatch):
    monkeypatch.setattr(pictures, "drawn_table", lambda _: pytest.fail("nobody asked"))
    page.run()

    assert not page.exception
    assert files == {}


def test_an_open_door_offers_the_picture_and_the_table(page, files, monkeypatch):
    asked = []
    monkeypatch.setattr(picture, "png", lambda _, **options: asked.append(options) or b"png")
    opened(page, "cells")

    assert list(files) == ["cells.png", "cells.svg", "cells.csv"]
    table = pd.read_csv(io.BytesIO(files["cells.csv"]()))
    assert table["Rows"].tolist() == [5, 15, 2, 8]
    assert page.dataframe[0].value["Rows"].tolist() == ["5", "15", "2", "8"]
    assert asked == []
    assert files["cells.png"]() == b"png"
    # In a process of its own: other people's pages go on meanwhile.
    assert asked[0]["apart"] is True


def test_a_picture_with_few_people_is_handed_out_on_demand_only(page, files):
    opened(page, "few")
    assert files == {}
    assert any("fewer than 10 people" in caption.value for caption in page.caption)

    page.toggle(key="keep_few_few").set_value(False).run()

    assert list(files) == ["few.png", "few.svg", "few.csv"]
    # A name that a spreadsheet would take for a formula is text.
    assert "'=c" in files["few.csv"]().decode("utf-8-sig")


def test_the_operator_may_want_every_number(files, monkeypatch):
    monkeypatch.setenv("RAI_DASH_SMALLEST_EXPORT_CELL", "0")
    get_settings.cache_clear()
    at = opened(AppTest.from_function(page_with_charts, default_timeout=120).run(), "few")

    assert list(files) == ["few.png", "few.svg", "few.csv"]
    assert len(at.toggle) == 0


def test_charts_that_are_read_alike_share_a_door(page, files):
    opened(page, "first")

    assert {name.split(".")[0] for name in files} == {"first", "second"}
    assert [m.value for m in page.markdown if m.value.startswith("**The")] == [
        "**The first**",
        "**The second**",
    ]


def test_a_chart_waits_for_no_line_outside_of_its_panel(page, files):
    opened(page, "outside")

    assert files == {}
    assert any("Without a panel." in caption.value for caption in page.caption)


def test_a_panel_within_a_panel_keeps_its_charts():
    chart = object()
    with pictures.panel():
        pictures.drawn(chart, key="outer")  # type: ignore[arg-type]
        with pictures.panel():
            assert pictures.taken() == ()
            pictures.drawn(chart, key="inner")  # type: ignore[arg-type]
        assert [one.key for one in pictures.taken()] == ["outer"]
        assert pictures.taken() == ()
    assert pictures.taken() == ()
