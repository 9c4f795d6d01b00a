from __future__ import annotations

import math
from itertools import product

import pytest

from rai_dash.govern import policy_words as words
from tests.certificates import figures, make_policy, rate, undefined


def test_a_policy_is_told_in_the_order_in_which_a_person_asks():
    assert words.decision_words(make_policy()) == (
        "Of 1,000 applications the machine approves 412, declines 355 and sends 233 to a person.",
        (
            "Scores below 35 % are declined and scores from 70 % up are approved by the machine; everyone else goes "
            "to a person."
        ),
        "When it decides alone it is wrong for 8.0 % (6.2 % to 10.1 %), 61 of 767 whose outcome is known.",
        "Promise: At most 10 % of what the machine decides alone is wrong; this may fail in 5 of 100.",
        (
            "Of 150 applications a day it takes 35 reviews and 3 reviewers; 3 on a busy day (95 of 100 days have no "
            "more than 45 reviews). There are 3, busy for 69 % of their time."
        ),
        "An application costs 65.83 on average, errors and reviews included.",
    )


def test_what_was_not_said_is_left_out_and_what_is_not_known_is_said_so():
    policy = make_policy(
        guarantee=None,
        cost=None,
        people_after=None,
        metrics__overall=figures(0, 0.0, 0.0, 0.0, auto_error_rate=undefined("nobody was decided")),
    )
    assert words.decision_words(policy) == (
        "There were no applications to count.",
        words.band_words(policy),
        "How often the machine is wrong when it decides alone is not known: nobody was decided.",
        "No promise was made about the errors of the automatic part.",
    )


def test_a_promise_that_does_not_hold_is_not_told_as_one():
    policy = make_policy(guarantee__holds=False, guarantee__words="Up to 11 % may be wrong.")
    assert words.guarantee_words(policy) == "Not certified: Up to 11 % may be wrong."


@pytest.mark.parametrize(
    ("kind", "piece"),
    [
        ("past_decision", "“wrong” means “decided otherwise than then”"),
        ("stand_in", "only stands in for what became of the loan"),
        ("unstated", "Nobody said what the outcome"),
    ],
)
def test_what_wrong_means_follows_what_the_outcome_is(kind, piece):
    assert piece in words.error_words(make_policy(data__target_kind=kind))
    assert piece not in words.error_words(make_policy())


@pytest.mark.parametrize(
    ("lo", "hi", "text"),
    [
        (None, 0.7, "Nobody is declined and scores from 70 % up are approved"),
        (0.35, None, "Scores below 35 % are declined and nobody is approved"),
        (1 / 3, 0.465, "Scores below 33.333333 % are declined and scores from 46.5 % up are approved"),
    ],
)
def test_open_and_awkward_ends_are_told_exactly(lo, hi, text):
    told = words.band_words(make_policy(band={"lo": lo, "threshold": 0.4, "hi": hi}))
    assert told == f"{text} by the machine; everyone else goes to a person."


def test_a_score_in_points_is_told_on_its_own_scale_too():
    points = {
        "source": "column",
        "column": "fico",
        "direction": "higher",
        "low": 300,
        "high": 850,
        "unit": "points",
    }
    # 300 + 0.35 * 550 = 492.5 and 300 + 0.7 * 550 = 685
    assert words.band_words(make_policy(score=points)).endswith(
        "(points, 300 to 850): declined below 492.5, approved from 685 up."
    )
    # Lower is better: the scale is turned round, 850 - 0.35 * 550 = 657.5 and 850 - 0.7 * 550 = 465.
    assert words.band_words(make_policy(score=points | {"direction": "lower"})).endswith(
        "declined above 657.5, approved up to 465."
    )


@pytest.mark.parametrize("parts", [(1, 1, 1), (0, 0, 7), (0.5, 0.25, 0.25), (2, 3, 1994), (1e-9, 1, 1)])
def test_parts_of_a_thousand_add_up_and_lie_within_one_of_the_exact_number(parts):
    found = words.of_thousand(parts)
    assert sum(found) == 1000
    assert all(abs(n - 1000 * part / sum(parts)) <= 1 for n, part in zip(found, parts, strict=True))


@pytest.mark.parametrize("middle", [6.9, 0.6, 250.4])
@pytest.mark.parametrize("first", [56.55, 0.55, 300.3])
def test_no_other_whole_numbers_that_add_up_lie_nearer_to_parts_of_a_thousand(first, middle):
    parts = (first, middle, 1000 - first - middle)
    near = product(*((math.floor(part), math.ceil(part)) for part in parts))
    off = {numbers: sum(abs(n - part) for n, part in zip(numbers, parts, strict=True)) for numbers in near}

    found = tuple(words.of_thousand(parts))

    assert off[found] == pytest.approx(min(far for numbers, far in off.items() if sum(numbers) == 1000))


def test_groups_come_with_interval_count_reason_and_whether_they_are_small():
    lines = words.group_lines(make_policy())
    assert list(lines) == ["sex", "age"]
    assert [(line.group, line.n, line.is_small) for line in lines["sex"]] == [
        ("women", 480, False),
        ("men", 500, False),
        ("(missing)", 20, True),
    ]
    women, missing = lines["sex"][0].shares, lines["sex"][2].shares
    assert (women[0].value, women[0].rest) == ("26.2 %", ("22.5 % to 30.4 %", "126 of 480"))
    assert (missing[2].value, missing[2].rest) == (
        "–",
        ("no applicant with a favourable outcome in this group",),
    )
    assert (women[4].value, women[4].rest) == ("53.0 %", ())


def test_a_share_that_was_never_counted_is_a_dash_in_a_group_and_left_out_for_everyone():
    policy = make_policy(metrics__overall=figures(10, 4.0, 2.0, 4.0, review_rate=rate(2, 10, 0.06, 0.51)))
    assert [line.label for line in words.share_lines(policy)] == ["Sent to a person"]
    line = words.share_line(policy.metrics.overall, "auto_error_rate")
    assert (line.value, line.rest) == ("–", ())


def test_gaps_name_who_was_compared_and_who_was_not():
    told = words.gap_lines(make_policy(), "sex")
    assert told == (
        "Gap in who is sent to a person: 5.9 points.",
        "Gap in who is wrongly declined by the machine: 4 points.",
        "Gap in the machine’s errors: 3.1 points.",
        "Ratio in who is approved in the end: 0.90.",
        "Compared: men, women. Not (missing) (20 rows, fewer than 30).",
    )
    assert words.gap_lines(make_policy(), "age") == ()


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0.0, "0"), (0.00004, "under 0.0001"), (0.5, "0.5"), (12.3456, "12.35"), (1234567.0, "1,234,567")],
)
def test_amounts_are_written_for_people(amount, text):
    assert words.amount_words(amount) == text
