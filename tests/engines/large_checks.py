"""Two million rows counted on an engine, at once and in parts, against the table in memory."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest

from rai_dash.core.counts import add_counts
from rai_dash.data.portfolio.order import quantiles
from tests.engines.awkward import in_memory, large
from tests.engines.checks import ROLES, assert_same, counted_in_memory, whole_of

PARTS = 4


@pytest.fixture(scope="module")
def table():
    return large()


@pytest.fixture(scope="module")
def frame(table):
    return in_memory(table)


@pytest.fixture(scope="module")
def portfolio(portfolio_on, table):
    return portfolio_on(table)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [(), ("text", "i8"), ("number", "moment"), ("amount",)])
def test_two_million_rows_are_counted_as_in_memory(portfolio, frame, columns):
    roles = ROLES.with_(score="score", weight="weight")

    assert_same(
        whole_of(portfolio, roles).counts(columns), counted_in_memory(frame, roles, columns), cuts=(0.3502,)
    )


@pytest.mark.slow
def test_parts_add_up_to_two_million_rows(portfolio, portfolio_on, table):
    roles = ROLES.with_(score="score")
    size = table.num_rows // PARTS
    parts = [
        whole_of(portfolio_on(table.slice(i * size, size)), roles).counts(("text",)) for i in range(PARTS)
    ]

    added, whole = reduce(add_counts, parts), whole_of(portfolio, roles).counts(("text",))

    assert added.groups == whole.groups
    assert np.array_equal(added.counts, whole.counts)


@pytest.mark.slow
def test_quantiles_of_two_million_rows(portfolio, frame):
    at = (0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0)

    assert np.array_equal(quantiles(portfolio, "amount", at), np.quantile(frame["amount"].dropna(), at))
