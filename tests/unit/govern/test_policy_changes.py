from __future__ import annotations

import copy

import pytest

from rai_dash.govern.policy import same_policy
from rai_dash.govern.policy_changes import Change, compare
from tests.certificates import POLICY, group, make_policy, rate


def told(**changes):
    return [(c.where, c.words) for c in compare(make_policy(), make_policy(**changes))]


def test_a_policy_has_not_changed_from_itself_nor_from_a_later_version_of_the_same():
    later = make_policy(version=7, parent_hash="e" * 64, created_at="2027-03-01T00:00:00Z")
    assert compare(make_policy(), make_policy()) == []
    assert compare(make_policy(), later) == []


@pytest.mark.parametrize(
    ("changes", "where", "words"),
    [
        ({"environment": "QA"}, "environment", "Environment: production before, QA now."),
        ({"valid_months": 1}, "validity", "Valid for: 12 months before, 1 month now."),
        (
            {"suspend_on_breach": True},
            "monitoring",
            "Suspended when the monitor finds a breach: no before, yes now.",
        ),
        ({"data__target": "paid"}, "data", "Column of the outcome: outcome before, paid now."),
        (
            {"data__target_kind": "past_decision"},
            "data",
            "What the outcome is: observed outcome before, past decision now.",
        ),
        ({"data__rows_judged": 900}, "data", "Rows that were counted: 1,000 before, 900 now."),
        ({"data__sensitive": ["sex"]}, "data", "Column whose groups are compared, gone: age"),
        (
            {"model__name": "step 8"},
            "model",
            "Model: gradient boosting, step 7 (xgboost) before, step 8 (xgboost) now.",
        ),
        ({"model__favourable_class": None}, "model", "Favourable class of the model: gone, it was 1."),
        (
            {"score__direction": "lower"},
            "score",
            (
                "Score: of the model, probability from 0 to 1, higher is better before, "
                "of the model, probability from 0 to 1, lower is better now."
            ),
        ),
        ({"code__version": "0.2.0"}, "code", "Version of the app: 0.1.0 before, 0.2.0 now."),
        (
            {"code__dirty": True},
            "code",
            f"State of its source: {'c' * 40} before, {'c' * 40} with changes now.",
        ),
        (
            {"code__libraries": {"numpy": "2.4.0", "xgboost": "3.2.0"}},
            "code",
            "numpy: 2.3.1 before, 2.4.0 now.",
        ),
        ({"band__lo": 0.3}, "band", "Declined below: 35 % before, 30 % now (−5 points)."),
        ({"band__hi": None}, "band", "Approved from: 70 % before, open now."),
        ({"conditions": []}, "conditions", "Condition that sends to a person, gone: amount > 50000"),
        ({"settings__costs__review": 30.0}, "costs", "Cost of a review: 25 before, 30 now."),
        (
            {"settings__reviewer__deference": 0.0},
            "reviewer",
            "A person simply follows the model: 20.0 % before, 0.0 % now.",
        ),
        ({"settings__workload__reviewers": None}, "workload", "Reviewers there are: gone, it was 3."),
        ({"settings__limits": []}, "limits", "Limit, gone: auto_error_rate <= 0.10"),
        ({"settings__min_n": 50}, "limits", "Fewest rows of a group that is compared: 30 before, 50 now."),
        ({"harm__answerable": "The board"}, "harm", "Who answers for it: rewritten."),
        ({"harm__answerable": None}, "harm", "Who answers for it: no longer said."),
        (
            {"harm__answerable": "(erased)"},
            "harm",
            "Who answers for it: one of the texts was erased, so that they cannot be compared.",
        ),
        ({"cost__per_application": 70.0}, "figures", "Cost of an application: 65.83 before, 70 now."),
        ({"people_after__reviewers_needed": 4}, "people", "Reviewers needed: 3 before, 4 now."),
        (
            {"guarantee": None},
            "guarantee",
            (
                "Promise: gone, it was holds (At most 10 % of what the machine decides alone "
                "is wrong; this may fail in 5 of 100.)."
            ),
        ),
        (
            {"warnings_shown": []},
            "warnings",
            "Warning, gone: Refused applicants have no outcome in these data.",
        ),
    ],
)
def test_each_thing_that_changed_is_one_sentence(changes, where, words):
    assert told(**changes) == [(where, words)]


def test_a_share_says_the_points_that_it_moved():
    changed = told(metrics__overall__rates__review_rate=rate(310, 1000, 0.28, 0.34))
    assert changed == [("figures", "Sent to a person: 23.3 % before, 31.0 % now (+7.7 points).")]


def test_a_move_too_small_for_one_decimal_is_still_told():
    changed = told(metrics__overall__rates__review_rate={"value": 0.23301})
    assert changed == [("figures", "Sent to a person: 23.3 % before, 23.3 % now (under 0.1 points).")]


def test_a_share_that_is_no_longer_defined_is_not_a_zero():
    changed = told(metrics__overall__rates__auto_error_rate={"value": None, "reason": "nobody"})
    assert changed == [("figures", "Wrong when the machine decides alone: 8.0 % before, not known now.")]


def test_another_file_of_the_same_name_is_another_file():
    [data] = compare(make_policy(), make_policy(data__sha256="f" * 64))
    assert data.where == "data"
    assert data.words.endswith("now, and the content differs.")
    assert data.before == data.after == "applications 2026.csv (8,000 rows, 14 columns)"


def test_groups_that_came_went_and_moved_are_named():
    groups = copy.deepcopy(POLICY["metrics"]["groups"])
    groups[0]["rates"]["review_rate"] = rate(150, 480, 0.272, 0.355)
    groups[2] = group("sex", "other", 20, review_rate=rate(5, 20, 0.112, 0.469))
    assert told(metrics__groups=groups) == [
        ("groups", "Sent to a person, sex = women: 26.2 % before, 31.2 % now (+5 points)."),
        ("groups", "sex = other is new, with 20 rows."),
        ("groups", "sex = (missing) is gone; it had 20 rows."),
    ]


def test_gaps_and_who_is_compared_are_told():
    gaps = copy.deepcopy(POLICY["gaps"])
    gaps["sex"]["values"]["review_rate_gap"]["value"] = 0.1
    gaps["sex"]["values"]["post_approval_ratio"]["value"] = None
    gaps["sex"]["compared"] = ["men", "other", "women"]
    assert told(gaps=gaps) == [
        ("gaps", "Gap in who is sent to a person, sex: 5.9 points before, 10 points now."),
        ("gaps", "Ratio in who is approved in the end, sex: 0.90 before, not known now."),
        ("gaps", "Groups that are compared, sex: men, women before, men, other, women now."),
    ]


def test_what_a_condition_knows_of_the_training_rows_is_part_of_it():
    conditions = copy.deepcopy(POLICY["conditions"])
    conditions[0]["frozen"]["blank_too"] = False
    [change] = compare(make_policy(), make_policy(conditions=conditions))
    assert change.where == "conditions"
    assert "what it knows of the training rows differs" in change.words


def test_a_change_holds_both_values_for_a_table():
    assert compare(make_policy(), make_policy(band__lo=0.3)) == [
        Change(
            where="band",
            words="Declined below: 35 % before, 30 % now (−5 points).",
            before="35 %",
            after="30 %",
        )
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("people_after__expected_tp", 531.0),
        ("guarantee__looks", 2),
        ("cost__theory__lo", 0.31),
        ("settings__reviewer__column", "sex"),
        ("metrics__overall__rates__post_approval_rate", {"value": 0.561, "low": 0.5, "high": 0.6}),
    ],
)
def test_nothing_that_differs_goes_unsaid(field, value):
    other = make_policy(**{field: value})
    assert not same_policy(make_policy(), other)
    [change] = compare(make_policy(), other)
    assert (change.where, change.words.startswith("Details differ")) == ("other", True)
    assert field.split("__")[0] in change.words


def test_several_changes_come_in_the_order_of_the_work():
    places = [
        where for where, _ in told(title="Other", data__rows=9000, band__lo=0.3, harm__answerable="Board")
    ]
    assert places == ["title", "data", "band", "harm"]
