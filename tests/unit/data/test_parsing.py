from __future__ import annotations

import gzip
import io
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai_dash.core.errors import UnreadableFile

CSV = "name,age,income\nAnn,31,1000.5\nBob,45,\nCé,22,7\n"


def parquet(table) -> bytes:
    sink = io.BytesIO()
    if isinstance(table, pd.DataFrame):
        table.to_parquet(sink)
    else:
        pq.write_table(table, sink)
    return sink.getvalue()


def refused(parse, content, **limits):
    with pytest.raises(UnreadableFile) as caught:
        parse(content, **limits)
    return caught.value


# --- dress ---


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(parse, separator):
    frame, _ = parse(CSV.replace(",", separator).encode())

    assert list(frame.columns) == ["name", "age", "income"]
    assert frame["age"].tolist() == [31, 45, 22]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_say_what_they_are_give_no_notice(parse, encoding):
    frame, notices = parse(CSV.encode(encoding))

    assert list(frame.columns) == ["name", "age", "income"]
    assert frame["name"].tolist() == ["Ann", "Bob", "Cé"]
    assert notices == {}


def test_windows_text_is_read_with_a_notice_that_shows_examples(parse):
    frame, notices = parse(CSV.encode("cp1252"))

    assert frame["name"].tolist() == ["Ann", "Bob", "Cé"]
    assert "Cé" in notices["encoding"][0]["message"]


def test_mixed_encodings_are_refused_with_the_line(parse):
    error = refused(parse, "a\né\nö\n".encode() + b"\xe9\n")

    assert error.message.startswith("Line 4 is not UTF-8 while other lines are")


def test_line_ends_of_windows_and_blank_lines_at_the_end_do_no_harm(parse):
    frame, _ = parse(CSV.replace("\n", "\r\n").encode() + b"\r\n\r\n")

    assert frame["age"].tolist() == [31, 45, 22]


def test_a_last_line_without_its_end_is_kept(parse):
    assert len(parse(b"a,b\n1,2\n3,4")[0]) == 2


def test_separators_quotes_and_line_ends_inside_quotes_belong_to_the_value(parse):
    frame, _ = parse(b'a,b\n"x, ""y""\nz",1\nplain,2\n')

    assert frame["a"].tolist() == ['x, "y"\nz', "plain"]


def test_a_lone_quote_inside_a_value_is_only_a_letter(parse):
    assert parse(b'a,b\n1,5" pipe\n2,x\n')[0]["b"].tolist() == ['5" pipe', "x"]


def test_line_ends_of_old_macs_are_known(parse):
    assert parse(b"a,b\r1,2\r3,4\r")[0]["b"].tolist() == [2, 4]


def test_more_text_than_one_block_keeps_every_row_and_value(parse):
    n = 300_000
    wanted = pd.DataFrame(
        {"a": np.arange(n), "b": ['x,\n"y"', "plain text " * 9 + "!", "z"] * (n // 3)}, copy=False
    )

    pd.testing.assert_frame_equal(parse(wanted.to_csv(index=False).encode())[0], wanted.astype({"b": "str"}))


def test_columns_divided_by_runs_of_blanks_are_read_and_told(parse):
    frame, notices = parse(b"a b   c\n1 2 3\n 4  5 6\n")

    assert frame.to_numpy().tolist() == [[1, 2, 3], [4, 5, 6]]
    assert "separator" in notices


def test_one_column_keeps_its_blank_cells(parse):
    assert parse(b"a\n1\n\n3\n")[0]["a"].isna().tolist() == [False, True, False]


def test_comments_above_the_header_are_skipped_and_told(parse):
    frame, notices = parse(b"# written by hand\n#\n\na,b\n1,2\n")

    assert list(frame.columns) == ["a", "b"]
    assert notices["comment_line"][0]["rows"] == 2


def test_a_header_may_start_with_the_mark_of_a_comment(parse):
    assert list(parse(b"#id,b\n1,2\n")[0].columns) == ["#id", "b"]


def test_a_first_row_with_numbers_is_kept_as_an_applicant_and_shown(parse):
    frame, notices = parse(b"Ann,31\nBob,45\n")

    assert frame.to_numpy().tolist() == [["Ann", 31], ["Bob", 45]]
    assert "'31'" in notices["no_header"][0]["message"]


def test_gzip_is_unpacked_whatever_is_inside(parse):
    wanted, _ = parse(CSV.encode())

    for content in (CSV.encode(), parquet(wanted)):
        assert parse(gzip.compress(content, mtime=0))[0].equals(wanted)


def test_two_columns_of_one_name_are_both_kept(parse):
    frame, notices = parse(b"a,a, \n1,2,3\n")

    assert list(frame.columns) == ["a", "a (2)", "Unnamed: 2"]
    assert notices["duplicate_name"][0]["column"] == "a (2)"


# --- values ---


def column(parse, *cells, separator=","):
    frame, notices = parse(
        f"x{separator}y\n".encode() + "".join(f"{c}{separator}k\n" for c in cells).encode()
    )
    return frame["x"], notices


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        (["1", "-2", "+3"], "int64", [1, -2, 3]),
        (["1", "", "3"], "float64", [1.0, None, 3.0]),
        (["1.0", "2.5", ".5", "1e3"], "float64", [1.0, 2.5, 0.5, 1000.0]),
        (["007", "012"], "str", ["007", "012"]),
        (["12345678901234567", "1"], "str", ["12345678901234567", "1"]),
        (["0", "0.5", "-0.25"], "float64", [0.0, 0.5, -0.25]),
        (["1", "NA"], "str", ["1", "NA"]),
        (["True", "False"], "str", ["True", "False"]),
        (["0x1F", "0x20"], "str", ["0x1F", "0x20"]),
        ([" a ", "b"], "str", ["a", "b"]),
        (["", ""], "float64", [None, None]),
        (["1,5", "2"], "float64", [1.5, 2.0]),
        (["1,5,2", "2"], "str", ["1,5,2", "2"]),
    ],
)
def test_cells_become_numbers_only_where_every_cell_is_one(parse, cells, dtype, values):
    series, _ = column(parse, *(f'"{c}"' for c in cells))

    assert series.dtype == dtype
    assert [None if pd.isna(v) else v for v in series] == values


def test_decimals_are_the_nearest_doubles(parse):
    rng = np.random.default_rng(0)
    written = [repr(float(v)) for v in rng.random(2000) * 10.0 ** rng.integers(-8, 8, 2000)]

    assert column(parse, *written)[0].tolist() == [float(t) for t in written]


def test_a_decimal_comma_is_read_where_semicolons_separate(parse):
    series, notices = column(parse, "1,5", "-2", "1.234,25", separator=";")

    assert series.tolist() == [1.5, -2.0, 1234.25]
    assert notices["decimal_comma"][0]["column"] == "x"


def test_infinite_numbers_become_missing_and_are_counted(parse):
    series, notices = column(parse, "1", "inf", "-Infinity", "nan", "2.5")

    assert series.isna().tolist() == [False, True, True, True, False]
    assert notices["not_finite"][0]["rows"] == 3


def test_words_for_missing_stay_values_and_are_counted(parse):
    series, notices = column(parse, "a", "?", "NA", "?", "None")

    assert series.tolist() == ["a", "?", "NA", "?", "None"]
    assert notices["missing_code"][0]["rows"] == 4
    assert "'?' (2)" in notices["missing_code"][0]["message"]


def test_a_word_that_alone_turns_numbers_into_text_is_named(parse):
    message = column(parse, "1", "?", "3")[1]["missing_code"][0]["message"]

    assert "only because of this" in message


def test_ids_with_leading_zeros_are_kept_and_told(parse):
    assert column(parse, "007", "012")[1]["kept_as_text"][0]["column"] == "x"


def test_trimming_is_told_once(parse):
    assert len(parse(b"a,b\n x, y\n z,w\n")[1]["trimmed"]) == 1


@pytest.mark.parametrize("header", ["", "index", "Unnamed: 0"])
def test_a_first_column_that_numbers_the_rows_is_noticed(parse, header):
    assert "row_number" in parse(f"{header},b\n0,x\n1,y\n2,z\n".encode())[1]


def test_a_first_column_of_increasing_numbers_is_no_row_number(parse):
    assert "row_number" not in parse(b"age,b\n30,x\n31,y\n32,z\n")[1]


# --- what is no table ---


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "empty_file", "empty"),
        (b"\xef\xbb\xbf \n\n", "empty_file", "empty"),
        (gzip.compress(b"", mtime=0), "empty_file", "empty"),
        (b"a,b,c\n", "no_rows", "header with 3 names and no rows"),
        (b"a,b,c", "no_rows", "no rows"),
        (b"only a line of prose", "no_rows", "no rows"),
        (b"\x80\x04\x95abc", "pickle", "would run code"),
        (gzip.compress(b"\x80\x04\x95abc", mtime=0), "pickle", "would run code"),
        (b'{"learner": {"x": 1}}', "model_not_table", "XGBoost model.*Choose it as the model"),
        (b"PK\x03\x04....schema.json", "model_not_table", "skops.*Choose it as the model"),
        (b"PK\x03\x04....xl/workbook.xml", "damaged_archive", "damaged or cut off"),
        (b"\x01\x00\x02\x03" * 40, "not_a_table", "binary file"),
        (b"<html><body>", "not_a_table", "HTML"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), "not_a_table", "another gzip"),
        (gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-12], "damaged_archive", "damaged or cut off"),
        (b"PAR1" + b"x" * 40 + b"PAR1", "damaged_file", "damaged or cut off"),
        (b"a,b\n1,2\n" * 800 + b"3,\x004\n", "damaged_text", "Line 1,601 holds a zero byte"),
    ],
)
def test_what_is_no_table_is_named_as_what_it_is(parse, content, code, words):
    error = refused(parse, content)

    assert error.code == code
    assert re.search(words, error.message)


def test_a_line_with_too_many_fields_is_named_by_its_number(parse):
    error = refused(parse, b"a,b\n" + b"1,2\n" * 212 + b"1,2,3\n" + b"1,2\n")

    assert error.message.startswith("Line 214 has 3 fields, the header has 2.")


def test_line_numbers_count_comments_and_line_ends_inside_quotes(parse):
    assert refused(parse, b'# c\na,b\n"x\ny",2\n1\n').message.startswith("Line 5 has 1 field,")


@pytest.mark.parametrize("tail", [b"", b"3,4\n5,6\n"])
def test_a_quote_that_never_closes_is_named_by_its_line(parse, tail):
    error = refused(parse, b'a,b\n1,2\n1,"x\n' + tail)

    assert error.message.startswith("A quote that opens in line 3 never closes.")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"rows": 2}, "more than 2 rows"),
        ({"columns": 2}, "more than 2 columns"),
        ({"cells": 8}, "more than 8 cells"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_tables_over_a_limit_are_refused(parse, form, limits, words):
    content = CSV.encode() if form == "csv" else parquet(pd.read_csv(io.StringIO(CSV)))

    assert words in refused(parse, content, **limits).message


def test_a_gzip_bomb_stops_at_the_limit(parse):
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * 2_000_000, mtime=0)

    error = refused(parse, bomb, expanded_mb=1)

    assert error.code == "too_large"
    assert "more than 1 MB unpacked" in error.message


# --- Parquet ---


def test_parquet_columns_come_as_a_csv_would_give_them(parse):
    table = pa.table(
        {
            "whole": pa.array([1, 2, None], pa.int16()),
            "small": pa.array([1, 2, 3], pa.uint8()),
            "money": pa.array(["1.50", "2.25", None]).cast(pa.decimal128(6, 2)),
            "flag": pa.array([True, None, False]),
            "level": pa.array(["a ", "b", "a "]).dictionary_encode(),
            "day": pa.array([0, 1, None], pa.date32()),
            "number": pa.array([1.5, np.inf, np.nan]),
            "long": pa.array([10**17, 2, 3]),
            "none": pa.nulls(3),
        }
    )

    frame, notices = parse(parquet(table))

    assert {c: str(t) for c, t in frame.dtypes.items()} == {
        "whole": "float64", "small": "int64", "money": "float64", "flag": "str", "level": "str",
        "day": "str", "number": "float64", "long": "str", "none": "float64",
    }  # fmt: skip
    assert frame["money"].tolist()[:2] == [1.5, 2.25]
    assert frame["flag"].tolist()[::2] == ["True", "False"]
    assert frame["level"].tolist() == ["a", "b", "a"]
    assert frame["day"].tolist()[:2] == ["1970-01-01", "1970-01-02"]
    assert frame["long"][0] == "100000000000000000"
    assert notices["not_finite"][0]["rows"] == 1


@pytest.mark.parametrize("blank", [None, 7])
def test_long_ids_in_parquet_keep_every_digit_as_they_do_in_a_csv(parse, blank):
    ids = [9007199254740993, blank, 9007199254740995]
    table = pd.DataFrame({"id": pd.array(ids, dtype="Int64"), "x": [1, 2, 3]})

    frame, notices = parse(parquet(table))

    wanted, told = parse(table.to_csv(index=False).encode())
    pd.testing.assert_frame_equal(frame, wanted)
    assert frame["id"][0] == "9007199254740993"
    assert notices == told
    assert notices["kept_as_text"][0]["column"] == "id"


def test_nested_columns_are_left_out_by_name(parse):
    frame, notices = parse(parquet(pa.table({"a": [1, 2], "b": [[1], [2]]})))

    assert list(frame.columns) == ["a"]
    assert notices["nested_column"][0]["column"] == "b"


@pytest.mark.parametrize("table", [{"a": pa.array([], pa.int64())}, {"a": [[1], [2]]}])
def test_a_parquet_file_without_rows_or_plain_columns_is_refused(parse, table):
    assert refused(parse, parquet(pa.table(table))).code in {"no_rows", "no_columns"}
