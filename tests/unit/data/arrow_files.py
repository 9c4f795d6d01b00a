"""One table with every plain type, and the ways to write it."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from rai_dash.core.errors import UnreadableFile

TABLE = pa.table(
    {
        "whole": pa.array([1, 2, 3, 4], pa.int32()),
        "gaps": pa.array([1, None, 3, 4], pa.int16()),
        "money": pa.array([1.5, None, np.inf, 0.1]),
        "flag": pa.array([True, None, False, True]),
        "town": pa.array([" Köln", "a", "", None]),
        "view": pa.array(["one", None, "a text of more than twelve letters", ""], pa.string_view()),
        "level": pa.array(["low", "high", None, "low"]).dictionary_encode(),
        "day": pa.array([0, 1, None, 3], pa.date32()),
        "id": pa.array([10**17, 1, 2, 3]),
    }
)


def written(table, new, rows=None, compression=None):
    out = io.BytesIO()
    with new(out, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table, max_chunksize=rows)
    return out.getvalue()


def arrow_file(table, **options):
    return written(table, pa.ipc.new_file, **options)


def arrow_stream(table, **options):
    return written(table, pa.ipc.new_stream, **options)


def feather_file(table, compression="uncompressed"):
    out = io.BytesIO()
    feather.write_feather(table, out, compression=compression or "uncompressed")
    return out.getvalue()


def parquet_file(table, **options):
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def refused(parse, content, **limits):
    with pytest.raises(UnreadableFile) as caught:
        parse(content, **limits)
    return caught.value


WRITERS = [arrow_file, arrow_stream, feather_file]
ALL = [*WRITERS, parquet_file]
