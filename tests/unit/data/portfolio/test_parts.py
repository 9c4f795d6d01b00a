"""Parts of a table agree, or are refused with a sentence that names the part and the column."""

from __future__ import annotations

import datetime as dt
import os

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.ingest import Kind
from rai_dash.data.portfolio.opened import Opened
from rai_dash.data.portfolio.places import find_place
from rai_dash.data.portfolio.questions import Factor, Tally, Value


@pytest.fixture
def written(tmp_path):
    """Write tables as the parts of one folder, by their names."""

    def run(**parts):
        for name, table in parts.items():
            path = tmp_path / "table" / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(
                table if isinstance(table, pa.Table) else pa.table(table), path.with_suffix(".parquet")
            )
        return tmp_path / "table"

    return run


def opened(path):
    return Opened(find_place(path))


def values(table, column):
    question = Tally(keys=(Value(column=column),))
    answer = Answer(question, table.tally(question))
    found = zip(answer.values()[column].tolist(), answer.n.tolist(), strict=True)
    return {None if pd.isna(v) else v: n for v, n in found}


def total(table, column):
    return table.tally(Tally(sums=((Factor(column=column),),))).column("s0")[0].as_py()


def refusal(path):
    with pytest.raises(UnreadableFile) as caught:
        opened(path)
    return str(caught.value)


def test_whole_numbers_in_the_first_part_do_not_round_those_of_the_second(written):
    table = opened(written(a={"x": pa.array([1, 2], pa.int32())}, b={"x": [1.5, 2.25]}))

    assert table.kinds == {"x": Kind.NUMBER}
    assert values(table, "x") == {1.0: 1, 2.0: 1, 1.5: 1, 2.25: 1}
    assert total(table, "x") == 6.75
    assert table.part_rows() == [2, 2]
    assert table.pick(1, np.array([1])).to_pydict() == {"x": [2.25]}
    assert [b.to_pydict() for b in table.batches(0, ["x"])] == [{"x": [1.0, 2.0]}]


def test_narrow_whole_numbers_first_do_not_cut_wide_ones(written):
    table = opened(written(a={"x": pa.array([1], pa.int8())}, b={"x": [2**40]}))

    assert table.kinds == {"x": Kind.WHOLE}
    assert values(table, "x") == {1: 1, 2**40: 1}


def test_decimals_and_floats_are_numbers_together(written):
    money = pa.array([1, 2]).cast(pa.decimal128(21, 2))

    assert total(opened(written(a={"x": money}, b={"x": pa.array([0.5], pa.float32())})), "x") == 3.5


@pytest.mark.parametrize("blank", [pa.nulls(2), pa.nulls(2, pa.string()), pa.nulls(2, pa.int16())])
def test_a_part_without_values_may_have_any_type(written, blank):
    table = opened(written(a={"x": blank}, b={"x": [0.5, 1.5]}, c={"x": pa.array([], pa.string())}))

    assert table.kinds == {"x": Kind.NUMBER}
    assert values(table, "x") == {None: 2, 0.5: 1, 1.5: 1}


def test_a_column_without_a_type_in_any_part_is_blank_and_not_left_out(written):
    table = opened(written(a={"x": pa.nulls(2), "y": [1, 2]}))

    assert values(table, "x") == {None: 2}


def test_unsigned_numbers_that_no_whole_number_holds_are_text_as_in_memory(written):
    table = opened(
        written(a={"x": pa.array([1, 2**64 - 1], pa.uint64()), "y": pa.array([1, 2], pa.uint64())})
    )

    assert table.kinds == {"x": Kind.TEXT, "y": Kind.WHOLE}
    assert values(table, "x") == {"1": 1, str(2**64 - 1): 1}


def test_columns_in_another_order_are_the_same_columns_and_more_of_them_are_told(written):
    table = opened(written(a={"x": [1], "y": ["p"]}, b={"y": ["q"], "x": [2], "z": [9]}))

    assert values(table, "y") == {"p": 1, "q": 1}
    assert list(table.kinds) == ["x", "y"]
    assert [n.message for n in table.notices] == [
        "Columns that the first part does not have are left out: `z` (in `b.parquet`)."
    ]


def test_names_are_trimmed_as_the_data_door_does(written):
    table = opened(written(a={" x ": [1, 2], " ": ["p", "q"]}))

    assert list(table.kinds) == ["x", "Unnamed: 1"]
    assert table.pick(0, np.array([0])).to_pydict() == {"x": [1], "Unnamed: 1": ["p"]}


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({"age": [1], "y": [1]}, {"y": [1], "ages": [2]},
         "The part `b.parquet` has no column `age`, which `a.parquet` has. Closest name there: `ages`. Write all"),
        ({"x": [1]}, {"x": ["1"]},
         "`x` is a whole number in the part `a.parquet` and text in `b.parquet`. Write all parts with the same"),
        ({"x": [True]}, {"x": [0.5]}, "`x` is true or false in the part `a.parquet` and a number in `b.parquet`."),
        ({"x": [dt.date(2024, 1, 1)]}, {"x": [dt.datetime(2024, 1, 1)]},  # noqa: DTZ001
         "`x` is a date in the part `a.parquet` and a time (timestamp) in `b.parquet`."),
        ({"x": [[1]]}, {"x": [1]}, "`x` is a list or record in the part `a.parquet` and a whole number in"),
        ({"Sex": [1], "sex": [2]}, {"Sex": [1], "sex": [2]},
         "The part `a.parquet` has the column `sex` and `Sex`, which differ by their case only. Rename"),
        ({"x": [1]}, {"X": [1]},
         "The part `b.parquet` has no column `x`, which `a.parquet` has. Closest name there: `X`."),
    ],
)  # fmt: skip
def test_parts_that_do_not_agree_are_refused_by_name(written, first, second, said):
    assert refusal(written(a=first, b=second)).startswith(said)


def test_two_columns_of_one_name_are_refused(written):
    twice = pa.table([pa.array([1]), pa.array([2])], names=["x", "x"])

    assert "has the column `x` twice" in refusal(written(a=twice))
    assert "has a column without a name" in refusal(written(a={"": [1]}))


#: Names that an engine, or the code of a question, takes for something else.
AWKWARD = (
    "*",
    "rows",
    "n",
    "k0",
    "s0",
    "c1",
    "a.b",
    "a.*",
    "`x`",
    'q"q',
    "COLUMNS(*)",
    "given",
    "t.*",
    "#1",
    "?",
    "rowid",
)


def test_awkward_names_mean_their_own_columns(written):
    rng = np.random.default_rng(0)
    cells = {name: rng.integers(0, 3, 50).astype(str) for name in AWKWARD}
    table = opened(written(a=cells))

    assert tuple(table.kinds) == AWKWARD
    head = table.head(AWKWARD, 50).to_pydict()
    (batch,) = table.batches(0, AWKWARD)
    picked = table.pick(0, np.array([3, 40])).to_pydict()
    for name, column in cells.items():
        counted = dict(zip(*np.unique(column, return_counts=True), strict=True))
        assert values(table, name) == counted, name
        assert head[name] == batch.to_pydict()[name] == column.tolist(), name
        assert picked[name] == [column[3], column[40]], name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Sex", "the column `Sex` and `sex`, which differ by their case only"),
        ("", "has a column without a name"),
        (
            "File_Row_Number",
            "has a column `File_Row_Number`, a name that the engine gives the place of each row",
        ),
    ],
)
def test_names_that_cannot_be_told_apart_or_are_taken_are_refused(written, name, said):
    assert said in refusal(written(a={"sex": ["f"], name: ["m"]}))


def test_a_table_without_rows_is_refused(written):
    assert refusal(written(a={"x": pa.array([], pa.int64())})).startswith(
        "The table has no rows in any part."
    )


def test_names_of_folders_are_columns_read_as_cells_are(written):
    path = written(**{
        "region=007__year=2024__a": {"x": [1, 2]},
        "region=K%C3%B6ln__year=2025__a": {"x": [3]},
        "region=__HIVE_DEFAULT_PARTITION____year=2025__b".replace("____year", "__/year"): {"x": [4]},
    })  # fmt: skip
    table = opened(path)

    assert table.kinds == {"x": Kind.WHOLE, "region": Kind.TEXT, "year": Kind.WHOLE}
    assert values(table, "region") == {"007": 2, "Köln": 1, None: 1}
    assert values(table, "year") == {2024: 2, 2025: 2}


def test_folders_must_name_the_same_columns_and_none_of_the_files(written, tmp_path):
    clash = written(**{"year=2024__a": {"x": [1], "year": [1999]}})
    assert "has the column `year` twice" in refusal(clash)

    pq.write_table(pa.table({"x": [1], "year": [1]}), clash / "b.parquet")
    assert refusal(clash).startswith(
        "The folders of `year=2024/a.parquet` do not name the same columns as those of `b."
    )


def test_a_folder_inside_one_that_names_a_column_keeps_the_column_of_its_files(written):
    inner = written(**{"year=2024__a": {"year": [1999]}}) / "year=2024"

    assert values(opened(inner), "year") == {1999: 1}


def test_what_is_no_table_is_told_and_not_counted(written, tmp_path):
    path = written(a={"x": [1]})
    outside = tmp_path / "outside.parquet"
    pq.write_table(pa.table({"x": [7]}), outside)
    (path / "README.txt").write_text("About this table.\n")
    (path / "_SUCCESS").write_bytes(b"x")
    (path / "empty.parquet").write_bytes(b"")
    (path / "link.parquet").symlink_to(outside)

    place = find_place(path)

    assert [p.name for p in place.parts] == ["a.parquet"]
    assert [n.message for n in place.notices] == [
        "1 file of the folder is no part of the table and not counted: `README.txt`."
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "b.csv",
            b"x\n1\n",
            "The folder holds Parquet (`a.parquet`) and CSV (`b.csv`). Keep files of one kind in it.",
        ),
        (
            "b.parquet",
            b"\x00\x01" * 99,
            "The part `b.parquet` does not begin like a Parquet file: it is damaged.",
        ),
        ("b.parquet", b"x,y\n1,2\n", "`b.parquet` is a text table."),
        ("b.parquet", b"PARE" + b"\x00" * 99, "`b.parquet` is an encrypted Parquet file."),
        ("b.arrow", b"ARROW1\x00\x00" + b"\x00" * 99, "`b.arrow` is an Arrow or Feather file."),
    ],
)
def test_a_folder_of_several_kinds_is_refused(written, name, content, said):
    path = written(a={"x": [1]})
    (path / name).write_bytes(content)

    assert refusal(path).startswith(said)


def test_a_part_that_changes_or_goes_is_noticed_before_a_count_is_believed(written):
    path = written(a={"x": [1, 2]}, b={"x": [3]})
    table = opened(path)
    assert total(table, "x") == 6.0

    pq.write_table(pa.table({"x": [4]}), path / "b.parquet")
    os.utime(path / "b.parquet", ns=(1, 1))
    with pytest.raises(UnreadableFile, match=r"The part `b\.parquet` has changed since the table was opened"):
        total(table, "x")

    (path / "b.parquet").unlink()
    with pytest.raises(UnreadableFile, match=r"The part `b\.parquet` is gone"):
        total(table, "x")


def test_thousands_of_parts_are_one_table(tmp_path):
    for i in range(1_500):
        pq.write_table(pa.table({"x": [i]}), tmp_path / f"{i:05d}.parquet")

    table = opened(tmp_path)

    assert total(table, "x") == sum(range(1_500))
    assert table.part_rows() == [1] * 1_500


def test_our_own_mistake_is_never_called_a_damaged_file(written):
    table = opened(written(a={"x": ["p"]}))

    with pytest.raises(duckdb.ConversionException), table._told():
        table._connection.execute("SELECT CAST('p' AS INTEGER)").fetchall()
