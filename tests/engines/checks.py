"""What must hold on every engine; each folder that takes these tests over says by a fixture ``portfolio_on`` which."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.cells import EDGES
from rai_dash.core.counts import GroupCounts
from rai_dash.core.types import Direction, Roles, ScoreScale
from rai_dash.data.counting import count
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import cross, group_index
from rai_dash.data.labels import labels, outcome_codes
from rai_dash.data.portfolio.levels import MOST_VALUES, levels_of
from rai_dash.data.portfolio.order import distinct_numbers, order_statistics, quantiles
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Blank, Factor, Tally, Value, Within
from rai_dash.data.portfolio.whole import Scale, ScoreColumn, Whole
from rai_dash.data.scores import scores_of_column
from tests.engines.awkward import HOSTILE, awkward, in_memory

ROLES = Roles(target="outcome", favourable=("repaid",))
TABLE = awkward()
FRAME = in_memory(TABLE)
OFF_GRID = (0.3502, 0.61234, float(np.nextafter(0.117, 0.0)), float(np.nextafter(0.5, 1.0)))


@pytest.fixture(scope="module")
def portfolio(portfolio_on) -> Portfolio:
    return portfolio_on(TABLE)


def whole_of(portfolio: Portfolio, roles: Roles) -> Whole:
    score = None if roles.score is None else ScoreColumn(roles.score, Scale.of(roles.scale))
    return Whole(portfolio=portfolio, roles=roles, score=score)


def counted_in_memory(frame: pd.DataFrame, roles: Roles, columns: tuple[str, ...]) -> GroupCounts:
    """Count with the code for tables in memory."""
    dataset = Dataset(frame=frame, roles=roles, fingerprint="")
    judged = np.ones(len(frame), dtype=bool)
    if roles.split is not None:
        judged = ~labels(frame[roles.split]).isin(list(roles.split_train)).to_numpy(dtype=bool)
    parts = [group_index(frame, c, bins=roles.bins.get(c)) for c in columns]
    index = cross(*parts) if parts else None
    if index is not None:
        index = type(index)(index.column, index.groups, index.codes[judged])
    score = np.full(len(frame), np.nan) if roles.score is None else scores_of_column(dataset)
    weight = None if roles.weight is None else dataset.weight[judged]
    return count(dataset.outcome[judged], score[judged], index, weight=weight)


def assert_same(found: GroupCounts, expected: GroupCounts, cuts=()) -> None:
    assert (found.column, found.groups) == (expected.column, expected.groups)
    assert np.array_equal(found.counts, expected.counts)
    for mine, theirs in ((found.weighted, expected.weighted), (found.weighted_sq, expected.weighted_sq)):
        assert (mine is None) == (theirs is None)
        assert mine is None or np.array_equal(mine, theirs)
    for cut in cuts:
        assert np.array_equal(np.stack(found.at_or_above(cut)), np.stack(expected.at_or_above(cut))), cut
    np.testing.assert_allclose(
        found.score_sums().values, expected.score_sums().values, rtol=1e-12, atol=1e-12
    )


def check(portfolio: Portfolio, roles: Roles, *columns: str, frame: pd.DataFrame = FRAME, cuts=()) -> None:
    found = whole_of(portfolio, roles).counts(columns)
    assert_same(found, counted_in_memory(frame, roles, columns), cuts)


@pytest.mark.parametrize("nth", range(4))
def test_every_column_has_the_groups_and_codes_of_a_table_in_memory(portfolio, nth):
    for column in [c for c in TABLE.column_names if c not in HOSTILE][nth::4]:
        expected = group_index(FRAME, column)
        levels = levels_of(portfolio, column)
        answer = portfolio.tally(Tally(keys=(levels.key,), most=MOST_VALUES))
        sizes = np.zeros(len(levels.groups), np.int64)
        np.add.at(sizes, levels.codes(answer, 0), answer.n)

        assert levels.groups == expected.groups, column
        assert np.array_equal(sizes, expected.sizes), column


def test_hostile_names_of_columns_mean_those_columns(portfolio):
    answer = portfolio.tally(Tally(keys=tuple(Value(column=c) for c in HOSTILE)))
    found = answer.values()
    for column in HOSTILE:
        expected = FRAME[column].value_counts(dropna=False)
        counted = pd.Series(answer.n, index=found[column]).groupby(level=0, dropna=False).sum()

        assert counted.sort_index().to_dict() == expected.sort_index().to_dict(), column


def test_blanks_are_what_the_data_door_calls_blank(portfolio):
    names = TABLE.column_names
    for columns in (names[i : i + 6] for i in range(0, len(names), 6)):
        answer = portfolio.tally(Tally(keys=tuple(Blank(column=c) for c in columns)))
        for i, column in enumerate(columns):
            assert answer.n[answer.codes(i, -1) == 1].sum() == FRAME[column].isna().sum(), column
        assert answer.n.sum() == len(FRAME)


def test_scores_beside_every_edge_are_counted_in_their_cell(portfolio):
    check(portfolio, ROLES.with_(score="score"), "text", cuts=(*OFF_GRID, 0.0, 1.0))


@pytest.mark.parametrize("how", [{}, {"weight": "weight", "split": "split", "split_train": ("train",)}])
def test_auc_and_calibration_are_those_of_the_rows(portfolio, how):
    """Most of these scores lie in pairs, a last digit apart: no two steps tell them apart."""
    roles = ROLES.with_(score="gaps", **how)
    found = whole_of(portfolio, roles).counts(("level",)).figures()
    expected = counted_in_memory(FRAME, roles, ("level",)).figures()

    assert (found.source, expected.source) == ("cells", "rows")
    assert (np.abs(found.auc - expected.auc) <= found.auc_bound + 1e-12)[np.isfinite(expected.auc)].all()
    for one in fields(expected):
        if (exact := getattr(expected, one.name)) is not None:
            np.testing.assert_allclose(getattr(found, one.name), exact, rtol=0, atol=5e-4)


def test_a_weighted_cross_with_a_split_and_gaps_in_the_score(portfolio):
    roles = ROLES.with_(score="gaps", weight="weight", split="split", split_train=("train",))

    check(portfolio, roles, "level", "moment_utc", cuts=OFF_GRID[:2])


def test_a_cut_inside_a_cell_without_a_favourable_row(portfolio_on):
    table = pa.table({"y": ["bad", "bad", "good"], "s": [0.5001, 0.5004, 0.7]})
    roles = Roles(target="y", favourable=("good",), score="s")

    check(portfolio_on(table), roles, "y", frame=in_memory(table), cuts=(0.5002,))


@pytest.mark.parametrize(
    ("column", "scale"),
    [
        ("points", ScoreScale(low=300.0, high=850.0)),
        ("points", ScoreScale(low=300.0, high=850.0, direction=Direction.LOWER)),
        ("risk", ScoreScale(direction=Direction.LOWER)),
        ("single", ScoreScale()),
        ("exact", ScoreScale()),
    ],
)
def test_scores_on_every_scale(portfolio, column, scale):
    check(portfolio, ROLES.with_(score=column, scale=scale), cuts=(0.3502,))


@pytest.mark.parametrize(
    ("target", "good"),
    [("paid8", "1"), ("paid", "True"), ("money", "0.1"), ("moment", "2031-03-30 02:30:00")],
)
def test_outcomes_of_every_kind(portfolio, target, good):
    check(portfolio, Roles(target=target, favourable=(good,), score="score"), target)


def test_bins_with_edges_of_ones_own_and_values_outside_them(portfolio):
    roles = ROLES.with_(score="score", bins={"number": (-1.5, 0.0, 0.1, 1.0), "i64": (1.0, 2.0)})

    check(portfolio, roles, "number", "i64")


def test_roles_with_hostile_names(portfolio):
    roles = Roles(target=HOSTILE[0], favourable=("p",), score="score", split=HOSTILE[2], split_train=("q",))

    check(portfolio, roles, HOSTILE[3], HOSTILE[5])


@pytest.mark.parametrize("column", ["amount", "tied", "spike", "number", "exact", "i8", "no_number"])
def test_quantiles_are_those_of_numpy_to_the_bit(portfolio, column):
    at = (0.0, 0.001, 0.25, 0.5, 0.999, 1.0)
    values = FRAME[column].to_numpy(np.float64)
    known = values[np.isfinite(values)] + 0.0
    expected = np.quantile(known, at) if known.size else np.full(len(at), np.nan)

    assert np.array_equal(quantiles(portfolio, column, at), expected, equal_nan=True)


def test_ranks_are_found_without_counting_value_by_value(portfolio):
    values = np.sort(FRAME["amount"].dropna().to_numpy())
    ranks = np.array([0, 17, values.size // 2, values.size - 1])

    assert np.array_equal(order_statistics(portfolio, "amount", ranks), values[ranks])


def test_the_different_numbers_of_a_column(portfolio):
    known = FRAME["number"].dropna().to_numpy() + 0.0
    values, counts = np.unique(known, return_counts=True)

    found = distinct_numbers(portfolio, "number")

    assert np.array_equal(found.values, values)
    assert np.array_equal(found.counts, counts)


def test_sums_of_products_within_a_range(portfolio):
    factors = (Factor(column="amount", minus=100.0, power=2), Factor(column="i8"))
    question = Tally(
        keys=(Value(column="u8"),), sums=(factors,), where=(Within(column="score", low=0.2, high=0.7),)
    )
    answer = portfolio.tally(question)
    rows = FRAME[(FRAME["score"] >= 0.2) & (FRAME["score"] < 0.7)]
    product = (rows["amount"] - 100.0) ** 2 * rows["i8"]
    expected = product.groupby(rows["u8"]).agg(["sum", "count"])

    order = np.argsort(answer.values()["u8"].to_numpy())
    assert np.array_equal(answer.used(0)[order], expected["count"])
    np.testing.assert_allclose(answer.sums(0)[order], expected["sum"], rtol=1e-12)
    assert np.array_equal(answer.n[order], rows.groupby("u8").size())


@pytest.mark.parametrize("rows", [0, 1])
def test_tables_of_no_row_and_of_one(portfolio_on, rows):
    table = TABLE.slice(0, rows).select(["outcome", "score", "text", "i8", "moment"])
    portfolio = portfolio_on(table)
    roles = Roles(target="outcome", unfavourable=("defaulted",), score="score")

    assert portfolio.n_rows == rows
    for columns in ((), ("i8",), ("text", "moment")):
        check(portfolio, roles, *columns, frame=in_memory(table))


def test_rows_that_come_here_are_those_of_the_table(portfolio):
    columns = ["score", "text", "serial", "moment_berlin", "a.b", "exact"]
    batches = list(portfolio.batches(0, columns))
    found = pd.concat(batches, ignore_index=True)
    found["text"], expected = labels(found["text"]), FRAME[columns].assign(text=labels(FRAME["text"]))

    assert [list(b.columns) for b in batches] == [columns] * len(batches)
    keys = ["score", "serial", "text"]
    pd.testing.assert_frame_equal(
        found.sort_values(keys, ignore_index=True), expected.sort_values(keys, ignore_index=True)
    )


def test_the_edges_are_all_there():
    assert set(EDGES) <= set(FRAME["score"])
    assert np.array_equal(outcome_codes(FRAME, ROLES) == 1, FRAME["outcome"] == "repaid")
