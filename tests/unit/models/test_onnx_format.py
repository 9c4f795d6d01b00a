"""ONNX models: what is read out of them, and scores against the library that was trained."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from onnx import TensorProto

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.models._onnx.review import review
from rai_dash.models.onnx_format import load as load_reviewed
from rai_dash.models.unseen import find_unseen
from tests.unit.models.onnx_files import (
    column,
    constant,
    converted,
    linear,
    node,
    pipeline,
    saved,
    softmax,
    stump,
)

#: The contract's tolerance for logistic models.
TOLERANCE = 3.2e-7


def load(content):
    review(content)
    return load_reviewed(content)


def codes(model):
    return [n.code for n in model.info.warnings]


@pytest.fixture(scope="module")
def logistic(loans):
    from sklearn.linear_model import LogisticRegression

    return pipeline(loans[0], ("job", "home"), LogisticRegression()).fit(*loans)


@pytest.fixture(scope="module")
def logistic_onnx(logistic, loans):
    return converted(logistic, loans[0])


@pytest.fixture(scope="module")
def rows():
    return pd.DataFrame({"f0": [1.0, 0.0, 3.0], "f1": [0.2, 0.7, 0.5]})


def test_scores_equal_scikit_learn_within_the_tolerance_in_any_order_of_columns(
    logistic, logistic_onnx, loans
):
    frame = loans[0].assign(extra=1)
    model = load(logistic_onnx)

    score = model.probability(frame[frame.columns[::-1]])

    assert score.dtype == np.float64
    assert np.abs(score - logistic.predict_proba(loans[0])[:, 1]).max() <= TOLERANCE
    # a single row takes another way through the library's kernels: the last bit of 32 may differ
    assert abs(model.probability(frame.iloc[[7]])[0] - score[7]) <= 1.2e-7


def test_log_odds_are_those_of_the_logistic_model(logistic, logistic_onnx, loans):
    margin = load(logistic_onnx).margin(loans[0])

    assert np.abs(margin - logistic.decision_function(loans[0])).max() < 2e-5


def test_names_categories_and_classes_are_read_from_the_file(logistic_onnx):
    info = load(logistic_onnx).info

    assert info.feature_names == ("age", "income", "job", "home", "grade")
    assert [f.categories for f in info.features] == [(), (), ("clerk", "cook", "driver"), ("own", "rent"), ()]
    assert [f.kind for f in info.features] == ["number", "number", "category", "category", "number"]
    assert (info.classes, info.has_class_labels) == (("bad", "good"), True)
    assert (info.format, info.family, info.can_refit) == ("onnx", "ONNX, linear model", False)


def test_a_dictionary_a_row_gives_the_same_scores_and_labels(logistic, logistic_onnx, loans):
    with_maps = load(converted(logistic, loans[0], zipmap=True))

    assert np.array_equal(with_maps.probability(loans[0]), load(logistic_onnx).probability(loans[0]))
    assert with_maps.info.classes == ("bad", "good")


def test_a_value_never_seen_is_counted_and_scored_as_the_pipeline_does(logistic, logistic_onnx, loans):
    frame = loans[0].head(9).copy()
    frame.loc[[1, 4], "job"] = "pilot"
    model = load(logistic_onnx)

    found = find_unseen(frame, model.info.features).notices

    assert [(n.code, n.column, n.rows) for n in found] == [("unseen_category", "job", 2)]
    assert np.abs(model.probability(frame) - logistic.predict_proba(frame)[:, 1]).max() <= TOLERANCE


def test_blanks_in_numbers_are_left_to_the_model(logistic, logistic_onnx, loans):
    blank = loans[0]["income"].isna()
    frame = loans[0][blank]

    assert blank.sum() > 10
    assert (
        np.abs(load(logistic_onnx).probability(frame) - logistic.predict_proba(frame)[:, 1]).max()
        <= TOLERANCE
    )


def test_text_that_differs_by_blanks_around_it_is_the_category_of_training(loans):
    """The census table has a blank before every value; reading trims it, the model was trained with it."""
    from sklearn.linear_model import LogisticRegression

    frame, label = loans
    spaced = frame.assign(job=" " + frame["job"])
    trained = pipeline(frame, ("job", "home"), LogisticRegression()).fit(spaced, label)
    model = load(converted(trained, frame))

    assert model.info.features[2].categories == ("clerk", "cook", "driver")
    assert np.array_equal(model.probability(frame), model.probability(spaced))
    assert np.abs(model.probability(frame) - trained.predict_proba(spaced)[:, 1]).max() <= TOLERANCE


def test_a_blank_that_training_had_as_a_category_is_that_category(loans):
    """Converters write it as the text `nan`."""
    from sklearn.linear_model import LogisticRegression

    frame, label = loans
    holes = frame.assign(job=frame["job"].astype(object).where(np.arange(len(frame)) % 5 > 0, np.nan))
    trained = pipeline(frame, ("job", "home"), LogisticRegression()).fit(holes, label)
    model = load(converted(trained, frame))

    assert np.abs(model.probability(holes) - trained.predict_proba(holes)[:, 1]).max() <= TOLERANCE
    assert model.info.features[2].categories == ("clerk", "cook", "driver")
    # of `home` the file does not say how a blank was written
    assert [n.message.split("`")[1] for n in model.info.warnings if n.code == "blank_text"] == ["home"]


def test_blanks_in_text_that_the_model_fills_itself_are_filled(loans):
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    frame, label = loans
    empty = frame.assign(job=frame["job"].where(np.arange(len(frame)) % 5 > 0, ""))
    encoder = make_pipeline(
        SimpleImputer(missing_values="", strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    trained = pipeline(frame, ("job", "home"), LogisticRegression(), encoder=encoder).fit(empty, label)
    model = load(converted(trained, frame))
    as_read = empty.assign(job=empty["job"].replace("", None))

    assert model.info.features[2].categories == ("clerk", "cook", "driver")
    assert "blank_text" not in codes(model)
    assert np.abs(model.probability(as_read) - trained.predict_proba(empty)[:, 1]).max() <= TOLERANCE


def test_a_pipeline_that_numbers_its_categories_shows_them(loans):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import OrdinalEncoder

    trained = pipeline(loans[0], ("job", "home"), LogisticRegression(), encoder=OrdinalEncoder()).fit(*loans)
    model = load(converted(trained, loans[0]))

    assert model.info.features[2].categories == ("clerk", "cook", "driver")
    assert np.abs(model.probability(loans[0]) - trained.predict_proba(loans[0])[:, 1]).max() <= TOLERANCE


def test_whole_numbers_that_are_categories_are_shown_and_may_be_read_as_text(loans):
    from sklearn.linear_model import LogisticRegression

    frame = loans[0][["age", "grade"]]
    trained = pipeline(frame, ("grade",), LogisticRegression()).fit(frame, loans[1])
    model = load(converted(trained, frame, (), whole=("grade",)))

    assert (model.info.features[1].kind, model.info.features[1].categories) == ("category", ("1", "2", "3"))
    expected = trained.predict_proba(frame)[:, 1]
    for dress in (frame, frame.astype({"grade": str}), frame.astype({"grade": float})):
        assert np.abs(model.probability(dress) - expected).max() <= TOLERANCE


def test_names_are_taken_by_position_and_nothing_else_changes(logistic_onnx, loans):
    model = load(logistic_onnx)
    before = model.probability(loans[0])
    names = ["Age", "income (EUR)", "job", "home/own", "grade"]

    model.rename(names)

    assert model.info.feature_names == tuple(names)
    assert model.info.features[2].categories == ("clerk", "cook", "driver")
    assert np.array_equal(model.probability(loans[0].set_axis(names, axis=1)), before)
    with pytest.raises(InvalidChoice, match="do not fit the model"):
        model.rename(names[:4])
    with pytest.raises(InvalidChoice, match="do not fit the model"):
        model.rename(["a"] * 5)


def test_a_table_without_a_column_of_the_model_is_refused_by_name(logistic_onnx, loans):
    with pytest.raises(MissingColumn, match="`job`"):
        load(logistic_onnx).probability(loans[0].drop(columns="job"))


def test_text_where_the_model_takes_numbers_is_refused_by_name(logistic_onnx, loans):
    with pytest.raises(InvalidChoice, match="numbers in `age`"):
        load(logistic_onnx).probability(loans[0].assign(age="old"))


def test_one_input_for_all_columns_asks_for_names(rows):
    model = load(saved(linear()))

    # oracle: the logistic function of the second line of coefficients
    margin = rows["f0"] - 0.5 * rows["f1"] + 0.25
    assert np.allclose(model.probability(rows), 1 / (1 + np.exp(-margin)), rtol=0, atol=1e-6)
    assert model.info.feature_names == ("f0", "f1")
    assert "no_feature_names" in codes(model)
    model.rename(["pay", "age"])
    assert "no_feature_names" not in codes(model)
    assert np.allclose(model.margin(rows.set_axis(["pay", "age"], axis=1)), margin, rtol=0, atol=1e-5)


def test_a_small_network_without_labels_scores_and_leaves_the_classes_open(rows):
    model = load(saved(softmax()))

    raw = rows.to_numpy() @ np.array([[0.5, -0.5], [0.25, 0.75]])
    expected = np.exp(raw[:, 1]) / np.exp(raw).sum(axis=1)
    assert np.allclose(model.probability(rows), expected, rtol=0, atol=1e-6)
    assert (model.info.classes, model.info.has_class_labels) == (("0", "1"), False)


def test_a_tree_by_hand_gives_the_weights_of_its_leaves(rows):
    model = load(saved(stump()))

    assert model.probability(rows).tolist() == [0.25, 0.875, 0.25]
    assert model.info.classes == ("bad", "good")


def test_labels_that_contradict_the_probabilities_are_not_believed(rows):
    """The last step of this file calls the likelier class by the other's name."""
    model = softmax(
        [node("Identity", ["x"], ["y"])],
        before="y",
        constants=[constant("names", np.array(["good", "bad"], dtype=object))],
    )
    turned = constant("turn", np.array([1, 0]))
    model.graph.initializer.append(turned)
    model.graph.node.extend(
        [
            node("ArgMax", ["p"], ["best"], axis=1, keepdims=0),
            node("Gather", ["turn", "best"], ["other"]),
            node("Gather", ["names", "other"], ["label"]),
        ]
    )
    model.graph.output.append(column("label", TensorProto.STRING, (None,)))

    assert load(saved(model)).info.has_class_labels is False


def test_a_single_row_and_no_row_are_scored(rows):
    model = load(saved(stump()))

    assert model.probability(rows.head(1)).tolist() == [0.25]
    assert model.probability(rows.head(0)).shape == (0,)


def test_precision_is_told_in_plain_words(logistic_onnx):
    found = {n.code: n.message for n in load(logistic_onnx).info.warnings}

    assert "32-bit" in found["float32"]
    assert "0.35" in found["float32"]
    assert "rounded_splits" not in found


def test_scaling_before_trees_is_warned_about_and_trees_alone_are_not(loans):
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=4, random_state=0)
    scaled = pipeline(loans[0], ("job", "home"), tree).fit(*loans)
    plain = pipeline(loans[0], ("job", "home"), tree, scaled=False).fit(*loans)

    assert "rounded_splits" in codes(load(converted(scaled, loans[0])))
    model = load(converted(plain, loans[0]))
    assert "rounded_splits" not in codes(model)
    assert np.abs(model.probability(loans[0]) - plain.predict_proba(loans[0])[:, 1]).max() <= 1e-7
