from __future__ import annotations

import gzip
from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.data.missing import missing_suggestions
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.convert import convert_typed
from tests.unit.data.text_reading import read, read_column


def suggested(values):
    return missing_suggestions(pd.DataFrame({"x": values})).get("x", {})


# --- suggestions ---


@pytest.mark.parametrize(
    ("others", "codes"),
    [
        (range(18, 76), [-9]),
        (range(18, 76), [999, -1]),
        (range(18, 76), [9999, 8888]),
        ([0, 1], [-9]),
        ([0, 1], [999]),
        ([0.5, 0.25, 1.0], [-99, -999]),
        ([-3.0, 0.5, 2.75], [-999]),
        ([1, 2, 3, 4, 5], [8888, 1111]),
        (range(1, 9), [99]),
        (range(480), [9999]),
        (range(0, 5_000_000, 10_000), [99999999, 999999999]),
        (range(40), [-7, -8, -9]),
    ],
)
def test_number_codes_far_outside_the_other_values_are_suggested_with_their_counts(others, codes):
    cells = [*list(others) * 3, *codes, *codes]

    assert suggested(cells) == {str(c): 2 for c in codes}
    assert suggested([float(c) for c in cells] + [None]) == {str(c): 2 for c in codes}


@pytest.mark.parametrize(
    "honest",
    [
        [-2, -1, 0, 1, 2, 8],
        [-1, 1],
        [-1, 0, 1],
        [0, 99999, 41310, 7688],
        [0, 15024, 99999, 7688],
        [-9, -5, 0, 7],
        [-120.0, 50.0, -99.0],
        [100, 999, 500, 1500],
        [9999, 5000, 12000],
        [1111, 2500, 900],
        [99, 45, 30],
        [99, 5, 3],
        [999],
        [-9, -9],
        [8888, 9999],
        [4, 8, 15, 16],
        [-999.5, 1.0],
        [None, None],
    ],
)
def test_honest_numbers_are_left_alone(honest):
    assert suggested(honest) == {}


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["a", "?", "NA", "?", "None"], {"?": 2, "NA": 1, "None": 1}),
        (["a", "Unknown", "UNKNOWN", "Not in universe", "missing"], None),
        (["25-34", "8888", "<25", "8888"], {"8888": 2}),
        (["a", "b", "-9", "Exempt"], {"-9": 1, "Exempt": 1}),
        (["007", "8888", "012"], {}),
        (["1", "2", "n.b.", "4", "5", "6"], {"n.b.": 1}),
        (["1.5", "2.5", "x", "y", *["3.5"] * 8], {"x": 1, "y": 1}),
        (["1,5", "€ 2", "tbd", "3%", "4", "5"], {"tbd": 1}),
        (["1", "2", "low", "high"], {}),
        (["01", "02", "x", "04", "05", "06"], {}),
        (["1", "2", "3", "4", "7a"], {}),
        ([*map(str, range(200)), "7a"], {"7a": 1}),
        (["01.02.2020", "03.02.2020", "04.02.2020", "05.02.2020", "open"], {}),
        (["a", "nab", "non", "x?"], {}),
    ],
)
def test_words_for_missing_and_stray_words_are_counted(cells, wanted):
    assert suggested(pd.Series(cells, dtype="str")) == (
        dict(Counter(cells[1:])) if wanted is None else wanted
    )


def test_each_notice_belongs_to_what_is_suggested():
    frame, told = read(
        "age,work,income\n"
        + "".join(f"{20 + i},{'?' if i == 3 else 'w'},{i + 1}00\n" for i in range(9))
        + "-9,w,n.b.\n"
    )

    found = missing_suggestions(frame)

    assert found == {"age": {"-9": 1}, "work": {"?": 1}, "income": {"n.b.": 1}}
    assert {n.column: n.rows for n in told["missing_code"]} == {c: sum(v.values()) for c, v in found.items()}
    messages = {n.column: n.message for n in told["missing_code"]}
    assert "'-9' (1), far outside its other values" in messages["age"]
    assert "'n.b.' (1) is the only thing that is not a number" in messages["income"]
    assert frame["work"].tolist().count("?") == 1


REAL = {
    "taiwan-default/credit_card_clients.csv.gz": {},
    "german-credit/german_credit_coded.csv.gz": {},
    "german-credit/south_german_credit.asc.gz": {},
    "hmda-pricing/hmda_2018_pricing_test.csv.gz": {},
    "census-loan/census.csv.gz": {"workclass": {"?"}, "occupation": {"?"}},
    "story/notebook_production_110.csv.gz": {"workclass": {"?"}, "occupation": {"?"}},
    "boston-mortgage/loanapp.csv.gz": {"review": {"999"}, "gdlin": {"666"}},
    "german-credit/german_credit_decoded.csv.gz": {
        "other_debtors/guarantors": {"none"},
        "other_installment_plans": {"none"},
        "telephone": {"none"},
    },
}


@pytest.mark.parametrize("file", list(REAL))
def test_in_real_tables_nothing_but_codes_is_suggested(shared, file):
    content = gzip.decompress((shared / "data" / file).read_bytes())
    frame, _ = read(content)
    raw = pd.read_csv(
        shared / "data" / file,
        dtype=str,
        keep_default_na=False,
        usecols=list(REAL[file]),
        skipinitialspace=True,
    )

    found = missing_suggestions(frame)

    assert {c: set(v) for c, v in found.items()} == REAL[file]
    for column, values in found.items():
        assert values == {v: int((raw[column] == v).sum()) for v in values}


# --- what a user chose ---


def test_chosen_words_are_missing_before_numbers_are_looked_for():
    table = "n,m,k\n1,?,?\n?,2.5,b\n3,NA,c\n"
    wanted = pd.DataFrame({"n": [1, np.nan, 3], "m": [np.nan, 2.5, np.nan], "k": ["?", "b", "c"]})

    frame, told = read(table, missing={"n": ("?",), "m": ("?", "NA")})

    pd.testing.assert_frame_equal(frame, wanted.astype({"k": "str"}))
    assert {n.column: n.rows for n in told["missing_set"]} == {"n": 1, "m": 2}
    assert {n.column for n in told["missing_code"]} == {"k"}


def test_chosen_words_for_every_column_are_told_only_where_they_are():
    frame, told = read("a,b\n?,1\n2,3\n", missing={"*": ("?",)})

    assert frame["a"].isna().tolist() == [True, False]
    assert [n.column for n in told["missing_set"]] == ["a"]


def test_a_chosen_word_that_is_not_there_is_told():
    _, told = read("a,b\n?,1\n2,3\n", missing={"b": ("-9",)})

    assert told["missing_set"][0].rows == 0
    assert "No cell of `b` is '-9'" in told["missing_set"][0].message


@pytest.mark.parametrize("cells", [["-9", "5", "7"], ["-9.0", "5", "7"], ["-9", "5.5", ""]])
def test_chosen_number_codes_are_missing_however_they_are_written(cells):
    series, told = read_column(cells, missing={"x": ("-9",)})

    assert series.tolist()[1] == float(cells[1])
    assert np.isnan(series[0])
    assert told["missing_set"][0].rows == 1
    assert "missing_code" not in told


def test_a_chosen_word_frees_numbers_in_any_dress():
    assert read_column(["€ 1.200,50", "n.b.", "€ 7"], missing={"x": ("n.b.",)})[0].tolist()[::2] == [
        1200.5,
        7,
    ]


def test_a_column_that_is_missing_throughout_is_empty():
    series, told = read_column(["?", "", "?"], missing={"x": ("?",)})

    assert series.dtype == "float64"
    assert series.isna().all()
    assert told["missing_set"][0].rows == 2


def typed(values, kind=None, **options):
    found = convert_typed(pa.chunked_array([pa.array(values, kind)]), "x", ReadOptions(**options))
    return found.values.to_pylist(), {n.code: n.rows for n in found.notices}


@pytest.mark.parametrize(
    ("values", "kind", "wanted"),
    [
        ([1, -9, 8888], pa.int16(), [1.0, None, None]),
        ([1.5, -9.0, None], pa.float32(), [1.5, None, None]),
        (["a", "-9", "8888"], pa.string(), ["a", None, None]),
        (["a", "-9", "a"], pa.dictionary(pa.int8(), pa.string()), ["a", None, "a"]),
        ([-9, 8888], pa.int64(), [None, None]),
    ],
)
def test_chosen_codes_are_missing_in_columns_with_a_type(values, kind, wanted):
    missing = sum(v is None for v in wanted) - sum(v is None for v in values)

    found, told = typed(values, kind, missing={"x": ("-9", "8888", "word")})

    assert found == wanted
    assert told["missing_set"] == missing


def test_typed_columns_get_suggestions_and_stay_text_where_chosen():
    assert typed([30, 40, 50, -9], pa.int8()) == ([30, 40, 50, -9], {"missing_code": 1})
    assert typed([30, 40], pa.int64(), text=("x",)) == (["30", "40"], {})
    assert typed([30.0, None], pa.float64(), text=("x",)) == (["30", None], {})
    assert typed([30.5, 1.0], pa.float64(), text=("x",)) == (["30.5", "1"], {})
    assert typed([True, False, None], text=("x",)) == (["True", "False", None], {})


def test_frames_without_a_suggestion_and_other_types_are_no_trouble():
    frame = pd.DataFrame(
        {"flag": [True, False], "day": pd.to_datetime(["2020-01-01", "2020-01-02"]), "x": [1, 2]}
    )

    assert missing_suggestions(frame) == {}
    assert missing_suggestions(pd.DataFrame()) == {}
