"""A value that is made when it is first asked for, and then kept."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


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
