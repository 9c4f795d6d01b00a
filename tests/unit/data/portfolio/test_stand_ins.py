"""What may stand for "missing" in a portfolio is what is found in the same rows in memory."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.findings import findings
from rai_dash.data.missing import missing_suggestions_of
from rai_dash.data.portfolio import counted
from rai_dash.data.portfolio.opening import open_portfolio
from tests.engines.frames import frame_on
from tests.unit.data.portfolio.awkward import in_memory, on_portfolio

N = 3_000


@pytest.fixture
def both():
    rng = np.random.default_rng(8)
    income = rng.lognormal(9.0, 0.5, N)
    income[rng.random(N) < 0.02] = -999.0
    income[7] = -99.0
    score = rng.random(N)
    score[rng.random(N) < 0.01] = 999.0
    table = pa.table(
        {
            "income": income,
            "score": score,
            "age": np.where(rng.random(N) < 0.1, 999, rng.integers(18, 80, N)),
            "job": rng.choice(["clerk", "nurse", "n/a", " Unknown "], N),
            "amount": [("none" if i % 50 == 1 else str(i % 90)) for i in range(N)],
            "fine": rng.normal(size=N),
        }
    )
    portfolio = open_portfolio(frame_on("duckdb", table), name="table")
    return on_portfolio(portfolio, table, Roles()), in_memory(table, Roles())


@pytest.mark.parametrize("counted_values", [200_000, 1_000])
def test_suggestions_and_their_rows_equal_those_in_memory(both, monkeypatch, counted_values):
    monkeypatch.setattr(counted, "FEW_VALUES", counted_values)

    found, oracle = (missing_suggestions_of(d) for d in both)

    assert found == oracle
    assert set(found) == {"income", "score", "age", "job", "amount"}


def test_they_are_findings(both):
    told = {n.column: n for n in findings(both[0]) if n.code == "missing_code"}

    assert told["income"].rows == sum(missing_suggestions_of(both[1])["income"].values())
    assert "left blank" in told["income"].message
