from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.cells import EDGES
from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.core.memo import Memo
from rai_dash.core.types import Direction, Roles, ScoreScale
from rai_dash.data.counting import count
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import cross, group_index
from rai_dash.data.labels import labels
from rai_dash.data.portfolio.cubes import Decisions, amount_counts, review_cube_of
from rai_dash.data.portfolio.opening import open_portfolio
from rai_dash.data.portfolio.questions import Scale
from rai_dash.data.portfolio.whole import ScoreColumn, Whole
from rai_dash.data.review_counting import review_cube
from rai_dash.data.scores import scores_of_column
from rai_dash.metrics.stakes import amount_stakes
from rai_dash.review.conditions import hold, parse_condition
from rai_dash.review.row_rules import rule_of
from tests.engines.frames import frame_on

N = 1200
ROLES = Roles(
    target="paid", favourable=("yes",), sensitive=("area", "age"), score="risk", weight="w", split="part",
    split_train=("train",), amount="amount", bins={"age": (30.0, 50.0)},
    scale=ScoreScale(direction=Direction.LOWER),
)  # fmt: skip
OFF_GRID = np.array([0.1, 0.35, 0.35004, 0.35005, 0.5, 0.7777, 0.9])


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    score = np.round(rng.random(N), rng.integers(1, 7))
    score[:40] = np.repeat([0.0, 1.0, 0.64996, 0.65], 10)
    return pd.DataFrame(
        {
            "paid": pd.Series(rng.choice(["yes", "no", " yes"], N), dtype="str").mask(rng.random(N) < 0.1),
            "area": pd.Series(rng.choice(["b", "a ", "1"], N), dtype="str").mask(rng.random(N) < 0.05),
            "age": np.where(rng.random(N) < 0.05, np.nan, rng.integers(18, 80, N)),
            "risk": np.where(rng.random(N) < 0.1, np.nan, score),
            "w": np.where(rng.random(N) < 0.1, np.nan, rng.random(N) * 3),
            "part": pd.Series(rng.choice(["train", "test"], N), dtype="str"),
            "amount": np.where(rng.random(N) < 0.1, np.nan, rng.integers(0, 90_000, N).astype(float)),
            "clerk": pd.Series(rng.choice(["ok", "NO", "later"], N), dtype="str").mask(rng.random(N) < 0.3),
            "purpose": pd.Series(rng.choice(["car", "boat", "house"], N), dtype="str"),
        }
    )


@pytest.fixture(scope="module")
def portfolio(frame):
    return open_portfolio(frame_on("duckdb", pa.Table.from_pandas(frame, preserve_index=False)), name="table")


def whole_of(portfolio, roles=ROLES, held=None):
    score = None if roles.score is None else ScoreColumn(roles.score, Scale.of(roles.scale))
    return Whole(portfolio=portfolio, roles=roles, score=score, held=held)


def expected_of(frame, columns, *, roles=ROLES, amount=True, decided=True, edges=EDGES, held=None):
    dataset = Dataset(frame=frame, roles=roles, fingerprint="x")
    judged = np.full(N, fill_value=True)
    if roles.split:
        judged = ~labels(frame["part"]).isin(["train"]).to_numpy(bool)
    parts = [group_index(frame, c, bins=roles.bins.get(c)) for c in columns]
    index = None
    if parts:
        index = parts[0] if len(parts) == 1 else cross(*parts)
        index = replace(index, codes=index.codes[judged])
    score = scores_of_column(dataset)
    score = score if held is None else np.where(held, np.nan, score)
    clerk = labels(frame["clerk"]).map({"ok": 1, "NO": 0, "later": 0}).fillna(2).to_numpy(np.int8)
    return review_cube(
        dataset.outcome[judged],
        score[judged],
        index,
        weight=dataset.weight[judged] if roles.weight else None,
        amount=frame["amount"].to_numpy()[judged] if amount else None,
        decision=clerk[judged] if decided else None,
        edges=edges,
    )


def same(found, expected):
    assert (found.column, found.groups) == (expected.column, expected.groups)
    np.testing.assert_array_equal(found.edges, expected.edges)
    np.testing.assert_array_equal(found.rows, expected.rows)
    np.testing.assert_array_equal(found.amount_missing, expected.amount_missing)
    for name in ("weight", "weight_sq", "amount"):
        a, b = getattr(found, name), getattr(expected, name)
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("columns", [(), ("area",), ("age",), ("area", "age")])
@pytest.mark.parametrize("edges", [EDGES, OFF_GRID, np.array([0.5])], ids=["grid", "off", "one"])
def test_a_cube_is_that_of_the_rows_in_memory(frame, portfolio, columns, edges):
    found = review_cube_of(
        whole_of(portfolio), columns, amount="amount", decision=Decisions("clerk", ("ok",)), edges=edges
    )

    same(found, expected_of(frame, columns, edges=edges))


def test_without_weights_amounts_and_decisions_there_are_counts_alone(frame, portfolio):
    roles = ROLES.with_(weight=None, split=None, scale=ScoreScale())

    found = review_cube_of(whole_of(portfolio, roles), ("area",))

    same(found, expected_of(frame, ("area",), roles=roles, amount=False, decided=False))
    assert found.rows.sum() == N


@pytest.mark.parametrize(
    "texts",
    [
        ("amount > 50000",),
        ("amount >= 50000", "amount < 1000 unless blank", "purpose in car, boat"),
        ("age > 60", "age <= 20"),
        ("amount > 80000", "clerk in later"),
    ],
)
def test_rows_that_a_condition_holds_have_no_score(frame, portfolio, texts):
    conditions = [parse_condition(text, columns=tuple(frame.columns)) for text in texts]
    held = whole_of(portfolio, held=rule_of(conditions, portfolio))

    found = review_cube_of(
        held, ("area",), amount="amount", decision=Decisions("clerk", ("ok",)), edges=OFF_GRID
    )

    rows = hold(conditions, frame).rows
    assert 0 < rows.sum() < N
    same(found, expected_of(frame, ("area",), edges=OFF_GRID, held=rows))


def test_counts_scores_and_cuts_leave_out_what_a_condition_holds(frame, portfolio):
    conditions = [parse_condition("amount > 50000", columns=tuple(frame.columns))]
    rows = hold(conditions, frame).rows
    roles = ROLES.with_(split=None)
    dataset = Dataset(frame=frame, roles=roles, fingerprint="x")
    score = np.where(rows, np.nan, scores_of_column(dataset))
    expected = count(dataset.outcome, score, group_index(frame, "area"), weight=dataset.weight)

    found = whole_of(portfolio, roles, rule_of(conditions, portfolio)).counts(("area",))

    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_allclose(found.at_or_above(0.35004)[0], expected.at_or_above(0.35004)[0], rtol=1e-12)
    np.testing.assert_allclose(
        found.score_sums().values, expected.score_sums().values, rtol=1e-12, atol=1e-12
    )


def test_the_money_in_each_cell_is_that_of_the_rows_in_memory(frame, portfolio):
    roles = ROLES.with_(split=None)
    dataset = Dataset(frame=frame, roles=roles, fingerprint="x")
    score, amount = scores_of_column(dataset), frame["amount"].to_numpy()
    counts = count(dataset.outcome, score, None, weight=dataset.weight)
    expected = amount_stakes(dataset.outcome, score, amount, counts=counts, weight=dataset.weight)

    cube = review_cube_of(whole_of(portfolio, roles), amount="amount")
    found = amount_counts(cube)

    assert expected.amounts is not None
    np.testing.assert_array_equal(found.counts, expected.amounts.counts)
    np.testing.assert_allclose(found.sums, expected.amounts.sums, rtol=1e-12)
    assert cube.amount_missing.tolist() == [expected.n_amount_missing]


def test_negative_amounts_and_unknown_decisions_are_refused(frame):
    wrong = frame.assign(amount=-frame["amount"])
    opened = open_portfolio(
        frame_on("duckdb", pa.Table.from_pandas(wrong, preserve_index=False)), name="table"
    )

    with pytest.raises(InvalidRoles, match="amounts in `amount` are negative"):
        review_cube_of(whole_of(opened), amount="amount")
    with pytest.raises(InvalidRoles, match="does not hold numbers"):
        review_cube_of(whole_of(opened), amount="purpose")
    with pytest.raises(InvalidChoice, match="'later', 'NO', 'ok'"):
        review_cube_of(whole_of(opened), decision=Decisions("clerk", ("fine",)))


def test_a_cube_is_counted_once_for_all_edges(portfolio):
    whole = whole_of(portfolio)
    review_cube_of(whole, ("area",))
    asked = []
    counted = replace(portfolio, engine=_Listening(portfolio.engine, asked), _answers=Memo(), _heads=Memo())

    review_cube_of(replace(whole, portfolio=counted), ("area",), edges=np.array([0.25, 0.5]))

    assert asked == []


class _Listening:
    """An engine that writes down what it is asked."""

    def __init__(self, engine, asked):
        self.engine, self.asked = engine, asked

    def __getattr__(self, name):
        return getattr(self.engine, name)

    def tally(self, question):
        self.asked.append(question)
        return self.engine.tally(question)
