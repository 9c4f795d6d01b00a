"""No row of the test fold, nor a copy of one, is ever trained on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.trials.rebalancing.folds import all_rows, feature_hashes, make_fold
from rai_dash.trials.rebalancing.recipe import Recipe
from rai_dash.trials.rebalancing.strategies import DOWN, JOINT, NONE, UP, WEIGHTS, draw

ROLES = Roles(target="y", favourable=("1",), sensitive=("g",), features=("a", "b"))


def with_copies(seed=3, n=400, copies=60):
    """A table in which sixty rows are copies of others, some with the other outcome."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "y": (rng.random(n) < 0.3).astype(int),
            "g": rng.choice(["f", "m"], n),
            "a": rng.normal(size=n).round(4),
            "b": rng.choice(["x", "y", "z"], n),
        }
    )
    at, of = rng.choice(n, 2 * copies, replace=False).reshape(2, -1)
    rows.loc[at, ["a", "b"]] = rows.loc[of, ["a", "b"]].to_numpy()
    return rows


def read(rows, roles=ROLES):
    return dataset_from_frame(rows, roles)


def seen(rows, positions):
    return set(zip(rows["a"].to_numpy()[positions], rows["b"].to_numpy()[positions], strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_no_strategy_trains_on_a_test_row_or_a_copy_of_one(seed):
    rows = with_copies()
    dataset = read(rows)
    fold = make_fold(dataset, None, seed=seed)

    for strategy in (NONE, UP, DOWN, JOINT, WEIGHTS):
        drawn = draw(strategy, dataset, fold.train, Recipe(by="g", up=1, down=1), seed=seed)
        assert drawn.rows.size
        assert not np.isin(drawn.rows, fold.test).any()
        assert not seen(rows, drawn.rows) & seen(rows, fold.test)


def test_a_drawn_fold_without_regard_to_copies_would_have_parted_some():
    rows = with_copies()
    dataset = read(rows)
    number = read(rows.assign(c=np.arange(len(rows))), ROLES.with_(features=("a", "b", "c")))

    parted = make_fold(number, None, seed=0)
    together = make_fold(dataset, None, seed=0)

    assert seen(rows, parted.train) & seen(rows, parted.test)
    assert not seen(rows, together.train) & seen(rows, together.test)


def test_a_drawn_fold_with_copies_keeps_the_share_of_each_outcome_and_every_labelled_row():
    rows = with_copies()
    fold = make_fold(read(rows), None, seed=1)

    assert sorted([*fold.train, *fold.test]) == list(range(len(rows)))
    for label in (0, 1):
        is_label = (rows["y"] == label).to_numpy()
        assert is_label[fold.test].sum() == round(is_label.sum() / 5)


def test_copies_across_a_named_split_are_taken_out_of_training_and_counted():
    rows = with_copies()
    held_out = np.arange(len(rows)) % 4 == 0
    key = rows["a"].astype(str) + rows["b"]
    is_copy = ~held_out & key.isin(key[held_out]).to_numpy()

    fold = make_fold(read(rows), held_out, seed=0)

    assert fold.dropped == is_copy.sum() > 0
    assert fold.train.tolist() == np.flatnonzero(~held_out & ~is_copy).tolist()
    assert fold.test.tolist() == np.flatnonzero(held_out).tolist()
    assert f"{is_copy.sum()} training rows" in fold.words


@pytest.mark.parametrize("named", [False, True])
def test_columns_so_coarse_that_everybody_looks_alike_are_not_taken_for_copies(named):
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"y": rng.integers(0, 2, 200), "b": rng.integers(0, 2, 200)})
    dataset = read(rows, Roles(target="y", favourable=("1",), features=("b",)))
    held_out = np.arange(200) % 4 == 0 if named else None

    fold = make_fold(dataset, held_out, seed=0)

    assert fold.dropped == 0
    assert fold.twins == fold.test.size
    assert fold.test.size == (50 if named else 40)


def test_columns_that_a_model_does_not_see_do_not_make_rows_different():
    rows = with_copies().assign(c=lambda r: np.arange(len(r)))
    dataset = read(rows, ROLES.with_(features=("a", "b", "c")))

    fold = make_fold(dataset, None, seed=0, features=("a", "b"))

    assert not seen(rows, fold.train) & seen(rows, fold.test)


def test_twins_in_other_data_are_counted_whatever_type_a_column_was_read_as():
    rows = with_copies()
    rows["b"] = np.arange(len(rows)) % 7
    test = rows.iloc[:100].assign(b=rows["b"].iloc[:100].astype(str))
    test.loc[test.index[50:], "b"] = "other"

    fold = all_rows(read(rows), read(test))

    assert fold.twins == 50
    assert fold.train.size == len(rows)


def test_the_hash_of_a_row_does_not_depend_on_the_order_of_the_columns():
    dataset = read(with_copies())

    assert np.array_equal(feature_hashes(dataset, ["a", "b"]), feature_hashes(dataset, ["b", "a"]))
