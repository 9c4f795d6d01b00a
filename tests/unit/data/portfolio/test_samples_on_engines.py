from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.portfolio.sampling import draw_sample
from tests.engines.frames import frame_on
from tests.engines.sampling import ROLES, assert_strata_have_their_quotas, many_strata

TABLE = many_strata(12_000)


def test_every_stratum_has_its_quota(portfolio_on, small_samples):
    frame = assert_strata_have_their_quotas(portfolio_on(TABLE), rows=small_samples)

    # Every row comes as it stands in the table.
    given = TABLE.to_pandas().iloc[frame["id"]].reset_index(drop=True)
    assert (frame["region"] == given["region"]).all()
    assert frame["sex"].isna().equals(given["sex"].isna())


def test_every_stratum_of_a_folder_has_its_quota(tmp_path, small_samples):
    for i in range(3):
        pq.write_table(TABLE.slice(i * 4_000, 4_000), tmp_path / f"{i}.parquet")
    portfolio = open_portfolio(tmp_path)

    assert_strata_have_their_quotas(portfolio, rows=small_samples)
    sample = draw_sample(portfolio, ROLES)

    assert np.array_equal(sample.frame["id"], sample.positions)
    assert (np.diff(sample.positions) > 0).all()


@pytest.mark.parametrize("engine", ["arrow", "polars", "duckdb"])
def test_the_same_seed_draws_the_same_rows(engine, small_samples):
    portfolio = open_portfolio(frame_on(engine, TABLE), name="table")
    draws = [set(draw_sample(portfolio, ROLES, seed=seed).frame["id"]) for seed in (1, 1, 2)]

    assert draws[0] == draws[1] != draws[2]


def test_a_table_smaller_than_a_sample_comes_whole(portfolio_on):
    table = TABLE.slice(0, 700)
    dataset = dataset_of(portfolio_on(table), ROLES)

    assert sorted(dataset.frame["id"]) == list(range(700))
    assert dataset.n_all == dataset.n_rows == 700


def test_a_table_without_rows_has_an_empty_sample(portfolio_on):
    dataset = dataset_of(portfolio_on(TABLE.slice(0, 0)), Roles())

    assert dataset.n_all == dataset.n_rows == 0
    assert dataset.columns == tuple(TABLE.column_names)
