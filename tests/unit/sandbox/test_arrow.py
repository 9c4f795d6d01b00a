"""Tables over the wire."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.errors import UnreadableFile
from rai_dash.sandbox.arrow import frame_from_ipc, frame_to_ipc


def test_every_type_of_a_table_file_comes_back():
    frame = pd.DataFrame(
        {
            "whole": [1, 2, 3],
            "real": [0.1, np.nan, np.inf],
            "text": pd.Series(["x", None, "zé"], dtype="str"),
            "category": pd.Categorical(["u", "v", None], categories=["v", "u"]),
            "flag": [True, False, True],
            "time": pd.to_datetime(["2020-01-01", None, "2021-01-01"]),
        }
    )
    pd.testing.assert_frame_equal(frame_from_ipc(frame_to_ipc(frame)), frame)


def test_doubles_are_equal_bit_for_bit():
    values = np.random.default_rng(0).random(1_000) * 10.0 ** np.arange(-300, 300, 0.6)
    back = frame_from_ipc(frame_to_ipc(pd.DataFrame({"a": values})))["a"].to_numpy()
    assert back.tobytes() == values.tobytes()


def test_the_index_is_dropped():
    frame = pd.DataFrame({"a": [1, 2]}, index=["x", "y"])
    assert list(frame_from_ipc(frame_to_ipc(frame)).index) == [0, 1]


def test_a_column_without_any_value_becomes_numbers():
    back = frame_from_ipc(frame_to_ipc(pd.DataFrame({"a": [None, None]})))
    assert back["a"].dtype == np.float64


def test_objects_of_mixed_type_become_text():
    back = frame_from_ipc(frame_to_ipc(pd.DataFrame({"a": [1, "b", None]})))
    assert back["a"].tolist()[:2] == ["1", "b"]
    assert back["a"].isna().tolist() == [False, False, True]


def test_two_columns_of_one_name_are_kept_apart():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert frame_from_ipc(frame_to_ipc(frame)).iloc[0].tolist() == [1, 2]


def test_a_table_without_rows_keeps_its_columns():
    back = frame_from_ipc(frame_to_ipc(pd.DataFrame({"a": np.array([], dtype=np.int64)})))
    assert back.shape == (0, 1)


def test_what_the_writer_says_about_pandas_is_not_believed():
    table = pa.table({"a": [1, 2], "b": ["x", "y"]}).replace_schema_metadata(
        {"pandas": '{"index_columns": ["b"]}'}
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    assert list(frame_from_ipc(sink.getvalue().to_pybytes()).columns) == ["a", "b"]


@pytest.mark.parametrize("keep", [0, 1, 8, 100, -1])
def test_a_damaged_stream_is_an_error_of_ours(keep):
    raw = frame_to_ipc(pd.DataFrame({"a": ["x", "y"] * 50}))
    with pytest.raises(UnreadableFile):
        frame_from_ipc(raw[: len(raw) * 3 // 4 if keep < 0 else keep])


def test_offsets_that_point_outside_are_found():
    sink = pa.BufferOutputStream()
    table = pa.table({"a": pa.array(["hello", "you"], pa.string())})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    good = sink.getvalue().to_pybytes()
    bad = good.replace(np.array([0, 5, 8], "<i4").tobytes(), np.array([0, 5, 2**30], "<i4").tobytes())
    assert bad != good
    with pytest.raises(UnreadableFile):
        frame_from_ipc(bad)
