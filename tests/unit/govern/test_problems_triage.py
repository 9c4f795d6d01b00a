"""Triage follows the rule of the house to the digit."""

from __future__ import annotations

import random

import pytest

from rai_dash.govern.problems import Triaged, priority, triage


def one(name="a", *, share=0.1, error=0.2, overall=0.1, harm=3, at="1"):
    return Triaged(name=name, id=at, harm=harm, share=share, error=error, overall=overall)


def test_the_priority_is_share_times_normalised_error_times_harm():
    # 12 % of people, 24 % wrong where 10 % are wrong overall, harm 4: 0.12 * 2.4 * 4
    found = one(share=0.12, error=0.24, overall=0.10, harm=4)
    assert found.normalised == pytest.approx(2.4, abs=1e-15)
    assert found.priority == pytest.approx(1.152, abs=1e-15)


def test_the_normalised_error_can_exceed_one_and_be_zero():
    assert one(error=1.0, overall=0.25).normalised == 4.0
    assert one(error=0.0).priority == 0.0


@pytest.mark.parametrize("changes", [{"error": None}, {"overall": None}, {"overall": 0.0}, {"share": None}])
def test_a_priority_is_undefined_where_a_factor_is(changes):
    assert one(**changes).priority is None


def test_an_undefined_factor_is_never_taken_for_zero():
    assert priority(None, 2.0, 3) is None
    assert priority(0.5, None, 3) is None
    assert priority(0.0, 2.0, 3) == 0.0


def test_the_highest_comes_first_undefined_last_then_by_name():
    low, high = one("z", share=0.1), one("y", share=0.4)
    undefined_b, undefined_a = one("b", error=None), one("a", error=None)
    equal = one("a", share=0.1)
    nothing = one("n", error=0.0)
    given = [undefined_b, low, nothing, undefined_a, high, equal]
    expected = [high, equal, low, nothing, undefined_a, undefined_b]
    for seed in range(5):
        random.Random(seed).shuffle(given)
        assert triage(given) == expected


def test_problems_of_one_name_keep_one_order():
    first, second = one(at="1"), one(at="2")
    assert triage([second, first]) == triage([first, second]) == [first, second]
