from __future__ import annotations

import pytest

from tests.oracles.cases import SPECS, Real, read_real


@pytest.fixture(scope="session", params=list(SPECS))
def real(request, shared) -> Real:
    """Each of the five published data sets."""
    return read_real(request.param, shared)
