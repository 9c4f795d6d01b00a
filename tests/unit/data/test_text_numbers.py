from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.text_reading import read, read_column

NOT_ABOUT_NUMBERS = {"missing_code"}


def codes(told):
    return set(told) - NOT_ABOUT_NUMBERS


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("cells", "values", "told"),
    [
        (["1,234.5", "12", "-1,234,567.25"], [1234.5, 12, -1234567.25], {"thousands"}),
        (["1.234,5", "12", "-1.234.567,25"], [1234.5, 12, -1234567.25], {"thousands", "decimal_comma"}),
        (["1 234,5", "12", "-1 234 567,25"], [1234.5, 12, -1234567.25], {"thousands", "decimal_comma"}),
        (["1\u00a0234,5", "12,0"], [1234.5, 12], {"thousands", "decimal_comma"}),
        (["1\u202f234.5", "12"], [1234.5, 12], {"thousands"}),
        (["1'234.5", "12"], [1234.5, 12], {"thousands"}),
        (["1\u2019234.5", "-12"], [1234.5, -12], {"thousands"}),
        (["1,5", "2", "0,25"], [1.5, 2, 0.25], {"decimal_comma"}),
        (["1,5e3", "2,0"], [1500, 2], {"decimal_comma"}),
        (["1,234,567", "12"], [1234567, 12], {"thousands"}),
        (["1.234.567", "12"], [1234567, 12], {"thousands"}),
        (["1 234 567", "89 000"], [1234567, 89000], {"thousands"}),
        (["\u22125", "3"], [-5, 3], set()),
        (["€ 1,200.50", "€ 7"], [1200.5, 7], {"currency", "thousands"}),
        (["1.200,50 €", "-7,00 €"], [1200.5, -7], {"currency", "thousands", "decimal_comma"}),
        (["$5", "-$6", "$-7", "$ 8"], [5, -6, -7, 8], {"currency"}),
        (["£1.50", "£2"], [1.5, 2], {"currency"}),
        (["CHF 1'200.50", "CHF 3"], [1200.5, 3], {"currency", "thousands"}),
        (["12 USD", "EUR 3".replace("EUR", "USD")], [12, 3], {"currency"}),
        (["1000EUR", "€2000"], [1000, 2000], {"currency"}),
        (["$1,234.50", "($1,000.00)"], [1234.5, -1000], {"currency", "thousands", "negative_number"}),
        (["12.5-", "3"], [-12.5, 3], {"negative_number"}),
        (["(12.5)", "3"], [-12.5, 3], {"negative_number"}),
        (["12.5 %", "3%", "-1%"], [12.5, 3, -1], {"percent"}),
        (["12,5 %", "3 %"], [12.5, 3], {"percent", "decimal_comma"}),
        (["", "1,234.5", ""], [None, 1234.5, None], {"thousands"}),
    ],
)
def test_numbers_in_the_dress_of_people_are_numbers_and_it_is_told(cells, values, told, separator):
    series, notices = read_column(cells, separator=separator)

    assert [None if pd.isna(v) else v for v in series] == values
    assert codes(notices) == told
    assert all(n.column == "x" for code in told for n in notices[code])


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize(
    "cells",
    [
        ["01.02.2020", "13.02.2020"],
        ["2020-01-02", "2020-01-03"],
        ["DE89 3704 0044 0532 0130 00", "DE12 5001 0517 0648 4898 90"],
        ["+49 170 123 456", "+49 171 654 321"],
        ["030 123 456", "030 654 321"],
        ["555 123 456", "555 987 654"],
        ["555.123.456", "555.987.654"],
        ["555-1234", "555-4321"],
        ["4111 1111 1111 1111", "5500 0000 0000 0004"],
        ["192.168.0.1", "10.0.0.1"],
        ["001,234", "002,345"],
        ["$007", "$008"],
        ["1,2,3", "2,3"],
        ["1,23,456", "7"],
        ["1.5.2", "1.6.0"],
        ["12%", "13"],
        ["$5%", "$6%"],
        ["(5", "6)"],
        ["(-5)", "6"],
        ["--5", "6"],
        ["$5 €", "$6 €"],
        ["10 km", "12 km"],
        ["1,5", "tall"],
        ["1,234.5", "1.234,5"],
        ["12-13", "14-15"],
        ["<20%", "20%-<30%"],
        ["1 2", "3 4"],
    ],
)
def test_what_only_resembles_numbers_stays_as_written(cells, separator):
    series, notices = read_column(cells, separator=separator)

    assert series.tolist() == cells
    assert not {"thousands", "currency", "percent", "decimal_comma", "negative_number"} & set(notices)


def test_amounts_in_several_currencies_are_not_mixed():
    series, notices = read_column(["$5", "€6", "€7"])

    assert series.tolist() == ["$5", "€6", "€7"]
    assert "EUR, USD" in notices["mixed_currency"][0].message


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["12%", "13"], True),
        (["1,234.5", "1.234,5"], True),
        (["($5)", "(6", "7"], True),
        (["+49 170 123 456", "+49 171 654 321"], False),
        (["01,5", "1.5"], False),
        (["1,5", "tall"], False),
    ],
)
def test_numbers_that_are_not_written_in_one_way_stay_text_and_it_is_told(cells, wanted):
    series, notices = read_column(cells)

    assert series.tolist() == cells
    assert ("mixed_numbers" in notices) is wanted
    if wanted:
        assert f"('{cells[0]}' and '{cells[1]}')" in notices["mixed_numbers"][0].message


def test_a_comma_before_three_digits_is_thousands_beside_commas_and_open_beside_semicolons():
    series, notices = read_column(["1,234", "5"])
    assert series.tolist() == [1234, 5]
    assert codes(notices) == {"thousands"}
    assert "If the comma is the decimal mark, choose it" in notices["thousands"][0].message

    series, notices = read_column(["1,234", "5"], separator=";", quoted=False)
    assert series.tolist() == [1.234, 5]
    assert "'1,234' was read as 1.234" in notices["ambiguous_number"][0].message
    assert "choose the point as the decimal mark" in notices["ambiguous_number"][0].message


def test_a_point_before_three_digits_everywhere_is_pointed_out_beside_semicolons_only():
    for cells, separator, wanted in (
        (["1.234", "5"], ";", True),
        (["1.234", "5"], ",", False),
        (["1.234", "5.1"], ";", False),
        (["0.234", "5.123"], ";", False),
        (["1.234", "1000"], ";", False),
    ):
        series, notices = read_column(cells, separator=separator)
        assert series.tolist() == [float(c) for c in cells]
        assert ("ambiguous_number" in notices) is wanted


def test_money_with_three_digits_behind_the_mark_is_thousands():
    assert read_column(["€ 1.234", "€ 5"], separator=";")[0].tolist() == [1234, 5]
    assert read_column(["$1,234", "$5"], separator=";")[0].tolist() == [1234, 5]


@pytest.mark.parametrize(
    ("cells", "decimal", "values"),
    [
        (["1,234", "5"], ",", [1.234, 5]),
        (["1,234", "5"], ".", [1234, 5]),
        (["1.234", "5"], ",", [1234, 5]),
        (["1.234", "5"], ".", [1.234, 5]),
        (["1,5", "5"], ".", ["1,5", "5"]),
        (["1.5", "5"], ",", [1.5, 5]),
        (["1 234", "5"], ",", [1234, 5]),
        (["€ 1,234", "€ 5"], ",", [1.234, 5]),
    ],
)
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_chosen_decimal_mark_settles_it(cells, decimal, values, separator):
    series, notices = read_column(cells, separator=separator, decimal=decimal)

    assert series.tolist() == values
    assert "ambiguous_number" not in notices


def test_decimals_in_any_dress_are_the_doubles_that_pandas_reads():
    rng = np.random.default_rng(4)
    numbers = np.round(rng.normal(0, 10.0 ** rng.integers(0, 9, 3000)), 2)
    plain = [f"{v:.2f}" for v in numbers]
    german = [f"{v:,.2f}".translate(str.maketrans(",.", ".,")) for v in numbers]

    wanted = pd.to_numeric(pd.Series(plain)).tolist()

    assert read_column(german)[0].tolist() == wanted
    assert read_column([f"{v:,.2f}" for v in numbers])[0].tolist() == wanted
    assert read_column([f"{c} €" for c in german], separator=";")[0].tolist() == wanted
    money = [f"(${-v:,.2f})" if v < 0 else f"${v:,.2f}" for v in numbers]
    assert read_column(money)[0].tolist() == wanted


def test_columns_chosen_as_text_stay_as_written():
    frame, told = read("zip,code,n\n12,1.0,3\n7,2.0,4\n", text=("zip", "code"))

    assert frame["zip"].tolist() == ["12", "7"]
    assert frame["code"].tolist() == ["1.0", "2.0"]
    assert frame["n"].tolist() == [3, 4]
    assert told == {}
