"""The static review of an ONNX file: which operators, which values, how large; nothing runs."""

from __future__ import annotations

from typing import Any, Final, NoReturn

import numpy as np

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.models._onnx.operators import DOMAINS, FLOW, FROM_VALUES, OPERATORS
from rai_dash.models._onnx.shapes import Shape, check_sizes, shapes_of
from rai_dash.models._onnx.trees import check_ensemble, check_linear
from rai_dash.models._onnx.values import (
    Attributes,
    check_tensor,
    refuse_damaged,
    shown,
    tensor_values,
)

MAX_NODES: Final = 10_000
MAX_PORTS: Final = 10_000
_FEWER_STEPS: Final = (
    "Leave out the step of the pipeline that needs it, or upload a table with a score column."
)
# Kinds of attribute, by the numbers of the format.
_TENSOR: Final = 4
_PLAIN: Final = frozenset({1, 2, 3, 6, 7, 8})
_GRAPHS: Final = frozenset({5, 10})
_SPARSE: Final = frozenset({11, 12})


def _refuse(what: str, way_out: str) -> NoReturn:
    msg = tr("The ONNX file {what}. {way_out}", what=what, way_out=way_out)
    raise RefusedModel(msg, code="unsupported_model")


def parse(content: bytes) -> Any:
    """Read the container, in the separate process only.

    Returns
    -------
    ModelProto
        Without anything in it that its format does not know.

    Raises
    ------
    RefusedModel
        When it is not whole.
    """
    import onnx

    try:
        model = onnx.load_model_from_string(content)
    except Exception:  # noqa: BLE001 - a damaged file can fail in any way of the library
        refuse_damaged("it is cut off or not a model")
    model.DiscardUnknownFields()
    return model


def _check_names(model: Any) -> None:
    """Check that every name is text: the library hands the others on as bytes."""
    graph = model.graph
    names = [o.domain for o in model.opset_import]
    names += [part.name for part in (*graph.input, *graph.output, *graph.initializer)]
    for node in graph.node:
        names += [node.op_type, node.domain, node.name, *node.input, *node.output]
        names += [attribute.name for attribute in node.attribute]
    if not all(isinstance(name, str) for name in names):
        refuse_damaged("it holds a name that is not UTF-8")


def _check_parts(model: Any) -> None:
    """Check what a file may consist of: one graph, two sets of operators, nothing beside."""
    if not 0 < len(model.graph.node) <= MAX_NODES:
        refuse_damaged(f"its graph has {len(model.graph.node):,} steps (1 to {MAX_NODES:,} are read)")
    if len(model.functions):
        msg = "Export the model with its functions inlined (`onnx.inliner.inline_local_functions`)."
        _refuse("defines operators of its own", msg)
    if len(model.training_info):
        _refuse("holds instructions for training", "Export it for inference only.")
    if len(model.graph.sparse_initializer):
        _refuse("holds sparse values", "Save it with ordinary ones.")
    known = {_domain(opset.domain) for opset in model.opset_import}
    if not {_domain(node.domain) for node in model.graph.node} <= known:
        refuse_damaged("it does not say which version of its operators it uses; it may be cut off")


def _domain(name: str) -> str:
    """Return the set of operators that a name stands for, or refuse it."""
    if name not in DOMAINS:
        msg = "Only the standard operators are read; convert the model without custom ones."
        _refuse(f"uses operators of another maker (`{shown(name)}`)", msg)
    return DOMAINS[name]


def _check_constants(model: Any) -> None:
    """Check the constants of the graph."""
    names = [tensor.name for tensor in model.graph.initializer]
    if len(set(names)) != len(names):
        refuse_damaged("it has two constants of one name")
    for tensor in model.graph.initializer:
        where = f"the constant `{shown(tensor.name)}`"
        check_tensor(tensor, where)
        _check_finite(tensor, where)


def _check_finite(tensor: Any, where: str) -> None:
    """Check that weights are numbers. A single value may be infinite: it can be the open end of a range."""
    values = tensor_values(tensor)
    if values.dtype.kind == "f" and values.size > 1 and not np.isfinite(values).all():
        refuse_damaged(f"{where} holds something that is not a number")


def _check_operator(node: Any) -> None:
    """Check that an operator is on the list."""
    name = node.op_type
    if name in OPERATORS[_domain(node.domain)] and not node.overload:
        return
    if name in FLOW:
        msg = "Only straight calculations are read; convert a model without nearest neighbours or own code."
        _refuse(f"has a step that repeats or branches ({name})", msg)
    if name in FROM_VALUES:
        _refuse(f"has a step whose result may have any size, or is random ({name})", _FEWER_STEPS)
    _refuse(f"uses the operator `{shown(name)}`, which is not read here", _FEWER_STEPS)


def _check_attributes(node: Any) -> None:
    """Check the kinds of an operator's attributes, and the tensors among them."""
    for attribute in node.attribute:
        if attribute.type in _GRAPHS or attribute.HasField("g") or len(attribute.graphs):
            _refuse(f"has a graph inside its step {node.op_type}", "Only straight calculations are read.")
        if attribute.type in _SPARSE or attribute.HasField("sparse_tensor") or len(attribute.sparse_tensors):
            _refuse("holds sparse values", "Save it with ordinary ones.")
        if attribute.type == _TENSOR and not attribute.ref_attr_name:
            check_tensor(attribute.t, f"the attribute {shown(attribute.name)} of {node.op_type}")
        elif attribute.type not in _PLAIN or attribute.ref_attr_name or attribute.HasField("t"):
            refuse_damaged(
                f"the attribute {shown(attribute.name)} of {node.op_type} is of a kind that is not read"
            )


def _check_node(node: Any) -> None:
    """Check one operator, without knowing the others."""
    _check_operator(node)
    if max(len(node.input), len(node.output)) > MAX_PORTS or not len(node.output):
        refuse_damaged(f"its step {node.op_type} has an impossible number of inputs or outputs")
    _check_attributes(node)
    if (node.op_type == "Dropout" and len(node.input) > 2) or Attributes(node).whole("training_mode", 0):
        _refuse("is set to training, so its scores are random", "Export it for inference.")
    if node.op_type in _LISTS:
        _LISTS[node.op_type](node)


def _check_one_hot(node: Any) -> None:
    found = Attributes(node).values("cats")
    if not found or len(set(found)) != len(found):
        refuse_damaged("a list of categories is empty or has one twice")


def _check_recoding(node: Any) -> None:
    given = Attributes(node)
    keys, values = given.values("keys"), given.values("values")
    if len(keys) != len(values) and not given.texts("classes_strings"):
        refuse_damaged("a list that recodes values has two lengths")


def _check_scaling(node: Any) -> None:
    given = Attributes(node)
    for name in ("offset", "scale", "imputed_value_floats"):
        if not np.isfinite(given.numbers(name)).all():
            refuse_damaged(f"its step {node.op_type} holds something that is not a number")


_LISTS: Final = {
    "OneHotEncoder": _check_one_hot,
    "LabelEncoder": _check_recoding,
    "Imputer": _check_scaling,
    "Scaler": _check_scaling,
}
_MODELS: Final = {
    "TreeEnsembleClassifier": check_ensemble,
    "TreeEnsembleRegressor": check_ensemble,
    "LinearClassifier": check_linear,
    "LinearRegressor": check_linear,
}


def _check_models(model: Any, shapes: dict[str, Shape]) -> None:
    for node in model.graph.node:
        if node.op_type in _MODELS:
            _MODELS[node.op_type](node, shapes)


def review(content: bytes) -> None:
    """Check a file without running anything of it.

    Raises
    ------
    RefusedModel
        Damaged, of another kind, or with parts that are not read here; the code tells which.
    """
    model = parse(content)
    try:
        _check_names(model)
        _check_parts(model)
        _check_constants(model)
        for node in model.graph.node:
            _check_node(node)
        shapes = shapes_of(model)
        check_sizes(shapes)
        _check_models(model, shapes)
    except (AttributeError, IndexError, OverflowError, TypeError, UnicodeError, ValueError):
        refuse_damaged("a part that every model has is missing or has another form")
