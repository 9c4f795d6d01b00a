"""The downloads under a table, as a page offers them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.core.settings import get_settings
from rai_dash.ui import exports
from tests.app.conftest import texts

Files = dict[str, Callable[[], bytes]]


def page_with_two_tables() -> None:
    """A table about people, and one that is not."""
    import pandas as pd

    from rai_dash.ui import widgets

    people = pd.DataFrame(
        {
            "group": ["a", "b", "c", "=d"],
            "rows": [4, 60, 900, 0],
            "metric": "recall",
            "value": [0.5, 0.5, 0.5, None],
            "numerator": [1.0, 20.0, 300.0, 0.0],
            "denominator": [2.0, 40.0, 600.0, 0.0],
        }
    )
    widgets.numbers(lambda: people, name="groups", key="people", people="rows", about={"Threshold": "0.35"})
    widgets.numbers(lambda: pd.DataFrame({"rows": [4]}), name="columns", key="other")


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """What each download button would send, by file name."""
    offered: Files = {}
    original = exports.st.download_button

    def button(label: str, **options: Any) -> bool:
        offered[options["file_name"]] = options["data"]
        assert options["on_click"] == "ignore"
        return original(label, **options)

    monkeypatch.setattr(exports.st, "download_button", button)
    return offered


@pytest.fixture
def page() -> AppTest:
    """The page with its first table open."""
    at = AppTest.from_function(page_with_two_tables, default_timeout=120)
    at.session_state["numbers_people"] = True
    return at.run()


def _csv(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content))


def test_a_table_is_offered_in_three_forms_that_are_made_only_when_asked_for(
    files: Files, page: AppTest
) -> None:
    assert not page.exception
    assert [b.label for b in page.get("download_button")] == ["CSV", "Excel", "JSON"]
    assert set(files) == {"groups.csv", "groups.xlsx", "groups.json"}
    assert all(callable(make) for make in files.values())


def test_numbers_of_few_people_are_hidden_in_every_form_unless_asked_for(files: Files, page: AppTest) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files["groups.xlsx"]()))
    records = json.loads(files["groups.json"]())
    sheet = list(book["groups"].iter_rows(min_row=2, values_only=True))

    for rows in (_csv(files["groups.csv"]())["rows"].fillna(-1), [r["rows"] or -1 for r in records[:3]]):
        assert list(rows)[:3] == [-1, -1, 900]
    assert [r[1] for r in sheet] == [None, None, 900, 0]
    assert [r[3] for r in sheet] == [None, None, 0.5, None]
    assert "2 of 4 lines are blank" in texts(page)
    assert _csv(files["groups.csv"]())["group"].tolist()[3] == "'=d"

    page.toggle(key="hide_few_people").set_value(False).run()

    shown = _csv(files["groups.csv"]())
    assert shown["rows"].tolist() == [4, 60, 900, 0]
    assert "suppressed" not in shown
    assert "lines are blank" not in texts(page)


def test_the_workbook_says_what_it_rests_on(files: Files, page: AppTest) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files["groups.xlsx"]()))

    said = dict(book["About"].iter_rows(values_only=True))

    assert said["Table"] == "groups"
    assert said["Threshold"] == "0.35"
    assert said["Model"] == "First model"
    assert len(said["Fingerprint of the data (sha256)"]) == 64
    assert said["Hidden numbers"].startswith("2 of 4 lines")
    assert files["groups.xlsx"]() == files["groups.xlsx"]()


def test_a_table_that_is_not_about_people_is_not_changed_and_has_no_switch(files: Files) -> None:
    at = AppTest.from_function(page_with_two_tables, default_timeout=120)
    at.session_state["numbers_other"] = True
    at.run()

    assert not at.toggle
    assert files["columns.csv"]() == b"\xef\xbb\xbfrows\n4\n"


def test_the_operator_can_turn_hiding_off(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAI_DASH_SMALLEST_EXPORT_CELL", "0")
    get_settings.cache_clear()
    at = AppTest.from_function(page_with_two_tables, default_timeout=120)
    at.session_state["numbers_people"] = True
    at.run()

    assert not at.toggle
    assert _csv(files["groups.csv"]())["rows"].tolist() == [4, 60, 900, 0]
