from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.data.column_facts import TableFacts
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.duplicates import (
    count_conflicts,
    count_repeats,
    count_shared,
    pairs_by_chance,
    row_hashes,
)


def cells(column):
    return column.hashes


def hashed(frame, by=cells):
    return row_hashes(list(TableFacts(frame).values()), by)


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    n = 2000
    return dataset_from_frame(
        pd.DataFrame(
            {
                "a": rng.choice([0.0, -0.0, 1.5, np.nan], n),
                "b": rng.integers(0, 30, n),
                "c": rng.choice(["x", "y", "long words", None], n),
                "d": rng.choice(["x", "y"], n),
            }
        )
    ).frame


def test_repeats_are_those_of_pandas(frame):
    assert count_repeats(hashed(frame)) == frame.duplicated().sum() > 500


def test_values_that_change_columns_are_another_row():
    frame = pd.DataFrame({"a": [1, 2], "b": [2, 1], "c": ["x", "y"], "d": ["y", "x"]})

    assert count_repeats(hashed(frame)) == 0


def test_conflicts_are_those_of_a_search_by_hand(frame):
    outcome = np.random.default_rng(1).choice([0, 1, 2], len(frame), p=[0.5, 0.3, 0.2]).astype(np.int8)
    known = frame.assign(outcome=outcome)[outcome < 2]
    both = known.groupby(list("abcd"), dropna=False)["outcome"].transform("nunique") == 2

    assert count_conflicts(hashed(frame), outcome) == both.sum() > 100


def test_shared_rows_are_those_of_a_search_by_hand(frame):
    here, there = frame[:1500], frame[1500:]
    marked = here.merge(there.drop_duplicates(), how="left", indicator=True)  # blanks match blanks
    oracle = (marked["_merge"] == "both").sum()

    assert count_shared(hashed(here), hashed(there)) == oracle > 100


def test_order_of_columns_and_whole_numbers_as_floats_make_no_difference(frame):
    turned = frame[["d", "b", "a", "c"]].assign(b=frame["b"].astype("float64"))

    assert hashed(frame).tolist() == hashed(turned).tolist()


def test_labels_are_equal_where_one_table_has_text_and_one_numbers():
    as_numbers, as_text = (
        pd.DataFrame({"a": [1, 2, 30]}),
        pd.DataFrame({"a": ["1", "2.0", "30"]}, dtype="str"),
    )

    one, other = (hashed(f, lambda c: c.label_hashes) for f in (as_numbers, as_text))

    assert one.tolist() == other.tolist()


def test_pairs_by_chance_are_those_of_columns_without_a_relation():
    rng = np.random.default_rng(2)
    n = 1500
    frame = pd.DataFrame(
        {"a": rng.integers(0, 40, n), "b": rng.integers(0, 50, n), "c": rng.integers(0, 3, n)}
    )
    rows = hashed(frame)
    sizes = np.unique(rows, return_counts=True)[1]
    observed = (sizes * (sizes - 1) / 2).sum()

    expected = pairs_by_chance(list(TableFacts(frame).values()), n * (n - 1) / 2, cells)

    assert expected == pytest.approx(observed, abs=4 * np.sqrt(observed))
