from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.explain.what_if import ice, read_typed, what_if

FRAME = pd.DataFrame(
    {
        "age": [20, 30, 40, 50],
        "income": [10.5, np.nan, 20.25, 8.0],
        "job": ["clerk", "nurse", None, "nurse"],
        "degree": [" BA", " MA", " BA", " MA"],
    }
).astype({"job": "str", "degree": "str"})


def model(frame):
    pay = frame["income"].fillna(0).to_numpy(float)
    return 0.01 * frame["age"].to_numpy(float) + 0.01 * pay + 0.2 * (frame["job"] == "nurse").to_numpy(float)


@pytest.mark.parametrize(
    ("typed", "column", "value", "codes"),
    [
        ("45", "age", 45, []),
        (" 45.0 ", "age", 45, []),
        ("45.5", "age", 45.5, ["not_whole"]),
        ("99", "age", 99, ["outside_range"]),
        (-1.5, "age", -1.5, ["not_whole", "outside_range"]),
        ("", "age", None, ["new_blank"]),
        (None, "income", None, []),
        ("12.75", "income", 12.75, []),
        ("nurse", "job", "nurse", []),
        (" nurse ", "job", "nurse", []),
        (" BA", "degree", " BA", []),
        ("pilot", "job", "pilot", ["new_category"]),
        (float("nan"), "job", None, []),
    ],
)
def test_typed_values_are_read_for_their_column_and_what_is_unusual_is_flagged(typed, column, value, codes):
    found = read_typed(typed, FRAME[column])

    assert found.value == value
    assert type(found.value) is type(value)
    assert [notice.code for notice in found.notices] == codes
    assert all(notice.column == column for notice in found.notices)


@pytest.mark.parametrize("typed", ["forty", "1,000", "1_000", "inf", "nan%", "12 EUR"])
def test_what_is_no_number_is_refused_with_what_to_write(typed):
    with pytest.raises(InvalidChoice, match="needs a number"):
        read_typed(typed, FRAME["income"])


def test_a_category_that_the_model_knows_is_not_new():
    assert read_typed("pilot", FRAME["job"], categories=("pilot",)).notices == ()


def test_both_scores_come_from_one_call_and_only_real_changes_are_listed():
    calls = []

    def score(frame):
        calls.append(frame)
        return model(frame)

    found = what_if(score, FRAME.iloc[[0]], {"age": "45", "job": "clerk", "income": ""}, FRAME)

    assert len(calls) == 1
    assert (found.before, found.after) == pytest.approx((0.305, 0.45))
    assert found.difference == pytest.approx(0.145)
    assert found.changes == {"age": (20, 45), "income": (10.5, None)}
    assert calls[0].dtypes.to_dict() == FRAME.dtypes.to_dict()


def test_the_scores_are_the_models_own_for_rows_made_by_hand():
    by_hand = FRAME.iloc[[1]].assign(age=45.5, job="pilot")

    found = what_if(model, FRAME.iloc[[1]], {"age": "45.5", "job": "pilot"}, FRAME)

    assert found.after == pytest.approx(model(by_hand)[0])
    assert [n.code for n in found.notices] == ["not_whole", "new_category"]


def test_unknown_columns_and_several_rows_are_refused():
    with pytest.raises(InvalidChoice, match="no column 'ages'"):
        what_if(model, FRAME.iloc[[0]], {"ages": "4"}, FRAME)
    with pytest.raises(InvalidChoice, match="One applicant"):
        what_if(model, FRAME, {"age": "4"}, FRAME)
    with pytest.raises(MissingColumn):
        what_if(model, FRAME[["age"]].iloc[[0]], {"age": "4"}, FRAME)


def test_a_line_holds_the_models_answer_at_each_value_and_asks_once():
    calls = []

    def score(frame):
        calls.append(frame["age"].dtype.kind)
        return model(frame)

    found = ice(score, FRAME.iloc[[1]], FRAME, "age")

    assert calls == ["i"]
    assert found.points == (20, 30, 40, 50)
    assert found.scores == pytest.approx([model(FRAME.iloc[[1]].assign(age=a))[0] for a in found.points])
    assert found.own == 30
    assert found.own_score == found.scores[1]
    assert found.counts.tolist() == [1, 1, 1, 1]


def test_categories_come_in_the_models_order_with_their_counts():
    found = ice(model, FRAME.iloc[[2]], FRAME, "job", categories=("nurse", "clerk"))

    assert found.points == ("nurse", "clerk")
    assert found.counts.tolist() == [2, 1]
    assert (found.own, found.left_out) == (None, 1)
    assert found.scores == pytest.approx([0.8025, 0.6025])


def test_many_numbers_are_moved_along_observed_quantiles():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.integers(0, 10_000, 3_000), "y": 1.0})

    found = ice(lambda f: f["x"].to_numpy(float) / 10_000, frame.iloc[[0]], frame, "x")

    assert set(found.points) <= set(frame["x"].tolist())
    assert (found.points[0], found.points[-1]) == (frame["x"].min(), frame["x"].max())
    assert len(found.points) <= 50
    assert found.counts.sum() == 3_000


def test_linked_columns_go_along():
    frame = pd.DataFrame({"grade": [1, 2, 3] * 10, "name": ["low", "mid", "high"] * 10})
    seen = set()

    def score(rows):
        seen.update(zip(rows["grade"], rows["name"], strict=True))
        return rows["grade"].to_numpy(float) / 3

    ice(score, frame.iloc[[0]], frame, "grade", linked=["name"])

    assert seen == {(1, "low"), (2, "mid"), (3, "high")}


def test_a_column_without_values_is_refused():
    blank = FRAME.assign(income=np.nan)
    with pytest.raises(InvalidChoice, match="no value"):
        ice(model, blank.iloc[[0]], blank, "income")
