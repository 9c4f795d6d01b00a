"""Frames of Spark, plain and over Spark Connect: opened, streamed, sampled and judged."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rai_dash
from rai_dash.core.types import Roles
from rai_dash.data.portfolio.folders import NO_FOLDER
from rai_dash.data.portfolio.opening import open_portfolio
from rai_dash.data.portfolio.questions import Tally, Value
from rai_dash.data.portfolio.spark import spark_portfolio
from tests.engines.awkward import in_memory
from tests.engines.checks import FRAME, ROLES, TABLE, check
from tests.engines.sampling import assert_strata_have_their_quotas, many_strata


def test_spark_connect_counts_the_same(connected, frame_of):
    portfolio = open_portfolio(frame_of(TABLE, connected), name="table")

    assert portfolio.engine.name == "spark"
    check(portfolio, ROLES.with_(score="gaps", weight="weight"), "a.b", "moment_berlin", cuts=(0.3502,))


def test_rows_stream_over_spark_connect(connected, frame_of):
    portfolio = open_portfolio(frame_of(TABLE, connected), name="table")

    found = pd.concat(portfolio.batches(0, ["serial", "moment_utc", "score"]), ignore_index=True)

    keys = ["score", "serial"]
    expected = FRAME[["serial", "moment_utc", "score"]]
    pd.testing.assert_frame_equal(
        found.sort_values(keys, ignore_index=True), expected.sort_values(keys, ignore_index=True)
    )


@pytest.mark.parametrize("session", ["spark", "connected"])
def test_names_that_differ_in_case_are_two_columns(request, session):
    frame = request.getfixturevalue(session).createDataFrame(
        [("a", "x"), ("b", "x"), ("b", None)], "Sex string, sex string"
    )
    portfolio = open_portfolio(frame, name="table")
    table = in_memory(pa.table({"Sex": ["a", "b", "b"], "sex": ["x", "x", None]}))

    for column in ("Sex", "sex"):
        check(portfolio, Roles(target=column, favourable=(table[column][0],)), column, frame=table)


@pytest.mark.parametrize("session", ["spark", "connected"])
def test_a_sample_has_the_shares_of_the_table(request, session, frame_of, small_samples):
    table = many_strata(12_000)

    assert_strata_have_their_quotas(
        open_portfolio(frame_of(table, request.getfixturevalue(session)), name="table"), rows=small_samples
    )


@pytest.mark.parametrize("session", ["spark", "connected"])
def test_columns_in_the_names_of_folders_are_read_as_here(request, session, tmp_path):
    names = ("year", "month", "day", "rate", "of")
    cells = [
        ("2024", "05", "2024-05-01", "0.5", "north%20west"),
        ("2025", "11", "2025-11-30", "2", NO_FOLDER),
    ]
    for i, values in enumerate(cells):
        folder = tmp_path.joinpath("table", *map("=".join, zip(names, values, strict=True)))
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"x": range(i + 1)}), folder / "part.parquet")
    question = Tally(keys=tuple(Value(column=name) for name in names))

    here = open_portfolio(tmp_path / "table")
    there = spark_portfolio(tmp_path / "table", request.getfixturevalue(session))

    assert there.engine.kinds == here.engine.kinds
    found, expected = ({tuple(row): n for row, n in rows_of(one.tally(question))} for one in (there, here))
    assert found == expected == {
        (2024, "05", "2024-05-01", 0.5, "north west"): 1,
        (2025, "11", "2025-11-30", 2.0, None): 2,
    }  # fmt: skip


def rows_of(answer):
    values = answer.values().astype(object)
    return zip(values.where(values.notna(), None).itertuples(index=False), answer.n.tolist(), strict=True)


def test_an_audit_on_spark_is_the_audit_on_this_machine(frame_of, tmp_path):
    table = pa.table({name: TABLE.column(name) for name in ("outcome", "score", "level")})
    pq.write_table(table, tmp_path / "table.parquet")
    roles = Roles(target="outcome", favourable=("repaid",), sensitive=("level",), score="score")
    sources = (tmp_path / "table.parquet", frame_of(table))

    here, there = (
        rai_dash.audit(rai_dash.dataset_of(rai_dash.open_portfolio(source), roles)).content
        for source in sources
    )

    for part in ("overall", "groups", "overall_curves"):
        assert_close(there[part], here[part])
    assert there["data"]["rows"] == here["data"]["rows"] == table.num_rows


def assert_close(found, expected, at=()):
    """Words and counts equal, what follows from moments within 1e-12."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), at
        for key, value in expected.items():
            assert_close(found[key], value, (*at, key))
    elif isinstance(expected, list):
        assert len(found) == len(expected), at
        for i, value in enumerate(expected):
            assert_close(found[i], value, (*at, i))
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12), at
    else:
        assert found == expected, at
