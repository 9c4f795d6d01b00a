from __future__ import annotations

import math

import pytest

from rai_dash.core.types import Estimate
from rai_dash.core.words import count, estimate_words, number, percent, points


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.5623, "56 %"),
        (0.0123, "1.2 %"),
        (0.9891, "98.9 %"),
        (0.9906, "99.1 %"),
        (0.00049, "under 0.1 %"),
        (0.99951, "over 99.9 %"),
        (0.9994, "99.9 %"),
        (-0.05, "−5.0 %"),
        (1.5, "150 %"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_a_share_is_a_percentage_with_the_decimals_that_matter(share, text):
    assert percent(share) == text


def test_only_an_exact_share_is_written_as_nothing_or_all():
    assert [percent(1e-9), percent(1 - 1e-9)] == ["under 0.1 %", "over 99.9 %"]


def test_decimals_can_be_asked_for():
    assert [percent(0.5, digits=1), percent(-0.00001, digits=1)] == ["50.0 %", "0.0 %"]


@pytest.mark.parametrize(
    ("difference", "signed", "text"),
    [
        (0.1372, False, "13.7 points"),
        (-0.1372, False, "−13.7 points"),
        (0.01, False, "1 point"),
        (-0.01, False, "−1 point"),
        (0.05, True, "+5 points"),
        (0, True, "0 points"),
        (0.0001, False, "under 0.1 points"),
        (0.0004, True, "just above 0 points"),
        (-0.0001, True, "just below 0 points"),
        (None, False, "–"),
    ],
)
def test_a_difference_of_shares_is_in_points(difference, signed, text):
    assert points(difference, signed=signed) == text


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "0"), (8000, "8,000"), (8000.0, "8,000"), (12.5, "12.5"), (-3, "−3"), (-0.01, "0"), (None, "–")],
)
def test_a_count_has_thousands_marks(n, text):
    assert count(n) == text


def test_other_numbers_have_fixed_decimals():
    assert [number(0.8512), number(-1.5, digits=1), number(-0.0001), number(math.nan)] == [
        "0.85",
        "−1.5",
        "0.00",
        "–",
    ]


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(0.56, 0.49, 0.63, 112, 200), "56 % (49 % to 63 %), 112 of 200"),
        (Estimate(0.56), "56 %"),
        (Estimate(0.56, 0.49, 0.63), "56 % (49 % to 63 %)"),
        (Estimate(1.0, 0.97, 1.0, 120, 120), "100 % (97.0 % to 100 %), 120 of 120"),
        (Estimate.undefined("nobody repaid"), "– (nobody repaid)"),
        (Estimate(None), "–"),
    ],
)
def test_a_rate_comes_with_interval_and_count_and_an_undefined_one_with_its_reason(estimate, text):
    assert estimate_words(estimate) == text
