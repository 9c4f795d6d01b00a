"""Tables of Spark by their address."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.portfolio.questions import Tally, Value


@pytest.fixture(scope="module")
def saved(frame_of):
    """Save a table in Spark's catalogue."""
    rows = pa.table({"id": range(50), "sex": ["f", "m", None, "f", "m"] * 10})
    frame_of(rows).write.mode("overwrite").saveAsTable("loans_by_address")
    return rows


def test_a_table_of_spark_is_counted_by_its_address(saved):
    portfolio = open_portfolio("spark:loans_by_address")
    answer = portfolio.tally(Tally(keys=(Value(column="sex"),)))

    found = dict(zip(answer.values()["sex"].fillna(""), answer.n.tolist(), strict=True))
    assert found == {"f": 20, "m": 20, "": 10}
    assert portfolio.n_rows == 50
    ids = dataset_of(portfolio).frame["id"].sort_values(ignore_index=True)
    pd.testing.assert_series_equal(ids, pd.Series(range(50), name="id"))


def test_a_table_behind_spark_connect_is_counted_by_its_address(spark, saved):
    # A process has one kind of session, and this one has the other.
    program = (
        "import sys; from rai_dash.data.portfolio.opening import open_portfolio; "
        "portfolio = open_portfolio(sys.argv[1]); print(portfolio.name, portfolio.n_rows, portfolio.source)"
    )
    address = f"sc://127.0.0.1:{spark.connect_port}/loans_by_address"
    done = subprocess.run(
        [sys.executable, "-c", program, address], capture_output=True, text=True, check=False
    )

    assert done.stdout == "loans_by_address 50 a table through Spark Connect\n", done.stderr[-500:]


def test_a_table_that_spark_does_not_have_is_said(spark):
    with pytest.raises(InvalidChoice, match="The table `nowhere` cannot be opened through Spark"):
        open_portfolio("spark:nowhere")
