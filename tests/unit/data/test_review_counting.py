from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.cells import EDGES
from rai_dash.core.counts import add_counts
from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.data.review_counting import cube_of_counts, review_cube

ONES = np.ones(3, np.int8)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(3)
    n = 2_000
    score = np.where(rng.random(n) < 0.5, np.round(rng.random(n), 2), rng.random(n))
    score[:30] = [np.nan, np.inf, -np.inf] * 10
    return pd.DataFrame(
        {
            "score": score,
            "label": rng.integers(0, 3, n).astype(np.int8),
            "group": rng.integers(0, 4, n).astype(np.int32),
            "decision": rng.integers(0, 3, n).astype(np.int8),
            "weight": rng.integers(0, 9, n) / 4.0,
            "amount": np.where(rng.random(n) < 0.2, np.nan, rng.integers(0, 1_000, n)),
        }
    )


def counted(rows, edges, **columns):
    index = GroupIndex("g", ("a", "b", "c", "d"), rows["group"].to_numpy())
    return review_cube(rows["label"].to_numpy(), rows["score"].to_numpy(), index, edges=edges, **columns)


@pytest.mark.parametrize(
    "edges", [EDGES, np.array([0.0, 0.35, 1.0]), np.array([0.35]), np.array([0.1, 0.35, 0.351, 0.7777])]
)
def test_every_cell_equals_a_group_by_of_the_rows(rows, edges):
    columns = {name: rows[name].to_numpy() for name in ("weight", "amount", "decision")}

    cube = counted(rows, edges, **columns)

    cell = [sum(e <= s for e in edges.tolist()) if np.isfinite(s) else edges.size + 1 for s in rows["score"]]
    paid = rows["weight"] * rows["amount"].fillna(0)
    table = rows.assign(cell=cell, one=1, square=rows["weight"] ** 2, paid=paid)
    sums = table.groupby(["group", "label", "decision", "cell"])[["one", "weight", "square", "paid"]].sum()
    for name, values in (
        ("one", cube.rows),
        ("weight", cube.mass),
        ("square", cube.squares),
        ("paid", cube.amount),
    ):
        expected = np.zeros(values.shape)
        expected[tuple(sums.index.to_frame().to_numpy().T)] = sums[name]
        assert np.array_equal(values, expected), name
    missing = rows[rows["amount"].isna() & (rows["label"] < 2)].groupby("group").size()
    assert cube.amount_missing.tolist() == missing.tolist()


def test_scores_on_and_just_beside_an_edge_go_where_they_belong():
    below = np.nextafter(0.35, 0)
    score = np.array([below, 0.35, np.nextafter(0.35, 1), 0.0, -0.0, 1.0])

    cube = review_cube(np.ones(6, np.int8), score, None, edges=np.array([0.0, 0.35, 1.0]))

    assert cube.rows.sum(axis=(0, 1, 2)).tolist() == [0, 3, 2, 1, 0]
    off_grid = review_cube(np.ones(3, np.int8), score[:3], None, edges=np.array([below, 0.35]))
    assert off_grid.rows.sum(axis=(0, 1, 2)).tolist() == [0, 1, 2, 0]


def test_float32_scores_are_widened_first():
    score = np.array([0.7, 0.8], np.float32)  # 0.699999988 and 0.800000012

    cube = review_cube(np.ones(2, np.int8), score, None, edges=np.array([0.7, 0.8]))

    assert cube.rows.sum(axis=(0, 1, 2)).tolist() == [1, 0, 1, 0]


def test_a_label_with_an_index_of_its_own_is_taken_by_position():
    label = pd.Series([1, 0, 0], index=[2, 1, 0], dtype="int8")
    amount = pd.Series([5.0, 6.0, np.nan], index=[9, 0, 1])
    score = np.array([0.9, 0.1, 0.1])

    cube = review_cube(label, score, None, amount=amount, edges=np.array([0.5]))

    assert cube.rows[0, 1, 2].tolist() == [0, 1, 0]
    assert cube.amount[0, :, 2].tolist() == [[6.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, 0.0]]
    assert cube.amount_missing.tolist() == [1]


def test_a_blank_weight_is_1():
    cube = review_cube(ONES, np.full(3, 0.5), None, weight=np.array([np.nan, 0.0, 3.0]))

    assert (cube.mass.sum(), cube.squares.sum(), cube.n.tolist()) == (4.0, 10.0, [3])


def test_without_amounts_none_is_missing():
    cube = review_cube(ONES, np.full(3, 0.5), None)

    assert (cube.amount, cube.amount_missing.tolist(), cube.has_decisions) == (None, [0], False)


def test_no_rows_are_a_cube_of_zeros():
    cube = review_cube(np.array([], np.int8), np.array([]), None, amount=np.array([]))

    assert (cube.n.tolist(), cube.rows.sum(), cube.rows.shape) == ([0], 0, (1, 3, 3, 1003))


def test_rows_that_are_counted_already_are_not_counted_differently(rows):
    index = GroupIndex("g", ("a", "b", "c", "d"), rows["group"].to_numpy())
    counts = count(rows["label"].to_numpy(), rows["score"].to_numpy(), index)

    cube = cube_of_counts(counts)

    assert np.array_equal(cube.rows.sum(axis=2)[..., 1:], counts.counts)
    assert not cube.rows[..., 0].any()


def test_rows_that_are_gone_cannot_be_counted():
    one = count(ONES, np.full(3, 0.5), None)

    with pytest.raises(InvalidChoice, match="no longer in memory"):
        cube_of_counts(add_counts(one, one))


@pytest.mark.parametrize("wrong", [3, -1])
def test_a_decision_that_is_none_of_three_is_refused(wrong):
    with pytest.raises(InvalidChoice, match="row 2"):
        review_cube(ONES, np.full(3, 0.5), None, decision=np.array([0, wrong, 2], np.int8))


@pytest.mark.parametrize("wrong", [-1.0, np.inf])
def test_an_amount_below_0_or_infinite_is_refused(wrong):
    with pytest.raises(InvalidRoles, match=r"1 amounts are negative or infinite .* row 3"):
        review_cube(ONES, np.full(3, 0.5), None, amount=np.array([0.0, np.nan, wrong]))


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"amount": np.ones(2)}, "amount"),
        ({"decision": np.zeros(4, np.int8)}, "decision"),
        ({"weight": np.ones(2)}, "weight"),
    ],
)
def test_columns_of_another_length_are_refused(columns, named):
    with pytest.raises(InvalidChoice, match=named):
        review_cube(ONES, np.full(3, 0.5), None, **columns)


def test_scores_outside_0_to_1_and_edges_that_fall_are_refused():
    with pytest.raises(InvalidChoice, match="outside 0 to 1"):
        review_cube(ONES, np.array([0.5, 1.5, 0.5]), None)
    with pytest.raises(InvalidChoice, match="ascend"):
        review_cube(ONES, np.full(3, 0.5), None, edges=np.array([0.5, 0.2]))
