"""The last results of the workbench: what a moved handle needs again, never more than a few."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from rai_dash.case import Judgement
from rai_dash.core.memo import Recent

__all__ = ["Recent", "recent"]

T = TypeVar("T")


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
