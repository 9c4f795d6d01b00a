"""Builders of ONNX files: honest ones from converters, and small graphs by hand to be damaged."""

from __future__ import annotations

import os
import warnings

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # wheels of ONNX Runtime ask before import

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ML = "ai.onnx.ml"
TEXTS = ("job", "home")
_OPSETS = {"": 15, ML: 3}


def pipeline(frame, texts, estimator, *, scaled=True, encoder=None):
    """Numbers filled (and scaled), texts one-hot encoded, then an estimator."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [c for c in frame if c not in texts]
    steps = (SimpleImputer(), StandardScaler()) if scaled else (SimpleImputer(),)
    encoder = encoder or OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    parts = [("numbers", make_pipeline(*steps), numbers), ("texts", encoder, list(texts))]
    return make_pipeline(ColumnTransformer(parts), estimator)


def _register_boosters():
    """Teach the converter of pipelines the two libraries of boosted trees."""
    from lightgbm import LGBMClassifier
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
    from xgboost import XGBClassifier

    options = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    for kind, alias, converter in (
        (LGBMClassifier, "LightGbmLGBMClassifier", convert_lightgbm),
        (XGBClassifier, "XGBoostXGBClassifier", convert_xgboost),
    ):
        update_registered_converter(
            kind, alias, calculate_linear_classifier_output_shapes, converter, options=options
        )


def converted(model, frame, texts=TEXTS, *, zipmap=False, whole=()):
    """Convert a fitted model; one input a column."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _register_boosters()
        from skl2onnx import convert_sklearn
        from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType

        def kind(name):
            return (
                StringTensorType if name in texts else Int64TensorType if name in whole else FloatTensorType
            )

        types = [(name, kind(name)([None, 1])) for name in frame]
        made = convert_sklearn(
            model, initial_types=types, options={id(model): {"zipmap": zipmap}}, target_opset=_OPSETS
        )
    return made.SerializeToString()


def column(name, kind=TensorProto.FLOAT, shape=(None, 1)):
    return helper.make_tensor_value_info(name, kind, list(shape))


def constant(name, values):
    return numpy_helper.from_array(np.asarray(values), name)


def node(op, inputs, outputs, domain="", **attributes):
    return helper.make_node(op, inputs, outputs, domain=domain, **attributes)


def graph(nodes, inputs=None, outputs=None, constants=(), **more):
    """Put a model together."""
    made = helper.make_graph(
        nodes,
        "g",
        inputs or [column("x", shape=(None, 2))],
        outputs or [column("p", shape=(None, 2))],
        list(constants),
    )
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid(ML, 3)]
    return helper.make_model(made, opset_imports=opsets, ir_version=8, **more)


def softmax(extra=(), *, weights=((0.5, -0.5), (0.25, 0.75)), before="x", inputs=None, constants=()):
    """Two columns, a weight matrix, and a softmax; ``extra`` steps come first."""
    nodes = [*extra, node("MatMul", [before, "w"], ["s"]), node("Softmax", ["s"], ["p"], axis=1)]
    return graph(nodes, inputs, constants=[constant("w", np.array(weights, np.float32)), *constants])


def stump(**changes):
    """A classifier with one tree of three nodes on two columns."""
    given = {
        "nodes_treeids": [0, 0, 0],
        "nodes_nodeids": [0, 1, 2],
        "nodes_featureids": [1, 0, 0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
        "nodes_values": [0.5, 0.0, 0.0],
        "nodes_truenodeids": [1, 0, 0],
        "nodes_falsenodeids": [2, 0, 0],
        "nodes_missing_value_tracks_true": [0, 0, 0],
        "class_treeids": [0, 0],
        "class_nodeids": [1, 2],
        "class_ids": [0, 0],  # of two classes only the score of the second is stored
        "class_weights": [0.25, 0.875],
        "classlabels_strings": ["bad", "good"],
        "post_transform": "NONE",
    } | changes
    given = {name: values for name, values in given.items() if values is not None}
    tree = node("TreeEnsembleClassifier", ["x"], ["label", "p"], ML, **given)
    return graph([tree], outputs=[column("label", TensorProto.STRING, (None,)), column("p", shape=(None, 2))])


def cyclic_tree():
    return stump(nodes_modes=["BRANCH_LEQ", "BRANCH_LEQ", "LEAF"], nodes_truenodeids=[1, 0, 0])


def island_that_runs_in_a_circle():
    """A whole tree, and beside it two nodes that are each other's parents."""
    return stump(
        nodes_treeids=[0] * 7,
        nodes_nodeids=[0, 1, 2, 3, 4, 5, 6],
        nodes_featureids=[0] * 7,
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_values=[0.5] * 7,
        nodes_truenodeids=[1, 0, 0, 4, 3, 0, 0],
        nodes_falsenodeids=[2, 0, 0, 5, 6, 0, 0],
        nodes_missing_value_tracks_true=None,
    )


def chain_tree(depth):
    """One long branch: node 2i splits into 2i + 1 (a leaf) and 2i + 2."""
    n = 2 * depth + 1
    inner = np.arange(n) % 2 == 0
    inner[-1] = False
    at = np.arange(n)
    return stump(
        nodes_treeids=[0] * n,
        nodes_nodeids=at.tolist(),
        nodes_featureids=[0] * n,
        nodes_modes=np.where(inner, "BRANCH_LEQ", "LEAF").tolist(),
        nodes_values=[0.5] * n,
        nodes_truenodeids=np.where(inner, at + 1, 0).tolist(),
        nodes_falsenodeids=np.where(inner, at + 2, 0).tolist(),
        nodes_missing_value_tracks_true=None,
    )


def linear(**changes):
    """A logistic model on two columns, as a converter writes it."""
    given = {
        "coefficients": [-1.0, 0.5, 1.0, -0.5],
        "intercepts": [-0.25, 0.25],
        "classlabels_strings": ["bad", "good"],
        "post_transform": "LOGISTIC",
        "multi_class": 1,
    } | changes
    found = node("LinearClassifier", ["x"], ["label", "p"], ML, **given)
    return graph(
        [found], outputs=[column("label", TensorProto.STRING, (None,)), column("p", shape=(None, 2))]
    )


def doubling(times):
    """A value that is set beside itself again and again, from raw columns nobody declares as wide."""
    steps = [node("Concat", [f"c{i}"] * 2, [f"c{i + 1}"], axis=1) for i in range(times)]
    first = node("Identity", ["x"], ["c0"])
    last = node("ReduceMean", [f"c{times}"], ["m"], axes=[1], keepdims=1)
    both = node("Concat", ["m", "m"], ["s"], axis=1)
    return graph([first, *steps, last, both, node("Softmax", ["s"], ["p"], axis=1)])


def saved(model):
    return onnx.ModelProto.SerializeToString(model)
