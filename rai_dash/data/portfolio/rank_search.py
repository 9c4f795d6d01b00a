"""Places of the sorted rows of a column that stays where it is: count in bins, look closer where a place falls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.distinct import Distinct, first_numbers, of_ranks
from rai_dash.data.portfolio.overview import (
    CELLS_BY,
    doubles_at,
    overview,
    places_of_doubles,
    ranges_over,
    rows_by_range,
    starts_of,
)
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Grid, Inside, Key, Tally

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Edges of one look, and the fewest for each range in it; a row is compared with few of them.
_EDGES: Final = 400
_LEAST_EDGES: Final = 8
_MOST_LOOKS: Final = 80
#: So many rows are looked at value by value.
_FEW_ROWS: Final = 300_000
#: So many at most, if most of them are expected to have a few values; that many different ones could be counted.
_MOST_ROWS: Final = 2_000_000
#: Rows of a guide with a value, from which it is one that many rows have.
_OFTEN: Final = 30


def order_statistics(
    portfolio: Portfolio, column: str, ranks: IntArray, guide: FloatArray | None = None
) -> FloatArray:
    """Find the values at some places of the sorted rows, exactly, on any engine.

    Parameters
    ----------
    ranks : int64 (r,)
        Places among the rows with a number, 0 = the smallest; ascending.
    guide : float64 (m,), optional
        Some of its numbers, ascending, that say where to look; of the first rows when omitted, which are a poor guide
        where the table is sorted.
    """
    guide = first_numbers(portfolio, column) if guide is None else guide
    seen = overview(portfolio, column, guide)
    found = np.where(ranks == 0, seen.low, seen.high)
    inner = (ranks > 0) & (ranks < seen.n - 1)
    if inner.any():
        search = _Search(portfolio, column, {0: ranks[inner]})
        found[inner] = search.run(guide, _Look(seen.starts, seen.counts[None]))[0]
    return found


class By(Protocol):
    """A column whose categories divide the rows."""

    @property
    def key(self) -> Key:
        """What to ask the engine for."""

    def codes(self, answer: Answer, i: int) -> NDArray[np.int32]:
        """Return the category of each combination of an answer whose key ``i`` is this column."""


def order_statistics_by(
    portfolio: Portfolio, column: str, ranks: Mapping[int, IntArray], by: By, guide: FloatArray
) -> dict[int, FloatArray]:
    """Find the values at some places of the sorted rows of each category, exactly; see `order_statistics`.

    Parameters
    ----------
    ranks : mapping of int to int64
        Places by category.
    by : By
        The categories.
    """
    search = _Search(portfolio, column, ranks, by)
    return search.run(guide, search.look(ranges_over(column, guide, CELLS_BY)))


@dataclass(frozen=True, slots=True)
class _Range:
    """Rows whose number lies in ``[low, high)``, and how many there are."""

    low: float
    high: float
    n: int = 0

    @property
    def is_one_value(self) -> bool:
        """Whether no other double than ``low`` lies in it."""
        return bool(np.nextafter(self.low, np.inf) == self.high)

    @property
    def span(self) -> tuple[float | None, float | None]:
        """Its ends; None = open."""
        return self.low if np.isfinite(self.low) else None, self.high if np.isfinite(self.high) else None


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """Rows between some edges, float64 (e,): int64 (categories, e + 1)."""

    edges: FloatArray
    counts: IntArray

    def at(self, group: int, ranks: IntArray) -> NDArray[np.intp]:
        """Return the ranges that some ranks of a category fall in."""
        return np.searchsorted(np.cumsum(self.counts[group]), ranks, side="right")

    def below(self, group: int, at: int) -> int:
        """Return how many rows of a category lie below a range."""
        return int(self.counts[group, :at].sum())

    def range(self, at: int) -> _Range:
        """Return a range with its rows in all categories."""
        low = float(self.edges[at - 1]) if at else -np.inf
        high = float(self.edges[at]) if at < self.edges.size else np.inf
        return _Range(low, high, int(self.counts[:, at].sum()))


@dataclass(frozen=True, slots=True)
class _Search:
    """Places that are looked for, by category; one category 0 where there is none."""

    portfolio: Portfolio
    column: str
    ranks: Mapping[int, IntArray]
    by: By | None = None

    def run(self, guide: FloatArray, look: _Look) -> dict[int, FloatArray]:
        """Narrow the ranges that hold the places until the values in them can be counted one by one."""
        for _ in range(_MOST_LOOKS):
            at = {place for group, of in self.ranks.items() for place in look.at(group, of).tolist()}
            needed = [look.range(place) for place in sorted(at)]
            wide = [one for one in needed if not one.is_one_value]
            # Rows with values that many have are few values.
            times = sum(one.n * _share_of_rare(one, guide) for one in wide) / _FEW_ROWS
            if times <= 1.0 and sum(one.n for one in wide) <= _MOST_ROWS:
                return self.read_off(look, wide)
            # As many as the rows are too many for, several times over; every edge costs.
            pieces = max(min(_EDGES // len(wide), int(_LEAST_EDGES * times)), _LEAST_EDGES)
            ends = {end for one in needed for end in (one.low, one.high) if np.isfinite(end)}
            edges = sorted(ends.union(*(_edges_between(one, guide, pieces) for one in wide)))
            look = self.look(Bin(column=self.column, edges=tuple(edges)))
        msg = tr(
            "The values of `{column}` lie too close together to be told apart. Cut it into bins of your own.",
            column=self.column,
        )
        raise InvalidChoice(msg)

    def ask(self, key: Key) -> tuple[Answer, IntArray]:
        """Ask for a key by category; categories that are not looked for come as -1."""
        by = self.by
        answer = self.portfolio.tally(Tally(keys=(key,) if by is None else (key, by.key)))
        if by is None:
            return answer, np.zeros(answer.table.num_rows, np.int64)
        codes = by.codes(answer, 1).astype(np.int64)
        return answer, np.where(np.isin(codes, list(self.ranks)), codes, -1)

    def look(self, ranges: Grid | Bin) -> _Look:
        """Count the rows in some ranges."""
        answer, group = self.ask(ranges)
        return _Look(starts_of(ranges), rows_by_range(answer, group, ranges, max(self.ranks) + 1))

    def read_off(self, look: _Look, wide: Sequence[_Range]) -> dict[int, FloatArray]:
        """Count the values in all ranges one by one, in one question, and take those at the places."""
        values, counts, group = np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64)
        if wide:
            answer, codes = self.ask(Inside(column=self.column, spans=tuple(one.span for one in wide)))
            order = np.argsort(answer.floats(0))
            values, counts, group = answer.floats(0)[order] + 0.0, answer.n[order], codes[order]
        out = {}
        for which, of in self.ranks.items():
            out[which], at = np.empty(of.size), look.at(which, of)
            mine = group == which
            for one in np.unique(at).tolist():
                inside, here = look.range(one), at == one
                hit = mine & (values >= inside.low) & (values < inside.high)
                rest = of[here] - look.below(which, one)
                few = Distinct(values[hit], counts[hit])
                out[which][here] = inside.low if inside.is_one_value else of_ranks(few, rest)
        return out


def _share_of_rare(inside: _Range, guide: FloatArray) -> float:
    """Return the share of a range's rows that have values of their own, as far as the guide tells."""
    start, end = np.searchsorted(guide, (inside.low, inside.high))
    _, times = np.unique(guide[start:end], return_counts=True)
    return float(times[times < _OFTEN].sum() / (end - start)) if end - start >= _OFTEN else 1.0


def _edges_between(inside: _Range, guide: FloatArray, pieces: int) -> tuple[float, ...]:
    """Cut a range by the guide; where little of it lies there, into pieces with as many doubles in each."""
    known, times = np.unique(guide[(guide >= inside.low) & (guide < inside.high)], return_counts=True)
    if known.size >= pieces:
        cuts = set(known[np.linspace(0, known.size - 1, pieces).astype(np.int64)].tolist())
    else:
        # Places are 64 bits wide, their distance is one wider.
        first, last = (int(place) for place in places_of_doubles(np.array([inside.low, inside.high])))
        step = max((last - first) // (pieces + 1), 1)
        cuts = set(doubles_at(np.array([first + step * (i + 1) for i in range(pieces)])).tolist())
    if known.size and times.max() > 1:
        # A value that many rows have is set apart at once.
        often = float(known[times.argmax()])
        cuts |= {often, float(np.nextafter(often, np.inf))}
    return tuple(sorted({c for c in cuts if inside.low < c < inside.high}))
