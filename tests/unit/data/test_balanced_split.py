from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.balanced_split import balanced_split
from rai_dash.data.dataset import dataset_from_frame

ROLES = Roles(
    target="y", favourable=("1",), unfavourable=("0",), sensitive=("sex",), id="id", features=("a", "b")
)


def table(n=2000, copies=0, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "a": rng.normal(size=n),
            "b": rng.integers(0, 5, n),
            "sex": rng.choice(["f", "m"], n, p=[0.3, 0.7]),
            "y": rng.choice(["0", "1", "?"], n, p=[0.75, 0.2, 0.05]),
        }
    )
    if copies:
        # A copy may have another label and another group: a model would see the same row all the same.
        again = frame.sample(copies, replace=True, random_state=seed)
        again = again.assign(sex=rng.choice(["f", "m"], copies), y=rng.choice(["0", "1"], copies))
        frame = pd.concat([frame, again], ignore_index=True)
    return frame.assign(id=range(len(frame)))


def drawn(frame, **changes):
    given = {"by": "sex", "per_cell_min": 0, "per_cell_max": None, "test_share": 0.2, "seed": 1} | changes
    return balanced_split(dataset_from_frame(frame, ROLES), **given)


def sizes(frame, positions):
    """Count by outcome and group with pandas."""
    part = frame.iloc[positions]
    return part.groupby(["y", "sex"]).size().to_dict()


def test_every_labelled_row_is_on_one_side_and_the_others_on_none():
    frame = table()
    split = drawn(frame, per_cell_min=50, per_cell_max=60)

    sides = np.concatenate([split.train, split.test, split.left_out])
    assert sorted(sides) == list(range(len(frame)))
    assert set(frame["y"].iloc[split.left_out]) == {"?"}
    assert "?" not in set(frame["y"].iloc[np.concatenate([split.train, split.test])])


def test_without_copies_every_cell_has_just_its_target():
    frame = table()
    whole = frame[frame["y"] != "?"].groupby(["y", "sex"]).size()
    split = drawn(frame, per_cell_min=50, per_cell_max=150)

    wanted = {cell: min(max(round(0.2 * n), 50), 150) for cell, n in whole.items()}
    assert sizes(frame, split.test) == wanted
    assert {wanted[c] == 50 for c in wanted} == {True, False}
    assert {(str(c.label), c.group): (c.n, c.train, c.test) for c in split.cells} == {
        cell: (n, n - wanted[cell], wanted[cell]) for cell, n in whole.items()
    }


def test_equal_bounds_make_every_cell_the_same_size():
    assert set(sizes(table(), drawn(table(), per_cell_min=40, per_cell_max=40).test).values()) == {40}


@pytest.mark.parametrize("seed", range(5))
def test_copies_of_a_row_are_never_on_both_sides_and_the_bounds_hold(seed):
    frame = table(copies=800, seed=seed)
    split = drawn(frame, per_cell_min=40, per_cell_max=90, seed=seed)

    seen = [
        set(frame[["a", "b"]].iloc[part].itertuples(index=False, name=None))
        for part in (split.train, split.test)
    ]
    assert not seen[0] & seen[1]
    assert all(40 <= n <= 90 for n in sizes(frame, split.test).values())
    known = frame[frame["y"] != "?"]
    assert split.kept_together == int(known.duplicated(["a", "b"], keep=False).sum()) > 800


def test_copies_are_drawn_into_the_test_fold_as_often_as_other_rows():
    frame = table(n=4000, copies=2000)
    known = frame["y"] != "?"
    is_copy = frame[known].duplicated(["a", "b"], keep=False).reindex(frame.index, fill_value=False)
    shares = [is_copy.iloc[drawn(frame, seed=seed).test].mean() for seed in range(8)]

    assert np.mean(shares) == pytest.approx(is_copy[known].mean(), abs=0.03)


def test_a_seed_gives_one_split_and_another_seed_another():
    first, again, other = (drawn(table(), seed=s).test for s in (3, 3, 4))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_a_column_only_the_outcome_is_balanced():
    frame = table()
    split = drawn(frame, by=None, per_cell_min=70, per_cell_max=70)

    assert frame["y"].iloc[split.test].value_counts().to_dict() == {"0": 70, "1": 70}


def test_a_cell_is_never_emptied_of_training_rows():
    frame = pd.DataFrame(
        {"a": range(40), "b": 0, "sex": ["f"] * 3 + ["m"] * 37, "y": ["0", "1"] * 20, "id": range(40)}
    )

    split = drawn(frame, test_share=0.99)

    assert all(c.train >= 1 for c in split.cells)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"per_cell_min": 10, "per_cell_max": 5}, "least <= most"),
        ({"per_cell_max": 0}, "least <= most"),
        ({"test_share": 1.0}, "between 0 and 1"),
        ({"per_cell_min": 500}, r"favourable outcomes of `f`: with at least 500"),
    ],
)
def test_bounds_that_cannot_be_met_are_refused_in_words(changes, said):
    with pytest.raises(InvalidChoice, match=said):
        drawn(table(), **changes)


def test_copies_that_make_the_least_impossible_are_refused_in_words():
    frame = pd.DataFrame(
        {"a": [1.0] * 60 + [2.0] * 60, "b": 0, "sex": "f", "y": ["0", "1"] * 60, "id": range(120)}
    )

    with pytest.raises(InvalidChoice, match="same features have to stay together"):
        drawn(frame, per_cell_min=10, per_cell_max=20)


def test_no_known_outcome_is_refused_in_words():
    frame = table(50).assign(y=None)

    with pytest.raises(InvalidChoice, match="nothing to split"):
        drawn(frame)
