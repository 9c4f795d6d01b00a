"""How numbers and names are written."""

from __future__ import annotations

import pytest

from rai_dash.charts._words import count, interval, number, percent, plain_names, short_count, signed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0.0, "0 %"),
        (0.00001, "0.1 %"),
        (0.004, "0.4 %"),
        (0.0124, "1.2 %"),
        (0.0996, "10.0 %"),
        (0.56, "56 %"),
        (0.985, "98.5 %"),
        (0.9999, "99.9 %"),
        (0.995, "99.5 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_all(value, text):
    assert percent(value) == text


def test_an_interval_without_ends_is_a_dash():
    assert interval(0.1, 0.25) == "10 % to 25 %"
    assert interval(None, 0.2) == "–"
    assert interval(0.1, float("nan")) == "–"


def test_counts_are_short_where_room_is_short():
    assert count(1234567) == "1,234,567"
    assert [short_count(n) for n in (0, 9999, 12345, 999_000, 1_234_567)] == [
        "0",
        "9,999",
        "12k",
        "999k",
        "1.23M",
    ]


def test_a_negative_number_has_a_true_minus():
    assert signed(-0.431) == "−0.43"


def test_numbers_that_are_none_of_ours_become_none():
    assert number(float("inf")) is None
    assert number(None) is None
    assert number(0.5) == 0.5


def test_names_are_one_line_and_all_different():
    names = plain_names(["a\nb", "a b", "a b", "x\u202ey", "Ä × B"])

    assert len(set(names)) == 5
    assert names[0] == "a b"
    assert names[3] == "x y"
    assert names[4] == "Ä × B"
    assert all("\n" not in name for name in names)


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString", "hasOwnProperty"])
def test_a_key_of_every_javascript_object_is_told_apart(name):
    (plain,) = plain_names([name])

    assert plain != name
    assert plain.rstrip("\u200b") == name
