"""Columns of a portfolio are described as those of the same rows in memory."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.distribution import by_group_of, by_outcome_of, label_rows_of
from rai_dash.data.portfolio import counted
from rai_dash.data.portfolio.opening import open_portfolio
from rai_dash.data.profile import ColumnProfile, profile, profile_of
from tests.engines.frames import frame_on
from tests.unit.data.portfolio.awkward import ROLES, N, awkward_table, in_memory, on_portfolio


@pytest.fixture(scope="module")
def both(portfolio_on):
    table = awkward_table()
    return on_portfolio(portfolio_on(table), table), in_memory(table)


@pytest.fixture(scope="module")
def files():
    """Only what reads files: the questions are the same on every engine."""
    table = awkward_table()
    return on_portfolio(open_portfolio(frame_on("duckdb", table), name="table"), table), in_memory(table)


def alike(found: ColumnProfile, oracle: ColumnProfile, *, but: frozenset[str] = frozenset()) -> None:
    for one in fields(ColumnProfile):
        mine, theirs = getattr(found, one.name), getattr(oracle, one.name)
        if one.name == "histogram" and theirs is not None:
            np.testing.assert_array_equal(mine.edges, theirs.edges)
            np.testing.assert_array_equal(mine.counts, theirs.counts)
        elif one.name == "mean" and theirs is not None:
            assert mine == pytest.approx(theirs, rel=1e-12)
        elif one.name == "top" and oracle.kind in {"id", "text", "date"}:
            # Values that are as frequent stand in the order of the rows in memory.
            assert [n for _, n in mine] == [n for _, n in theirs]
        elif one.name not in but:
            assert mine == theirs, (found.name, one.name)


def test_every_field_equals_that_in_memory(both):
    counted_, oracle = both

    found = profile_of(counted_)

    assert [p.name for p in found] == list(oracle.columns)
    for mine, theirs in zip(found, profile(oracle.frame, ROLES), strict=True):
        alike(mine, theirs)
    assert {p.n for p in found} == {N}


def test_kinds_are_what_the_data_door_makes_of_them(files):
    kinds = {p.name: p.kind for p in profile_of(files[0])}

    assert kinds == {
        "outcome": "number", "sex": "category", "age": "number", "income": "number", "zeros": "number",
        "code": "category", "owns": "category", "day": "date", "few": "number", "key": "id", "long": "id",
        "one": "constant", "none": "empty", "w": "number",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["income", "zeros", "sex", "code", "owns", "day", "few", "none"])
def test_bars_by_outcome_and_by_group_equal_those_in_memory(files, name):
    counted_, oracle = files
    mine, theirs = (next(p for p in profile_of(d) if p.name == name) for d in files)

    outcome = by_outcome_of(oracle, theirs, top=20)
    if theirs.kind != "date":
        np.testing.assert_array_equal(by_outcome_of(counted_, mine, top=20), outcome)
    for by in ("sex", "age"):
        found, expected = by_group_of(counted_, mine, by, top=20), by_group_of(oracle, theirs, by, top=20)
        assert found.groups == expected.groups
        np.testing.assert_array_equal(found.n, expected.n)
        np.testing.assert_array_equal(found.filled, expected.filled)
        assert (found.quantiles is None) == (expected.quantiles is None)
        if expected.quantiles is not None:
            np.testing.assert_array_equal(found.quantiles, expected.quantiles)


def test_labels_are_counted_over_all_rows(files):
    counted_, oracle = files

    for name in ("sex", "code", "owns", "outcome"):
        assert label_rows_of(counted_, name, most=50) == label_rows_of(oracle, name, most=50)
    assert label_rows_of(counted_, "key", most=50) is None


@pytest.fixture(scope="module")
def large():
    """Sorted rows, 210,000 of them, in a sample of every tenth."""
    rng = np.random.default_rng(2)
    n = 210_000
    spread = np.sort(rng.normal(1e6, 1.0, n))
    spread[rng.random(n) < 0.01] = np.nan
    table = pa.table(
        {
            "spread": pa.array(spread, from_pandas=True),
            "often": np.where(rng.random(n) < 0.5, 0.0, rng.random(n)),
            "few": rng.integers(0, 150_000, n),
            "key": pa.array([f"K{i}" for i in range(n)]),
        }
    )
    return on_portfolio(open_portfolio(table, name="table"), table, Roles(), every=10), in_memory(
        table, Roles()
    )


def test_a_column_with_too_many_values_keeps_every_figure_but_its_values(large, monkeypatch):
    monkeypatch.setattr(counted, "FEW_VALUES", 20_000)
    found, oracle = (
        {p.name: p for p in of} for of in (profile_of(large[0]), profile(large[1].frame, Roles()))
    )

    for name in ("spread", "often"):
        alike(found[name], oracle[name], but=frozenset({"distinct", "more_distinct", "top"}))
        assert found[name].more_distinct
        assert found[name].top == ()
    assert (found["key"].kind, found["key"].missing, found["key"].more_distinct) == ("id", 0, True)


def test_a_column_of_up_to_200000_values_is_counted_exactly(large):
    found = next(p for p in profile_of(large[0]) if p.name == "few")

    assert (found.distinct, found.more_distinct) == (large[1].frame["few"].nunique(), False)


def test_a_sample_says_many_only_where_it_shows_it():
    rng = np.random.default_rng(0)
    rows = 10_000_000

    assert counted.has_many(pd.Series(rng.random(20_000)), rows)
    assert not counted.has_many(pd.Series(rng.integers(0, 190_000, 20_000)), rows)
    assert not counted.has_many(pd.Series(rng.random(20_000)), 200_000)
    # Half of the cells are 0, and the rest are all different.
    assert counted.has_many(pd.Series(np.where(rng.random(20_000) < 0.5, 0.0, rng.random(20_000))), rows)
