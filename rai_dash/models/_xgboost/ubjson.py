"""A small reader of Universal Binary JSON that checks every declared length against the bytes left.

Specification: ubjson.org, draft 12, as XGBoost writes it (big-endian, typed arrays ``[$T#n``).
"""

from __future__ import annotations

import struct
from typing import Any, NoReturn

import numpy as np

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr

MAX_DEPTH = 64
_NUMBERS = {
    b"i": ("b", 1),
    b"U": ("B", 1),
    b"I": (">h", 2),
    b"l": (">i", 4),
    b"L": (">q", 8),
    b"d": (">f", 4),
    b"D": (">d", 8),
}
_DTYPES = {b"i": "i1", b"U": "u1", b"I": ">i2", b"l": ">i4", b"L": ">i8", b"d": ">f4", b"D": ">f8"}
_CONSTANTS = {b"Z": None, b"T": True, b"F": False}


def refuse_damaged(what: str) -> NoReturn:
    """Refuse a damaged file."""
    msg = tr(
        "This XGBoost file is damaged: {what}. The app was not affected. Save the model again.",
        what=what[:200],
    )
    raise RefusedModel(
        msg,
        code="damaged_model",
    )


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._data = memoryview(content)
        self._at = 0

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        if size < 0 or size > len(self._data) - self._at:
            refuse_damaged(f"it ends at byte {len(self._data):,}, in the middle of a value")
        out = bytes(self._data[self._at : self._at + size])
        self._at += size
        return out

    def peek(self) -> bytes:
        """Return the next byte without moving on."""
        return bytes(self._data[self._at : self._at + 1])

    def length(self) -> int:
        """Read a count."""
        marker = self.take(1)
        if marker not in {b"i", b"U", b"I", b"l", b"L"}:
            refuse_damaged("a length is not a whole number")
        code, size = _NUMBERS[marker]
        n = int(struct.unpack(code, self.take(size))[0])
        if n < 0:
            refuse_damaged("a length is negative")
        return n

    def text(self) -> str:
        """Read a string without its marker."""
        try:
            return self.take(self.length()).decode()
        except UnicodeDecodeError:
            refuse_damaged("a text is not UTF-8")

    def value(self, depth: int, marker: bytes | None = None) -> Any:
        """Read one value."""
        if depth > MAX_DEPTH:
            refuse_damaged(f"it is nested deeper than {MAX_DEPTH} levels")
        kind = self.take(1) if marker is None else marker
        if kind in _NUMBERS:
            code, size = _NUMBERS[kind]
            return struct.unpack(code, self.take(size))[0]
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind == b"S":
            return self.text()
        if kind == b"C":
            return self.take(1).decode("latin-1")
        if kind == b"[":
            return self._array(depth)
        if kind == b"{":
            return self._object(depth)
        refuse_damaged("a value has an unknown type")

    def _head(self) -> tuple[bytes | None, int | None]:
        """Read the optional type and count of a container."""
        kind = count = None
        if self.peek() == b"$":
            self.take(1)
            kind = self.take(1)
        if self.peek() == b"#":
            self.take(1)
            count = self.length()
        if kind is not None and count is None:
            refuse_damaged("a typed list has no length")
        return kind, count

    def _array(self, depth: int) -> Any:
        kind, count = self._head()
        if kind in _DTYPES and count is not None:
            dtype = np.dtype(_DTYPES[kind])
            return np.frombuffer(self.take(count * dtype.itemsize), dtype=dtype)
        if count is not None:
            if count > len(self._data) - self._at:
                refuse_damaged("a list declares more entries than there are bytes")
            return [self.value(depth + 1, kind) for _ in range(count)]
        out = []
        while self.peek() != b"]":
            out.append(self.value(depth + 1))
        self.take(1)
        return out

    def _object(self, depth: int) -> dict[str, Any]:
        kind, count = self._head()
        out: dict[str, Any] = {}
        left = count
        while (left is None and self.peek() != b"}") or (left is not None and left > 0):
            name = self.text()
            out[name] = self.value(depth + 1, kind)
            left = None if left is None else left - 1
        if count is None:
            self.take(1)
        return out


def read_ubjson(content: bytes) -> Any:
    """Read a whole file.

    Raises
    ------
    RefusedModel
        When a declared length does not fit, or a type is unknown.
    """
    return _Reader(content).value(0)
