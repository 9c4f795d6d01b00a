"""Which of the slices that stand out to name: few, short, and each for errors that the ones before do not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.trials.slices.search import Search

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: Two slices are told apart below this overlap (rows of both over rows of either).
SAME: Final = 0.8
#: At least so much of a slice is on the side on which it stands out.
_INSIDE: Final = 0.5
MOST_ALSO: Final = 3


@dataclass(slots=True, eq=False)
class _Region:
    """Rows that no further slice has divided yet, and how far each candidate exceeds the mean among them."""

    rows: BoolArray
    strength: FloatArray


def pick(
    search: Search, excess: FloatArray, *, at_least: float, min_rows: int, most: int
) -> list[tuple[int, list[int]]]:
    """Choose slices to name, the most certain first.

    Each slice named divides the rows into its own and the rest. A further one is named where it still stands out among
    the rows on one side: for errors that those before do not hold, or for a part of one that is worse than all of it.

    Parameters
    ----------
    search : Search
        The candidates.
    excess : float64 (c,)
        Of each over all rows.
    at_least : float
        The bar, over all rows and over those of one side.
    min_rows : int
        Of the rows of a slice on that side, which are also half of its rows or more.
    most : int
        How many are named.

    Returns
    -------
    list of (candidate, list of candidates that hold nearly the same rows)
    """
    shown = np.flatnonzero(excess >= at_least)
    if not shown.size:
        return []
    regions = [_Region(rows=np.ones(search.scan.rows, dtype=bool), strength=excess[shown])]
    out: list[tuple[int, list[int]]] = []
    while len(out) < most:
        region = max(regions, key=lambda r: float(r.strength.max()))
        best = int(region.strength.argmax())
        if region.strength[best] < at_least:
            break
        chosen, also = _shortest(search, excess, shown, int(shown[best]))
        if chosen in {one for one, _ in out}:
            region.strength[best] = 0.0
            continue
        out.append((chosen, also))
        inside = search.scan.rows_of(chosen)
        regions = [
            part
            for one in regions
            for part in _divided(one, inside, search=search, shown=shown, min_rows=min_rows)
        ]
    return sorted(out, key=lambda one: (-float(excess[one[0]]), one[0]))


def _divided(
    region: _Region, inside: BoolArray, *, search: Search, shown: IntArray, min_rows: int
) -> list[_Region]:
    """Divide a region by a slice; what the slice does not touch stays as it is."""
    parts = [rows for rows in (region.rows & inside, region.rows & ~inside) if rows.any()]
    if len(parts) == 1:
        return [region]
    out = []
    for rows in parts:
        now, n = search.excess(rows)
        counts = (n[shown] >= min_rows) & (n[shown] >= _INSIDE * search.scan.n[shown])
        out.append(_Region(rows=rows, strength=np.where(counts, now[shown], 0.0)))
    return out


def _shortest(search: Search, excess: FloatArray, shown: IntArray, best: int) -> tuple[int, list[int]]:
    """Prefer one term to two for nearly the same rows, and list a few others that hold them."""
    scan = search.scan
    for _ in range(2):
        alike = _overlap(search, best)[shown] >= SAME
        near = shown[alike]
        terms = np.array([len(scan.terms(int(c))) for c in near])
        shortest = near[terms == terms.min()]
        if len(scan.terms(best)) == terms.min():
            break
        best = int(shortest[excess[shortest].argmax()])
    given = set(scan.terms(best))
    by_columns: dict[tuple[str, ...], int] = {_columns(search, best): best}
    for candidate in near[np.argsort(-excess[near], kind="stable")]:
        # With one more term that changes little it is no other name.
        if not given <= set(scan.terms(int(candidate))):
            by_columns.setdefault(_columns(search, int(candidate)), int(candidate))
    return best, list(by_columns.values())[1 : 1 + MOST_ALSO]


def _columns(search: Search, candidate: int) -> tuple[str, ...]:
    return tuple(sorted(term.column for term in search.scan.terms(candidate)))


def _overlap(search: Search, candidate: int) -> FloatArray:
    """Return the share of rows in both of those in either, of each candidate with one, float64 (c,)."""
    rows = search.scan.rows_of(candidate)
    both = search.scan.counts(rows)
    overlap: FloatArray = both / (rows.sum() + search.scan.n - both)
    return overlap
