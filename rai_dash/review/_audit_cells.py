"""Rows of a route with one outcome, known from a sample of the route, and the shares made of them."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from rai_dash.core.types import Estimate
from rai_dash.stats.intervals import katz, wilson

_NOBODY: Final = "nobody on this route was drawn and judged"
_NONE_FOUND: Final = "no automatic decision of this kind was drawn and judged"


class Cell(NamedTuple):
    """Judged rows of a cell, judged rows of its route, and all rows of its route."""

    hits: int
    judged: int
    size: int

    @property
    def total(self) -> float:
        """Rows of the cell among all of its route; NaN while nobody of them was judged."""
        if self.size == 0:
            return 0.0
        return self.size * self.hits / self.judged if self.judged else math.nan


def blown_up(cell: Cell) -> Estimate:
    """Blow a share up to the rows of its route."""
    if cell.size == 0:
        return Estimate(0.0, 0.0, 0.0)
    if cell.judged == 0:
        return Estimate.undefined(_NOBODY)
    low, high = wilson(cell.hits, cell.judged)
    return Estimate(cell.total, cell.size * float(low), cell.size * float(high))


def within(cell: Cell) -> Estimate:
    """Share of a cell in its route."""
    if cell.judged == 0:
        return Estimate.undefined(_NONE_FOUND if cell.size == 0 else _NOBODY)
    low, high = wilson(cell.hits, cell.judged)
    return Estimate(cell.hits / cell.judged, float(low), float(high), cell.total, float(cell.size))


def across(one: Cell, other: Cell) -> Estimate:
    """Share of a cell of one route in that and a cell of the other route."""
    whole = one.total + other.total
    if math.isnan(whole):
        return Estimate.undefined(_NOBODY)
    if whole == 0.0:
        return Estimate.undefined(_NONE_FOUND)
    value = one.total / whole
    if one.size == 0 or other.size == 0:
        # Nobody is on one of the routes: that is known, not estimated.
        return Estimate(value, value, value, one.total, whole)
    ends = katz(one.hits, one.judged, other.hits, other.judged)
    low, high = (float(ratio) * one.size / other.size for ratio in ends)
    return Estimate(value, low / (1.0 + low), high / (1.0 + high), one.total, whole)


def summed(one: Cell, other: Cell) -> Estimate:
    """Share of two cells, one of each route, in all rows of both."""
    parts = [cell for cell in (one, other) if cell.size]
    if not parts:
        return Estimate.undefined(_NONE_FOUND)
    if any(cell.judged == 0 for cell in parts):
        return Estimate.undefined(_NOBODY)
    below = above = 0.0
    for cell in parts:
        low, high = wilson(cell.hits, cell.judged)
        below += (cell.total - cell.size * float(low)) ** 2
        above += (cell.size * float(high) - cell.total) ** 2
    total, size = sum(cell.total for cell in parts), float(sum(cell.size for cell in parts))
    least, most = max(0.0, total - math.sqrt(below)), min(size, total + math.sqrt(above))
    return Estimate(total / size, least / size, most / size, total, size)
