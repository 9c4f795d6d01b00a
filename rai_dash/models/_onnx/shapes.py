"""How large each value of an ONNX graph becomes for one row, worked out before anything runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.models._onnx.values import FLOAT, Attributes, refuse_damaged, shown

#: A dimension is None where it follows the number of rows or is not known.
Shape = tuple[int | None, ...]

MAX_VALUES_PER_ROW: Final = 10_000_000
#: Constants longer than this are no shapes or positions, so their values need not be looked at.
_LONG: Final = 10_000
_ROUNDS: Final = 50
#: Operators that keep the shape of their input and whose shape the library does not work out itself.
_SAME: Final = frozenset({"Binarizer", "Imputer", "Normalizer", "Scaler"})
_CLASSIFIERS: Final = frozenset({"LinearClassifier", "TreeEnsembleClassifier"})
_REGRESSORS: Final = {"LinearRegressor": "targets", "TreeEnsembleRegressor": "n_targets"}
#: All that the attributes of trees and linear models, which are long, tell about shapes.
_TELLING: Final = ("classlabels", "targets", "n_targets")


def _skeleton(model: Any) -> Any:
    """Copy what shapes depend on: no long constants, no trees, no shapes that the file only claims."""
    import onnx

    out = onnx.ModelProto(ir_version=model.ir_version, opset_import=model.opset_import)
    graph = out.graph
    graph.name = "shapes"
    graph.input.extend(model.graph.input)
    names = {value.name for value in graph.input}
    for tensor in model.graph.initializer:
        if math.prod(tensor.dims) <= _LONG:
            graph.initializer.append(tensor)
        elif tensor.name not in names:
            graph.input.append(
                onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
            )
    for node in model.graph.node:
        added = graph.node.add(
            op_type=node.op_type, domain=node.domain, input=node.input, output=node.output, name=node.name
        )
        is_long = node.op_type in _CLASSIFIERS or node.op_type in _REGRESSORS
        added.attribute.extend(a for a in node.attribute if not is_long or a.name.startswith(_TELLING))
    return out


def _picked(node: Any, known: Mapping[str, Shape]) -> Shape | None:
    """Return the shape that `ArrayFeatureExtractor` makes: as many columns as it names."""
    before, columns = known.get(node.input[0]), known.get(node.input[1])
    if not before or columns is None or None in columns:
        return None
    return (*before[:-1], math.prod(d for d in columns if d is not None))


def _model_shapes(node: Any) -> dict[str, Shape]:
    """Return what trees and linear models give: a label and a score a class, or a number a target."""
    given = Attributes(node)
    if node.op_type in _REGRESSORS:
        return {node.output[0]: (None, given.whole(_REGRESSORS[node.op_type], 1))}
    classes = len(given.values("classlabels")) or len(given.ints("classlabels_ints"))
    made: tuple[Shape, ...] = ((None,), (None, classes))
    return dict(zip(node.output, made, strict=False))


def _own_shapes(node: Any, known: Mapping[str, Shape]) -> dict[str, Shape]:
    """Work out the outputs of operators that the library's inference does not cover."""
    if node.op_type in _SAME and node.input[0] in known:
        return {node.output[0]: known[node.input[0]]}
    if node.op_type == "ArrayFeatureExtractor" and len(node.input) == 2:
        found = _picked(node, known)
        return {} if found is None else {node.output[0]: found}
    if node.op_type in _CLASSIFIERS or node.op_type in _REGRESSORS:
        return _model_shapes(node)
    return {}


def _known(inferred: Any) -> tuple[dict[str, Shape], dict[str, int]]:
    """Return shapes and element types, each where it is known."""
    values = [(v.name, v.type.tensor_type) for v in (*inferred.graph.input, *inferred.graph.value_info)]
    shapes = {
        name: tuple(d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim)
        for name, tensor in values
        if tensor.HasField("shape")
    }
    return shapes, {name: tensor.elem_type for name, tensor in values if tensor.elem_type}


def _tells_more(shape: Shape, known: Shape | None) -> bool:
    """Whether a shape has a dimension that the one known so far lacks."""
    return known is None or (len(known) == len(shape) and known.count(None) > shape.count(None))


def _element(node: Any, kinds: Mapping[str, int]) -> int:
    """Return the element type of an operator's output: what it is given, where it only fills or picks."""
    keeps = node.op_type in {"ArrayFeatureExtractor", "Imputer"}
    return kinds.get(node.output[0]) or (kinds.get(node.input[0], FLOAT) if keeps else FLOAT)


def shapes_of(model: Any) -> dict[str, Shape]:
    """Work out the shape of every value that can be worked out.

    Parameters
    ----------
    model : ModelProto
        Its tensors have been checked.

    Raises
    ------
    RefusedModel
        When the operators do not fit together.
    """
    import onnx

    skeleton = _skeleton(model)
    known: dict[str, Shape] = {t.name: tuple(t.dims) for t in model.graph.initializer}
    given: set[str] = set()
    for _ in range(_ROUNDS):
        try:
            inferred = onnx.shape_inference.infer_shapes(skeleton)
        except Exception:  # noqa: BLE001 - a damaged file can fail in any way of the library
            refuse_damaged("its operators do not fit together")
        found, kinds = _known(inferred)
        known |= found
        fresh = [
            onnx.helper.make_tensor_value_info(name, _element(node, kinds), list(shape))
            for node in skeleton.graph.node
            for name, shape in _own_shapes(node, known).items()
            if name not in given and _tells_more(shape, known.get(name))
        ]
        if not fresh:
            break
        given |= {value.name for value in fresh}
        skeleton.graph.value_info.extend(fresh)
    return known


def check_sizes(shapes: Mapping[str, Shape]) -> None:
    """Refuse a graph in which a value grows far beyond what a loan model needs.

    Raises
    ------
    RefusedModel
        With code ``too_large``.
    """
    for name, shape in shapes.items():
        size = math.prod(d for d in shape if d is not None)
        if size > MAX_VALUES_PER_ROW or size < 0:
            msg = tr(
                "The ONNX file makes {size} numbers out of one row (at `{shown}`), more than the "
                "{max_values_per_row} allowed here. Export a model without such steps.",
                size=f"{size:,}",
                shown=shown(name),
                max_values_per_row=f"{MAX_VALUES_PER_ROW:,}",
            )
            raise RefusedModel(msg, code="too_large")
