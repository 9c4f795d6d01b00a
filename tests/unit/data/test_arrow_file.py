from __future__ import annotations

import io

import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.data.options import ReadOptions
from tests.unit.data.arrow_files import (
    ALL,
    TABLE,
    arrow_file,
    arrow_stream,
    parquet_file,
    refused,
)

EXPECTED = {
    "whole": ("int64", [1, 2, 3, 4]),
    "gaps": ("float64", [1, None, 3, 4]),
    "money": ("float64", [1.5, None, None, 0.1]),
    "flag": ("str", ["True", None, "False", "True"]),
    "town": ("str", ["Köln", "a", None, None]),
    "view": ("str", ["one", None, "a text of more than twelve letters", None]),
    "level": ("str", ["low", "high", None, "low"]),
    "day": ("str", ["1970-01-01", "1970-01-02", None, "1970-01-04"]),
    "id": ("str", ["100000000000000000", "1", "2", "3"]),
}


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
@pytest.mark.parametrize("write", ALL)
def test_every_plain_column_comes_as_a_csv_would_give_it(parse, write, compression):
    options = (
        {"compression": compression or "none"} if write is parquet_file else {"compression": compression}
    )

    if write in {arrow_file, arrow_stream}:
        options["rows"] = 3  # more than one batch

    frame, notices = parse(write(TABLE, **options))

    assert frame.columns.tolist() == list(EXPECTED)
    for name, (dtype, values) in EXPECTED.items():
        assert frame[name].dtype == dtype, name
        assert [None if pd.isna(v) else v for v in frame[name]] == values, name
    assert notices["not_finite"][0]["column"] == "money"
    assert notices["trimmed"]


def test_batches_with_their_own_categories_are_put_together(parse):
    batches = [
        pa.record_batch({"c": pa.array(words).dictionary_encode()})
        for words in (["a", "b"], ["b", "c"], ["c", None])
    ]
    out = io.BytesIO()
    with pa.ipc.new_stream(out, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)

    frame, _ = parse(out.getvalue())

    assert frame["c"].tolist()[:5] == ["a", "b", "b", "c", "c"]


@pytest.mark.parametrize("write", ALL)
def test_lists_records_and_raw_bytes_are_left_out_by_name(parse, write):
    table = pa.table(
        {
            "list": [[1], [2]],
            "x": [1, 2],
            "record": [{"a": 1}, {"a": 2}],
            "raw": [b"1", b"2"],
            "y": ["p", "q"],
            "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
        }
    )

    frame, notices = parse(write(table))

    assert frame.columns.tolist() == ["x", "y"]
    assert frame["x"].tolist() == [1, 2]
    assert [n["column"] for n in notices["nested_column"]] == ["list", "record", "raw", "map"]


@pytest.mark.parametrize("write", ALL)
def test_lists_beside_columns_with_awkward_names_are_left_out_as_well(parse, write):
    table = pa.table([[[1], [2]], [1, 2], [3, 4], [{"b": 1}, {"b": 2}]], names=["x", "x", "a.b", "a"])

    frame, _ = parse(write(table))

    assert frame.columns.tolist() == ["x (2)", "a.b"]
    assert frame["a.b"].tolist() == [3, 4]


@pytest.mark.parametrize("write", ALL)
def test_a_table_of_nothing_but_lists_or_without_rows_is_said(parse, write):
    assert refused(parse, write(pa.table({"a": [[1], [2]]}))).code == "no_columns"
    assert refused(parse, write(pa.table({"a": pa.array([], pa.int64())}))).code == "no_rows"


def test_notes_of_a_foreign_type_are_ignored(parse):
    notes = {
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": b"\x80\x04cos\nsystem\n.",
    }
    field = pa.field("x", pa.int64(), metadata=notes)
    table = pa.table([pa.array([1, 2])], schema=pa.schema([field], metadata={b"pandas": b"{broken"}))

    for write in ALL:
        assert parse(write(table))[0]["x"].tolist() == [1, 2]


def test_values_can_be_taken_as_missing_and_numbers_as_text(parse):
    table = pa.table({"x": [1, -9, 3], "code": [1.0, 2.0, None]})

    for write in ALL:
        frame, _ = parse(write(table), ReadOptions(missing={"x": ("-9",)}, text=("code",)))
        assert frame["x"].isna().tolist() == [False, True, False]
        assert frame["code"].tolist()[:2] == ["1", "2"]
