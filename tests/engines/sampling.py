"""Samples have the shares of the table, exactly, whichever engine draws them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.sampling import draw_sample

ROLES = Roles(target="outcome", favourable=("repaid",), sensitive=("sex", "region"))


def many_strata(rows: int) -> pa.Table:
    """Make a table whose strata are from half of the rows down to a single one; each row can be told from others."""
    rng = np.random.default_rng(5)
    region = rng.choice([f"r{i:02d}" for i in range(25)], rows, p=(w := 0.6 ** np.arange(25)) / w.sum())
    sex = rng.choice(np.array(["f", "m", "x", None], dtype=object), rows, p=[0.5, 0.48, 0.015, 0.005])
    outcome = rng.choice(["repaid", "defaulted"], rows, p=[0.9, 0.1])
    return pa.table({"id": np.arange(rows), "outcome": outcome, "sex": pa.array(sex), "region": region})


def assert_strata_have_their_quotas(portfolio: Portfolio, rows: int) -> pd.DataFrame:
    """Draw a sample and compare it with largest remainders, found one place at a time."""
    frame = draw_sample(portfolio, ROLES).frame
    parts = range(len(portfolio.engine.part_rows))
    sizes = pd.concat([b for part in parts for b in portfolio.batches(part, ["outcome", "sex", "region"])])
    counts = sizes.fillna("(missing)").value_counts()
    exact = counts * (rows / counts.sum())
    drawn = (
        frame.fillna("(missing)")
        .groupby(["outcome", "sex", "region"])
        .size()
        .reindex(counts.index, fill_value=0)
    )

    assert frame["id"].is_unique
    assert len(frame) == rows
    assert ((drawn == np.floor(exact)) | (drawn == np.floor(exact) + 1)).all()
    # Nobody who got no place more has a larger remainder than somebody who did.
    more = (drawn > np.floor(exact)).to_numpy()
    remainder = (exact - np.floor(exact)).to_numpy()
    assert not more.any() or remainder[more].min() >= remainder[~more].max() - 1e-12
    return frame


@pytest.fixture
def small_samples(monkeypatch):
    """Let samples have 3,000 rows."""
    for name in ("SAMPLE_ROWS", "MOST_SAMPLE_ROWS"):
        monkeypatch.setenv(f"RAI_DASH_{name}", "3000")
    get_settings.cache_clear()
    yield 3_000
    monkeypatch.undo()
    get_settings.cache_clear()
