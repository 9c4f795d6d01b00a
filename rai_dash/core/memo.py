"""Results worth computing once, also when several threads ask at the same time; for readers of any language."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from rai_dash.core.texts import KEPT, spoken

T = TypeVar("T")


class Memo:
    """Results kept by key; one computation a key, also when two threads ask at once."""

    def __init__(self) -> None:
        self._values: dict[Hashable, object] = {}
        self._locks: dict[Hashable, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of ``key``, making it on first use."""
        with self._guard:
            if key in self._values:
                return self._values[key]  # type: ignore[return-value]
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            with self._guard:
                if key in self._values:
                    return self._values[key]  # type: ignore[return-value]
            with spoken(KEPT):
                value = make()
            with self._guard:
                self._values[key] = value
                self._locks.pop(key, None)
            return value


class Recent:
    """Results kept by key; the one unused for longest goes when there are too many.

    Parameters
    ----------
    most : int
        Results that are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, object] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of ``key``, making it if it is not there; two threads may both make it."""
        with self._guard:
            if key in self._values:
                self._values.move_to_end(key)
                return cast("T", self._values[key])
        with spoken(KEPT):
            value = make()
        with self._guard:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def kept(self) -> list[object]:
        """Return what is kept, the last used last."""
        with self._guard:
            return list(self._values.values())
