from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.explain._conditions import own_condition

GAIN = pd.Series([0] * 60 + list(range(1, 41)) + [np.nan] * 5, name="gain", dtype=float)
DEBT = pd.Series(np.r_[np.zeros(50), np.arange(-25, 0), np.arange(1, 26)], name="debt")


@pytest.mark.parametrize(
    ("series", "own", "text", "inside"),
    [
        (GAIN, 0.0, "gain is 0", GAIN == 0),
        (GAIN, 7.0, "gain from 1 to under 10.75", (GAIN > 0) & (GAIN < 10.75)),
        (GAIN, 500.0, "gain 30.25 or more", GAIN >= 30.25),
        (GAIN, np.nan, "gain is missing", GAIN.isna()),
        (DEBT, 0.0, "debt is 0", DEBT == 0),
        (DEBT, -3.0, "debt from -12.75 to under 0", (DEBT >= -12.75) & (DEBT < 0)),
        (DEBT, -30.0, "debt under -12.75", DEBT < -12.75),
        (pd.Series([1, 2, 2, 3], name="rooms"), 2, "rooms is 2", [False, True, True, False]),
        (pd.Series(["a", None, "b"], name="job", dtype="str"), "a", "job is a", [True, False, False]),
        (pd.Series(["a", None, "b"], name="job", dtype="str"), "new", "job is new", [False] * 3),
    ],
)
def test_the_bin_of_a_value_and_who_else_is_in_it(series, own, text, inside):
    condition, found = own_condition(series, pd.Series([own], dtype=series.dtype, name=series.name))

    assert condition.text == text
    assert found.tolist() == list(inside)


def test_every_number_is_in_exactly_one_bin():
    for series in (GAIN, DEBT):
        known = series.dropna().unique()
        bins = {
            own_condition(series, pd.Series([v]))[0]: own_condition(series, pd.Series([v]))[1] for v in known
        }
        assert (
            sum(inside.astype(int) for inside in bins.values()).tolist()
            == series.notna().astype(int).tolist()
        )
