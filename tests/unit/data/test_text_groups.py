from __future__ import annotations

import unicodedata

import pytest

from rai_dash.data.names import unique_names
from tests.unit.data.text_reading import read_column


def told_about(cells):
    series, told = read_column(cells)
    assert series.tolist() == cells
    return [(n.message, n.rows) for n in told.get("similar_values", [])]


@pytest.mark.parametrize(
    ("twin", "how", "written"),
    [
        ("male", "case", "'male'"),
        ("MALE", "case", "'MALE'"),
        ("Ma le", "blanks", "'Ma le'"),
        ("Ma\u200ble", "characters that cannot be seen", "'Ma\\u200ble'"),
        ("\u202eMale", "characters that cannot be seen", "'\\u202eMale'"),
        ("M\u0430le", "letters of another alphabet", "'M\u0430le'"),
        ("\u041cale", "letters of another alphabet", "'\u041cale'"),
        ("\uff2dale", "Unicode form", "'\uff2dale'"),
        ("m\u0430le", "case and letters of another alphabet", "'m\u0430le'"),
    ],
)
def test_two_spellings_of_one_group_are_shown_with_their_counts(twin, how, written):
    ((message, rows),) = told_about(["Male", "Male", "Female", twin])

    assert f"'Male' (2) and {written} (1) differ in {how}" in message
    assert rows == 1


def test_composed_and_decomposed_letters_are_one_group_to_the_eye():
    town = "K\u00f6ln"

    ((message, _),) = told_about([town, town, unicodedata.normalize("NFD", town)])

    assert "differ in Unicode form" in message


def test_the_rarer_spellings_are_counted_and_a_few_are_shown():
    cells = [c for word in ("one", "two", "six", "ten", "red") for c in (word, word, word.upper())]

    ((message, rows),) = told_about(cells)

    assert rows == 5
    assert "and 2 more pairs" in message


@pytest.mark.parametrize(
    "cells",
    [
        ["Male", "Female", "Mal"],
        ["A11", "A12", "A1 3"],
        ["<20%", "20%-<30%"],
        ["\u0412\u0438\u0434", "\u0441\u043e\u0440\u0442", "\u0432\u0435\u0441"],
        [f"name {i}" for i in range(1001)] + ["NAME 1"],
    ],
)
def test_groups_that_differ_and_columns_of_names_are_left_alone(cells):
    assert told_about(cells) == []


def test_spellings_of_one_group_in_another_alphabet_are_found():
    assert "differ in case" in told_about(["\u0412\u0438\u0434", "\u0432\u0438\u0434"])[0][0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Age", "age"),
        ("loan amount", "loanamount"),
        ("gender", "gend\u0435r"),
        ("income", "\u200bincome"),
        ("caf\u00e9", "cafe\u0301"),
    ],
)
def test_names_that_look_alike_are_kept_apart_and_told(one, other):
    names, notices = unique_names([one, other, "x"])

    assert names == (one, other, "x")
    assert [(n.code, n.column) for n in notices] == [("similar_name", other)]


# --- dates ---


@pytest.mark.parametrize(
    ("cells", "code", "rows"),
    [
        (["01/02/2020", "03/04/2020"], "ambiguous_date", None),
        (["1.2.20", "3.4.20"], "ambiguous_date", None),
        (["01/02/2020", "13/04/2020"], None, None),
        (["01/02/2020", "04/13/2020"], None, None),
        (["13/02/2020", "04/13/2020", "14/01/2020"], "impossible_date", 1),
        (["32/01/2020", "12/01/2020"], "impossible_date", 1),
        (["2020-01-02", "2020-03-04"], None, None),
        (["01/02/2020 10:30", "03/04/2020 11:00"], "ambiguous_date", None),
        (["01/02/2020", "soon"], None, None),
    ],
)
def test_dates_stay_text_and_only_what_can_be_misread_is_told(cells, code, rows):
    series, told = read_column(cells)

    assert series.tolist() == cells
    assert {c: told[c][0].rows for c in told} == ({code: rows} if code else {})
