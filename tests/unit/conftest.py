"""What several unit tests share."""

from __future__ import annotations

import pytest

from rai_dash.data import ops, read
from rai_dash.sandbox.client import Reply


@pytest.fixture
def reading_here(monkeypatch):
    """Parse tables in this process: the separate one is not what these tests are about, and takes half a second."""

    def run_here(op, args, blobs, **_):
        function = getattr(ops, op.partition(":")[2])
        return Reply(*function({}, args, [memoryview(b) for b in blobs], lambda *_: None))

    monkeypatch.setattr(read, "run_once", run_here)
