"""Counting a batch: against brute force over rows, and that parts add up to the whole."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, InvalidRoles, LedgerBroken, MissingColumn
from rai_dash.core.types import ReviewBand
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.govern._policy_monitoring import MonitorLimits
from rai_dash.govern.monitor._counts_json import counts_of_json
from rai_dash.govern.monitor.counting import basis_of, batch_of, count_batch
from rai_dash.govern.monitor.judging import judge_batch, no_counts
from tests.unit.govern.monitor_story import (
    BAND,
    ROLES,
    applications,
    counted,
    judged,
    make_policy,
    signed_data,
    table,
)


@pytest.fixture(scope="module")
def policy():
    return make_policy(conditions=("amount > 20000",))


def same(a, b) -> bool:
    """Whether two counts are equal; sums of floats to the last few bits."""
    one, other = a.to_json(), b.to_json()
    sums = [np.array(x["scores"].pop("sums")) for x in (one, other)]
    groups = [x.pop(part) for x in (one, other) for part in ("routed", "scored")]

    def by_name(cubes):
        return {
            (column, group): (rows, cube["edges"])
            for column, cube in cubes.items()
            for group, rows in zip(cube["groups"], cube["rows"], strict=True)
            if np.any(rows)
        }

    return (
        one | {"batches": 0} == other | {"batches": 0}
        and np.allclose(*sums, rtol=1e-12)
        and by_name(groups[0]) == by_name(groups[2])
        and by_name(groups[1]) == by_name(groups[3])
    )


def test_three_parts_add_up_to_the_whole(policy):
    frame = applications(900, 5)
    frame.loc[400:, "purpose"] = frame.loc[400:, "purpose"].where(frame.index[400:] % 7 > 0, "boat")
    # The first part knows nothing of outcomes and of one sex; the second has a label that nobody knows.
    frame.loc[:299, "outcome"] = None
    frame.loc[:299, "sex"] = "m"
    frame.loc[305, "outcome"] = "sold"
    parts = [frame.iloc[:300], frame.iloc[300:650], frame.iloc[650:]]

    whole, sums = counted(policy, frame), [counted(policy, p.reset_index(drop=True)) for p in parts]

    assert same(sums[0] + sums[1] + sums[2], whole)
    assert same(sums[2] + sums[0] + sums[1], whole)
    assert same(no_counts(policy) + whole, whole)
    assert (sums[0] + sums[1] + sums[2]).batches == 3
    assert (whole.outcomes, whole.strange_outcomes) == (599, {"sold": 1})
    lines = judged(policy, frame).lines, judge_batch(policy, sums[0] + sums[1] + sums[2]).lines
    exact = [[(x.key, x.state, x.batch.numerator) for x in y if x.family != "calibration"] for y in lines]
    assert exact[0] == exact[1]


def test_routes_and_cells_are_those_of_a_loop_over_rows(policy):
    frame = applications(400, 6)
    frame.loc[3, "score"] = np.nan
    counts = counted(policy, frame)
    edges = policy.monitoring.column("amount").edges

    reject = approve = selected = 0
    amounts = [0] * (len(edges) + 1)
    for row in frame.to_dict("records"):
        # A blank amount cannot be compared, so a person looks.
        held = not row["amount"] <= 20_000
        reject += not held and row["score"] < 0.35
        approve += not held and row["score"] >= 0.7
        selected += row["score"] >= 0.5
        if row["amount"] == row["amount"]:
            amounts[sum(edge <= row["amount"] for edge in edges)] += 1

    cube = counts.routed[""]
    by_cell = cube.rows.sum(axis=(0, 1, 2))
    assert cube.edges.tolist() == [0.35, 0.5, 0.7]
    assert (by_cell[0], by_cell[3]) == (reject, approve)
    assert counts.scored[""].rows.sum(axis=(0, 1, 2))[1] == selected
    assert counts.columns["amount"].cells.tolist() == amounts
    assert counts.columns["amount"].blank == frame["amount"].isna().sum()
    assert counts.columns["purpose"].cells.tolist() == [
        (frame["purpose"] == name).sum() for name in policy.monitoring.column("purpose").categories
    ]
    for column, names in {"sex": frame["sex"], "age": pd.cut(frame["age"], [-99, 29, 49, 99])}.items():
        sizes = counts.routed[column].n
        assert sorted(sizes[sizes > 0]) == sorted(names.value_counts(dropna=False))


def test_counts_come_back_from_json_as_they_were(policy):
    counts = counted(policy, applications(200, 7))

    back = counts_of_json(json.loads(json.dumps(counts.to_json(), allow_nan=False)))

    assert same(back, counts)
    assert json.dumps(back.to_json()) == json.dumps(counts.to_json())


@pytest.mark.parametrize("content", [{}, {"schema": "rai-dash/monitor-counts/2"}, {"schema": 3}])
def test_what_is_no_counts_is_refused(content):
    with pytest.raises(LedgerBroken, match="count the batch again"):
        counts_of_json(content)


def test_counts_of_two_policies_do_not_add_up(policy):
    other = make_policy(band=ReviewBand(0.3, 0.5, 0.7))
    frame = applications(50, 8)

    with pytest.raises(InvalidChoice, match="two different policies"):
        counted(policy, frame) + counted(other, frame)


def test_the_basis_is_what_is_counted_by_and_not_the_limits():
    plain = make_policy()

    assert basis_of(make_policy(limits=MonitorLimits(psi_watch=0.05))) == basis_of(plain)
    assert basis_of(make_policy(title="Other")) == basis_of(plain)
    assert basis_of(make_policy(conditions=("amount > 5",))) != basis_of(plain)
    assert basis_of(make_policy(signed_data(seed=2))) != basis_of(plain)


def test_a_batch_without_outcomes_has_none(policy):
    counts = counted(policy, applications(60, 9).drop(columns="outcome"))

    assert (counts.n, counts.outcomes) == (60, 0)


def test_outcomes_of_one_side_are_read_and_unknown_spellings_are_refused(policy):
    frame = applications(60, 10)

    assert counted(policy, frame.assign(outcome="lost")).outcomes == 60
    with pytest.raises(InvalidRoles, match=r"'Repaid'.*the policy knows 'lost', 'repaid'"):
        counted(policy, frame.assign(outcome="Repaid"))


def test_an_unknown_label_is_no_outcome_and_is_told(policy):
    frame = applications(60, 10)
    frame.loc[[2, 4], "outcome"] = "sold"

    batch = batch_of(policy, table(frame))

    assert (batch.outcome == 2).sum() == 2
    assert [n.message for n in batch.notices if n.code == "strange_outcomes"] == [
        "2 rows have an outcome in `outcome` that the policy does not know: taken as not known yet."
    ]


def test_a_score_off_its_scale_goes_to_a_person():
    policy = make_policy()
    frame = applications(20, 11)
    frame["score"] = [0.1] * 10 + [0.9] * 5 + [1.2, -0.1, np.nan, np.inf, 0.5]

    counts = counted(policy, frame)

    # Two infinite or blank, two off the scale.
    assert counts.routed[""].rows.sum(axis=(0, 1, 2)).tolist() == [10, 0, 1, 5, 4]
    assert counts.score_counts.sum() == 16


def test_text_where_numbers_were_signed_is_in_no_cell(policy):
    frame = applications(40, 12)
    counts = count_batch(
        make_policy(), batch_of(make_policy(), table(frame.assign(amount="much", age="old")))
    )

    assert counts.columns["amount"].is_text
    assert counts.columns["amount"].cells.sum() == 0
    assert "age" not in counts.routed
    assert "sex" in counts.routed


def test_groups_of_numbers_and_of_their_texts_are_one():
    data = signed_data()
    frame = data.frame.assign(sex=np.where(data.frame["sex"] == "f", 1, 2))
    policy = make_policy(dataset_from_frame(frame, ROLES))
    batch = applications(80, 13)
    batch = batch.assign(sex=np.where(batch["sex"] == "f", "1.0", "2"))

    counts = counted(policy, batch)

    assert counts.routed["sex"].groups == ("1", "2")
    assert counts.routed["sex"].n.tolist() == [(batch["sex"] == "1.0").sum(), (batch["sex"] == "2").sum()]


def test_a_column_that_routes_need_is_missed_in_words(policy):
    frame = applications(20, 14)

    with pytest.raises(MissingColumn, match="amount"):
        counted(policy, frame.drop(columns="amount"))
    with pytest.raises(MissingColumn, match="score"):
        counted(policy, frame.drop(columns="score"))
    with pytest.raises(InvalidChoice, match="holds text"):
        counted(policy, frame.assign(score="high"))


def test_a_policy_without_monitoring_says_what_to_do():
    policy = make_policy(monitoring=None)

    with pytest.raises(InvalidChoice, match="Draft a new version"):
        counted(policy, applications(20, 15))


def test_weights_count_where_the_signed_rows_had_some():
    data = signed_data()
    frame = data.frame.assign(w=np.where(data.frame["sex"] == "f", 2.0, 0.5))
    policy = make_policy(dataset_from_frame(frame, ROLES.with_(weight="w")))
    batch = applications(300, 16)
    weight = np.where(batch.index % 3 == 0, 3.0, 1.0)
    weight[5] = np.nan

    counts = counted(policy, batch.assign(w=weight))

    approved = (batch["score"] >= 0.7).to_numpy()
    assert counts.routed[""].mass.sum(axis=(0, 1, 2))[3] == pytest.approx(
        np.nan_to_num(weight, nan=1.0)[approved].sum()
    )
    assert counted(policy, batch).routed[""].mass.sum() == 300
    with pytest.raises(InvalidChoice, match="weight column `w` holds text"):
        counted(policy, batch.assign(w="heavy"))


def test_an_empty_batch_is_counted_as_nothing(policy):
    counts = counted(policy, applications(20, 17).iloc[:0])

    assert counts.n == 0
    assert counts.routed[""].edges.tolist() == [BAND.lo, BAND.threshold, BAND.hi]
