from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from rai_dash.data.portfolio.opening import open_portfolio
from tests.engines.frames import frame_on

LETTERS = "0137aens"


def given(seed=0, n=300):
    rng = np.random.default_rng(seed)
    number = rng.normal(0, 1e4, n)
    number[:6] = [np.nan, np.inf, -0.0, 1e300, -1e-300, 2.0**53]
    text = np.array(["a7", "née", "", "  ", "long name 013", None], dtype=object)[rng.integers(0, 6, n)]
    days = [dt.date(2019, 1, 31) + dt.timedelta(days=int(i)) for i in rng.integers(0, 2_000, n)]
    return pa.table(
        {
            "whole": rng.integers(-(10**6), 10**6, n),
            "number": number,
            "text": pa.array(text, pa.string()),
            "truth": rng.random(n) < 0.3,
            "day": pa.array(days, pa.date32()),
        }
    )


def drawn(values):
    """The fractions of the finite numbers times three constants, in parts."""
    known = values[np.isfinite(values)].astype(np.float64)
    found = [known.size]
    for times in (0.6180339887498949e-7, 0.4142135623730951, 7_320.508075688773):
        product = known * times
        product = product[np.abs(product) < 2.0**52]
        found.append(int(np.floor((product - np.floor(product)) * 2**24).sum()))
    return found


def marks_of(table):
    texts = [t for t in table["text"].to_pylist() if t is not None]
    days = [d.year * 372 + d.month * 31 + d.day for d in table["day"].to_pylist()]
    filled = [t for t in texts if t.strip()]
    return {
        "whole": ("whole number", drawn(table["whole"].to_numpy())),
        "number": ("number", drawn(table["number"].to_numpy())),
        "text": (
            "text",
            [len(filled), sum(map(len, filled)), *(sum(c in t for t in filled) for c in LETTERS)],
        ),
        "truth": ("truth value", [table.num_rows, sum(table["truth"].to_pylist())]),
        "day": ("time", [table.num_rows, sum(days)]),
    }


def test_marks_are_the_counts_and_sums_of_numpy_on_every_engine(engine):
    table = given()
    expected = marks_of(table)

    found = open_portfolio(frame_on(engine, table), name="t").engine.marks()

    assert [name for name, *_ in found] == table.column_names
    compared = [(name, kind, marks) for name, kind, marks in found if kind == expected[name][0]]
    assert {name for name, *_ in compared} >= {"whole", "number", "text"}
    for name, kind, marks in compared:
        if name != "text" or engine != "pandas":  # the door of pandas trims text
            assert (kind, marks) == expected[name], name


def test_the_order_of_rows_is_no_matter_and_one_cell_is():
    table = given(n=120)

    def known(rows):
        return open_portfolio(rows, name="t").fingerprint

    turned = table.take(pa.array(np.random.default_rng(1).permutation(120)))
    assert known(table) == known(turned)
    for name in ("whole", "number", "text", "truth", "day"):
        column = table[name].to_pylist()
        at = 20
        column[at] = {
            "whole": 1 if column[at] == 0 else 0, "number": 1.25, "text": "another", "truth": not column[at],
            "day": dt.date(1999, 1, 1),
        }[name]  # fmt: skip
        other = table.set_column(table.column_names.index(name), name, pa.array(column, table[name].type))
        assert known(turned) != known(other), name


def test_two_months_of_one_size_are_two_tables_and_it_says_what_that_rests_on():
    first, second = (open_portfolio(given(seed), name="loans") for seed in (1, 2))

    assert first.n_rows == second.n_rows
    assert first.fingerprint != second.fingerprint
    assert first.rests_on == "its name, columns, number of rows, and counts and sums over every column"


def test_wide_tables_are_looked_at_in_pieces_and_nested_columns_not_at_all():
    columns = {f"x{i}": pa.array([i, i + 1]) for i in range(95)}
    table = pa.table({**columns, "list": pa.array([[1], [2]])})

    found = open_portfolio(table, name="t").engine.marks()

    assert [name for name, *_ in found] == table.column_names
    assert found[94] == ["x94", "whole number", drawn(np.array([94, 95]))]
    assert found[95] == ["list", None, []]


@pytest.mark.parametrize("engine_name", ["duckdb", "polars"])
def test_a_table_without_rows_has_marks(engine_name):
    empty = given(n=10).slice(0, 0)

    found = open_portfolio(frame_on(engine_name, empty), name="t").engine.marks()

    assert all(set(marks) <= {0} for _, _, marks in found)
