"""Slices as sentences, as JSON, and as rows of a table."""

from __future__ import annotations

import contextlib
import json
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.data.asked import BLANK_TEXTS
from rai_dash.data.groups import group_index
from rai_dash.data.labels import label_text
from rai_dash.data.slices import (
    Slice,
    Term,
    TestPattern,
    check_slice,
    expected_outcomes,
    parse_slice,
    rows_of_slice,
    slice_from_json,
    slice_words,
)
from rai_dash.review._portable import BLANKS, COMPARE

FRAME = pd.DataFrame({
    "age": [18.0, 25.0, 34.9, 35.0, np.nan, 60.0],
    "gender": ["Female", "Male", None, "Female", "Male", " Female "],
    "score": ["low", "high", "low", "high", "low", "high"],
    "a and b": [1, 2, 3, 4, 5, 6],
    "id": ["p1", "p2", "p3", "p4", "p5", "p6"],
})  # fmt: skip
SCORE = np.array([0.1, 0.4, 0.5, 0.9, np.nan, 0.7])
OUTCOME = np.array([0, 1, 1, 0, 1, 2], dtype=np.int8)


def _rows(text: str) -> list[int]:
    found = rows_of_slice(parse_slice(text), FRAME, score=SCORE, outcome=OUTCOME, threshold=0.5)
    return np.flatnonzero(found).tolist()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("age < 25", [0]),
        ("age <= 25", [0, 1]),
        ("age>34.9", [3, 5]),
        ("age >= 34.9 and gender is Female", [3, 5]),
        ("age between 25 and 35", [1, 2]),
        ("age between 25 and 35 and gender is Male", [1]),
        ("age is [25, 35)", [1, 2]),
        ("age is one of [25, 35), 60", [1, 2, 5]),
        ("age is [-inf, 25)", [0]),
        ("age is not [25, 35)", [0, 3, 5]),
        ("age is (missing)", [4]),
        ("age is 25.0", [1]),
        ("gender is Female", [0, 3, 5]),
        ("gender = Female", [0, 3, 5]),
        ("gender is not Female", [1, 4]),
        ("gender is one of Male, Female", [0, 1, 3, 4, 5]),
        ("gender is not one of Male, Female", []),
        ("gender is blank", [2]),
        ("gender is not blank", [0, 1, 3, 4, 5]),
        ("age IS Blank", [4]),
        ("score >= 0.5", [2, 3, 5]),
        ("score is blank", [4]),
        ("`score` is high", [1, 3, 5]),
        ("outcome is favourable", [1, 2, 4]),
        ("outcome is unfavourable", [0, 3]),
        ("outcome is unknown", [5]),
        ("decision is favourable", [2, 3, 5]),
        ("decision is unfavourable", [0, 1]),
        ("decision is favourable and outcome is unfavourable", [3]),
        ("a and b > 4", [4, 5]),
        ("`a and b` between 2 and 4 and gender is Male", [1]),
        ("everyone", [0, 1, 2, 3, 4, 5]),
        ("rows 0, 3 expected favourable, 99", [0, 3]),
    ],
)
def test_a_sentence_means_these_rows(text, rows):
    assert _rows(text) == rows
    assert _rows(slice_words(parse_slice(text))) == rows


def test_a_bin_means_the_rows_of_the_group_of_that_name():
    values = np.random.default_rng(1).normal(40, 15, 500).round(1)
    frame = pd.DataFrame({"age": np.where(values < 20, np.nan, values)})
    index = group_index(frame, "age", bins=(25, 35.5, 50))

    for code, name in enumerate(index.groups):
        found = rows_of_slice(Slice(terms=(Term(column="age", kind="is", values=(name,)),)), frame)
        assert (found == (index.codes == code)).all(), name


def test_the_name_of_a_bin_is_a_category_where_the_column_holds_texts():
    frame = pd.DataFrame({"band": ["[25, 35)", "30", "[35, inf)"]})

    assert rows_of_slice(parse_slice("band is [25, 35)"), frame).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("age", "needs the name of a column"),
        ("age < ", "lacks a number"),
        ("age < old", "`old` is not a number"),
        ("age between 3", "needs `and`"),
        ("age between 5 and 3", "smaller number first"),
        ("gender is", "lacks a value"),
        ("gender is one of ", "lacks a value"),
        ("gender is A, B", "should go on with `and`"),
        ('gender is "A', "lacks a value"),
        ('gender is "\\q"', "cannot be read"),
        ("gender is nan", "is blank"),
        ("age < 3 or age > 5", "should go on with `and`"),
        ("score is high", "cannot ask `score`"),
        ("outcome is good", "favourable"),
        ("decision is unknown", "favourable"),
        ("outcome < 3", "cannot ask `outcome`"),
        ("rows 3, 3", "picked twice"),
        ("rows 3 expected good", "favourable or unfavourable"),
        ("rows 3 and age < 5", "cannot go on"),
        ("age < inf", "is compared by"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(text, says):
    with pytest.raises(InvalidChoice) as error:
        parse_slice(text)
    assert says in error.value.message
    assert "\n" not in error.value.message


def test_an_unknown_column_is_refused_with_the_closest_name():
    with pytest.raises(MissingColumn, match="Did you mean `gender`"):
        parse_slice("gendr is Female", columns=list(FRAME.columns))
    with pytest.raises(MissingColumn, match="Closest names here: `gender`"):
        rows_of_slice(parse_slice("gendr is Female"), FRAME)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gender is Femal", "Did you mean `Female`"),
        ("gender < 5", "holds texts"),
        ("age is [x, y)", "no value of `age`"),
        ("rows 6", "rows 0 to 5"),
    ],
)
def test_a_slice_that_the_table_cannot_answer_is_refused(text, says):
    with pytest.raises(InvalidChoice, match=says.replace("[", r"\[")):
        check_slice(parse_slice(text), FRAME)


def test_what_the_table_can_answer_is_not_refused():
    for text in (
        "gender is Female and age < 3",
        "age is [1, 2)",
        "gender is (missing)",
        "rows 5",
        "score < 0.5",
    ):
        check_slice(parse_slice(text), FRAME)
    check_slice(parse_slice("rows p3"), FRAME, id_column="id")


@pytest.mark.parametrize("text", ["score < 0.5", "outcome is favourable", "decision is favourable"])
def test_scores_outcomes_and_the_threshold_are_asked_for(text):
    with pytest.raises(InvalidChoice, match=r"needs (scores|outcomes)"):
        rows_of_slice(parse_slice(text), FRAME)
    with pytest.raises(InvalidChoice, match="needs a threshold, which is not there"):
        rows_of_slice(parse_slice("decision is favourable"), FRAME, score=SCORE)


def test_hand_picked_rows_are_found_by_id_and_carry_what_is_expected():
    of = parse_slice('rows p2 expected unfavourable, "p6", p4 expected favourable')

    assert of.rows[0] == TestPattern(row="p2", expected="unfavourable")
    assert np.flatnonzero(rows_of_slice(of, FRAME, id_column="id")).tolist() == [1, 3, 5]
    assert expected_outcomes(of, FRAME, id_column="id").tolist() == [2, 0, 2, 1, 2, 2]
    assert not rows_of_slice(of, FRAME).any()


def test_numbers_as_ids_match_however_the_file_stores_them():
    of = parse_slice("rows 7")
    for ids in ([7, 8], [7.0, 8.0], ["7", "8"]):
        assert rows_of_slice(of, pd.DataFrame({"id": ids}), id_column="id").tolist() == [True, False]


def test_what_is_blank_and_how_numbers_compare_is_the_same_as_in_a_router():
    assert BLANK_TEXTS == BLANKS
    for sign, compare in COMPARE.items():
        of = Slice(terms=(Term(column="age", kind="compare", sign=sign, low=35.0),))
        assert rows_of_slice(of, FRAME).tolist() == [bool(compare(a, 35.0)) for a in FRAME["age"]]


NAMES = st.one_of(
    st.text(min_size=1),
    st.sampled_from(
        ["score", "outcome", "a and b", "x is y", "`", "``a`", '"q"', "rows", "everyone", "is", "5", "a < b"]
    ),
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.one_of(NAMES, NUMBERS.map(str)).filter(lambda t: label_text(t).lower() not in BLANK_TEXTS)


@st.composite
def terms(draw: st.DrawFn) -> Term:
    kind = draw(st.sampled_from(["compare", "between", "is", "is_not", "blank", "not_blank"]))
    about = draw(
        st.sampled_from(
            ["column", "column", "score" if kind in {"compare", "between", "blank"} else "column"]
        )
    )
    where = {"column": draw(NAMES)} if about == "column" else {}
    if kind == "compare":
        sign = draw(st.sampled_from(["<", "<=", ">", ">="]))
        return Term(about=about, **where, kind=kind, sign=sign, low=draw(NUMBERS))
    if kind == "between":
        low, high = sorted(draw(st.lists(NUMBERS, min_size=2, max_size=2, unique=True)))
        return Term(about=about, **where, kind=kind, low=low, high=high)
    if kind in {"is", "is_not"}:
        return Term(**where, kind=kind, values=tuple(draw(st.lists(VALUES, min_size=1, max_size=3))))
    return Term(about=about, **where, kind=kind)


PATTERNS = st.builds(TestPattern, row=VALUES, expected=st.sampled_from([None, "favourable", "unfavourable"]))
SLICES = st.one_of(
    st.lists(terms(), max_size=4).map(lambda found: Slice(terms=tuple(found))),
    st.lists(PATTERNS, min_size=1, max_size=4, unique_by=lambda p: p.row).map(
        lambda found: Slice(rows=tuple(found))
    ),
)


@given(SLICES)
def test_every_slice_reads_back_from_its_sentence_and_from_its_json(of):
    assert parse_slice(slice_words(of)) == of
    assert slice_from_json(json.loads(json.dumps(of.to_json()))) == of


@given(st.text())
def test_any_text_is_read_or_refused_but_never_crashes(text):
    try:
        found = parse_slice(text)
    except InvalidChoice:
        return
    assert parse_slice(slice_words(found)) == found


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        {"terms": [], "rows": []},
        {"terms": [], "more": 1},
        {"terms": "age"},
        {"terms": ["age < 5"]},
        {"terms": [{"about": "column", "column": "a", "kind": "compare", "sign": "<", "low": "5"}]},
        {"terms": [{"about": "column", "column": "a", "kind": "compare", "sign": "<", "low": True}]},
        {"terms": [{"about": "column", "column": "a", "kind": "blank", "more": 1}]},
        {"terms": [{"about": "column", "column": 5, "kind": "blank"}]},
        {"terms": [{"about": "column", "column": "a", "kind": "is", "values": "abc"}]},
        {"terms": [{"about": "column", "column": "a", "kind": "is", "values": []}]},
        {"terms": [{"about": "column", "kind": "blank"}]},
        {"terms": [{"about": "nothing", "kind": "blank"}]},
        {"terms": [{"about": "column", "column": "a", "kind": "compare", "sign": "!", "low": 1}]},
        {"rows": [{"row": 5, "expected": None}]},
        {"rows": [{"row": "5"}]},
        {"rows": [{"row": "5", "expected": "good"}]},
    ],
)
def test_json_that_is_no_slice_is_refused(content):
    with pytest.raises(InvalidChoice):
        slice_from_json(content)


def test_a_slice_holds_terms_or_rows_and_not_too_many():
    term, pattern = Term(column="a", kind="blank"), TestPattern(row="1")
    with pytest.raises(InvalidChoice, match="not both"):
        Slice(terms=(term,), rows=(pattern,))
    with pytest.raises(InvalidChoice, match="at most 20 terms"):
        Slice(terms=(term,) * 21)


@pytest.mark.parametrize(
    "text", ["a" + " " * 200_000 + "b", "a is b" + " " * 200_000 + "c", "a is b" + " c" * 100_000]
)
def test_long_runs_of_blanks_are_read_once_and_not_from_each_of_their_places(text):
    """Quadratic, the first two took minutes."""
    began = time.process_time()
    with contextlib.suppress(InvalidChoice):
        parse_slice(text)

    assert time.process_time() - began < 5


def test_a_place_with_thousands_of_digits_is_a_row_that_is_not_there():
    found = parse_slice(f"rows {'1' * 5_000}")
    frame = pd.DataFrame({"a": [1, 2]})

    assert not rows_of_slice(found, frame).any()
    with pytest.raises(InvalidChoice, match="The table has no row"):
        check_slice(found, frame)
