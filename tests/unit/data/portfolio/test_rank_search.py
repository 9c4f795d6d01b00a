"""Places of sorted rows that are looked for in bins are those of the sorted rows, to the bit."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from rai_dash.data.portfolio import rank_search
from rai_dash.data.portfolio.opening import open_portfolio
from rai_dash.data.portfolio.order import order_statistics, quantiles, quantiles_by
from rai_dash.data.portfolio.pairs import labels_in
from tests.engines.frames import frame_on

N = 1200


def columns() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "sorted": np.sort(rng.normal(size=N)),
        "spike": np.where(rng.random(N) < 0.6, 0.0, rng.lognormal(10, 3, N)),
        "low": np.where(rng.random(N) < 0.3, -5.5, rng.normal(size=N)),
        "large": 1e300 * rng.normal(size=N),
        "tiny": 1e-300 * rng.normal(size=N),
        "late": np.concatenate([np.zeros(N // 2), rng.normal(size=N - N // 2)]),
        "blank": np.where(rng.random(N) < 0.2, np.nan, rng.normal(size=N)),
    }


@pytest.fixture(scope="module")
def area() -> np.ndarray:
    return np.random.default_rng(1).choice(["a", "b", "c"], N, p=[0.7, 0.29, 0.01])


@pytest.fixture(scope="module")
def portfolio(area):
    return open_portfolio(frame_on("duckdb", pa.table(columns() | {"area": area})), name="table")


@pytest.fixture
def _closely(monkeypatch):
    """Look as closely at a small table as at a large one."""
    monkeypatch.setattr(rank_search, "_FEW_ROWS", 60)
    monkeypatch.setattr(rank_search, "_EDGES", 24)


@pytest.mark.usefixtures("_closely")
@pytest.mark.parametrize("column", list(columns()))
def test_the_values_at_some_places_are_those_of_the_sorted_rows(portfolio, column):
    values = columns()[column]
    ordered = np.sort(values[np.isfinite(values)])
    ranks = np.array([0, 1, 7, ordered.size // 2, ordered.size // 2 + 1, ordered.size - 1])

    # A guide that says nothing costs looks, and no digit.
    found = order_statistics(portfolio, column, ranks, ordered[:5] if column in {"low", "tiny"} else None)

    np.testing.assert_array_equal(found, ordered[ranks])


@pytest.mark.usefixtures("_closely")
@pytest.mark.parametrize("column", ["spike", "blank"])
def test_quantiles_in_each_category_are_those_of_its_rows(portfolio, area, column):
    values, at = columns()[column], (0.05, 0.25, 0.5, 0.75, 0.95)
    by = labels_in(portfolio, "area")
    rows = [values[(area == name) & np.isfinite(values)] for name in by.names]

    found = quantiles_by(
        portfolio,
        column,
        at,
        by=by,
        sizes={g: one.size for g, one in enumerate(rows)},
        guide=np.sort(rows[0])[:50],
    )

    assert set(by.names) == {"a", "b", "c"}
    for g, one in enumerate(rows):
        np.testing.assert_array_equal(found[g], np.quantile(one, at))


def test_a_small_table_is_read_off_at_once(portfolio):
    values = columns()["blank"]

    found = quantiles(portfolio, "blank", [0.0, 0.1, 0.5, 1.0])

    np.testing.assert_array_equal(found, np.nanquantile(values, [0.0, 0.1, 0.5, 1.0]))
