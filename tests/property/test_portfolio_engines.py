"""Any small table is counted alike on every engine, in any order of rows and over any parts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.core.counts import add_counts
from rai_dash.core.types import Roles
from rai_dash.data.portfolio.opening import open_portfolio
from tests.engines.awkward import NUMBERS, TEXTS, in_memory
from tests.engines.checks import assert_same, counted_in_memory, whole_of
from tests.engines.frames import frame_on
from tests.property.tables import scores

ROLES = Roles(
    target="y", favourable=("1", "2"), unfavourable=("0",), score="s", bins={"x": (-1.0, 0.0, 0.1, 1.0)}
)
ENGINES = ("pandas", "arrow", "duckdb", "polars")


@st.composite
def tables(draw):
    """Draw a table: odd texts, ties, blanks of every kind, scores on and beside the edges."""
    n = draw(st.integers(0, 25))

    def column(values, type_=None):
        return pa.array(draw(st.lists(values, min_size=n, max_size=n)), type_, from_pandas=False)

    gaps = st.sampled_from([None, np.nan, np.inf, -np.inf, -0.0])
    return pa.table(
        {
            "y": column(st.sampled_from([0, 1, 2, None]), pa.int8()),
            "s": column(st.one_of(scores, gaps), pa.float64()),
            "x": column(st.one_of(st.sampled_from(NUMBERS), st.floats(width=32)), pa.float64()),
            "g": column(st.one_of(st.sampled_from(TEXTS), st.text(max_size=3)), pa.string()),
            "w": column(st.one_of(st.none(), st.integers(0, 40).map(lambda w: w / 8)), pa.float64()),
        }
    )


def counted(engine, table, roles, columns):
    return whole_of(open_portfolio(frame_on(engine, table), name="table"), roles).counts(columns)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=6)
@given(table=tables(), cut=scores, is_weighted=st.booleans())
def test_an_engine_counts_as_the_table_in_memory_does(engine, table, cut, is_weighted):
    roles = ROLES.with_(weight="w" if is_weighted else None)

    for columns in (("g",), ("x", "y")):
        expected = counted_in_memory(in_memory(table), roles, columns)
        assert_same(counted(engine, table, roles, columns), expected, cuts=(cut,))


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=4)
@given(table=tables(), at=st.integers(0, 25), random=st.randoms(use_true_random=False))
def test_parts_and_the_order_of_rows_change_nothing(engine, table, at, random):
    order = list(range(table.num_rows))
    random.shuffle(order)
    parts = (table.slice(0, at), table.slice(at))

    whole = counted(engine, table, ROLES, ("g",))
    shuffled = counted(engine, table.take(pa.array(order, pa.int64())), ROLES, ("g",))
    added = add_counts(*(counted(engine, part, ROLES, ("g",)) for part in parts))

    assert np.array_equal(shuffled.counts, whole.counts)
    assert set(added.groups) == set(whole.groups)
    assert np.array_equal(added.counts[[added.groups.index(g) for g in whole.groups]], whole.counts)
