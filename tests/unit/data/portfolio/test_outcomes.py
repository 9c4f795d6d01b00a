from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.errors import InvalidRoles
from rai_dash.core.types import Roles
from rai_dash.data.labels import outcome_codes
from rai_dash.data.portfolio.cells import outcome_totals
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.portfolio.outcomes import outcome_in
from rai_dash.data.portfolio.whole import Whole

VALUES = ["yes"] * 3_000 + ["no"] * 1_000 + [" no", None] * 2 + ["rare"]


@pytest.fixture(scope="module")
def portfolio():
    return open_portfolio(pa.table({"y": VALUES}))


@pytest.mark.parametrize("roles", [Roles(target="y"), Roles(target="y", favourable=("Yes",))])
def test_a_refusal_tells_the_rows_of_the_whole_table_as_in_memory(portfolio, roles, monkeypatch):
    monkeypatch.setenv("RAI_DASH_SAMPLE_ROWS", "1000")
    with pytest.raises(InvalidRoles) as caught:
        outcome_codes(pd.DataFrame({"y": VALUES}), roles)
    expected = str(caught.value)
    assert "'yes' (3,000), 'no' (1,002), 'rare' (1)" in expected

    for look in (
        lambda: Whole(portfolio=portfolio, roles=roles).counts(),
        lambda: dataset_of(portfolio, roles),
        lambda: outcome_totals(portfolio, roles),
    ):
        with pytest.raises(InvalidRoles) as caught:
            look()
        assert str(caught.value) == expected


def test_a_favourable_label_that_the_sample_lacks_is_one_of_the_table(portfolio):
    roles = Roles(target="y", favourable=("rare",))
    sample = pd.DataFrame({"y": ["yes", "no", None, " yes "]})

    with pytest.raises(InvalidRoles):
        outcome_codes(sample, roles)
    assert outcome_in(sample, roles, portfolio).tolist() == [0, 0, 2, 0]

    some = replace(dataset_of(portfolio, roles), frame=sample, places=np.arange(4))
    assert some.outcome.tolist() == [0, 0, 2, 0]
