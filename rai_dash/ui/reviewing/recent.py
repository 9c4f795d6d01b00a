"""The last results of the workbench: what a moved handle needs again, never more than a few."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from rai_dash.case import Judgement

T = TypeVar("T")


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
        value = make()
        with self._guard:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


def recent(judgement: Judgement, what: str, key: Hashable, make: Callable[[], T], *, most: int = 4) -> T:
    """Return a result about a judgement that depends on choices, of which there is no end.

    Parameters
    ----------
    judgement : Judgement
        The pair of data and model; the results live as long as it does.
    what : str
        Kind of result: each kind has its own few places.
    key : hashable
        The choices.
    make : callable
        Makes the result.
    most : int
        Results of this kind that are kept.
    """
    kept: Recent = judgement.memo.get(("recent", what), lambda: Recent(most))
    return kept.get(key, make)
