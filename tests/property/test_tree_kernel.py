"""What must hold for the tree kernel whatever the trees: orders, copies and names change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.explain.trees.kernel import TreeKernel
from tests.unit.explain.tree_games import brute, random_rows, random_trees, worth
from tests.unit.explain.tree_walk import margin

# Where nothing was compiled before, the first test does it.
pytestmark = pytest.mark.timeout(600)


@st.composite
def questions(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_columns = draw(st.integers(1, 4))
    categorical = tuple(c for c in range(n_columns) if draw(st.booleans()))
    trees = random_trees(
        rng,
        n_trees=draw(st.integers(1, 3)),
        n_columns=n_columns,
        depth=draw(st.integers(0, 5)),
        categorical=categorical,
    )
    rows = random_rows(rng, draw(st.integers(1, 6)), n_columns, categorical)
    background = random_rows(rng, draw(st.integers(1, 8)), n_columns, categorical)
    return rng, trees, rows, background


def explain(trees, background, rows, **how):
    return TreeKernel.interventional(trees, background, table_type=np.float64, **how).values(rows)


@settings(max_examples=15)
@given(questions())
def test_values_are_those_of_the_game_and_add_up(question):
    _, trees, rows, background = question
    players = np.arange(trees.n_columns)
    found = explain(trees, background, rows[:1])[0]

    assert found == pytest.approx(brute(worth(trees, rows[0], players, background))[0], abs=1e-9)
    assert found.sum() == pytest.approx((margin(trees, rows) - margin(trees, background).mean())[0], abs=1e-9)


@settings(max_examples=15)
@given(questions())
def test_the_order_of_rows_and_background_and_copies_of_it_do_not_matter(question):
    rng, trees, rows, background = question
    values = explain(trees, background, rows)
    order = rng.permutation(len(rows))

    assert (explain(trees, background, rows[order]) == values[order]).all()
    assert explain(trees, rng.permutation(background), rows) == pytest.approx(values, abs=1e-12)
    assert explain(trees, np.tile(background, (3, 1)), rows) == pytest.approx(values, abs=1e-12)


@settings(max_examples=15)
@given(questions())
def test_a_weight_counts_as_copies(question):
    rng, trees, rows, background = question
    times = rng.integers(1, 4, len(background))

    weighted = explain(trees, background, rows, weights=times.astype(float))

    assert weighted == pytest.approx(explain(trees, np.repeat(background, times, axis=0), rows), abs=1e-12)


@settings(max_examples=15)
@given(questions())
def test_renaming_the_columns_renames_their_values(question):
    rng, trees, rows, background = question
    order = rng.permutation(trees.n_columns)  # column order[j] is now called j
    new = np.argsort(order).astype(np.int32)
    renamed = replace(
        trees, feature=np.where(trees.feature < 0, trees.feature, new[trees.feature]).astype(np.int32)
    )

    found = explain(renamed, background[:, order], rows[:, order])

    assert found == pytest.approx(explain(trees, background, rows)[:, order], abs=1e-12)


@settings(max_examples=15)
@given(questions())
def test_columns_that_always_go_together_share_one_value(question):
    _, trees, rows, background = question
    everyone = np.zeros(trees.n_columns, np.int64)

    found = explain(trees, background, rows, players=everyone)[:, 0]

    assert found == pytest.approx(margin(trees, rows) - margin(trees, background).mean(), abs=1e-9)
