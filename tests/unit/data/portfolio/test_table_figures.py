"""Blanks, imbalance, population and base rates of a portfolio are those of the same rows in memory."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.blanks import Blanks, blanks_by_group, blanks_of
from rai_dash.data.group_sizes import group_sizes_of
from rai_dash.data.groups import cross, group_index
from rai_dash.data.imbalance import QUANTILE, WIDTH, chosen_edges, imbalance, numeric_columns
from rai_dash.data.outcome_rows import blank_outcomes_of, outcome_rows_of, outcome_weights_of
from rai_dash.data.population import population_fit
from rai_dash.data.portfolio.blanks import blank_cells, judged_blanks
from rai_dash.data.portfolio.opening import open_portfolio
from rai_dash.data.portfolio.whole import Whole
from rai_dash.metrics.base_rates import METRIC, base_rates
from tests.engines.frames import frame_on
from tests.unit.data.portfolio.awkward import ROLES, N, awkward_table, in_memory, on_portfolio


@pytest.fixture(scope="module")
def both():
    table = awkward_table()
    return on_portfolio(open_portfolio(frame_on("duckdb", table), name="table"), table), in_memory(table)


def same_blanks(found: Blanks, oracle: Blanks) -> None:
    for one in fields(Blanks):
        np.testing.assert_array_equal(getattr(found, one.name), getattr(oracle, one.name), err_msg=one.name)


def test_blank_cells_equal_those_in_memory_on_every_engine(portfolio_on):
    table = awkward_table()

    found = blank_cells(portfolio_on(table), table.column_names)

    assert found == in_memory(table).frame.isna().sum().to_dict()


@pytest.mark.parametrize("by", ["sex", "age", "outcome"])
def test_blanks_by_group_equal_those_in_memory(both, by):
    same_blanks(blanks_of(both[0], by), blanks_of(both[1], by))


def test_blanks_of_judged_rows_leave_out_what_a_model_was_trained_on(both):
    roles = ROLES.with_(split="few", split_train=("1", "2", "3"))
    whole = Whole(portfolio=both[0].portfolio, roles=roles)
    columns = ("income", "code", "few", "owns", "none", "day", "key", "zeros")

    found = judged_blanks(whole, columns, ("sex", "age"))

    frame = both[1].frame
    judged = np.flatnonzero(frame["few"] > 3)
    index = cross(group_index(frame, "sex"), group_index(frame, "age", bins=ROLES.bins["age"]))
    rows = type(index)(index.column, index.groups, index.codes[judged])
    same_blanks(found, blanks_by_group(frame, columns, rows, judged))


@pytest.mark.parametrize("columns", [("sex",), ("age", "sex"), ("income", "owns", "code"), ("zeros", "few")])
@pytest.mark.parametrize(("binning", "bins"), [(QUANTILE, 4), (QUANTILE, 3), (WIDTH, 5), ("0 1 30", 2)])
def test_every_cell_of_a_cross_equals_that_in_memory(both, columns, binning, bins):
    edges = [chosen_edges(d, columns, binning=binning, bins=bins) for d in both]

    assert edges[0] == edges[1]
    found, oracle = (imbalance(d, columns, bins=e) for d, e in zip(both, edges, strict=True))
    assert found == oracle
    assert sum(cell.n for cell in found.cells) == N


def test_columns_of_numbers_are_the_same(both):
    assert numeric_columns(both[0], both[0].columns) == numeric_columns(both[1], both[1].columns)


def test_too_many_cells_are_refused_alike(both):
    said = []
    for dataset in both:
        with pytest.raises(InvalidChoice, match="cells, at most") as error:
            imbalance(dataset, ("key", "day"))
        said.append(error.value.message)

    assert said[0] == said[1]


def test_outcomes_and_weights_are_of_all_rows(both):
    for count in (outcome_rows_of, outcome_weights_of, blank_outcomes_of):
        np.testing.assert_array_equal(count(both[0]), count(both[1]))
    assert outcome_rows_of(both[0]).sum() == N


def test_a_population_is_compared_with_all_rows(both):
    stated = {"f": 50.0, "m": 30.0, "x": 20.0}

    found, oracle = (population_fit(group_sizes_of(d, "sex"), stated) for d in both)

    assert found == oracle


def test_base_rates_are_of_all_rows_and_weighted(both):
    found, oracle = (base_rates(d) for d in both)

    assert [r.column for r in found] == ["sex", "age"]
    for mine, theirs in zip(found, oracle, strict=True):
        assert mine.table.groups == theirs.table.groups
        for part in ("numerator", "denominator", "value", "low", "high"):
            a, b = (getattr(r.table.values[METRIC], part) for r in (mine, theirs))
            np.testing.assert_allclose(a, b, rtol=1e-12)
        assert mine.verdict.verdict == theirs.verdict.verdict
