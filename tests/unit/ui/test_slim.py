from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa

from rai_dash.ui.slim import slim


def _bytes(table):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return len(sink.getvalue())


def test_nothing_is_lost_on_the_way_to_the_browser():
    frame = pd.DataFrame(
        {
            "part": ["dot", "line"] * 40,
            "name": [f"g{i}" for i in range(80)],
            "x": np.where(np.arange(80) % 7, np.linspace(0, 1, 80), np.nan),
            "few": np.arange(80) % 2 == 0,
            "note": [None, "a", "", "–"] * 20,
        }
    )

    packed = slim(frame)
    back = packed.to_pandas()

    assert packed.column_names == list(frame.columns)
    for column in frame:
        seen, sent = back[column].astype(object), frame[column].astype(object)
        assert all((a == b) or (pd.isna(a) and pd.isna(b)) for a, b in zip(seen, sent, strict=True))
    assert _bytes(packed) < _bytes(pa.Table.from_pandas(frame)) / 1.5


def test_an_empty_table_stays_one():
    assert slim(pd.DataFrame({"part": pd.Series([], dtype=str)})).num_rows == 0
