"""Reading tensors and attributes of an ONNX file as plain values, every declared size checked."""

from __future__ import annotations

import math
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr

FLOAT, INT32, INT64, STRING, BOOL, DOUBLE = 1, 6, 7, 8, 9, 11
#: Element types that are read: bytes each (text has none) and the list that holds them where they are not raw.
ELEMENTS: Final = {
    FLOAT: (4, "float_data"),
    INT32: (4, "int32_data"),
    INT64: (8, "int64_data"),
    STRING: (0, "string_data"),
    BOOL: (1, "int32_data"),
    DOUBLE: (8, "double_data"),
}
_LISTS = ("float_data", "int32_data", "string_data", "int64_data", "double_data", "uint64_data")
_NUMPY: Final = {FLOAT: "<f4", INT32: "<i4", INT64: "<i8", BOOL: "?", DOUBLE: "<f8"}
MAX_RANK: Final = 8
# Kinds of attribute, by the numbers of the format.
_TENSOR, _INTS, _FLOATS, _STRINGS = 4, 7, 6, 8


def refuse_damaged(what: str) -> NoReturn:
    """Refuse a file as damaged, saying what was found."""
    msg = tr("The ONNX file is damaged: {what}. The app was not affected. Export the model again.", what=what)
    raise RefusedModel(msg, code="damaged_model")


def shown(name: str) -> str:
    """Cut a name out of a file for a message."""
    return name[:80] or "(no name)"


def check_tensor(tensor: Any, where: str) -> None:
    """Check that a tensor lies in the file, whole, and holds as much as it declares.

    Raises
    ------
    RefusedModel
        When its values lie in another file (code ``external_data``) or it is damaged.
    """
    if tensor.data_location != 0 or len(tensor.external_data):
        msg = tr(
            "The ONNX file keeps the values of {where} in another file, which is never opened here. Save "
            "it as one file (`onnx.save_model(..., save_as_external_data=False)`).",
            where=where,
        )
        raise RefusedModel(msg, code="external_data")
    if tensor.data_type not in ELEMENTS or tensor.HasField("segment"):
        refuse_damaged(f"{where} holds values of a kind that is not read here (number {tensor.data_type})")
    dims = list(tensor.dims)
    if len(dims) > MAX_RANK or any(d < 0 for d in dims):
        refuse_damaged(f"{where} declares an impossible shape")
    size, n = ELEMENTS[tensor.data_type][0], math.prod(dims)
    present = {name: len(getattr(tensor, name)) for name in _LISTS}
    held = present.pop(ELEMENTS[tensor.data_type][1])
    raw = len(tensor.raw_data)
    fits = raw == n * size and not held if raw else held == n
    if any(present.values()) or not fits or (raw and not size):
        refuse_damaged(f"{where} declares {n:,} values and holds another number of them")


def tensor_values(tensor: Any) -> NDArray[Any]:
    """Return the values of a checked tensor in its shape; text as objects."""
    if tensor.data_type == STRING:
        texts = [text(value) for value in tensor.string_data]
        return np.array(texts, dtype=object).reshape(list(tensor.dims))
    kind = np.dtype(_NUMPY[tensor.data_type])
    if tensor.raw_data:
        flat = np.frombuffer(tensor.raw_data, dtype=kind)
    else:
        flat = np.array(getattr(tensor, ELEMENTS[tensor.data_type][1])).astype(kind)
    return flat.reshape(list(tensor.dims))


def text(value: bytes) -> str:
    """Decode a text of the file."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        refuse_damaged("it holds text that is not UTF-8")


class Attributes:
    """The attributes of one operator, read by name; what is absent is empty.

    Parameters
    ----------
    node : NodeProto
        The operator; its tensors have been checked.
    """

    def __init__(self, node: Any) -> None:
        self._by_name = {a.name: a for a in node.attribute}
        if len(self._by_name) != len(node.attribute):
            refuse_damaged(f"the operator {node.op_type} has an attribute twice")

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def _list(self, name: str, kind: int, field: str) -> Any:
        attribute = self._by_name.get(name)
        if attribute is None:
            return ()
        if attribute.type != kind:
            refuse_damaged(f"the attribute {name} is of another kind than it should be")
        return getattr(attribute, field)

    def _tensor(self, name: str) -> NDArray[Any]:
        found = self._list(name, _TENSOR, "t")
        return np.empty(0) if found == () else tensor_values(found).ravel()

    def ints(self, name: str) -> NDArray[np.int64]:
        """Return a list of whole numbers, int64 (k,)."""
        return np.array(self._list(name, _INTS, "ints"), dtype=np.int64)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a list of numbers, or its ``_as_tensor`` twin, float64 (k,)."""
        if f"{name}_as_tensor" in self:
            return self._tensor(f"{name}_as_tensor").astype(np.float64)
        return np.array(self._list(name, _FLOATS, "floats"), dtype=np.float64)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(text(value) for value in self._list(name, _STRINGS, "strings"))

    def values(self, name: str) -> tuple[Any, ...]:
        """Return a list under any of its typed names (``_strings``, ``_int64s``, ``_floats``, ``_tensor``)."""
        found: list[tuple[Any, ...]] = [
            self.texts(f"{name}_strings"),
            tuple(self.ints(f"{name}_int64s").tolist()),
            tuple(np.array(self._list(f"{name}_floats", _FLOATS, "floats")).tolist()),
            tuple(self._tensor(f"{name}_tensor").tolist()),
        ]
        filled = [values for values in found if values]
        if len(filled) > 1:
            refuse_damaged(f"the list {name} is there in two kinds")
        return filled[0] if filled else ()

    def word(self, name: str, default: str) -> str:
        """Return one text."""
        attribute = self._by_name.get(name)
        return default if attribute is None else text(attribute.s)

    def whole(self, name: str, default: int) -> int:
        """Return one whole number."""
        attribute = self._by_name.get(name)
        return default if attribute is None else int(attribute.i)
