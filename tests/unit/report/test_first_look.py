from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.read import read_dataset
from rai_dash.gate import broken
from rai_dash.metrics.base_rates import base_rates
from rai_dash.report.first_look import MOST, first_look
from rai_dash.report.profile_json import SCHEMA, limits_of, profile_dataset

ROLES = Roles(target="y", favourable=("1",), sensitive=("sex",))
N = 1200


def table(**columns):
    rng = np.random.default_rng(0)
    base = {
        "y": rng.integers(0, 2, N),
        "sex": np.where(np.arange(N) % 2 == 0, "f", "m"),
        "pay": rng.normal(3000, 500, N),
        "debt": rng.normal(900, 100, N),
    }
    return dataset_from_frame(pd.DataFrame(base | columns), ROLES)


def test_a_plain_table_has_nothing_to_look_at():
    assert first_look(table()) == ()


def test_low_rates_within_the_tolerance_are_still_told_with_their_counts(repo):
    roles = Roles(target="loan", favourable=("Approved",), sensitive=("gender",))
    rows = pd.read_csv(repo / "sample_data/story_training.csv.gz")
    good = rows["loan"] == "Approved"

    found = first_look(read_dataset(repo / "sample_data/story_training.csv.gz", roles))[:MOST]

    by_code = {f.code: f.message for f in found}
    for sex in ("Female", "Male"):
        inside = rows["gender"] == sex
        assert f"{(good & inside).sum():,} of {inside.sum():,}" in by_code["base_rates"]
    assert f"{good.sum():,} of {len(rows):,} rows (1.2 %)" in by_code["rare_outcome"]


def test_findings_come_in_the_stated_order_and_name_their_view():
    rng = np.random.default_rng(1)
    sex = np.where(np.arange(N) % 2 == 0, "f", "m")
    y = np.where(sex == "m", rng.random(N) < 0.6, rng.random(N) < 0.3).astype(int)
    pay = np.where((sex == "f") & (rng.random(N) < 0.4), np.nan, rng.normal(3000, 500, N))
    debt = np.where(np.arange(N) < 30, 1e6, rng.normal(900, 100, N))

    found = first_look(table(y=y, pay=pay, debt=debt, late=y * 100.0 + rng.random(N)))

    assert [(f.code, f.view, f.column) for f in found] == [
        ("leak_suspect", "columns", "late"),
        ("base_rates", "imbalance", "sex"),
        ("blanks_by_group", "blanks", "sex"),
        ("outliers", "columns", "debt"),
    ]
    blank = {g: int(np.isnan(pay[sex == g]).sum()) for g in "fm"}
    assert f"blank for {blank['f']} of 600" in found[2].message
    assert "for 0 of 600" in found[2].message
    assert "30 of 1,200 values" in found[3].message


def test_a_leak_that_is_left_out_already_comes_last():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, N)
    debt = np.where(np.arange(N) < 30, 1e6, rng.normal(900, 100, N))
    data = table(y=y, debt=debt, late=y * 100.0 + rng.random(N)).with_roles(ROLES.with_(ignored=("late",)))

    assert [f.code for f in first_look(data)] == ["outliers", "left_out"]


def test_a_sure_difference_in_blanks_below_a_point_is_not_told():
    n = 40_000
    frame = pd.DataFrame({"sex": ["f", "m"] * (n // 2), "pay": np.random.default_rng(0).normal(size=n)})
    frame.loc[frame.index[frame["sex"] == "f"][:100], "pay"] = np.nan

    assert first_look(dataset_from_frame(frame, Roles(sensitive=("sex",)))) == first_look(
        dataset_from_frame(frame.fillna({"pay": 0.5}), Roles(sensitive=("sex",)))
    )


def test_a_group_in_which_nobody_is_approved_is_named_and_chance_is_not_called_evidence():
    frame = pd.DataFrame({"y": [0] * 31 + [0, 0, 0, 1] * 10, "sex": ["f"] * 31 + ["m"] * 40})
    (few,) = [f for f in first_look(dataset_from_frame(frame, ROLES)) if f.code == "group_without"]
    assert "`f` (31 rows)" in few.message

    frame = pd.DataFrame({"y": [0] * 40 + [1] + [0] * 60, "sex": ["f"] * 40 + ["m"] * 61})
    (chance,) = [f for f in first_look(dataset_from_frame(frame, ROLES)) if f.code == "group_without"]
    assert "may be chance" in chance.message


def test_base_rates_count_rows_and_have_no_gap_where_groups_are_small():
    frame = pd.DataFrame({"y": [1] * 20 + [0] * 60, "sex": ["f"] * 25 + ["m"] * 55})

    (one,) = base_rates(dataset_from_frame(frame, ROLES))

    assert one.to_json()["groups"]["f"]["numerator"] == 20
    assert one.gap.difference is None
    assert base_rates(dataset_from_frame(frame, Roles(sensitive=("sex",)))) == ()


@pytest.fixture(scope="module")
def content():
    rng = np.random.default_rng(2)
    frame = table(area=rng.choice(["n", "s", None], N)).frame
    frame = pd.concat([frame, frame.iloc[:7]])
    return json.loads(profile_dataset(dataset_from_frame(frame, ROLES)).to_json())


def test_the_json_has_the_counts_of_the_table(content):
    assert content["schema"] == SCHEMA
    assert content["rows"]["n"] == N + 7
    assert content["rows"]["duplicates"] == 7
    assert content["rows"]["conflicts"]["rows"] == 0
    assert content["columns"]["pay"]["missing"] == 0
    assert set(content["base_rates"]["sex"]["groups"]) == {"f", "m"}
    assert content["leaks"] == []


@pytest.mark.parametrize(
    ("rule", "is_broken"),
    [
        ("duplicates > 0", True),
        ("duplicates > 7", False),
        ("leaks > 0", False),
        ("missing of area > 0.2", True),
        ("missing of area > 0.5", False),
        ("missing of pay > 0", False),
        ("rows < 100", False),
        ("base_rate < 0.9", True),
        ("in_training_and_test > 0", True),  # there is no split: undefined
        ("base_rate gap by sex > 0.3", False),
        ("base_rate gap by sex > 0 with evidence", False),
    ],
)
def test_limits_on_a_profile(content, rule, is_broken):
    assert (broken(rule, limits_of(content)) is not None) is is_broken


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("missing of aera > 0.2", "`area`"),
        ("recall of area > 0.2", "missing, distinct, outliers"),
        ("recall > 0.2", "duplicates"),
        ("base_rate gap by race > 0.2", "The profile does not compare by `race`"),
    ],
)
def test_a_limit_on_what_a_profile_lacks_is_refused(content, rule, words):
    with pytest.raises(InvalidChoice, match=words):
        broken(rule, limits_of(content))


def test_an_audit_has_no_numbers_of_columns():
    with pytest.raises(InvalidChoice, match="Only a profile"):
        broken("missing of area > 0.2", {"overall": {}, "disparities": {}})


def test_blanks_and_rare_codes_of_sensitive_columns_are_told_with_their_counts():
    rng = np.random.default_rng(0)
    n = 2_000
    frame = pd.DataFrame(
        {
            "y": rng.integers(0, 2, n),
            "sex": np.where(np.arange(n) < 900, np.nan, rng.integers(0, 2, n)),
            "school": np.where(np.arange(n) < 7, 0, rng.integers(1, 4, n)),
        }
    )
    roles = Roles(target="y", favourable=("1",), sensitive=("sex", "school"))

    found = {f.code: f for f in first_look(dataset_from_frame(frame, roles))}

    assert "`sex` is not known for 900 of 2,000 rows (45 %)" in found["sensitive_blank"].message
    assert "0 (7 rows)" in found["rare_codes"].message
    assert (found["sensitive_blank"].column, found["rare_codes"].column) == ("sex", "school")


def test_a_column_and_its_opposite_are_told_once():
    rng = np.random.default_rng(0)
    group = rng.integers(0, 2, 3_000)
    frame = pd.DataFrame(
        {"y": (rng.random(3_000) < 0.4 + 0.3 * group).astype(int), "a": group, "not_a": 1 - group}
    )
    roles = Roles(target="y", favourable=("1",), sensitive=("a", "not_a"))

    told = [f.column for f in first_look(dataset_from_frame(frame, roles)) if f.code == "base_rates"]

    assert len(told) == 1


def test_a_rare_outcome_is_rare_by_weight():
    frame = pd.DataFrame({"y": [1] * 10 + [0] * 90, "w": [0.5] * 10 + [1.0] * 90, "x": np.arange(100) % 7})
    roles = Roles(target="y", favourable=("1",), weight="w")

    rare = [f.message for f in first_look(dataset_from_frame(frame, roles)) if f.code == "rare_outcome"]

    # 10 of 100 rows are no rarity; 5 of a weight of 95 are.
    assert len(rare) == 1
    assert "10 of 100 rows (5.3 % weighted)" in rare[0]
