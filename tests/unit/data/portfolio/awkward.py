"""A small table with everything that columns of files hold, and the same rows in memory."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa

from rai_dash.core.types import Roles
from rai_dash.data.dataset import Dataset
from rai_dash.data.portfolio.answers import plain_values
from rai_dash.data.portfolio.portfolio import Portfolio

ROLES = Roles(
    target="outcome", favourable=("1",), sensitive=("sex", "age"), bins={"age": (30.0, 50.0)}, weight="w"
)
N = 900


def awkward_table() -> pa.Table:
    """Return 900 rows: blanks, NaN, infinities, ties, -0.0, text around blanks, truth values, dates, long numbers."""
    rng = np.random.default_rng(4)
    income = np.round(rng.gamma(2.0, 2e4, N), 2)
    income[rng.random(N) < 0.1] = np.nan
    income[:3] = (np.inf, -np.inf, 4e9)
    zeros = np.where(rng.random(N) < 0.7, rng.choice([0.0, -0.0], N), rng.normal(size=N))
    day = [dt.date(2020, 1, 1) + dt.timedelta(days=int(d)) for d in rng.integers(0, 90, N)]
    return pa.table(
        {
            "outcome": pa.array(rng.choice([0, 1, None], N, p=[0.3, 0.65, 0.05]).tolist(), pa.int64()),
            "sex": pa.array(rng.choice(["f", " f ", "m", "", "  ", "x", None], N).tolist()),
            "age": pa.array(
                np.where(rng.random(N) < 0.05, np.nan, rng.integers(18, 80, N)), from_pandas=True
            ),
            "income": pa.array(income),
            "zeros": pa.array(zeros),
            "code": pa.array(rng.choice(["1", "1.0", "2", "02", None], N).tolist()),
            "owns": pa.array(rng.choice([True, False, None], N).tolist(), pa.bool_()),
            "day": pa.array(day),
            "few": pa.array(rng.integers(1, 8, N).astype(np.int32)),
            "key": pa.array([f"K{i}" for i in range(N)]),
            "long": pa.array(10**16 + np.arange(N)),
            "one": pa.array(["x"] * N),
            "none": pa.array([None] * N, pa.float64()),
            "w": pa.array(rng.integers(1, 4, N).astype(np.float64)),
        }
    )


def in_memory(table: pa.Table, roles: Roles = ROLES) -> Dataset:
    """Read the rows as the data door does."""
    frame = pd.DataFrame({name: plain_values(table.column(name), name) for name in table.column_names})
    return Dataset(frame=frame, roles=roles, fingerprint="all")


def on_portfolio(portfolio: Portfolio, table: pa.Table, roles: Roles = ROLES, every: int = 3) -> Dataset:
    """Let a third of the rows stand for all of them."""
    frame = in_memory(table, roles).frame.iloc[::every].reset_index(drop=True)
    return Dataset(frame=frame, roles=roles, fingerprint="all", portfolio=portfolio)
