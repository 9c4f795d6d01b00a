from __future__ import annotations

import io
import math
from datetime import date, time, timedelta

import numpy as np
import openpyxl
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.sheet_cells import cell_text
from tests.unit.data.workbook_files import (
    SMALL,
    TABLE,
    day,
    in_sheet,
    refused,
    repacked,
    saved,
    workbook,
)

# --- values ---


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        ([1, 2, 3], "int64", [1, 2, 3]),
        ([1.0, -2.0, 3], "int64", [1, -2, 3]),
        ([1, None, 3], "float64", [1, None, 3]),
        ([0.1, 1e-300, 2.5e9], "float64", [0.1, 1e-300, 2.5e9]),
        ([True, False, None], "str", ["True", "False", None]),
        ([" a ", "b", "  "], "str", ["a", "b", None]),
        (["00123", "00456", "7"], "str", ["00123", "00456", "7"]),
        ([1.0, "w", 2.5], "str", ["1", "w", "2.5"]),
        ([True, "w", 3], "str", ["True", "w", "3"]),
        ([1, "2", "3.5"], "float64", [1, 2, 3.5]),
        ([1, "007", 3], "str", ["1", "007", "3"]),
        ([date(2020, 1, 2), day(2020, 1, 3, 4, 5, 6), None], "str",
         ["2020-01-02", "2020-01-03 04:05:06", None]),
        ([day(2020, 1, 2), date(1999, 12, 31), date(2024, 2, 29)], "str",
         ["2020-01-02", "1999-12-31", "2024-02-29"]),
        ([date(2020, 1, 2), "unknown", 7], "str", ["2020-01-02", "unknown", "7"]),
        ([None, None, None], "float64", [None, None, None]),
        ([1e20, 2e20, 3e20], "float64", [1e20, 2e20, 3e20]),
        ([1234567890123456, 1, 2], "str", ["1234567890123456", "1", "2"]),
    ],
)  # fmt: skip
def test_a_column_is_numbers_only_where_every_cell_is_one(parse, cells, dtype, values):
    frame, _ = parse(workbook(["x", "key"], *([c, "k"] for c in cells)))

    assert frame["x"].dtype == dtype
    assert [None if pd.isna(v) else v for v in frame["x"]] == values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"), (-0.5, "-0.5"), (True, "True"), ("1.0", "1.0"), (time(3, 4), "03:04:00"),
        (timedelta(hours=30, seconds=5), "30:00:05"), (-timedelta(minutes=1), "-0:01:00"),
        (day(2020, 1, 2, 3), "2020-01-02 03:00:00"), (day(2020, 1, 2), "2020-01-02"),
    ],
)  # fmt: skip
def test_a_cell_is_written_as_a_csv_would_hold_it(value, text):
    assert cell_text(value) == text


def test_every_double_comes_back_as_it_is_written(parse):
    values = [0.1 + 0.2, 5e-324, 1.7976931348623157e308, 1 / 3, 123456789.12345679]
    content = workbook(["x"], *([float(i)] for i in range(9001, 9001 + len(values))))

    def write(name, part):
        for i, value in enumerate(values):
            part = part.replace(f"<v>{9001 + i}</v>".encode(), f"<v>{value!r}</v>".encode())
        return part

    assert parse(repacked(content, write))[0]["x"].tolist() == values


def test_numbers_stored_as_text_stay_text_and_are_told(parse):
    frame, notices = parse(workbook(["x", "id"], ["1", "001"], ["2", "002"], [" ", "x"]))

    assert frame["x"].tolist()[:2] == ["1", "2"]
    assert [n["column"] for n in notices["numbers_as_text"]] == ["x"]


def test_a_column_can_be_kept_as_text_and_values_taken_as_missing(parse):
    content = workbook(["code", "days"], [1, -9], [2.5, 3], [None, 4])

    frame, _ = parse(content, ReadOptions(text=("code",), missing={"days": ("-9",)}))

    assert frame["code"].tolist()[:2] == ["1", "2.5"]
    assert frame["code"].isna().tolist() == [False, False, True]
    assert math.isnan(frame["days"][0])
    assert frame["days"].tolist()[1:] == [3.0, 4.0]


def test_more_rows_than_one_block_keep_their_order_and_kinds(parse):
    n = 45_000
    rows = ([i, i if i < 30_000 else f"w{i}", None if i % 2 else i / 4] for i in range(n))
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("S")
    for row in (["a", "b", "c"], *rows):
        sheet.append(row)

    frame, _ = parse(saved(book))

    assert frame["a"].tolist() == list(range(n))
    assert frame["b"].tolist() == [str(i) if i < 30_000 else f"w{i}" for i in range(n)]
    assert frame["c"].isna().tolist() == [bool(i % 2) for i in range(n)]
    assert frame["c"].sum() == sum(i / 4 for i in range(0, n, 2))


REAL = [
    ("census-loan/census", {"skipinitialspace": True}),
    ("german-credit/german_credit_decoded", {}),
    ("german-credit/german_credit_coded", {}),
    ("german-credit/south_german_credit", {"sep": " "}),
    ("boston-mortgage/loanapp", {}),
    ("hmda-pricing/hmda_2018_pricing_test", {}),
    ("taiwan-default/credit_card_clients", {}),
]


@pytest.mark.parametrize(("name", "options"), REAL)
def test_a_published_table_in_a_workbook_equals_the_same_csv(shared, parse, name, options):
    (path,) = (shared / "data").glob(f"{name}.*.gz")
    table = pd.read_csv(path, keep_default_na=False, na_values=[""], nrows=150, **options)
    table = table.map(lambda v: float(f"{v:.16g}") if isinstance(v, float) else v)  # all that openpyxl writes
    out = io.BytesIO()
    table.to_excel(out, index=False)

    frame, _ = parse(out.getvalue())

    wanted, _ = parse(table.to_csv(index=False).encode())
    pd.testing.assert_frame_equal(frame, _whole(wanted), check_exact=True)


def _whole(frame):
    """A workbook does not tell 1.0 from 1."""
    out = frame.copy()
    for name in out.columns:
        values = out[name]
        if values.dtype == "float64" and not values.hasnans and (values == np.floor(values)).all():
            out[name] = values.astype("int64")
    return out


# --- where the table is ---


def test_empty_rows_and_columns_around_the_table_do_not_count(parse):
    rows = ([], [], *([None, None, *row] for row in SMALL[:2]), [], [None, None, *SMALL[2]], [])

    frame, notices = parse(workbook(*rows))

    pd.testing.assert_frame_equal(frame, TABLE)
    assert notices["empty_rows"][0]["rows"] == 1


def test_a_title_above_the_names_is_skipped_and_told(parse):
    rows = (["Loans of 2024"], [], ["loan", "age", "sex"], ["yes", 31, "f"], ["no", 45, "m"])

    frame, notices = parse(workbook(*rows))

    assert frame.columns.tolist() == ["loan", "age", "sex"]
    assert notices["title_line"][0]["rows"] == 1


def test_rows_above_the_names_can_be_skipped_by_number(parse):
    content = workbook(["x", 1], [], ["y", 2], *SMALL)

    pd.testing.assert_frame_equal(parse(content, ReadOptions(skip_lines=3))[0], TABLE)


def test_a_first_row_like_the_others_is_kept_as_an_applicant(parse):
    content = workbook(*([f"n{i}", 20 + i, i * 100.5] for i in range(5)))

    frame, notices = parse(content)

    assert frame.shape == (5, 3)
    assert frame.columns.tolist() == ["column 1", "column 2", "column 3"]
    assert "no_header" in notices


def test_names_and_header_can_be_given(parse):
    content = workbook(*SMALL)

    frame, _ = parse(content, ReadOptions(header=False, names=("a", "b")))
    assert frame.columns.tolist() == ["a", "b"]
    assert frame["a"].tolist() == ["loan", "yes", "no"]

    with pytest.raises(InvalidChoice, match="3 names are given for 2 columns"):
        parse(content, ReadOptions(header=False, names=("a", "b", "c")))


def test_names_are_made_unique_and_numbers_as_names_are_told(parse):
    frame, notices = parse(workbook(["a", "a", None, 2.0], ["x", "y", "z", "w"], ["x", "y", "z", "v"]))

    assert frame.columns.tolist() == ["a", "a (2)", "Unnamed: 2", "2"]
    assert "'2'" in notices["no_header"][0]["message"]


# --- sheets ---


def sheets():
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.create_chartsheet("Chart")
    hidden = book.create_sheet("Old")
    hidden.sheet_state = "hidden"
    hidden.append(["h"])
    hidden.append([1])
    for title in ("Loans", "Rest & more"):
        sheet = book.create_sheet(title)
        for row in SMALL:
            sheet.append(row)
    sheet["B2"] = 99
    return saved(book)


def test_the_first_sheet_in_sight_with_cells_is_read_and_the_others_named(parse):
    frame, notices = parse(sheets())

    pd.testing.assert_frame_equal(frame, TABLE)
    assert notices["part_chosen"][0]["message"] == (
        "The workbook has 4 sheets; `Loans` was read. Others: `Cover`, `Old`, `Rest & more`."
    )


def test_any_sheet_can_be_chosen_by_name(parse):
    assert parse(sheets(), ReadOptions(part="Rest & more"))[0]["age"].tolist() == [99, 45]
    assert parse(sheets(), ReadOptions(part="Old"))[0]["h"].tolist() == [1]

    error = refused(parse, sheets(), ReadOptions(part="loans"))
    assert error.code == "choose_part"
    assert "no sheet `loans`. It has: `Cover`, `Old`, `Loans`, `Rest & more`." in error.message


def test_a_sheet_alone_is_not_worth_a_word(parse):
    assert "part_chosen" not in parse(workbook(*SMALL))[1]


def test_a_workbook_without_cells_or_rows_is_said(parse):
    assert refused(parse, workbook()).code == "no_rows"
    assert refused(parse, workbook(["a", "b"])).code == "no_rows"
    assert refused(parse, sheets(), ReadOptions(part="Cover")).code == "no_rows"


def test_hidden_sheets_are_offered_where_nothing_else_holds_cells(parse):
    def hide(book, _):
        book.create_sheet("Empty")
        book["Loans"].sheet_state = "hidden"
        book.active = 1

    error = refused(parse, workbook(*SMALL, change=hide))
    assert error.code == "choose_part"
    assert "hidden sheets" in error.message
    assert "`Loans`" in error.message


# --- what a sheet keeps from a reader ---


def test_error_values_count_as_missing_by_column(parse):
    frame, notices = parse(workbook(["a", "b"], ["#N/A", 1], ["#DIV/0!", 2], ["x", "#REF!"], ["y", 3]))

    assert frame["a"].isna().tolist() == [True, True, False, False]
    assert frame["b"].tolist()[:2] == [1.0, 2.0]
    assert [(n["column"], n["rows"]) for n in notices["error_cells"]] == [("a", 2), ("b", 1)]


def test_formulas_without_a_stored_result_are_named_by_column(parse):
    rows = ([None, "x", "y", "z"], *([None, i, f"=B{i}*2", i] for i in range(2, 7)))

    frame, notices = parse(workbook(*rows))

    assert frame["y"].isna().all()
    assert [(n["column"], n["rows"]) for n in notices["formula_without_value"]] == [("y", 5)]


def test_formulas_with_a_stored_result_are_values_and_an_empty_text_is_a_result(parse):
    content = workbook(["x", "y"], [1, "=1+1"], [2, "=1+2"])
    content = repacked(content, in_sheet(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"))
    content = repacked(content, in_sheet(b'<c r="B3"><f>1+2</f><v />', b'<c r="B3" t="str"><f>""</f><v></v>'))

    frame, notices = parse(content)

    assert frame["y"][0] == 2
    assert pd.isna(frame["y"][1])
    assert "formula_without_value" not in notices


def test_merged_cells_are_told_only_where_they_are_in_the_table(parse):
    def merge(where):
        return lambda _, sheet: sheet.merge_cells(where)

    rows = (["Title", None, None], ["a", "b", "c"], ["x", 1, 2], ["x", 1, 2])

    assert "1 blocks" in parse(workbook(*rows, change=merge("A3:A4")))[1]["merged_cells"][0]["message"]
    assert "merged_cells" not in parse(workbook(*rows, change=merge("A1:C1")))[1]
