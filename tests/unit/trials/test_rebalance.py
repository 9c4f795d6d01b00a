"""The parts that train nothing: folds and cells. Training is in ``tests/app/test_rebalance.py``."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.groups import group_index
from rai_dash.data.read import read_dataset
from rai_dash.data.resample import resample
from rai_dash.trials.rebalance import all_rows, cell_sizes, make_fold


@pytest.fixture(scope="module")
def dataset():
    """200 rows, one in ten without an outcome, one in twenty without a group."""
    rng = np.random.default_rng(5)
    y = np.where(rng.random(200) < 0.1, "", np.where(rng.random(200) < 0.3, "yes", "no"))
    g = np.where(rng.random(200) < 0.05, "", np.where(rng.random(200) < 0.4, "f", "m"))
    rows = pd.DataFrame({"number": np.arange(200), "y": y, "g": g})
    roles = Roles(target="y", favourable=("yes",), sensitive=("g",))
    return read_dataset(rows.to_csv(index=False).encode(), roles)


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize(("up", "down"), [(0, 1), (1, 1), (0, 0.4), (0.5, 0.6)])
def test_neither_a_test_row_nor_a_copy_of_one_is_trained_on(dataset, up, down, seed):
    fold = make_fold(dataset, None, seed=seed)

    drawn = resample(
        dataset.outcome, group_index(dataset.frame, "g"), fold.train, up=up, down=down, seed=seed
    )

    number = dataset.frame["number"].to_numpy()
    assert not set(number[drawn]) & set(number[fold.test])
    assert set(number[drawn]) <= set(number[fold.train])


def test_the_fold_parts_the_labelled_rows_and_keeps_the_shares(dataset):
    fold = make_fold(dataset, None, seed=1)

    labelled = np.flatnonzero(dataset.frame["y"].notna())
    assert sorted([*fold.train, *fold.test]) == labelled.tolist()
    for label in ("yes", "no"):
        rows = (dataset.frame["y"] == label).to_numpy()
        assert rows[fold.test].sum() == round(rows.sum() / 5)


def test_the_same_seed_gives_the_same_fold_and_another_seed_another(dataset):
    first, again, other = (make_fold(dataset, None, seed=s).test.tolist() for s in (3, 3, 4))

    assert first == again != other


def test_a_split_of_the_data_is_kept_as_it_is(dataset):
    held_out = np.arange(200) % 4 == 0

    fold = make_fold(dataset, held_out, seed=0)

    assert fold.test.tolist() == list(range(0, 200, 4))
    assert not held_out[fold.train].any()
    assert dataset.frame["y"].notna().to_numpy()[fold.train].all()
    assert "split that the data name" in fold.words


def test_all_rows_are_the_labelled_ones_and_nothing_is_held_out(dataset):
    fold = all_rows(dataset)

    assert fold.train.tolist() == np.flatnonzero(dataset.frame["y"].notna()).tolist()
    assert fold.test.size == 0


@pytest.mark.parametrize(("up", "down"), [(0, 1), (1, 1), (0, 0.4)])
def test_cells_are_counted_as_by_hand(dataset, up, down):
    train = make_fold(dataset, None, seed=0).train
    drawn = resample(dataset.outcome, group_index(dataset.frame, "g"), train, up=up, down=down, seed=0)

    words = {"yes": "favourable", "no": "unfavourable"}
    rows = dataset.frame.iloc[drawn]
    by_hand = Counter(
        f"{words[y]} × {'(missing)' if pd.isna(g) else g}" for y, g in zip(rows["y"], rows["g"], strict=True)
    )
    assert cell_sizes(dataset, drawn, "g") == dict(by_hand)
    assert cell_sizes(dataset, drawn, None) == dict(Counter(words[y] for y in rows["y"]))


def test_topped_up_fully_all_cells_are_as_large_as_the_largest(dataset):
    train = make_fold(dataset, None, seed=0).train
    before = cell_sizes(dataset, train, "g")
    drawn = resample(dataset.outcome, group_index(dataset.frame, "g"), train, up=1, down=1, seed=0)

    assert set(cell_sizes(dataset, drawn, "g").values()) == {max(before.values())}


@pytest.mark.parametrize("good", [4, 26])
def test_a_fold_with_hardly_any_row_of_an_outcome_is_refused(good):
    csv = b"y,x\n" + b"1,2\n" * good + b"0,1\n" * (30 - good)
    rows = read_dataset(csv, Roles(target="y", favourable=("1",)))

    with pytest.raises(InvalidChoice, match="at least 5 of each"):
        all_rows(rows)
