from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import binom

from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.table import metric_table
from rai_dash.stats.intervals import katz, newcombe


def table_of(cells, **more):
    label, score, codes = [], [], []
    for g, (tp, fp, fn, tn) in enumerate(cells.values()):
        label += [1] * tp + [0] * fp + [1] * fn + [0] * tn
        score += [0.8] * (tp + fp) + [0.2] * (fn + tn)
        codes += [g] * (tp + fp + fn + tn)
    index = GroupIndex("sex", tuple(cells), np.array(codes, np.int32))
    return metric_table(count(np.array(label, np.int8), np.array(score), index), 0.5, bootstrap=0, **more)


TWO = {"m": (40, 10, 10, 40), "f": (20, 10, 30, 40)}
THREE = TWO | {"x": (30, 10, 20, 40)}


def test_two_groups_have_the_plain_intervals():
    found = disparity(table_of(TWO), "recall")

    low, high = newcombe(40, 50, 20, 50)
    ratio_low, ratio_high = katz(20, 50, 40, 50)
    assert (found.difference, found.low, found.high) == pytest.approx((0.4, float(low), float(high)))
    assert (found.ratio, found.ratio_low, found.ratio_high) == pytest.approx(
        (0.5, float(ratio_low), float(ratio_high))
    )
    assert (found.worst, found.best) == ("f", "m")


def test_three_groups_have_intervals_corrected_for_three_pairs():
    found = disparity(table_of(THREE), "recall")

    low, high = newcombe(40, 50, 20, 50, level=1 - 0.05 / 3)
    assert (found.low, found.high) == pytest.approx((float(low), float(high)))
    assert found.eligible == ("m", "f", "x")


def test_the_worst_group_is_the_one_with_most_errors_where_lower_is_better():
    found = disparity(table_of(TWO), "fnr")

    assert (found.worst, found.best) == ("f", "m")
    assert found.difference == pytest.approx(0.4)


def test_small_and_undefined_groups_are_left_out_and_named_with_the_reason():
    table = table_of(TWO | {"tiny": (1, 0, 0, 1), "no good": (0, 20, 0, 20)})

    found = disparity(table, "recall")

    assert found.eligible == ("m", "f")
    assert dict(found.excluded).keys() == {"tiny", "no good"}
    assert "fewer than 30" in dict(found.excluded)["tiny"]
    assert "no favourable" in dict(found.excluded)["no good"]


def test_the_smallest_group_size_can_be_chosen():
    table = table_of(TWO | {"tiny": (1, 0, 0, 1)})

    assert disparity(table, "recall", min_n=0).difference == pytest.approx(0.6)
    assert disparity(table_of(TWO, min_n=1000), "recall").difference is None


@pytest.mark.parametrize("cells", [{}, {"m": (40, 10, 10, 40)}, {"m": (40, 10, 10, 40), "f": (0, 20, 0, 20)}])
def test_fewer_than_two_groups_are_undefined(cells):
    found = disparity(table_of(cells), "recall")

    assert found.difference is found.low is found.ratio is found.worst is None
    assert found.reason == "fewer than two groups can be compared"


def test_nobody_approved_anywhere_is_a_gap_of_0_without_a_ratio():
    found = disparity(table_of({"m": (0, 0, 10, 40), "f": (0, 0, 30, 40)}), "selection_rate")

    assert found.difference == 0.0
    assert found.ratio is None
    assert found.ratio_reason == "nobody is approved"
    assert found.worst != found.best


def test_a_metric_that_is_0_everywhere_has_no_ratio():
    found = disparity(table_of({"m": (20, 0, 10, 40), "f": (20, 0, 30, 40)}), "fpr")

    assert (found.ratio, found.ratio_reason) == (None, "the number is 0 in every group")


def test_a_number_that_can_be_negative_has_a_gap_but_no_ratio():
    table = table_of({"m": (45, 5, 15, 35), "f": (35, 15, 5, 45), "x": (20, 30, 2, 48)})
    intercepts = table.values["calibration_intercept"].value

    found = disparity(table, "calibration_intercept")

    assert intercepts.min() < 0
    assert found.difference == pytest.approx(intercepts.max() - intercepts.min())
    assert found.ratio is None


def test_a_ratio_of_shares_near_1_is_marked_since_its_interval_is_too_narrow():
    # Coverage by enumeration of all outcomes of 30 and of 500 people, both at .95.
    k1, k2 = np.arange(31)[:, None], np.arange(501)[None, :]
    low, high = katz(k1, 30, k2, 500)
    weight = binom.pmf(k1, 30, 0.95) * binom.pmf(k2, 500, 0.95)
    assert (weight * ((low <= 1.0) & (high >= 1.0))).sum() < 0.8

    narrow = disparity(table_of({"m": (29, 10, 1, 40), "f": (450, 10, 50, 40)}), "recall")
    wide = disparity(table_of({"m": (25, 10, 5, 40), "f": (450, 10, 50, 40)}), "recall")
    certain = disparity(table_of({"m": (30, 10, 0, 40), "f": (500, 10, 0, 40)}), "recall")

    assert "too narrow" in narrow.ratio_caution
    assert wide.ratio_caution is None
    assert (certain.ratio, certain.ratio_low, certain.ratio_high) == (1.0, None, None)


def test_what_is_no_share_of_rows_has_no_interval():
    found = disparity(table_of(TWO), "auc")

    assert found.difference is not None
    assert found.low is found.high is found.ratio_low is None


def test_json_is_plain_and_names_the_excluded():
    found = disparity(table_of(TWO | {"tiny": (1, 0, 0, 1)}), "precision").to_json()

    out = json.loads(json.dumps(found, allow_nan=False))
    assert out["excluded"][0]["group"] == "tiny"
    assert {"difference", "low", "high", "ratio", "ratio_low", "ratio_high"} <= set(out)
