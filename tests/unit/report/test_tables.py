from __future__ import annotations

import io
import json
import time
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.report.tables import EXCEL_CHARS, fits_excel, json_bytes, sheet_name, xlsx_bytes

FRAME = pd.DataFrame(
    {
        "group": ["women", "=1+1", None],
        "rows": pd.array([250, 3, pd.NA], dtype="Int64"),
        "value": [0.1 + 0.2, np.nan, -5.2],
        "small": [True, False, True],
    }
)


def opened(content, **options):
    return openpyxl.load_workbook(io.BytesIO(content), **options)


def test_a_workbook_holds_numbers_as_numbers_and_undefined_ones_blank():
    sheet = opened(xlsx_bytes(FRAME))["Table"]

    rows = list(sheet.iter_rows(values_only=True))

    assert rows == [
        ("group", "rows", "value", "small"),
        ("women", 250, pytest.approx(0.1 + 0.2, rel=1e-15), True),
        ("=1+1", 3, None, False),
        (None, None, -5.2, True),
    ]
    assert [c.data_type for c in sheet[2]] == ["s", "n", "n", "b"]


def test_the_header_is_bold_and_stays_in_view():
    sheet = opened(xlsx_bytes(FRAME))["Table"]

    assert sheet.freeze_panes == "A2"
    assert [c.font.bold for c in sheet[1]] == [True] * 4
    assert not sheet["A2"].font.bold


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "@SUM(A1)", "\t=1", "-1+1", "\uff1d1", "=HYPERLINK('http://x')", "{=SUM(A1)}"]
)
def test_text_in_a_workbook_is_never_a_formula(text):
    content = xlsx_bytes(pd.DataFrame({text: [text]}), about={text: text})

    book = opened(content)

    for cell in (book["Table"]["A1"], book["Table"]["A2"], book["About"]["A1"], book["About"]["B1"]):
        assert cell.data_type == "s"
    parts = zipfile.ZipFile(io.BytesIO(content))
    sheets = b"".join(parts.read(n) for n in parts.namelist() if n.startswith("xl/worksheets/"))
    assert b"<f>" not in sheets


def test_text_like_a_formula_stays_text_when_it_is_edited():
    sheet = opened(xlsx_bytes(FRAME))["Table"]

    assert [sheet[f"A{i}"].quotePrefix for i in (2, 3)] == [False, True]


@pytest.mark.parametrize(
    "text", ["http://evil.test", "mailto:a@b.test", "file:///etc/passwd", "internal:Sheet!A1"]
)
def test_an_address_in_a_workbook_is_no_link(text):
    content = xlsx_bytes(pd.DataFrame({"a": [text]}), about={"from": text})

    assert opened(content)["Table"]["A2"].hyperlink is None
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert not [n for n in names if n.startswith("xl/worksheets/_rels")]


def test_text_that_looks_like_a_number_stays_text():
    cell = opened(xlsx_bytes(pd.DataFrame({"zip": ["00123"]})))["Table"]["A2"]

    assert (cell.value, cell.data_type) == ("00123", "s")


def test_equal_tables_are_equal_workbooks_whenever_they_are_made(monkeypatch):
    first = xlsx_bytes(FRAME, title="groups", about={"Threshold": "0.5"})
    later = time.time() + 100_000
    monkeypatch.setattr(time, "time", lambda: later)

    assert xlsx_bytes(FRAME, title="groups", about={"Threshold": "0.5"}) == first
    assert opened(first).properties.created.year == 2000


def test_the_second_sheet_says_what_the_table_is():
    book = opened(xlsx_bytes(FRAME, title="groups", about={"Data": "a.csv", "Threshold": "0.5"}))

    assert book.sheetnames == ["groups", "About"]
    assert list(book["About"].iter_rows(values_only=True)) == [("Data", "a.csv"), ("Threshold", "0.5")]
    assert opened(xlsx_bytes(FRAME)).sheetnames == ["Table"]


def test_awkward_text_is_kept_or_cut_with_a_mark():
    frame = pd.DataFrame(
        {"a": ["\ud800x", "y" * (EXCEL_CHARS + 5), "\x01"], "b": [2**60, np.inf, 2**53]}, dtype=object
    )

    sheet = opened(xlsx_bytes(frame))["Table"]

    assert sheet["A2"].value == "\\ud800x"
    assert sheet["A3"].value == "y" * (EXCEL_CHARS - 1) + "…"
    assert [sheet[f"B{i}"].value for i in (2, 3, 4)] == [str(2**60), "inf", 2**53]


def test_columns_of_one_name_are_both_kept():
    frame = pd.DataFrame([["a", "b"]], columns=["x", "x"])

    assert json.loads(json_bytes(frame)) == [{"x": "a", "x (2)": "b"}]
    assert list(opened(xlsx_bytes(frame))["Table"].iter_rows(values_only=True)) == [("x", "x"), ("a", "b")]


def test_a_table_without_rows_is_written():
    frame = pd.DataFrame({"a": []})

    assert json.loads(json_bytes(frame)) == []
    assert opened(xlsx_bytes(frame))["Table"]["A1"].value == "a"


def test_a_table_beyond_a_sheet_is_refused_with_the_way_out():
    wide = pd.DataFrame(np.zeros((1, 16_385)))

    assert not fits_excel(wide)
    assert fits_excel(FRAME)
    with pytest.raises(InvalidChoice, match=r"16,385 columns.*CSV"):
        xlsx_bytes(wide)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("groups", "groups"),
        ("a[b]:c*d?e/f\\g", "a_b__c_d_e_f_g"),
        ("'quoted'", "quoted"),
        ("x" * 40, "x" * 31),
        ("history", "history_"),
        ("About", "About_"),
        ("a\x00b\u202ec", "a_b_c"),
        ("  ", "Table"),
        ("x" * 30 + "'y", "x" * 30),
    ],
)
def test_a_sheet_has_a_name_that_excel_takes(text, name):
    assert sheet_name(text) == name
    assert opened(xlsx_bytes(FRAME, title=text, about={"a": "b"})).sheetnames == [name, "About"]


def test_json_holds_records_in_the_order_of_the_columns_with_null_for_undefined():
    frame = FRAME.assign(odd=pd.Series(["ü", "\ud800", "é"], dtype=object), far=[np.inf, -np.inf, 1.0])

    found = json.loads(json_bytes(frame))

    assert list(found[0]) == ["group", "rows", "value", "small", "odd", "far"]
    assert found[0] == {
        "group": "women", "rows": 250, "value": 0.1 + 0.2, "small": True, "odd": "ü", "far": None,
    }  # fmt: skip
    assert found[1]["value"] is None
    assert found[1]["odd"] == "\ud800"
    assert (found[2]["group"], found[2]["rows"]) == (None, None)
    assert "NaN" not in json_bytes(frame).decode()
