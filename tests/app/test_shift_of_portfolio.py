"""The Shift page on two tables that are counted where they lie: all rows are compared, and what is not says so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from tests.app.conftest import Open, words

ROLES = Roles(target="paid", favourable=("yes",), score="score", sensitive=("area",))


def loans(n: int, move: float) -> pd.DataFrame:
    rng = np.random.default_rng(n)
    score = np.clip(rng.beta(2, 2, n) + move / 5, 0, 1)
    return pd.DataFrame(
        {
            "paid": np.where(rng.random(n) < score, "yes", "no"),
            "area": rng.choice(["n", "s"], n),
            "income": rng.normal(100 + 50 * move, 10, n),
            "score": score,
        }
    )


@pytest.fixture
def case(tmp_path, monkeypatch) -> Case:
    monkeypatch.setenv("RAI_DASH_SAMPLE_ROWS", "1000")
    monkeypatch.setenv("RAI_DASH_MOST_SAMPLE_ROWS", "1000")
    get_settings.cache_clear()
    data = []
    for key, n, role, move in (
        ("then", 3000, DataRole.TRAINING, 0.0),
        ("now", 2500, DataRole.PRODUCTION, 1.0),
    ):
        place = tmp_path / f"{key}.parquet"
        loans(n, move).to_parquet(place, index=False)
        dataset = dataset_of(open_portfolio(place), ROLES)
        assert dataset.n_rows == 1000
        data.append(CaseData(key=key, title=key, role=role, dataset=dataset))
    yield Case(id="two-portfolios-of-the-tests-0123456789", title="two", data=tuple(data), default_data="now")
    get_settings.cache_clear()


def test_all_rows_are_compared_and_single_rows_are_not_looked_for(open_page: Open, case: Case) -> None:
    at = open_page("shift", case=case)

    text = words(at)
    assert not at.exception
    assert "Something went wrong" not in text
    assert "Then: then, 3,000 rows. Now: now, 2,500 rows." in text
    assert "income" in text
    assert "Rows that are in both data sets are not looked for" in text
    assert "scores of 2,500 rows counted · 1,000 in the sample" in text
    assert "This uses the sample of 1,000 rows, not all 3,000" in text
