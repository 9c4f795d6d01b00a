"""What figures mean; the intervals are given, so that only the rule is tried."""

from __future__ import annotations

import pytest

from rai_dash.core.types import Estimate
from rai_dash.govern.problems import State
from rai_dash.govern.problems.states import Figures, Picked, state_of, state_of_picked

THERE = Estimate(0.20, 0.12, 0.29)
GONE = Estimate(0.01, -0.05, 0.06)
LARGE_BUT_UNCERTAIN = Estimate(0.20, -0.02, 0.45)
WRONG = Estimate(0.3, 0.25, 0.36)
FELL = Estimate(0.15, 0.05, 0.24)
UNCLEAR = Estimate(0.03, -0.04, 0.10)
ROSE = Estimate(-0.15, -0.24, -0.05)


def state(excess, drop, *, error=WRONG, tolerance=None, is_first=False, **more):
    return state_of(
        Figures(error=error, excess=excess, tolerance=tolerance, drop=drop, is_first=is_first, **more)
    )


@pytest.mark.parametrize(
    ("excess", "drop", "more", "expected"),
    [
        (THERE, None, {"is_first": True}, State.STILL_THERE),
        (GONE, None, {"is_first": True}, State.NOT_SHOWN),
        (THERE, UNCLEAR, {}, State.NOT_FIXED),
        (THERE, ROSE, {}, State.NOT_FIXED),
        (THERE, FELL, {}, State.BETTER),
        (GONE, FELL, {}, State.FIXED),
        # Not shown is not fixed.
        (GONE, UNCLEAR, {"was_shown": True}, State.TOO_FEW),
        (GONE, UNCLEAR, {"was_shown": None}, State.TOO_FEW),
        (GONE, UNCLEAR, {"was_shown": False}, State.NOT_SHOWN),
        (LARGE_BUT_UNCERTAIN, FELL, {}, State.BETTER),
        # Rows of the training show nothing.
        (GONE, FELL, {"in_sample": True}, State.BETTER),
        (THERE, FELL, {"was_fixed": True}, State.REGRESSED),
        (THERE, None, {"was_fixed": True}, State.REGRESSED),
        (GONE, FELL, {"was_fixed": True}, State.FIXED),
        (THERE, None, {"was_fixed": True, "is_first": True}, State.STILL_THERE),
        (THERE, None, {}, State.STILL_THERE),
        (GONE, None, {}, State.NOT_SHOWN),
    ],
)  # fmt: skip
def test_the_state_follows_the_intervals(excess, drop, more, expected):
    found, why = state(excess, drop, **more)
    assert found is expected
    assert why.endswith(".")


def test_an_interval_that_touches_zero_shows_nothing():
    assert state(Estimate(0.1, 0.0, 0.2), None, is_first=True)[0] is State.NOT_SHOWN
    assert (
        state(GONE, None, error=Estimate(0.2, 0.1, 0.3), tolerance=0.1, is_first=True)[0] is State.NOT_SHOWN
    )
    assert state(GONE, Estimate(0.1, 0.0, 0.2))[0] is State.TOO_FEW


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Estimate(0.30, 0.25, 0.36), State.BETTER),
        (Estimate(0.09, 0.06, 0.13), State.FIXED),
        # Above what was agreed on, if not shown to be.
        (Estimate(0.12, 0.08, 0.17), State.BETTER),
    ],
)
def test_an_error_rate_that_was_agreed_on_is_asked_for_instead(error, expected):
    assert state(Estimate.undefined("nobody else"), FELL, error=error, tolerance=0.10)[0] is expected


def test_without_anybody_else_and_without_an_agreed_rate_nothing_is_fixed():
    nobody = Estimate.undefined("nobody else")
    assert state(nobody, UNCLEAR)[0] is State.NOTHING_TO_COMPARE
    assert state(nobody, None)[0] is State.NOTHING_TO_COMPARE
    assert state(nobody, FELL, is_first=True)[0] is State.NOTHING_TO_COMPARE
    assert state(nobody, FELL)[0] is State.BETTER


def test_an_undefined_error_is_told_with_its_reason():
    found, why = state(GONE, FELL, error=Estimate.undefined("no row of the slice has an outcome"))
    assert (found, why) == (State.TOO_FEW, "No row of the slice has an outcome.")


def test_the_reason_has_the_numbers():
    assert state(THERE, FELL)[1] == (
        "It fell by 15 points (5 points to 24 points). The error rate is 20 points higher than that of everybody else "
        "(+12 points to +29 points)."
    )
    assert "rose by 15 points" in state(THERE, ROSE)[1]
    assert state(THERE, FELL, of_everybody=True)[1].startswith("It fell by 15 points of everybody")


@pytest.mark.parametrize(
    ("right", "decided", "was_wrong", "more", "expected"),
    [
        (2, 3, None, {"is_first": True}, State.STILL_THERE),
        (3, 3, None, {"is_first": True}, State.NOT_SHOWN),
        (3, 3, True, {}, State.FIXED),
        (3, 3, False, {}, State.NOT_SHOWN),
        (3, 3, None, {}, State.NOT_SHOWN),
        (2, 2, True, {}, State.TOO_FEW),
        (2, 3, True, {"newly_right": 1, "newly_wrong": 0}, State.BETTER),
        (2, 3, True, {"newly_right": 1, "newly_wrong": 1}, State.NOT_FIXED),
        (2, 3, True, {"newly_right": 0, "newly_wrong": 0}, State.NOT_FIXED),
        (2, 3, True, {"was_fixed": True}, State.REGRESSED),
        (2, 3, None, {}, State.STILL_THERE),
        (0, 0, True, {}, State.TOO_FEW),
    ],
)
def test_picked_rows_pass_or_fail(right, decided, was_wrong, more, expected):
    given = {"newly_right": None, "newly_wrong": None, "is_first": False} | more
    found, why = state_of_picked(Picked(right=right, decided=decided, of=3, was_wrong=was_wrong, **given))
    assert found is expected
    assert why.endswith(".")


def test_the_words_count_the_picked_rows():
    given = {"newly_right": None, "newly_wrong": None, "was_wrong": True, "is_first": False}
    assert (
        state_of_picked(Picked(right=2, decided=3, of=3, **given))[1]
        == "2 of 3 picked rows came out as expected."
    )
    few = state_of_picked(Picked(right=1, decided=2, of=3, **given))[1]
    assert few == "1 of 2 picked rows came out as expected; 1 more cannot be tried on these data."
