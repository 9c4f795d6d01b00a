"""Telling an ONNX file by its first bytes, in plain Python and without any library for its container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

MAX_IR_VERSION: Final = 20
_VARINT, _BYTES = 0, 2
#: Fields of a model by number, with the kind of value each has.
_MODEL: Final = {
    1: _VARINT,
    2: _BYTES,
    3: _BYTES,
    4: _BYTES,
    5: _VARINT,
    6: _BYTES,
    7: _BYTES,
    8: _BYTES,
    14: _BYTES,
    20: _BYTES,
    25: _BYTES,
    26: _BYTES,
}
_IR_VERSION, _GRAPH = 1, 7
_TEXTS: Final = frozenset({2, 3, 4, 6})
#: Fields that a graph may begin with; all of them are of the kind with a length.
_GRAPH_FIELDS: Final = frozenset({1, 2, 5, 10, 11, 12, 13, 14, 15, 16})
_CONTROL: Final = bytes([*range(9), *range(14, 32)])


class _NotThis(Exception):
    """The bytes do not follow the container's rules."""


def _varint(data: bytes, at: int) -> tuple[int, int] | None:
    """Read a number of variable length; None = cut off."""
    value = 0
    for place in range(10):
        if at + place >= len(data):
            return None
        value |= (data[at + place] & 0x7F) << (7 * place)
        if data[at + place] < 0x80:
            return value, at + place + 1
    raise _NotThis


def _fields(head: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Walk the fields of a model as far as the bytes go; raise `_NotThis` at the first foreign one."""
    at = 0
    while at < len(head):
        tag = _varint(head, at)
        if tag is None:
            return
        number, kind = divmod(tag[0], 8)
        if _MODEL.get(number) != kind:
            raise _NotThis
        found = _varint(head, tag[1])
        if found is None:
            return
        value, at = found
        if kind == _VARINT:
            yield number, value
        else:
            yield number, head[at : at + value]
            at += value


def _is_graph(part: bytes) -> bool:
    tag = _varint(part, 0)
    return tag is not None and divmod(tag[0], 8)[0] in _GRAPH_FIELDS and tag[0] % 8 == _BYTES


def _is_text(part: bytes) -> bool:
    return not any(byte in _CONTROL for byte in part)


def _fits(number: int, value: int | bytes) -> bool:
    """Whether a field holds what it should."""
    if number == _IR_VERSION:
        return isinstance(value, int) and 1 <= value <= MAX_IR_VERSION
    if isinstance(value, int):
        return True
    return _is_graph(value) if number == _GRAPH else number not in _TEXTS or _is_text(value)


def sniff(head: bytes) -> bool:
    """Whether the first bytes are those of an ONNX model, whole or cut off.

    Parameters
    ----------
    head : bytes
        The first bytes of a file; any order of fields will do.
    """
    if _is_text(head):
        return False  # a model always has tags and lengths among its bytes
    seen: set[int] = set()
    try:
        for number, value in _fields(head):
            if not _fits(number, value):
                return False
            seen.add(number)
    except _NotThis:
        return False
    return len(seen) > 1 and bool(seen & {_IR_VERSION, _GRAPH})
