"""Which column of the table is which input of the model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Feature, ModelInfo, Notice
from rai_dash.models import fidelity
from rai_dash.models._base import NO_NAMES
from rai_dash.models.matching import match_columns, order_notices
from rai_dash.models.unseen import find_unseen

TABLE = ("id", "education-num", "savings account/bonds", "age", "loan")
FEATURES = ("education-num", "savings account/bonds", "age")


def model(*names, file_format="onnx", nameless=False):
    warnings = (Notice(NO_NAMES, "no names"),) if nameless else ()
    features = tuple(Feature(name) for name in names)
    return ModelInfo(format=file_format, family="", fingerprint="", features=features, warnings=warnings)


def test_names_that_are_all_there_need_no_match_whatever_their_order():
    assert match_columns(model("age", "education-num"), TABLE, [FEATURES]) is None


@pytest.mark.parametrize("file_format", ["onnx", "lightgbm"])
def test_names_that_an_exporter_changed_are_found_by_their_letters(file_format):
    info = model("age", "savings_account_bonds", "education_num", file_format=file_format)

    found = match_columns(info, TABLE, [FEATURES])

    assert found.names == ("age", "savings account/bonds", "education-num")
    assert found.notices[0].code == "matched_by_altered_name"
    assert "`education_num` = `education-num`" in found.notices[0].message
    assert "`age`" not in found.notices[0].message


def test_two_columns_that_become_one_name_are_not_told_apart_by_it():
    columns = ("a-b", "a b", "c")

    found = match_columns(model("a_b", "c"), columns, [("a-b", "c")])

    assert found.notices[0].code == "matched_by_position"
    assert found.names == ("a-b", "c")


def test_names_that_say_nothing_are_matched_by_position_and_every_pair_is_shown():
    found = match_columns(model("x0", "x1", "x2"), TABLE, [("age",), FEATURES])

    assert found.names == FEATURES
    assert found.notices[0].code == "matched_by_position"
    for pair in ("`x0` = `education-num`", "`x1` = `savings account/bonds`", "`x2` = `age`"):
        assert pair in found.notices[0].message


@pytest.mark.parametrize("missing", ["pay", "x2"])
def test_a_column_that_is_missing_is_never_replaced_by_the_one_in_its_place(missing):
    info = model("education_num", "age", missing)

    assert match_columns(info, TABLE, [("education-num", "age", "savings account/bonds")]) is None


@pytest.mark.parametrize("file_format", ["skops", "xgboost"])
def test_a_format_that_keeps_names_is_never_matched_by_position(file_format):
    assert match_columns(model("x0", "x1", "x2", file_format=file_format), TABLE, [FEATURES]) is None


def test_a_file_without_names_takes_the_features_in_order():
    found = match_columns(model("f0", "f1", "f2", file_format="xgboost", nameless=True), TABLE, [FEATURES])

    assert found.names == FEATURES


def test_a_file_without_names_and_another_number_of_columns_asks():
    with pytest.raises(InvalidChoice, match=r"takes 2 columns.*--features-from") as caught:
        match_columns(model("f0", "f1", file_format="xgboost", nameless=True), TABLE, [FEATURES])
    assert caught.value.code == "names_needed"


def test_another_order_and_columns_that_are_not_used_are_told():
    inputs = ("age", "education-num")

    assert order_notices(inputs, ("age", "education-num", "loan"), ("age", "education-num")) == ()
    order, unused = order_notices(inputs, TABLE, FEATURES)
    assert order.code == "column_order"
    assert (unused.code, unused.message) == (
        "unused_columns",
        "The model does not use 1 column of the table: `savings account/bonds`.",
    )


def test_values_a_model_never_saw_are_listed_and_their_rows_marked():
    frame = pd.DataFrame({"job": ["a", "b", None, "c", "c"], "grade": [1, 2, 1, 1, 9], "free": list("vwxyz")})
    features = (
        Feature("job", "category", ("a", "d")),
        Feature("grade", "category", ("1", "2")),
        Feature("free"),
    )

    found = find_unseen(frame, features)

    assert found.rows.tolist() == [False, True, False, True, True]
    assert [(n.column, n.rows) for n in found.notices] == [("job", 3), ("grade", 1)]
    assert "'c' (2), 'b' (1))" in found.notices[0].message
    assert found.notices[1].message.startswith(
        "1 row has a value of `grade` that the model has never seen ('9' (1))"
    )


def test_scores_of_the_same_model_hold_and_those_of_another_flip_decisions():
    rng = np.random.default_rng(0)
    score = rng.random(5_000)
    column = np.where(np.arange(5_000) % 2, np.nan, score.astype(np.float32).astype(np.float64))

    same = fidelity.compare(score, column)
    assert same.rows == fidelity.MAX_ROWS
    assert same.holds
    assert 0 < same.largest < 1e-7

    other = fidelity.compare(score, 1 - score)
    assert not other.holds
    assert other.flips(0.5) == fidelity.MAX_ROWS
    assert other.flips(0.0) == 0
    assert fidelity.compare(score, np.full(5_000, np.nan)) is None
