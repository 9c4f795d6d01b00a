from __future__ import annotations

import pytest
from threadpoolctl import threadpool_limits

from tests.oracles.cases import SPECS, Real, read_real


@pytest.fixture(scope="session", params=list(SPECS))
def real(request, shared) -> Real:
    """Each of the five published data sets."""
    return read_real(request.param, shared)


@pytest.fixture(scope="session", params=["census", "german", "boston", "taiwan"])
def piece(request, shared):
    """Each of the four files whose models are explained; a model is trained once, by the first test that asks."""
    # Heavy libraries, which the other tests of this folder do not need.
    from tests.oracles.explained import read_piece

    return read_piece(request.param, shared)


@pytest.fixture(scope="session")
def one_thread():
    """Keep OpenMP to one thread: on a busy machine histogram boosting otherwise waits for itself, for seconds."""
    with threadpool_limits(1):
        yield
