"""Builders of hostile and damaged ONNX files, with the code and the words each is refused by."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper

from tests.unit.models.onnx_files import (
    ML,
    chain_tree,
    column,
    constant,
    cyclic_tree,
    doubling,
    graph,
    island_that_runs_in_a_circle,
    linear,
    node,
    softmax,
    stump,
)


def changed(model, change):
    change(model)
    return model


def _external(tensor):
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/passwd")
    tensor.ClearField("raw_data")


def external_constant():
    return changed(softmax(), lambda m: _external(m.graph.initializer[0]))


def external_entry_only():
    """The flag says the values are inside, the entry names a file."""
    return changed(
        softmax(), lambda m: m.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")
    )


def external_attribute():
    value = constant("v", np.array([1.0, 2.0], np.float32))
    _external(value)
    return softmax([node("Constant", [], ["k"], value=value), node("Add", ["x", "k"], ["y"])], before="y")


def _inner():
    return helper.make_graph([node("Identity", ["x"], ["q"])], "inner", [], [column("q", shape=(None, 2))])


def branch():
    flag = constant("flag", np.array(1, dtype=bool))
    step = node("If", ["flag"], ["y"], then_branch=_inner(), else_branch=_inner())
    return softmax([step], before="y", constants=[flag])


def endless_loop():
    body = helper.make_graph(
        [node("Identity", ["go"], ["again"]), node("Identity", ["v"], ["w2"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            column("v", shape=(None, 2)),
        ],
        [helper.make_tensor_value_info("again", TensorProto.BOOL, []), column("w2", shape=(None, 2))],
    )
    constants = [constant("n", np.array(2**62)), constant("yes", np.array(1, dtype=bool))]
    return softmax([node("Loop", ["n", "yes", "x"], ["y"], body=body)], before="y", constants=constants)


def graph_in_a_plain_step():
    step = helper.make_node("Identity", ["x"], ["y"])
    step.attribute.append(helper.make_attribute("body", _inner()))
    return softmax([step], before="y")


def filled_from_a_constant():
    big = constant("big", np.array([10**12]))
    return softmax([node("ConstantOfShape", ["big"], ["z"])], constants=[big])


def tiled():
    times = constant("times", np.array([10**6, 10**6]))
    return softmax([node("Tile", ["x", "times"], ["z"])], constants=[times])


def random_numbers():
    return softmax([node("RandomNormal", [], ["z"], shape=[2**40])])


def sparse_constant():
    def change(m):
        m.graph.sparse_initializer.add(dims=[10**9, 10**9])

    return changed(softmax(), change)


def sparse_attribute():
    value = helper.make_sparse_tensor(
        constant("v", np.array([1.0], np.float32)), constant("i", np.array([0])), [2**40]
    )
    return softmax([node("Constant", [], ["k"], sparse_value=value)])


def own_operator():
    def change(m):
        m.functions.append(
            helper.make_function(
                "own", "Twice", ["a"], ["b"], [node("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 15)]
            )
        )

    return changed(softmax(), change)


def foreign_operator():
    def change(m):
        m.opset_import.append(helper.make_opsetid("com.evil", 1))

    return changed(softmax([node("Evil", ["x"], ["y"], "com.evil")], before="y"), change)


def training():
    return changed(softmax(), lambda m: m.training_info.add())


def fewer_values_than_declared():
    def change(m):
        m.graph.initializer[0].dims[0] = 10**6

    return changed(softmax(), change)


def negative_size():
    def change(m):
        m.graph.initializer[0].dims[0] = -2

    return changed(softmax(), change)


def two_stores_at_once():
    def change(m):
        m.graph.initializer[0].float_data.extend([1.0] * 4)

    return changed(softmax(), change)


def text_with_raw_bytes():
    value = TensorProto(name="t", data_type=TensorProto.STRING, dims=[2], raw_data=b"ab")
    return softmax(constants=[value])


def text_that_is_not_utf8():
    step = node("OneHotEncoder", ["x"], ["y"], ML, cats_strings=[b"\xff\xfe", b"a"])
    return softmax([step])


def chain_of_broadcasts():
    """A column of a million times a line of a million."""
    big = 1_000_000
    constants = [
        constant("a", np.zeros((big, 1), np.float32)),
        constant("b", np.zeros((1, big), np.float32)),
    ]
    return softmax([node("Add", ["a", "b"], ["z"])], constants=constants)


def wide_open_columns():
    """The number of columns before the trees is left open, so that no column number can be checked."""
    model = stump()
    model.graph.input[0].type.tensor_type.shape.dim[1].ClearField("dim_value")
    return model


def two_columns_of_one_name():
    return graph([node("Identity", ["x"], ["p"])], constants=[constant("w", [1.0]), constant("w", [2.0])])


def training_dropout():
    flag = constant("flag", np.array(1, dtype=bool))
    half = constant("half", np.array(0.5, np.float32))
    return softmax([node("Dropout", ["x", "half", "flag"], ["y"])], before="y", constants=[flag, half])


HOSTILE = {
    "values in a foreign file": (external_constant, "external_data", "another file.*one file"),
    "an entry that names a file": (external_entry_only, "external_data", "constant `w`.*another file"),
    "a foreign file in an attribute": (external_attribute, "external_data", "attribute value of Constant"),
    "a branch": (branch, "unsupported_model", "repeats or branches .If."),
    "an endless loop": (endless_loop, "unsupported_model", "repeats or branches .Loop."),
    "a graph in a plain step": (graph_in_a_plain_step, "unsupported_model", "graph inside its step Identity"),
    "terabytes from a constant": (filled_from_a_constant, "unsupported_model", "any size.*ConstantOfShape"),
    "tiles": (tiled, "unsupported_model", "any size.*Tile"),
    "random numbers": (random_numbers, "unsupported_model", "random .RandomNormal."),
    "sparse constants": (sparse_constant, "unsupported_model", "sparse"),
    "a sparse attribute": (sparse_attribute, "unsupported_model", "sparse"),
    "own operators": (own_operator, "unsupported_model", "operators of its own.*inlined"),
    "operators of another maker": (foreign_operator, "unsupported_model", "another maker .`com.evil`"),
    "instructions for training": (training, "unsupported_model", "training"),
    "dropout that is switched on": (training_dropout, "unsupported_model", "scores are random"),
    "fewer values than declared": (fewer_values_than_declared, "damaged_model", "declares 2,000,000 values"),
    "a negative size": (negative_size, "damaged_model", "impossible shape"),
    "two stores at once": (two_stores_at_once, "damaged_model", "holds another number"),
    "text with raw bytes": (text_with_raw_bytes, "damaged_model", "constant `t`"),
    "text that is not UTF-8": (text_that_is_not_utf8, "damaged_model", "not UTF-8"),
    "a value doubled 40 times": (lambda: doubling(40), "too_large", "out of one row"),
    "a value doubled 70 times": (lambda: doubling(70), "too_large", "out of one row"),
    "an outer sum": (chain_of_broadcasts, "too_large", "1,000,000,000,000 numbers"),
    "a tree in a circle": (cyclic_tree, "damaged_model", "circle|no root"),
    "an island in a circle": (island_that_runs_in_a_circle, "damaged_model", "runs in a circle"),
    "a tree deeper than the stack": (lambda: chain_tree(60_000), "damaged_model", "deeper than 2,000"),
    "open columns": (wide_open_columns, "unsupported_model", "how many columns reach"),
    "two constants of one name": (two_columns_of_one_name, "damaged_model", "two constants of one name"),
    "no steps": (lambda: graph([]), "damaged_model", "0 steps"),
    "a child outside": (lambda: stump(nodes_truenodeids=[9, 0, 0]), "damaged_model", "points outside"),
    "a negative child": (lambda: stump(nodes_truenodeids=[-1, 0, 0]), "damaged_model", "points outside"),
    "one child twice": (lambda: stump(nodes_truenodeids=[2, 0, 0]), "damaged_model", "two parents"),
    "a column outside": (
        lambda: stump(nodes_featureids=[2, 0, 0]),
        "damaged_model",
        "column outside the 2 that",
    ),
    "a negative column": (lambda: stump(nodes_featureids=[-7, 0, 0]), "damaged_model", "column outside"),
    "a node twice": (lambda: stump(nodes_nodeids=[0, 1, 1]), "damaged_model", "same node twice"),
    "an enormous node": (lambda: stump(nodes_nodeids=[0, 1, 2**40]), "damaged_model", "impossible number"),
    "scattered trees": (lambda: stump(nodes_treeids=[0, 1, 0]), "damaged_model", "points outside|scattered"),
    "short lists": (lambda: stump(nodes_values=[0.5]), "damaged_model", "different lengths"),
    "short list of blanks": (
        lambda: stump(nodes_missing_value_tracks_true=[1]),
        "damaged_model",
        "different lengths",
    ),
    "a foreign kind of node": (
        lambda: stump(nodes_modes=["BRANCH_MEMBER", "LEAF", "LEAF"]),
        "damaged_model",
        "kind of node",
    ),
    "a split at no number": (
        lambda: stump(nodes_values=[float("nan"), 0.0, 0.0]),
        "damaged_model",
        "splits at something",
    ),
    "a leaf of no tree": (lambda: stump(class_nodeids=[1, 7]), "damaged_model", "belongs to no tree"),
    "a leaf of tree 10^15": (lambda: stump(class_treeids=[0, 10**15]), "damaged_model", "belongs to no tree"),
    "a vote for no class": (lambda: stump(class_ids=[0, 2]), "damaged_model", "votes for a class"),
    "a vote that is no number": (
        lambda: stump(class_weights=[float("inf"), 0.0]),
        "damaged_model",
        "not a number",
    ),
    "votes of two lengths": (lambda: stump(class_weights=[0.5]), "damaged_model", "leaves have different"),
    "a class twice": (lambda: stump(classlabels_strings=["a", "a"]), "damaged_model", "lists one twice"),
    "one class only": (
        lambda: stump(classlabels_strings=["good"], class_ids=[0, 0]),
        "damaged_model",
        "has only one",
    ),
    "an unknown last step": (lambda: stump(post_transform="EXPLODE"), "damaged_model", "not known"),
    "a coefficient that is no number": (
        lambda: linear(coefficients=[1.0, float("nan"), 1.0, 1.0]),
        "damaged_model",
        "coefficient is not a number",
    ),
    "too few coefficients": (lambda: linear(coefficients=[1.0, 2.0, 3.0]), "damaged_model", "3 coefficients"),
    "weights that are no numbers": (
        lambda: softmax(weights=((np.nan, 1), (2, 3))),
        "damaged_model",
        "constant `w`",
    ),
    "a category twice": (
        lambda: softmax([node("OneHotEncoder", ["x"], ["y"], ML, cats_int64s=[1, 1])]),
        "damaged_model",
        "categories",
    ),
    "a list of two lengths": (
        lambda: softmax(
            [node("LabelEncoder", ["x"], ["y"], ML, keys_floats=[1.0], values_floats=[1.0, 2.0])]
        ),
        "damaged_model",
        "two lengths",
    ),
    "a scale that is no number": (
        lambda: softmax([node("Scaler", ["x"], ["y"], ML, offset=[0.0], scale=[float("inf")])]),
        "damaged_model",
        "Scaler holds",
    ),
    "an unknown operator": (
        lambda: softmax([node("StringNormalizer", ["x"], ["y"])]),
        "unsupported_model",
        "`StringNormalizer`",
    ),
}
