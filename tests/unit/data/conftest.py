from __future__ import annotations

import pytest

from rai_dash.data.ops import parse_table
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.limits import TableLimits
from rai_dash.sandbox.arrow import frame_from_ipc

LIMITS = TableLimits(expanded_mb=64, rows=1_000_000, columns=500, cells=10_000_000)


@pytest.fixture
def parse():
    """Parse bytes as the separate process does; returns the table and its notices by code."""

    def run(content, options=None, **limits):
        chosen = (options or ReadOptions()).to_args()
        args = {"limits": LIMITS.to_args() | limits, "options": chosen}
        data, blobs = parse_table({}, args, [memoryview(content)], lambda *_: None)
        found = {}
        for notice in data["notices"]:
            found.setdefault(notice["code"], []).append(notice)
        return frame_from_ipc(blobs[0]), found

    return run
