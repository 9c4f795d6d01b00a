"""What an ONNX graph shows of its original columns: inputs, their categories, what it does with blanks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.core.types import Feature
from rai_dash.data.labels import label_text
from rai_dash.models._onnx.trees import MAX_FEATURES
from rai_dash.models._onnx.values import ELEMENTS, STRING, Attributes, refuse_damaged, shown, tensor_values

#: How converters write a blank among the categories of a text column.
NAN_TEXT: Final = "nan"
Categories = tuple[Any, ...]
#: Original columns of a value, by position.
Columns = tuple[int, ...]

#: Operators that keep columns as they are, and those that do so for a single one.
_KEEPS: Final = frozenset({"Cast", "Identity", "Imputer"})
_KEEPS_ONE: Final = frozenset({"Flatten", "Reshape", "Squeeze", "Unsqueeze"})
_PICKS: Final = frozenset({"ArrayFeatureExtractor", "Gather"})
_ENCODES: Final = {"OneHotEncoder": "cats", "LabelEncoder": "keys"}


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a graph: a table with ``width`` columns of one element type."""

    name: str
    element: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownColumns:
    """What a graph shows of its original columns.

    Parameters
    ----------
    categories : dict of int to tuple
        Raw categories of each column that reaches an encoder of its own; blanks left out.
    texts : tuple of int
        Columns that hold text.
    blanks : frozenset of int
        Text columns whose blanks the graph knows: as a category, or filled before it.
    nan_texts : frozenset of int
        Those among them for which a blank is the text ``nan``; for all others it is the empty text.
    """

    categories: dict[int, Categories]
    texts: tuple[int, ...]
    blanks: frozenset[int]
    nan_texts: frozenset[int]


def _input(value: Any) -> Input:
    """Read one input, or refuse it."""
    name = shown(value.name)
    tensor = value.type.tensor_type
    if not value.type.HasField("tensor_type") or tensor.elem_type not in ELEMENTS:
        msg = tr(
            "The ONNX model's input `{name}` is no column of numbers or text. Export it with plain columns.",
            name=name,
        )
        raise RefusedModel(msg, code="unsupported_model")
    dims = list(tensor.shape.dim)
    if len(dims) != 2 or not dims[1].dim_value > 0:
        msg = tr(
            "The ONNX model's input `{name}` does not have the shape rows × columns with a known number "
            "of columns. Export it with inputs of shape [None, 1], one a column, or with one input of "
            "shape [None, columns].",
            name=name,
        )
        raise RefusedModel(msg, code="unsupported_model")
    if dims[0].dim_value > 0:
        msg = tr(
            "The ONNX model takes exactly {dim_value} rows at a time (input `{name}`). Export it with "
            "the number of rows left open (`[None, 1]`, or `dynamic_axes`).",
            dim_value=f"{dims[0].dim_value:,}",
            name=name,
        )
        raise RefusedModel(msg, code="fixed_rows")
    return Input(value.name, tensor.elem_type, dims[1].dim_value)


def inputs_of(model: Any) -> tuple[Input, ...]:
    """Read the inputs that a table has to fill.

    Raises
    ------
    RefusedModel
        When one is no plain column, or takes a fixed number of rows.
    """
    constants = {tensor.name for tensor in model.graph.initializer}
    found = tuple(_input(value) for value in model.graph.input if value.name not in constants)
    if not found or len({i.name for i in found}) != len(found):
        refuse_damaged("it has no inputs, or two of one name")
    if sum(i.width for i in found) > MAX_FEATURES:
        refuse_damaged(f"it takes more than {MAX_FEATURES:,} columns")
    return found


def column_names(inputs: Sequence[Input]) -> list[str] | None:
    """Return the names of the columns; None where an input bundles several, so that the file has no names."""
    if any(i.width > 1 for i in inputs):
        return None
    return [i.name for i in inputs]


def _picked(node: Any, before: Columns, constants: Mapping[str, Any]) -> Columns | None:
    """Follow a choice of columns by position."""
    if node.op_type == "Gather" and Attributes(node).whole("axis", 0) not in {1, -1}:
        return None
    places = constants.get(node.input[1])
    if places is None or places.dtype.kind not in "iu":
        return None
    chosen = [int(i) for i in places.ravel()]
    return tuple(before[i] for i in chosen) if all(0 <= i < len(before) for i in chosen) else None


def _joined(node: Any, columns: Mapping[str, Columns]) -> Columns | None:
    """Follow columns set side by side."""
    if Attributes(node).whole("axis", 0) not in {1, -1} or any(name not in columns for name in node.input):
        return None
    return tuple(c for name in node.input for c in columns[name])


def _outcome(node: Any, columns: Mapping[str, Columns], constants: Mapping[str, Any]) -> Columns | None:
    """Return the original columns of an operator's output; None where they are mixed or not known."""
    if node.op_type == "Concat":
        return _joined(node, columns)
    if node.op_type == "Where" and len(node.input) == 3 and node.input[1] not in columns:
        return columns.get(node.input[2])  # blanks filled with what comes from no column
    before = columns.get(node.input[0]) if node.input else None
    if before is None or node.op_type in _KEEPS or (node.op_type in _KEEPS_ONE and len(before) == 1):
        return before
    return _picked(node, before, constants) if node.op_type in _PICKS and len(node.input) == 2 else None


class _Seen:
    """Collects what encoders tell about columns."""

    def __init__(self) -> None:
        self.lists: dict[int, set[Categories]] = {}
        self.blanks: set[int] = set()

    def encoder(self, node: Any, columns: Columns) -> None:
        """Note the categories of an encoder, or the columns whose blanks it looks for."""
        values = Attributes(node).values(_ENCODES[node.op_type]) or Attributes(node).texts("classes_strings")
        if values == ("",):
            self.blanks |= set(columns)
        elif len(columns) == 1 and all(isinstance(v, str) or float(v).is_integer() for v in values):
            self.lists.setdefault(columns[0], set()).add(values)

    def lists_that_fit(self, elements: Sequence[int]) -> dict[int, Categories]:
        """Return the categories of each column; where two encoders disagree it is open what it holds."""
        alone = {c: next(iter(found)) for c, found in self.lists.items() if len(found) == 1}
        return {
            c: values
            for c, values in alone.items()
            if all(isinstance(v, str) == (elements[c] == STRING) for v in values)
        }


def _walked(model: Any, inputs: Sequence[Input]) -> _Seen:
    """Follow the original columns through the graph, whose steps are in the order in which they run."""
    columns: dict[str, Columns] = {}
    place = 0
    for given in inputs:
        columns[given.name] = tuple(range(place, place + given.width))
        place += given.width
    constants = {t.name: tensor_values(t) for t in model.graph.initializer}
    seen = _Seen()
    for node in model.graph.node:
        if node.op_type in _ENCODES and node.input[0] in columns:
            seen.encoder(node, columns[node.input[0]])
        found = _outcome(node, columns, constants)
        if found is not None:
            columns[node.output[0]] = found
    return seen


def known_columns(model: Any, inputs: Sequence[Input]) -> KnownColumns:
    """Collect what the encoders of a graph know of its original columns.

    Parameters
    ----------
    model : ModelProto
        Reviewed.
    inputs : sequence of Input
        What `inputs_of` found.
    """
    elements = [i.element for i in inputs for _ in range(i.width)]
    seen = _walked(model, inputs)
    lists = seen.lists_that_fit(elements)
    texts = {c: v for c, v in lists.items() if elements[c] == STRING}
    nan_texts = {c for c, values in texts.items() if NAN_TEXT in values}
    return KnownColumns(
        categories={c: tuple(v for v in values if v not in {"", NAN_TEXT}) for c, values in lists.items()},
        texts=tuple(c for c, element in enumerate(elements) if element == STRING),
        blanks=frozenset(seen.blanks | nan_texts | {c for c, v in texts.items() if "" in v}),
        nan_texts=frozenset(nan_texts),
    )


def features_of(inputs: Sequence[Input], names: Sequence[str], known: KnownColumns) -> tuple[Feature, ...]:
    """Describe the columns."""
    elements = [i.element for i in inputs for _ in range(i.width)]
    out = []
    for place, (name, element) in enumerate(zip(names, elements, strict=True)):
        labelled = (label_text(c) for c in known.categories.get(place, ()))
        categories = tuple(dict.fromkeys(filter(None, labelled)))
        is_category = element == STRING or bool(categories)
        out.append(Feature(name, "category" if is_category else "number", categories))
    return tuple(out)
