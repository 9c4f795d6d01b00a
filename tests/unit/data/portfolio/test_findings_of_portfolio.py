"""Findings about a portfolio: counts are of all rows, and what is of the sample says so."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.findings import findings
from rai_dash.data.portfolio import counted
from rai_dash.data.portfolio.opening import open_portfolio
from rai_dash.report.first_look import first_look
from rai_dash.report.profile_json import limits_of, profile_dataset
from tests.engines.frames import frame_on
from tests.unit.data.portfolio.awkward import in_memory, on_portfolio

N, EVERY = 3_000, 5
ROLES = Roles(target="y", favourable=("yes",), sensitive=("sex", "grade"))
#: What no row has to be looked at for by itself.
COUNTED = {
    "one_outcome", "no_outcome", "few_rows", "no_sensitive", "id_like", "many_values", "code_or_quantity",
    "constant_column", "empty_column", "date_column", "base_rates", "group_without", "sensitive_blank", "rare_codes",
    "rare_outcome", "blanks_by_group", "outliers",
}  # fmt: skip
OF_SAMPLE = "This is among 600 sampled rows of 3,000."


def table() -> pa.Table:
    """Return rows with a bit of everything that is found in tables."""
    rng = np.random.default_rng(6)
    y = rng.random(N) < 0.95
    sex = np.where(rng.random(N) < 0.4, "f", "m")
    blank = rng.random(N) < np.where(sex == "f", 0.3, 0.1)
    income = rng.lognormal(10.0, 1.0, N)
    income[rng.random(N) < 0.01] *= 1e3
    grade = np.where(rng.random(N) < 0.1, np.nan, rng.integers(1, 6, N).astype(float))
    grade[1] = 9
    # The sample holds every fifth row: what is in the others alone is seen by counting only.
    rare = np.where(np.arange(N) == 1, "b", "a")
    return pa.table(
        {
            "y": pa.array([None if i % 97 == 1 else "yes" if v else "no" for i, v in enumerate(y)]),
            "sex": sex,
            "grade": pa.array(grade, from_pandas=True),
            "income": pa.array(np.where(blank, np.nan, income), from_pandas=True),
            "paid_back": np.where(y, 1.0, 0.0) * rng.random(N),
            "rare": rare,
            "none": pa.array([None if i != 2 else "x" for i in range(N)]),
            "one": ["x"] * N,
            "key": [f"K{i}" for i in range(N)],
            "branch": [f"B{i % 400}" for i in range(N)],
            "mail": [f"a{i}@example.org" for i in range(N)],
            "term": rng.integers(1, 6, N),
            "day": [f"2020-0{1 + i % 9}-1{i % 7}" for i in range(N)],
        }
    )


@pytest.fixture(scope="module")
def both():
    rows = table()
    portfolio = open_portfolio(frame_on("duckdb", rows), name="table")
    return on_portfolio(portfolio, rows, ROLES, EVERY), in_memory(rows, ROLES)


def test_what_is_counted_reads_as_of_all_rows_in_memory(both):
    found, oracle = ({(n.code, n.column): n.message for n in findings(d) if n.code in COUNTED} for d in both)

    assert found == oracle
    assert {code for code, _ in found} >= {
        "no_outcome",
        "id_like",
        "many_values",
        "constant_column",
        "date_column",
    }


def test_what_the_sample_alone_would_say_is_not_said(both):
    told = {(n.code, n.column) for n in findings(both[0])}

    assert not told & {("constant_column", "rare"), ("empty_column", "none")}


def test_what_needs_rows_says_that_it_is_of_the_sample(both):
    told = [n for n in findings(both[0]) if n.code in {"leak_suspect", "personal_data"}]

    assert {n.code for n in told} == {"leak_suspect", "personal_data"}
    assert all(n.message.endswith(OF_SAMPLE) for n in told)
    assert not any("sample" in n.message for n in findings(both[1]))


def test_copies_in_the_sample_are_told_as_such():
    rows = table().select(["y", "sex", "grade", "income", "paid_back", "term"])
    twice = pa.concat_tables([rows.slice(0, 1500), rows.slice(0, 1500)])
    portfolio = open_portfolio(frame_on("duckdb", twice), name="table")

    told = {n.code: n for n in findings(on_portfolio(portfolio, twice, ROLES, EVERY))}

    assert told["duplicate_rows"].message.endswith(OF_SAMPLE)


def test_what_to_look_at_first_is_counted_over_all_rows(both):
    found, oracle = (
        {(f.code, f.column): f.message for f in first_look(d) if f.code in COUNTED} for d in both
    )

    assert found == oracle
    assert {code for code, _ in found} >= {
        "rare_outcome",
        "blanks_by_group",
        "sensitive_blank",
        "rare_codes",
        "outliers",
    }


def test_the_profile_says_what_it_rests_on(both):
    found, oracle = (profile_dataset(d).content for d in both)

    assert "rests_on" not in oracle
    assert (found["rests_on"]["rows_counted"], found["rests_on"]["rows_sampled"]) == (N, N // EVERY)
    assert found["data"]["rows"] == N
    for name, column in oracle["columns"].items():
        mine = found["columns"][name]
        if column["mean"] is not None:
            assert mine["mean"] == pytest.approx(column["mean"], rel=1e-12)
        assert mine | {"mean": None} == column | {"mean": None}
    for key in ("n", "labelled", "favourable", "base_rate"):
        assert found["rows"][key] == oracle["rows"][key]
    assert found["rows"]["duplicates"] is None
    assert found["rows"]["sample"]["n"] == N // EVERY
    assert found["rows"]["sample"]["duplicates"] == 0
    assert found["base_rates"] == oracle["base_rates"]
    assert limits_of(found)["overall"]["duplicates"] == {"value": None}


def test_a_number_of_values_that_was_not_counted_is_no_number(both, monkeypatch):
    monkeypatch.setattr(counted, "FEW_VALUES", 1_000)

    column = profile_dataset(both[0]).content["columns"]["key"]

    assert column["distinct"] is None
    assert column["distinct_above"] > 0
