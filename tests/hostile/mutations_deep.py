"""Damage that keeps the form of a file, so that it comes past the first look: single values of what it holds."""

from __future__ import annotations

import io
import json

import numpy as np

from tests.hostile.model_parts import resized
from tests.hostile.mutations import of_archive, of_bytes, of_place, of_text
from tests.hostile.table_sheets import unzipped
from tests.hostile.zips import archive

_VALUES = (
    -1, 0, 1, 2, 3, 7, 99, 10**6, 2**31 - 1, -(2**31), 2**31, 2**63, 10**30, 0.5, 1e308, -1e308, float("nan"),
    float("inf"), "", "-1", "0", "1", "99", "2147483647", "1e308", "nan", "null", "[]", "true", None, True, [], {},
)  # fmt: skip
_WHOLE = (-1, 0, 1, 2, 3, 7, 99, 10**6, 2**31 - 1, -(2**31), 2**31, 2**63 - 1)
_BROKEN = (float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 0.0, -1.0)


def _places(document):
    """List every place of a document: what holds it, and its key or position."""
    waiting, found = [document], []
    while waiting:
        part = waiting.pop()
        keys = list(part) if isinstance(part, dict) else range(len(part))
        found += [(part, key) for key in keys]
        waiting += [part[key] for key in keys if isinstance(part[key], (dict, list))]
    return found


def of_json(rng, content):
    """Put another value in one place of a JSON document, or the value of another place, or nothing."""
    document = json.loads(content)
    places = _places(document)
    part, key = places[rng.integers(0, len(places))]
    other, at = places[rng.integers(0, len(places))]
    way = rng.integers(0, 4)
    if way == 0:
        part[key] = json.loads(json.dumps(other[at]))
    elif way == 1 and rng.integers(0, 2):
        part.pop(key)
    else:
        part[key] = _VALUES[rng.integers(0, len(_VALUES))]
    return json.dumps(document).encode()


def of_array(rng, content):
    """Put another value in one place of a NumPy array, or cut or lengthen it."""
    array = np.load(io.BytesIO(content), allow_pickle=False).copy()
    way = rng.integers(0, 8)
    if way == 0:
        array = array[..., :-1] if array.ndim else array
    elif way == 1:
        array = np.repeat(array, 2, axis=-1) if array.ndim else array
    elif array.size:
        _put(rng, array)
    out = io.BytesIO()
    np.save(out, array, allow_pickle=False)
    return out.getvalue()


def _put(rng, array):
    column = array[str(rng.choice(array.dtype.names))] if array.dtype.names else array
    value = rng.choice(_WHOLE) if column.dtype.kind in "iub" else rng.choice(_BROKEN)
    place = np.unravel_index(int(rng.integers(0, column.size)), column.shape)
    column[place] = np.array(value).astype(column.dtype) if column.dtype.kind in "iufb" else column[place]


def of_skops(rng, content):
    """Damage the schema or an array; every fifth time the archive."""
    parts = unzipped(content)
    arrays = [name for name in parts if name.endswith(".npy")]
    way = rng.integers(0, 5)
    if way == 0:
        return of_archive(rng, content)
    name = "schema.json" if way < 3 or not arrays else str(rng.choice(arrays))
    with np.errstate(all="ignore"):
        parts[name] = (of_json if name == "schema.json" else of_array)(rng, parts[name])
    return archive(parts)


def of_document(rng, content):
    """Damage a value of a JSON model; every third time its text."""
    return of_text(rng, content) if rng.integers(0, 3) == 0 else of_json(rng, content)


def of_trees(rng, content):
    """Damage a LightGBM text; mostly the sizes that it declares are made right again."""
    made = of_text(rng, content)
    if rng.integers(0, 4) == 0:
        return made
    try:
        return resized(made)
    except ValueError:  # its first or last line is damaged
        return made


def of_graph(rng, content):
    """Damage one attribute or constant of an ONNX graph; every third time its bytes."""
    import onnx

    if rng.integers(0, 3) == 0:
        return of_place(rng, content)
    model = onnx.ModelProto.FromString(content)
    held = [a for node in model.graph.node for a in node.attribute]
    if rng.integers(0, 4) == 0 and len(model.graph.initializer):
        _damage_constant(rng, model.graph.initializer[rng.integers(0, len(model.graph.initializer))])
    elif rng.integers(0, 4) == 0:
        _damage_node(rng, model.graph)
    else:
        _damage_attribute(rng, held[rng.integers(0, len(held))])
    return model.SerializeToString()


def _damage_constant(rng, tensor):
    if tensor.raw_data and rng.integers(0, 2):
        tensor.raw_data = of_bytes(rng, tensor.raw_data)
    elif len(tensor.dims):
        tensor.dims[rng.integers(0, len(tensor.dims))] = int(rng.choice(_WHOLE))
    else:
        tensor.data_type = int(rng.integers(0, 20))


def _damage_node(rng, graph):
    node, other = (graph.node[i] for i in rng.integers(0, len(graph.node), 2))
    if rng.integers(0, 2):
        node.op_type = other.op_type
    elif len(node.input) and len(other.output):
        node.input[rng.integers(0, len(node.input))] = other.output[0]


def _damage_attribute(rng, attribute):
    lists = [values for values in (attribute.ints, attribute.floats, attribute.strings) if len(values)]
    if not lists:
        attribute.i, attribute.f = int(rng.choice(_WHOLE)), float(np.float32(rng.choice(_BROKEN[:3])))
        return
    values = lists[0]
    at = int(rng.integers(0, len(values)))
    if rng.integers(0, 6) == 0:
        del values[at]
    elif isinstance(values[0], int):
        values[at] = int(rng.choice(_WHOLE))
    elif isinstance(values[0], float):
        values[at] = float(rng.choice([np.nan, np.inf, -1.0, 1e30]))
    else:
        values[at] = rng.bytes(3)
