"""Inputs of every kind that an ONNX graph may have, and files that cannot be used."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from onnx import TensorProto

from rai_dash.core.errors import InvalidChoice, RefusedModel
from rai_dash.models._onnx.review import review
from rai_dash.models.onnx_format import load as load_reviewed
from rai_dash.models.unseen import find_unseen
from tests.unit.models.onnx_files import ML, column, constant, graph, node, saved, softmax, stump


def load(content):
    review(content)
    return load_reviewed(content)


def test_columns_that_one_encoder_shares_cannot_be_counted_and_the_file_says_so():
    model = graph(
        [
            node("OneHotEncoder", ["t"], ["e"], ML, cats_strings=["a", "b"], zeros=1),
            node("Reshape", ["e", "flat"], ["y"]),
            node("MatMul", ["y", "w"], ["s"]),
            node("Softmax", ["s"], ["p"], axis=1),
        ],
        [column("t", TensorProto.STRING, (None, 2))],
        constants=[constant("flat", np.array([-1, 4])), constant("w", np.eye(4, 2, dtype=np.float32))],
    )

    found = load(saved(model))

    notice = next(n for n in found.info.warnings if n.code == "unknown_categories")
    assert "`f0`, `f1`" in notice.message
    assert find_unseen(pd.DataFrame({"f0": ["z"], "f1": ["a"]}), found.info.features).notices == ()


def _strict(*, zeros):
    return graph(
        [
            node("OneHotEncoder", ["t"], ["e"], ML, cats_strings=["a", "b"], zeros=zeros),
            node("Reshape", ["e", "flat"], ["y"]),
            node("Softmax", ["y"], ["p"], axis=1),
        ],
        [column("t", TensorProto.STRING)],
        constants=[constant("flat", np.array([-1, 2]))],
    )


def test_a_model_that_stops_at_unknown_values_names_the_column():
    model = load(saved(_strict(zeros=0)))

    assert np.allclose(model.probability(pd.DataFrame({"t": ["b"]})), 1 / (1 + np.exp(-1)), atol=1e-7)
    with pytest.raises(InvalidChoice, match="never seen in `t`"):
        model.probability(pd.DataFrame({"t": ["b", "c"]}))


def _whole(kind):
    return graph(
        [
            node("Cast", ["a"], ["b"], to=TensorProto.FLOAT),
            node("MatMul", ["b", "w"], ["s"]),
            node("Softmax", ["s"], ["p"], axis=1),
        ],
        [column("a", kind)],
        constants=[constant("w", np.array([[0.0, 1.0]], np.float32))],
    )


@pytest.mark.parametrize("kind", [TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL, TensorProto.DOUBLE])
def test_inputs_of_other_number_types_are_filled(kind):
    score = load(saved(_whole(kind))).probability(pd.DataFrame({"a": [0, 1]}))

    assert np.allclose(score, [0.5, 1 / (1 + np.exp(-1))], rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (TensorProto.INT64, [1.0, np.nan], "1 rows are blank"),
        (TensorProto.INT64, [1.0, 2.5], "whole numbers in `a`, and the table has 2.5"),
        (TensorProto.INT32, [1.0, 2.0**40], "whole numbers in `a`"),
        (TensorProto.INT64, [1.0, np.inf], "whole numbers in `a`"),
        (TensorProto.BOOL, [1.0, 2.0], "only 0 and 1 in `a`"),
    ],
)
def test_what_does_not_fit_a_whole_number_is_refused_by_name(kind, values, words):
    with pytest.raises(InvalidChoice, match=words):
        load(saved(_whole(kind))).probability(pd.DataFrame({"a": values}))


def test_very_large_numbers_do_not_stop_the_other_rows():
    score = load(saved(stump())).probability(pd.DataFrame({"f0": [1.0] * 3, "f1": [0.2, 1e300, np.inf]}))

    assert score.tolist() == [0.25, 0.875, 0.875]


def test_a_regressor_and_three_classes_are_refused_with_the_way_out(loans):
    from sklearn.linear_model import LinearRegression, LogisticRegression

    frame = loans[0][["age", "grade"]]
    with pytest.raises(RefusedModel, match=r"no class probabilities.*regressor") as refused:
        load(converted_plain(LinearRegression().fit(frame, frame["age"]), frame))
    assert refused.value.code == "no_probabilities"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        three = LogisticRegression().fit(frame, frame["grade"])
    with pytest.raises(RefusedModel, match="3 classes") as refused:
        load(converted_plain(three, frame))
    assert refused.value.code == "multiclass"


def converted_plain(model, frame):
    from skl2onnx import to_onnx

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return to_onnx(model, frame.to_numpy(np.float32)[:1], target_opset=15).SerializeToString()


def _one_row_at_a_time():
    model = stump()
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    return model


def _two_answers():
    model = softmax([node("Identity", ["x"], ["y"])], before="y")
    model.graph.node.append(node("Identity", ["p"], ["p2"]))
    model.graph.output.append(column("p2", shape=(None, 2)))
    return model


@pytest.mark.parametrize(
    ("build", "code", "words"),
    [
        (_one_row_at_a_time, "fixed_rows", "exactly 1 rows.*left open"),
        (_two_answers, "no_probabilities", "several outputs"),
        (
            lambda: graph([node("Identity", ["x"], ["p"])]),
            "no_probabilities",
            "no class probabilities",
        ),
        (
            lambda: graph([node("Sigmoid", ["x"], ["p"])], [column("x")], [column("p")]),
            "no_probabilities",
            "no class probabilities",
        ),
        (
            lambda: graph(
                [node("Log", ["y"], ["p"])], constants=[constant("y", np.array([[-1.0, -1.0]], "f4"))]
            ),
            "damaged_model",
            "no number for any",
        ),
        (
            lambda: softmax(inputs=[column("x", TensorProto.FLOAT16, (None, 2))]),
            "unsupported_model",
            "no column of numbers or text",
        ),
        (lambda: softmax(inputs=[column("x", shape=(2,))]), "unsupported_model", "rows × columns"),
        (lambda: softmax(inputs=[column("x", shape=(None, None))]), "unsupported_model", "rows × columns"),
        (lambda: softmax(inputs=[column("x", shape=(None, 10**9))]), "damaged_model", "more than 100,000"),
        (lambda: softmax(before="nowhere"), "damaged_model", "do not fit together"),
        (
            lambda: softmax(
                [node("Gather", ["x", "i"], ["y"], axis=1)], before="y", constants=[constant("i", [5, 6])]
            ),
            "damaged_model",
            "even one ordinary row",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_on_loading(build, code, words):
    with pytest.raises(RefusedModel, match=words) as refused:
        load_reviewed(saved(build()))

    assert refused.value.code == code
