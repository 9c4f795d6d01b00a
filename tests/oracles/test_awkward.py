"""Small tables on which a number could be wrong or claim to be certain, with the right answer worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import rai_dash
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Direction, Roles, ScoreScale
from rai_dash.data.counting import count
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.groups import GroupIndex
from rai_dash.data.scores import scores_of_column
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.table import metric_table


def counted(sizes, *, score=0.9):
    """Groups of some sizes in which everyone is favourable and has the same score."""
    codes = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    index = GroupIndex("column", tuple("abcdef"[: len(sizes)]), codes)
    return count(np.ones(codes.size, np.int8), np.full(codes.size, score), index)


def test_the_order_of_groups_does_not_change_the_interval_of_a_gap_of_tied_groups():
    one, other = (
        disparity(metric_table(counted(sizes), 0.5, bootstrap=0), "selection_rate")
        for sizes in ((40, 400, 90), (400, 90, 40))
    )

    assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-12)


def test_a_ratio_of_two_full_shares_does_not_claim_to_be_certain():
    found = disparity(metric_table(counted((40, 60)), 0.5, bootstrap=0), "selection_rate")

    assert found.ratio == 1.0
    assert found.ratio_low is found.ratio_high is None


def test_a_risk_in_hundredths_that_lies_on_the_threshold_is_approved():
    risk = np.arange(101) / 100
    frame = pd.DataFrame({"y": np.arange(101) % 2, "pd": risk})
    roles = Roles(target="y", favourable=("1",), score="pd", scale=ScoreScale(direction=Direction.LOWER))

    score = scores_of_column(dataset_from_frame(frame, roles))

    assert [p for p, s in zip(range(101), score, strict=True) if s < (100 - p) / 100] == []


def test_the_order_of_groups_does_not_change_the_interval_of_a_composite():
    rng = np.random.default_rng(0)
    label, score = rng.integers(0, 2, 1_200).astype(np.int8), rng.random(1_200)
    group, place = rng.integers(0, 3, 1_200), np.array([2, 0, 1])

    one, other = (
        metric_table(
            count(label, score, GroupIndex("column", ("a", "b", "c"), codes.astype(np.int32))), 0.5
        ).values["f1"]
        for codes in (group, place[group])
    )

    assert one.low == pytest.approx(other.low[place], abs=1e-12)
    assert one.high == pytest.approx(other.high[place], abs=1e-12)


def audit_of(frame, *sensitive, crosses):
    roles = Roles(target="y", favourable=("good",), sensitive=sensitive)
    found = rai_dash.audit(dataset_from_frame(frame, roles), np.linspace(0, 1, len(frame)), crosses=crosses)
    return json.loads(found.to_json())


def awkward(**columns):
    """120 rows in which the two columns make two cells of 60."""
    first = np.arange(120) < 60
    cells = {name: np.where(first, *pair) for name, pair in columns.items()}
    return pd.DataFrame({"y": ["good", "bad"] * 60, **cells})


def test_no_cell_of_a_cross_is_lost_where_names_hold_the_sign_of_a_cross():
    frame = awkward(a=("p", "p × q"), b=("q × r", "r"))

    content = audit_of(frame, "a", "b", crosses=[("a", "b")])

    cells = content["crosses"]["a × b"]
    assert len(cells) == 4
    assert sorted(numbers["n"] for numbers in cells.values()) == [0, 0, 60, 60]


def test_a_column_named_like_a_cross_keeps_its_own_figures():
    frame = awkward(a=("p", "q"), b=("r", "s")).assign(**{"a × b": ["u", "v", "w"] * 40})

    try:
        content = audit_of(frame, "a", "b", "a × b", crosses=[("a", "b")])
    except InvalidChoice:
        return  # A refusal is as good.

    assert len(content["groups"]) + len(content["crosses"]) == len(content["disparities"])


def test_the_mean_score_of_one_person_has_no_limits_rather_than_certain_ones():
    found = metric_table(counted((1,), score=0.35), 0.5, bootstrap=0).estimate("mean_score", 0)

    assert found.value == 0.35
    assert found.low is found.high is None


@pytest.mark.parametrize("metric", ["f1", "balanced_accuracy"])
def test_a_composite_of_three_people_does_not_claim_to_be_certain(metric):
    counts = count(np.array([1, 1, 0], np.int8), np.array([0.9, 0.8, 0.1]), None)

    found = metric_table(counts, 0.5, metrics=[metric]).estimate(metric, 0)

    assert found.value == 1.0
    assert found.low is None or found.low < 0.9
