"""Rows that are equal but for rounding and writing, against comparing every pair."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.alike_rows import alike_across, alike_rows
from rai_dash.data.column_facts import TableFacts
from rai_dash.data.dataset import dataset_from_frame

ROLES = Roles(target="y", favourable=("1",), split="split", split_train=("train",))
COLUMNS = ["income", "ratio", "debt", "rate", "job", "age", "y"]


def table(seed, n=140):
    """Few people, each written down several times: rounded, in capitals, off by more, or with a blank."""
    rng = np.random.default_rng(seed)
    people = pd.DataFrame(
        {
            "income": rng.lognormal(10, 0.01, 6),
            "ratio": rng.normal(0, 1, 6),
            "debt": rng.choice([0.0, 412.5, 413.1], 6),
            "rate": rng.uniform(1, 1.01, 6),
            "job": rng.choice(["clerk", "cook"], 6),
            "age": rng.integers(30, 33, 6),
            "y": rng.integers(0, 2, 6),
        }
    )
    frame = people.iloc[rng.integers(0, 6, n)].reset_index(drop=True)
    for column in ("income", "ratio", "debt", "rate"):
        off = rng.choice([1.0, 1.0, 1.004, 0.997, 1.006], n)
        frame[column] = (frame[column] * off).where(rng.random(n) > 0.03)
    frame["job"] = np.where(rng.random(n) < 0.4, " " + frame["job"].str.upper(), frame["job"])
    frame["split"] = rng.choice(["train", "test"], n)
    return frame


def same(a, b):
    return (pd.isna(a) and pd.isna(b)) or a == b


def is_alike(a, b):
    for column in ("income", "ratio", "debt", "rate"):
        x, y = a[column], b[column]
        if pd.isna(x) != pd.isna(y):
            return False
        if not pd.isna(x) and x != y and not (x * y > 0 and max(x / y, y / x) <= 1.005):
            return False
    return a["job"].strip().lower() == b["job"].strip().lower() and all(a[c] == b[c] for c in ("age", "y"))


def is_equal(a, b):
    return all(same(a[c], b[c]) for c in COLUMNS)


@pytest.mark.parametrize("seed", range(3))
def test_pairs_and_rows_are_those_of_comparing_every_pair(seed):
    dataset = dataset_from_frame(table(seed), ROLES)

    found = alike_rows(dataset)

    rows = dataset.frame.to_dict("records")
    pairs = [(i, j) for i, j in combinations(range(len(rows)), 2)
             if is_alike(rows[i], rows[j]) and not is_equal(rows[i], rows[j])]  # fmt: skip
    assert len(pairs) > 20
    assert found.pairs == len(pairs)
    assert found.rows == len({i for pair in pairs for i in pair})
    by_column = {c: sum(not same(rows[i][c], rows[j][c]) for i, j in pairs) for c in COLUMNS}
    assert dict(found.by_column) == {c: n for c, n in by_column.items() if n}
    sides = [row["split"] for row in rows]
    across = {j for pair in pairs for i, j in (pair, pair[::-1]) if (sides[i], sides[j]) == ("train", "test")}
    assert (found.test, found.test_rows) == (sides.count("test"), len(across))


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_a_second_table_are_those_of_comparing_every_pair(seed):
    first, second = (dataset_from_frame(table(seed, n).drop(columns="split")) for n in (70, 60))
    columns = [list(TableFacts(d.frame).values()) for d in (first, second)]

    found = alike_across(*columns)

    ours, theirs = (d.frame.to_dict("records") for d in (first, second))
    alike = [[is_alike(a, b) and not is_equal(a, b) for a in ours] for b in theirs]
    equal = [any(is_equal(a, b) for a in ours) for b in theirs]
    assert found.pairs == sum(map(sum, alike))
    assert found.rows == sum(any(line) and not e for line, e in zip(alike, equal, strict=True))
    assert found.rows > 0


def test_years_months_and_small_whole_numbers_must_be_equal():
    frame = pd.DataFrame(
        {"year": [2019, 2020], "month": [201903, 201904], "age": [199, 200], "x": [1.0, 1.0]}
    )

    assert alike_rows(dataset_from_frame(frame)).pairs == 0


def test_a_table_of_coarse_columns_is_not_compared_pair_by_pair():
    n = 3_000
    frame = pd.DataFrame({"a": ["x"] * n, "b": ["y"] * n, "c": 1000 + np.arange(n) * 0.001})

    found = alike_rows(dataset_from_frame(frame))

    assert "too coarse" in found.reason
    assert alike_rows(dataset_from_frame(frame[["a", "c"]])) is None


def test_the_pairs_that_chance_explains_are_found_in_columns_without_a_relation():
    rng = np.random.default_rng(0)
    n = 4_000
    frame = pd.DataFrame(
        {"a": rng.lognormal(8, 1, n), "b": rng.choice(["x", "X", "y"], n), "c": rng.integers(0, 5, n)}
    )

    found = alike_rows(dataset_from_frame(frame))

    assert found.pairs > 1_000
    assert found.by_chance == pytest.approx(found.pairs, rel=0.15)
