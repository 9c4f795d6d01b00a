"""The tree kernel against brute force over all coalitions, by every way it may take."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from importlib import import_module

import numpy as np
import pytest

from rai_dash.explain.trees.kernel import TreeKernel
from tests.unit.explain.tree_games import brute, random_rows, random_trees, worth
from tests.unit.explain.tree_walk import margin

# Where nothing was compiled before, the first test does it.
pytestmark = pytest.mark.timeout(600)
game, kernel = (import_module(f"rai_dash.explain.trees.{name}") for name in ("game", "kernel"))

#: Settings of ``game`` and ``kernel`` that send the same trees down another way.
WAYS = {
    "tables of fused sub-trees": {},
    "tables of small sub-trees": {"fused": 2},
    "tables, and walks to long leaves": {"fused": 2, "lone": 2},
    "observed patterns": {"kept": 0, "break_even": 1e99},
    "walks where patterns take too much memory": {"kept": 0, "break_even": 1e99, "observed": 0},
    "observed patterns, and walks to long leaves": {"fused": 2, "lone": 2, "kept": 0, "break_even": 1e99},
    "tables built in parts and dropped": {"kept": 0, "break_even": 0.0, "part": 64},
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request, monkeypatch):
    given = request.param
    monkeypatch.setattr(game, "FUSED_BITS", given.get("fused", game.FUSED_BITS))
    monkeypatch.setattr(game, "LONE_BITS", given.get("lone", game.LONE_BITS))
    monkeypatch.setattr(kernel, "KEPT_BYTES", given.get("kept", kernel.KEPT_BYTES))
    monkeypatch.setattr(kernel, "MOST_OBSERVED", given.get("observed", kernel.MOST_OBSERVED))
    monkeypatch.setattr(kernel, "PART", given.get("part", kernel.PART))
    if "break_even" in given:
        monkeypatch.setattr(game.Game, "break_even", lambda *_, **__: given["break_even"])


def drawn(seed, n_columns=4):
    """Draw an ensemble with rows to explain, a background with weights, and players."""
    rng = np.random.default_rng(seed)
    categorical = (1,) if seed % 3 else ()
    trees = random_trees(rng, n_columns=n_columns, depth=2 + seed % 4, categorical=categorical)
    rows = random_rows(rng, 2, n_columns, categorical)
    background = random_rows(rng, 1 + seed % 5, n_columns, categorical)
    players = np.arange(n_columns) if seed % 2 else np.array([0, 1, 0, 2])
    return trees, rows, background, rng.random(len(background)) + 0.1, players


@lru_cache
def expected(seed, *, against_background):
    """Return base, values and interactions of every row by brute force, the same for every way."""
    trees, rows, background, weights, players = drawn(seed)
    given = {"background": background, "weights": weights} if against_background else {}
    coalitions = [worth(trees, row, players, **given) for row in rows]
    return [(game[frozenset()], *brute(game)) for game in coalitions]


def assert_brute(made, rows, answers):
    phi, pairs = made.values(rows), made.interactions(rows)
    for i, (base, values, interactions) in enumerate(answers):
        assert made.base == pytest.approx(base, abs=1e-9)
        assert phi[i] == pytest.approx(values, abs=1e-9)
        assert pairs[i] == pytest.approx(interactions, abs=1e-9)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("seed", range(5))
def test_values_and_interactions_against_a_background(seed):
    trees, rows, background, weights, players = drawn(seed)
    made = TreeKernel.interventional(
        trees, background, players=players, weights=weights, table_type=np.float64
    )

    assert_brute(made, rows, expected(seed, against_background=True))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("seed", range(5))
def test_values_and_interactions_by_cover(seed):
    trees, rows, _, _, players = drawn(seed)
    made = TreeKernel.path_dependent(trees, players=players, table_type=np.float64)

    assert_brute(made, rows, expected(seed, against_background=False))


@pytest.mark.usefixtures("way")
def test_many_rows_and_threads_say_what_one_row_says():
    rng = np.random.default_rng(3)
    trees = random_trees(rng, n_trees=4, n_columns=5, depth=5, categorical=(0,))
    rows, background = random_rows(rng, 150, 5, (0,)), random_rows(rng, 40, 5, (0,))
    made = TreeKernel.interventional(trees, background, table_type=np.float64)
    reports = []

    together = made.values(rows, progress=lambda done, whole: reports.append((done, whole)))

    assert together[::29] == pytest.approx(
        np.concatenate([made.values(row[None]) for row in rows[::29]]), abs=1e-12
    )
    assert made.margin(rows) == pytest.approx(margin(trees, rows), abs=1e-12)
    assert made.base + together.sum(axis=1) == pytest.approx(margin(trees, rows), abs=1e-9)
    assert reports[-1] == (150, 150)


def test_trees_of_one_leaf_only_move_the_base():
    trees = random_trees(np.random.default_rng(0), n_trees=3, depth=0)
    made = TreeKernel.interventional(trees, np.zeros((2, 3)))

    assert made.base == pytest.approx(trees.offset + trees.value.sum())
    assert not made.values(np.ones((4, 3))).any()
    assert not made.interactions(np.ones((1, 3))).any()


def test_a_column_without_a_split_gets_exactly_nothing():
    rng = np.random.default_rng(1)
    trees = replace(random_trees(rng, n_columns=3, stop=0), n_columns=5)
    made = TreeKernel.interventional(trees, random_rows(rng, 9, 5))

    assert not made.values(random_rows(rng, 70, 5))[:, 3:].any()


def test_a_row_that_is_the_whole_background_gets_nothing():
    rng = np.random.default_rng(2)
    trees, row = random_trees(rng), random_rows(rng, 1, 3)

    assert TreeKernel.interventional(trees, row, table_type=np.float64).values(row) == pytest.approx(
        0, abs=1e-12
    )


def test_float32_tables_are_as_good_as_said():
    rng = np.random.default_rng(4)
    trees = random_trees(rng, n_trees=20, n_columns=6, depth=6)
    rows, background = random_rows(rng, 20, 6), random_rows(rng, 50, 6)
    made = TreeKernel.interventional(trees, background)

    assert made.base + made.values(rows).sum(axis=1) == pytest.approx(margin(trees, rows), abs=2e-6)


def test_a_long_path_of_many_players_is_explained():
    # One chain of 40 columns: the leaf at its end is a game of 40 players, far beyond 20!.
    n = 40
    rng = np.random.default_rng(5)
    chain = random_trees(rng, n_trees=1, n_columns=n, depth=0)
    node, leaf = np.arange(n), n + np.arange(n + 1)
    whole = 2 * n + 1
    trees = replace(
        chain,
        feature=np.r_[node, np.full(n + 1, -1)].astype(np.int32),
        threshold=np.r_[np.zeros(n), np.full(n + 1, np.nan)],
        left=np.r_[node[1:], leaf[-1], np.full(n + 1, -1)].astype(np.int32),
        right=np.r_[leaf[:-1], np.full(n + 1, -1)].astype(np.int32),
        **{name: np.zeros(whole, bool) for name in ("missing_left", "in_set_left", "unseen_left")},
        words_at=np.full(whole, -1, np.int64),
        n_words=np.zeros(whole, np.int32),
        value=np.r_[np.zeros(2 * n), 1.0],
        cover=np.r_[2.0 ** -node, 2.0 ** -(node + 1.0), 2.0**-n],
        offset=0.0,
    )  # fmt: skip
    row, other = -np.ones((1, n)), np.ones((1, n))

    # All 40 are needed, so that each has a 40th; half of them present or absent in the background: 20 are needed.
    assert TreeKernel.interventional(trees, other).values(row)[0] == pytest.approx(1 / n, abs=1e-12)
    half = np.where(node % 2, 1.0, -1.0)[None]
    assert TreeKernel.interventional(trees, half).values(row)[0] == pytest.approx(node % 2 / 20, abs=1e-12)
    by_cover = TreeKernel.path_dependent(trees)
    assert by_cover.values(row)[0] == pytest.approx((1 - 2.0**-n) / n, abs=1e-12)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"background": np.zeros((2, 4))}, "3 columns"),
        ({"background": np.zeros((0, 3))}, "needs rows"),
        ({"weights": np.array([1.0, -1.0])}, "weight of 0 or more"),
        ({"weights": np.zeros(2)}, "not all 0"),
        ({"players": np.array([0, 1])}, "one a column"),
        ({"players": np.array([0, 1, -1])}, "from 0 on"),
    ],
)
def test_what_does_not_fit_is_refused(given, said):
    settings = {"background": np.zeros((2, 3))} | given
    trees = random_trees(np.random.default_rng(0))

    with pytest.raises(ValueError, match=said):
        TreeKernel.interventional(trees, **settings)


def test_every_kernel_is_compiled_for_one_set_of_types(monkeypatch):
    # Read-only or Fortran-ordered arrays would be new types, and compile again for seconds.
    rng = np.random.default_rng(6)
    trees, rows = random_trees(rng), np.asfortranarray(random_rows(rng, 5, 3))
    rows.flags.writeable = False
    kernel.warm()
    compiled = [vars(m)[k] for m in (kernel,) for k in ("build", "add_values", "add_margins", "walk_pairs")]
    before = [len(function.signatures) for function in compiled]

    TreeKernel.interventional(trees, rows).values(rows)
    TreeKernel.interventional(trees, rows).margin(rows)

    assert [len(function.signatures) for function in compiled] == before
