"""Rows that two tables share, against pandas and against comparing every pair."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.shared_rows import shared_rows

ROLES = Roles(target="y", favourable=("1",), id="key")


def table(seed, n):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "key": [f"{seed}-{i}" for i in range(n)],
            "income": rng.integers(1, 9, n) * 1000.0,
            "job": rng.choice(["a", "b", None], n),
            "age": rng.integers(30, 36, n),
            "y": rng.integers(0, 2, n),
        }
    )


@pytest.fixture(params=range(3))
def tables(request):
    first, second = table(request.param, 90), table(100 + request.param, 70)
    second.loc[second.index[:4], "key"] = first["key"].iloc[:4].to_numpy()
    second.loc[second.index[:2], second.columns] = first.iloc[:2].to_numpy()
    return first, second.astype({"income": float, "age": int, "y": int})


def differences(a, b, columns):
    return [c for c in columns if not ((pd.isna(a[c]) and pd.isna(b[c])) or a[c] == b[c])]


def test_equal_rows_and_rows_that_differ_in_one_column_are_those_of_comparing_every_pair(tables):
    first, second = tables
    found = shared_rows(*(dataset_from_frame(t, ROLES) for t in tables))

    columns = ["income", "job", "age", "y"]
    apart = [
        [differences(a, b, columns) for a in first.to_dict("records")] for b in second.to_dict("records")
    ]
    equal = [any(not d for d in line) for line in apart]
    near = [
        not e and any(len(d) == 1 and d != ["y"] for d in line) for e, line in zip(equal, apart, strict=True)
    ]
    merged = second.merge(first[columns].drop_duplicates(), on=columns, how="inner")
    assert found.equal == sum(equal) == len(merged) > 2
    assert found.one_column == sum(near) > 0
    assert found.same_id == merged["key"].isin(first["key"]).sum() >= 2
    assert (found.rows_then, found.rows_now, found.with_outcome) == (90, 70, True)
    assert found.share == found.equal / 70


def test_rows_without_outcome_are_compared_by_their_features(tables):
    first, second = tables
    roles = ROLES.with_(target=None, favourable=())
    found = shared_rows(dataset_from_frame(first, ROLES), dataset_from_frame(second.drop(columns="y"), roles))

    columns = ["income", "job", "age"]
    assert not found.with_outcome
    assert set(found.compared) == set(columns)
    assert found.equal == len(second.merge(first[columns].drop_duplicates(), on=columns))


def test_rounded_copies_are_counted_apart_from_equal_ones():
    rng = np.random.default_rng(0)
    first = pd.DataFrame(
        {"a": rng.lognormal(9, 1, 200), "b": rng.normal(size=200), "c": rng.choice(["x", "y"], 200)}
    )
    copies = first.iloc[:30].assign(
        a=lambda f: [float(f"{v:.3g}") for v in f["a"]], c=lambda f: f["c"].str.upper()
    )
    second = pd.concat([first.iloc[100:105], copies, first.iloc[50:60].assign(a=lambda f: f["a"] * 2)])

    found = shared_rows(dataset_from_frame(first), dataset_from_frame(second))

    assert (found.equal, found.alike.rows, found.one_column) == (5, 30, 10)
    assert dict(found.alike.by_column) == {"a": 30, "c": 30}
    assert found.by_chance < 1e-6


def test_text_in_one_table_and_numbers_in_the_other_are_compared_as_text():
    first = pd.DataFrame({"a": [1, 7, 3], "b": [4, 9, 6], "c": ["x", "y", "z"]})
    second = pd.DataFrame({"a": ["1", "7", "n"], "b": [4, 9, 6], "c": ["x", "q", "z"]})

    found = shared_rows(dataset_from_frame(first), dataset_from_frame(second))

    assert (found.equal, found.one_column) == (1, 2)


def test_two_columns_in_common_say_nothing():
    first = dataset_from_frame(pd.DataFrame({"a": [1, 2], "b": [3, 4], "c": [5, 6]}))

    assert shared_rows(first, dataset_from_frame(first.frame[["a", "b"]])) is None
