from __future__ import annotations

import pytest

from rai_dash.data.portfolio.opening import open_portfolio
from tests.engines.frames import EMBEDDED, frame_on
from tests.engines.sampling import small_samples  # noqa: F401 - a fixture of this folder


@pytest.fixture(scope="module", params=EMBEDDED)
def engine(request) -> str:
    """Name of an engine that needs no Java."""
    return request.param


@pytest.fixture(scope="module")
def portfolio_on(engine):
    """Put an Arrow table on the engine and open it."""
    return lambda table: open_portfolio(frame_on(engine, table), name="table")
