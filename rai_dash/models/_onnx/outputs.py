"""Which outputs of an ONNX graph are class probabilities, and which labels the classes have."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from rai_dash.models._onnx.values import Attributes, refuse_damaged, tensor_values

CLASSIFIERS: Final = frozenset({"LinearClassifier", "TreeEnsembleClassifier"})
#: Operators on the way from a classifier to an output that change no label and no order of classes.
_PASSES: Final = frozenset({"Cast", "Flatten", "Identity", "Normalizer", "Reshape", "Squeeze", "Unsqueeze"})
_LOOKUPS: Final = frozenset({"ArrayFeatureExtractor", "Gather"})
_CLASSES: Final = "classlabels"
#: How far the sum of a row of probabilities may be from 1, and one of them outside 0 to 1, in 32 bits.
SUM_ERROR: Final = 1e-3
ROUNDING: Final = 1e-6


def _labels(node: Any) -> tuple[Any, ...]:
    """Return the labels an operator lists."""
    given = Attributes(node)
    return given.values(_CLASSES) or tuple(given.ints("classlabels_ints").tolist())


def without_maps(model: Any) -> tuple[Any, ...]:
    """Turn outputs that are one small dictionary a row into the table they were made of, in place.

    Returns
    -------
    tuple
        The class labels such an output lists; empty where there is none.
    """
    graph = model.graph
    maps = {node.output[0]: node for node in graph.node if node.op_type == "ZipMap"}
    if not maps:
        return ()
    outputs = [maps[o.name].input[0] if o.name in maps else o.name for o in graph.output]
    if any(name in maps for node in graph.node for name in node.input):
        refuse_damaged("a step works on dictionaries")
    labels = next((_labels(maps[o.name]) for o in graph.output if o.name in maps), ())
    kept = [node for node in graph.node if node.op_type != "ZipMap"]
    del graph.node[:]
    graph.node.extend(kept)
    del graph.output[:]
    for name in dict.fromkeys(outputs):
        graph.output.add(name=name)
    return labels


def _source_labels(node: Any, constants: dict[str, Any]) -> tuple[Any, ...]:
    """Return the labels that the source of an output knows: a classifier, or a list that is looked up."""
    if node.op_type in CLASSIFIERS:
        return _labels(node)
    if node.op_type in _LOOKUPS and node.input[0] in constants:
        return tuple(tensor_values(constants[node.input[0]]).ravel().tolist())
    if node.op_type == "LabelEncoder":
        given = Attributes(node)
        pairs = dict(zip(given.values("keys"), given.values("values"), strict=False))
        numbered = all(isinstance(key, (int, float)) for key in pairs)
        return tuple(pairs[key] for key in sorted(pairs)) if numbered else ()
    return ()


def class_labels(model: Any) -> tuple[Any, ...]:
    """Return the class labels a graph knows, class 0 first; empty where it knows none.

    Parameters
    ----------
    model : ModelProto
        Reviewed, without dictionaries.
    """
    makers = {name: node for node in model.graph.node for name in node.output}
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for output in model.graph.output:
        name, passed = output.name, 0
        while name in makers and makers[name].op_type in _PASSES and passed <= len(makers):
            name, passed = makers[name].input[0], passed + 1
        found = _source_labels(makers[name], constants) if name in makers else ()
        if found:
            return found
    return ()


def is_probability(values: Any) -> bool:
    """Whether an output is a table of probabilities, float (n, k), whose rows sum to 1."""
    if not isinstance(values, np.ndarray) or values.dtype.kind != "f" or values.ndim != 2:
        return False
    rows = values[np.isfinite(values).all(axis=1)].astype(np.float64)
    if not len(rows) or values.shape[1] < 2:
        return False
    inside = rows.min() >= -ROUNDING and rows.max() <= 1.0 + ROUNDING
    return bool(inside and (np.abs(rows.sum(axis=1) - 1.0) <= SUM_ERROR).all())


def agrees(labels: tuple[str, str], answers: Any, probabilities: Any) -> bool:
    """Whether the label a model answers is the one with the larger probability.

    Parameters
    ----------
    labels : tuple of str
        Class 0 and class 1.
    answers : array (n,)
        The model's own answers as labels.
    probabilities : float (n, 2)
        In the order of the classes.
    """
    clear = np.abs(probabilities[:, 1] - probabilities[:, 0]) > ROUNDING
    expected = np.array(labels, dtype=object)[probabilities.argmax(axis=1)]
    return bool((expected[clear] == np.asarray(answers, dtype=object)[clear]).all())
