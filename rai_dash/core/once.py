"""A value that is made when it is first asked for, and then kept: for ever, or as long as what it is of."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Of = TypeVar("Of")


class Once(Generic[T]):
    """Call it to get the value; the first call makes it, also when several threads ask at once.

    Parameters
    ----------
    make : callable
        Returns the value; it is forgotten afterwards, with all that it holds.

    Examples
    --------
    >>> answer = Once(lambda: 6 * 7)
    >>> answer()
    42
    """

    __slots__ = ("_lock", "_make", "_value")

    def __init__(self, make: Callable[[], T]) -> None:
        self._make: Callable[[], T] | None = make
        self._lock = Lock()

    def __call__(self) -> T:
        """Return the value."""
        with self._lock:
            if self._make is not None:
                self._value = self._make()
                self._make = None
            return self._value


class OncePer(Generic[Of, T]):
    """Call it with an object to get the object's value; made once, and gone when the object is.

    For objects that cannot be hashed by content and are never changed, such as tables.

    Parameters
    ----------
    make : callable
        Object to value. Two threads that ask at once may both call it; one answer is kept.

    Examples
    --------
    >>> class Table: ...
    >>> size_of, table = OncePer(lambda table: 42), Table()
    >>> size_of(table)
    42
    """

    __slots__ = ("_kept", "_make")

    def __init__(self, make: Callable[[Of], T]) -> None:
        self._make = make
        self._kept: dict[int, tuple[weakref.ref[Any], T]] = {}

    def __call__(self, of: Of) -> T:
        """Return the value of an object."""
        key = id(of)
        found = self._kept.get(key)
        # The number of a dead object may be given to a new one.
        if found is not None and found[0]() is of:
            return found[1]
        value = self._make(of)
        self._kept[key] = (weakref.ref(of, lambda _: self._kept.pop(key, None)), value)
        return value
