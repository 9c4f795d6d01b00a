"""The Data page on a table that stays where it is: figures of all rows, and the sample where single rows are needed."""

from __future__ import annotations

import pytest

from rai_dash.case import Case, CaseData, DataRole
from rai_dash.data.portfolio.opening import open_portfolio
from tests.app.conftest import texts
from tests.engines.frames import frame_on
from tests.unit.data.portfolio.awkward import on_portfolio
from tests.unit.data.portfolio.test_findings_of_portfolio import EVERY, ROLES, N, table

SAMPLED = f"sample of {N // EVERY:,} rows"


@pytest.fixture(scope="module")
def case():
    rows = table()
    dataset = on_portfolio(open_portfolio(frame_on("duckdb", rows), name="table"), rows, ROLES, EVERY)
    data = CaseData(key="d", title="d", role=DataRole.TRAINING, dataset=dataset)
    return Case(id="portfolio.data", title="t", data=(data,))


@pytest.mark.parametrize(
    ("lens", "is_sampled"),
    [
        ("look", True),
        ("imbalance", False),
        ("columns", False),
        ("rows", True),
        ("blanks", False),
        ("population", False),
    ],
)
def test_every_view_says_which_rows_it_is_of(open_page, case, lens, is_sampled):
    page = open_page("data", case=case, lens=lens)

    words = texts(page)
    assert not page.exception
    assert "Something went wrong" not in words
    assert (SAMPLED in words) == is_sampled


def test_figures_are_of_all_rows(open_page, case):
    blank = table().column("income").null_count

    words = texts(open_page("data", case=case, lens="columns", column="income"))

    assert f"{len(table().column_names)} columns, {N:,} rows" in words
    assert f"{blank:,} of {N:,} blank" in words
