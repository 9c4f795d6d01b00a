"""Conditions that always send an application to a person: every kind against pandas and against one row at a time."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.core.types import Feature
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.labels import label_text
from rai_dash.models.unseen import find_unseen
from rai_dash.review import _portable
from rai_dash.review.conditions import (
    Condition,
    TrainingFacts,
    check_condition,
    condition_from_json,
    hold,
    matches,
    parse_condition,
    training_facts,
)

COLUMNS = ["amount", "purpose", "age", "amount in euro", "fragile", 'odd, "name"', "a > b", "`tick"]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(2)
    raw = pd.DataFrame(
        {
            "amount": np.where(rng.random(300) < 0.1, np.nan, rng.integers(0, 100, 300) * 1000.0),
            "purpose": rng.choice(["business", "car", "house", None], 300),
            "age": rng.integers(15, 80, 300),
            "code": rng.choice([1.0, 2.0, np.nan], 300),
        }
    )
    return dataset_from_frame(raw).frame


@pytest.fixture(scope="module")
def facts():
    return TrainingFacts(
        inputs=("amount", "purpose", "age"),
        categories={"purpose": ("car", "house")},
        ranges={"amount": (5000.0, 80000.0), "age": (18.0, 70.0)},
    )


@pytest.mark.parametrize(
    ("text", "scan"),
    [
        ("amount > 50,000", lambda r: r.amount > 50000 or np.isnan(r.amount)),
        ("amount >= 50000", lambda r: r.amount >= 50000 or np.isnan(r.amount)),
        ("amount < 5e3", lambda r: r.amount < 5000 or np.isnan(r.amount)),
        ("amount <= 5000 unless blank", lambda r: r.amount <= 5000),
        ("purpose in business, car", lambda r: r.purpose in {"business", "car"} or pd.isna(r.purpose)),
        ("purpose = business unless blank", lambda r: r.purpose == "business"),
        ("code in 1 unless blank", lambda r: r.code == 1),
        ("unseen category", lambda r: r.purpose == "business"),
        ("a category never seen in training in purpose", lambda r: r.purpose == "business"),
        ("out of range", lambda r: r.amount < 5000 or r.amount > 80000 or not 18 <= r.age <= 70),
        ("age is out of range", lambda r: not 18 <= r.age <= 70),
        ("blank input", lambda r: np.isnan(r.amount) or pd.isna(r.purpose)),
        ("purpose is imputed", lambda r: pd.isna(r.purpose)),
    ],
)
def test_a_sentence_holds_the_rows_that_a_scan_finds(frame, facts, text, scan):
    condition = parse_condition(text, columns=list(frame.columns)).frozen(facts)
    expected = [bool(scan(row)) for row in frame.itertuples()]

    found = matches(condition, frame)

    assert found.dtype == bool
    assert found.tolist() == expected
    assert 0 < sum(expected) < len(frame)


def test_unseen_categories_are_those_found_while_scoring(frame):
    features = (Feature("purpose", "category", ("car", "house")), Feature("age"))
    facts = training_facts(frame, ["purpose", "age"], features=features)

    found = matches(Condition(kind="unseen").frozen(facts), frame)

    assert np.array_equal(found, find_unseen(frame, features).rows)
    assert found.any()


def test_facts_of_training_rows_are_ranges_and_labels(frame):
    facts = training_facts(frame, ["amount", "purpose", "code"])

    assert facts.ranges == {"amount": (frame["amount"].min(), frame["amount"].max()), "code": (1.0, 2.0)}
    assert set(facts.categories["purpose"]) == {"business", "car", "house"}
    for kind in ("unseen", "out_of_range"):
        assert not matches(Condition(kind=kind).frozen(facts), frame).any()


def test_an_input_of_which_training_knew_no_category_is_always_new(frame):
    condition = Condition(kind="unseen", categories={"purpose": ()})

    assert np.array_equal(matches(condition, frame), frame["purpose"].notna().to_numpy())


def test_fragile_rows_come_from_flags_or_from_a_column(frame):
    condition = parse_condition("fragile under noise", columns=list(frame.columns))
    flags = frame["age"].to_numpy() > 60
    told = frame.assign(fragile=pd.Series(np.where(flags, "True", "no"), dtype="str"))
    told.loc[0, "fragile"] = None

    assert np.array_equal(matches(condition, frame, fragile=flags), flags)
    reason = hold([condition], frame, fragile=flags).reasons_of(int(np.flatnonzero(flags)[0]))
    assert reason == ("small changes of the inputs turn the decision over",)
    assert np.array_equal(matches(condition, told), flags | (told.index == 0))
    with pytest.raises(MissingColumn, match="fragile"):
        matches(condition, frame)
    with pytest.raises(InvalidChoice, match="one flag a row"):
        matches(condition, frame, fragile=flags[1:])


def test_reasons_name_the_condition_or_the_blank_and_are_counted(frame, facts):
    texts = ["amount > 50000", "purpose in business", "out of range in age"]
    conditions = [parse_condition(t, columns=list(frame.columns)).frozen(facts) for t in texts]

    held = hold(conditions, frame)

    row = int(
        np.flatnonzero((frame["amount"] > 50000) & (frame["purpose"] == "business") & (frame["age"] > 70))[0]
    )
    blank = int(
        np.flatnonzero(frame["amount"].isna() & (frame["purpose"] == "car") & ~frame["age"].between(18, 70))[
            0
        ]
    )
    outside = "age is outside 18 to 70, the values seen in training"
    assert held.reasons_of(row) == ("amount > 50000", "purpose in business", outside)
    assert held.reasons_of(blank) == ("amount is blank", outside)
    assert held.reasons[held.first[row]] == "amount > 50000"
    assert (held.first[~held.rows] == -1).all()
    by = np.array([matches(c, frame) for c in conditions])
    for i, part in enumerate(held.to_json()):
        assert part["words"] == texts[i]
        assert part["rows"] == by[i].sum()
        assert part["rows_by_it_alone"] == (by[i] & (by.sum(axis=0) == 1)).sum()
    assert [p["blank_rows"] for p in held.to_json()] == [
        frame["amount"].isna().sum(), frame["purpose"].isna().sum(), 0,
    ]  # fmt: skip


def test_without_conditions_nobody_is_held(frame):
    held = hold([], frame)

    assert not held.rows.any()
    assert (held.first == -1).all()
    assert held.to_json() == []


names = st.sampled_from(COLUMNS)
values = st.lists(
    st.text(min_size=1).filter(lambda t: label_text(t).lower() not in _portable.BLANKS), min_size=1
)
conditions = st.one_of(
    st.builds(
        lambda c, o, v, b: Condition(kind="number", columns=(c,), operator=o, value=v, blank_too=b),
        names,
        st.sampled_from([">", ">=", "<", "<="]),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
    ),
    st.builds(
        lambda c, v, b: Condition(kind="category", columns=(c,), values=tuple(v), blank_too=b),
        names,
        values,
        st.booleans(),
    ),
    st.builds(
        lambda k, c: Condition(kind=k, columns=tuple(c)),
        st.sampled_from(["unseen", "out_of_range", "blank", "fragile"]),
        st.lists(names, max_size=3, unique=True),
    ),
)


@given(conditions)
@example(Condition(kind="category", columns=("a > b",), values=("x unless blank", "1.0", 'a, "b"')))
def test_words_and_json_are_read_back_as_the_same_condition(condition):
    assert parse_condition(condition.words(), columns=COLUMNS) == condition
    assert condition_from_json(json.loads(json.dumps(condition.to_json(), allow_nan=False))) == condition


def test_a_frozen_condition_survives_json(facts):
    for kind in ("unseen", "out_of_range", "blank"):
        condition = Condition(kind=kind).frozen(facts)
        again = condition_from_json(json.loads(json.dumps(condition.to_json())))
        assert again == condition
        assert again.tests() == condition.tests()


cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(["1.0", " 2 ", "007", "-0.0", "1."]),
)


@given(cells)
@example(5e14)
@example(1e15)
@example(1e15 + 2)
def test_the_portable_router_writes_labels_as_the_app_does(value):
    assert _portable.label(value) == label_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        wide = np.array([value], dtype=object)
        assert _portable.label(wide[0]) == label_text(wide[0])


SCALARS = [
    np.float32(0.7),
    np.int64(3),
    np.array([True])[0],
    np.str_(" a "),
    pd.NA,
    pd.NaT,
    np.float64("nan"),
]


@pytest.mark.parametrize("value", SCALARS)
def test_the_portable_router_knows_the_scalars_of_numpy_and_pandas(value):
    assert _portable.label(value) == label_text(value)


parts = st.sampled_from([*COLUMNS, ">", "in", "unless blank", '"', ",", "5", "unseen", "is blank"])


@given(st.one_of(st.text(), st.lists(parts).map(" ".join)))
@example("unseen in a > b")
def test_whatever_is_typed_is_a_condition_or_refused(text):
    try:
        condition = parse_condition(text, columns=COLUMNS)
    except (InvalidChoice, MissingColumn):
        return
    assert parse_condition(condition.words(), columns=COLUMNS) == condition


MISTAKES = [
    ("amont > 5", MissingColumn, "Did you mean `amount`"),
    ("unseen category in purpos", MissingColumn, "Did you mean `purpose`"),
    ("amount > much", InvalidChoice, "`much` is not a number"),
    ("amount > inf", InvalidChoice, "no number"),
    ("amount is large, ", InvalidChoice, "no value `large`"),
    ("purpose in busines", InvalidChoice, "Did you mean `business`"),
    ('purpose in ""', InvalidChoice, "blank in purpose"),
    ("whatever", InvalidChoice, "Write"),
    ("amount", InvalidChoice, "Write"),
    ("", InvalidChoice, "Write"),
    ("out of range unless blank", InvalidChoice, "Leave it out"),
    ("purpose > 5", InvalidChoice, "holds texts"),
    ("unseen category", InvalidChoice, "Freeze it"),
]


@pytest.mark.parametrize(("text", "error", "says"), MISTAKES)
def test_each_mistake_gets_one_sentence(frame, text, error, says):
    def ask():
        condition = parse_condition(text, columns=list(frame.columns))
        check_condition(condition, frame)
        matches(condition, frame)

    with pytest.raises(error, match=says) as caught:
        ask()

    assert "\n" not in caught.value.message
    assert caught.value.message.endswith((".", "?"))


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "maybe"},
        {"kind": "number", "columns": ["a"], "operator": "!=", "value": 1},
        {"kind": "number", "columns": ["a"], "operator": ">", "value": "x"},
        {"kind": "number", "columns": ["a", "b"], "operator": ">", "value": 1},
        {"kind": "category", "columns": ["a"], "values": 5},
        {"kind": "unseen", "categories": [1]},
        {"kind": "blank", "extra": 1},
        {},
    ],
)
def test_a_damaged_condition_is_refused(content):
    with pytest.raises(InvalidChoice):
        condition_from_json(content)


def test_a_condition_on_what_training_does_not_know_is_refused(facts):
    with pytest.raises(InvalidChoice, match="no input of the model that holds numbers"):
        Condition(kind="out_of_range", columns=("purpose",)).frozen(facts)
