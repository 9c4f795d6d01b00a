"""Times as files have them, and rows that carry weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.drift import prior_shift
from rai_dash.data.time_order import time_order

ROLES = Roles(target="y", favourable=("1",), time="when")
DAYS = pd.date_range("2016-01-15", periods=36, freq="MS") + pd.Timedelta(days=14)
FORMS = {
    "iso": "%Y-%m-%d", "iso with time": "%Y-%m-%dT%H:%M:%SZ", "german": "%d.%m.%Y", "british": "%d/%m/%Y",
    "american": "%m/%d/%Y", "month name": "%b-%Y", "month": "%m/%Y", "long": "%d %B %Y", "american long": "%B %d, %Y",
}  # fmt: skip


def shuffled(cells):
    order = np.random.default_rng(0).permutation(len(cells) * 4) % len(cells)
    return pd.DataFrame({"when": np.asarray(cells)[order], "place": order, "y": order % 2})


@pytest.mark.parametrize("form", FORMS)
def test_dates_in_every_form_are_read_and_put_in_order(form):
    frame = shuffled(DAYS.strftime(FORMS[form]))

    found = time_order(dataset_from_frame(frame, ROLES))

    assert (found.reason, found.unread, len(found.periods)) == (None, 0, 12)
    firsts = [period.split(" to ")[0] for period in found.periods]
    place = dict(zip(frame["when"].str.removesuffix("T00:00:00Z"), frame["place"], strict=True))
    assert [place[first] for first in firsts] == list(range(0, 36, 3))


@pytest.mark.parametrize("unit", [1, 1000])
def test_seconds_since_1970_are_shown_as_dates(unit):
    seconds = ((DAYS - pd.Timestamp("1970-01-01")) // pd.Timedelta(seconds=1)) * unit

    found = time_order(dataset_from_frame(shuffled(seconds), ROLES))

    assert found.periods[0] == "2016-02-15 to 2016-04-15"


def test_quarters_are_in_order_and_years_of_two_digits_are_not_guessed():
    quarters = [f"Q{q} {year}" for year in (2019, 2020) for q in (1, 2, 3, 4)]

    assert time_order(dataset_from_frame(shuffled(quarters), ROLES)).periods == tuple(quarters)
    assert time_order(dataset_from_frame(shuffled(DAYS.strftime("%d.%m.%y")), ROLES)).reason is not None


def _weighted(n, seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"y": rng.integers(0, 2, n), "w": rng.choice([0.5, 1.0, 4.0], n), "when": 2019 + np.arange(n) % 2}
    )
    return dataset_from_frame(frame, ROLES.with_(weight="w"))


def test_the_prior_shift_of_weighted_rows_has_weighted_shares_and_kishs_sizes():
    first, second = _weighted(300, 0), _weighted(200, 1)

    found = prior_shift(first, second)

    table, shares = [], []
    for one in (first, second):
        y, w = one.frame["y"], one.frame["w"]
        size = w.sum() ** 2 / (w**2).sum()
        shares.append(np.average(y, weights=w))
        table.append([round(shares[-1] * size), round(size) - round(shares[-1] * size)])
    assert (found.then.value, found.now.value) == pytest.approx(shares)
    assert found.p_value == pytest.approx(fisher_exact(table).pvalue)
    assert found.is_weighted
    assert found.now.high - found.now.low > 0.138  # wider than Wilson's of 200 rows


def test_the_periods_of_weighted_rows_have_weighted_shares_and_counts_of_rows():
    dataset = _weighted(400, 2)

    found = time_order(dataset)

    for i, year in enumerate((2019, 2020)):
        rows = dataset.frame[dataset.frame["when"] == year]
        assert found.share[i] == pytest.approx(np.average(rows["y"], weights=rows["w"]))
        assert (found.labelled[i], found.favourable[i]) == (len(rows), rows["y"].sum())
    assert found.overall == pytest.approx(np.average(dataset.frame["y"], weights=dataset.frame["w"]))
    assert found.is_weighted
