"""Limits as they are typed, and what changed in them, in words."""

from __future__ import annotations

import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.govern._policy_monitoring import MonitorLimits
from rai_dash.govern.monitor.judging import limits_of
from rai_dash.govern.monitor.limits import TOLERANCES, read_limits
from rai_dash.govern.policy_changes import compare
from tests.unit.govern.monitor_story import make_policy, signed_data


def test_limits_are_read_and_the_rest_is_as_usual():
    found = read_limits(["review_rate = 0.05", "psi_watch=0.05", "ks=0.2", "min_n=50"])

    assert found == MonitorLimits(tolerances={"review_rate": 0.05}, psi_watch=0.05, ks=0.2, min_n=50)
    assert read_limits([]) == MonitorLimits(
        tolerances={}, least=0.01, psi_watch=0.1, psi_breach=0.25, ks=None, min_n=30
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("review_rate", "names no limit|behind the = a number"),
        ("review_rat=0.1", "Did you mean review_rate"),
        ("mood=1", "Names are review_rate, "),
        ("review_rate=much", "a number above 0"),
        ("review_rate=0", "a number above 0"),
        ("review_rate=-1", "a number above 0"),
        ("review_rate=nan", "a number above 0"),
        ("review_rate=inf", "a number above 0"),
        ("psi_watch=0.5", "watched from 0.5 on and broken from 0.25 on"),
        ("min_n=2.5", "min_n"),
        ("ks=2", "ks"),
    ],
)
def test_what_is_no_limit_is_refused_in_a_sentence(text, says):
    with pytest.raises(InvalidChoice, match=says) as caught:
        read_limits([text])

    assert "\n" not in caught.value.message


def test_every_line_with_a_tolerance_can_be_named():
    lines = limits_of(make_policy())

    assert {line.name for line in lines if line.tolerance is not None} <= set(TOLERANCES)
    assert set(TOLERANCES) <= {line.name for line in lines}


def words(old, new):
    return [change.words for change in compare(old, new) if change.where == "monitoring"]


def test_changed_limits_are_said_one_by_one():
    old = make_policy()
    new = make_policy(limits=MonitorLimits(tolerances={"review_rate": 0.05}, psi_breach=0.3, ks=0.2))

    assert words(old, new) == [
        "PSI that is a breach: 0.25 before, 0.3 now.",
        "KS distance that is a breach: new, 0.2.",
        "Tolerance of review_rate: new, 0.05.",
    ]
    assert words(new, old)[1] == "KS distance that is a breach: gone, it was 0.2."


def test_other_rows_and_a_policy_that_was_drafted_before_are_said():
    old = make_policy()

    # That other rows are others is said once, where the data are.
    assert words(old, make_policy(signed_data(seed=2))) == []
    counted = old.monitoring.model_copy(update={"weight": "w"})
    assert words(old, make_policy(monitoring=counted)) == ["What a batch is compared with was counted anew."]
    assert words(make_policy(monitoring=None), old) == ["Columns that the monitor watches: new, 4."]
    assert words(old, old) == []
