from __future__ import annotations

import json

import numpy as np

from rai_dash.core.estimates import Estimates, plain, reasons
from rai_dash.core.types import Estimate


def two(**more):
    nan = np.nan
    return Estimates(
        value=np.array([0.5, nan]),
        low=np.array([0.4, nan]),
        high=np.array([0.6, nan]),
        numerator=np.array([5.0, 0.0]),
        denominator=np.array([10.0, 0.0]),
        size=np.array([10.0, 0.0]),
        reason=(None, "nobody is approved"),
        **more,
    )


def test_one_group_is_taken_out_as_an_estimate():
    assert two().at(0) == Estimate(0.5, 0.4, 0.6, 5.0, 10.0, None)
    assert two().at(1) == Estimate.undefined("nobody is approved", numerator=0.0, denominator=0.0)


def test_undefined_is_null_in_json_with_the_reason():
    out = json.loads(json.dumps(two().to_json(1), allow_nan=False))

    assert out["value"] is None
    assert out["reason"] == "nobody is approved"
    assert "reason" not in two().to_json(0)


def test_json_says_where_a_figure_comes_from_and_how_far_it_may_be_off():
    out = two(source="cells", bound=np.array([0.001, np.nan]), dropped=np.array([3, 0])).to_json(0)

    assert (out["from"], out["bound"], out["dropped_replicates"]) == ("cells", 0.001, 3)


def test_neither_nan_nor_infinity_is_a_plain_number():
    assert [plain(x) for x in (1.0, np.nan, np.inf)] == [1.0, None, None]


def test_reasons_stand_only_where_a_value_is_undefined():
    assert reasons(np.array([1.0, np.nan]), "why") == (None, "why")
