"""Every slice of one and two terms, counted at once from the cells of pairs of columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.data._slice_term import Term
from rai_dash.trials.slices.axes import Axis

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Most numbers of one table of cells by draws that are held at a time.
_BLOCK: Final = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """The candidates of one column, or of one pair: which sums of cells they are.

    ``second`` is None for single terms. ``kept`` are their places in the table (terms of the first × of the second).
    """

    first: int
    second: int | None
    kept: IntArray
    start: int


class Scan:
    """All candidates over some columns.

    Parameters
    ----------
    axes : sequence of Axis
        The columns, of the same n rows.
    min_rows, max_rows : int
        A slice has at least and at most so many rows, and leaves at least ``min_rows``; ``max_rows`` None = no limit.
    max_terms : int
        1 or 2.

    Attributes
    ----------
    n : int64 (c,)
        Rows of each candidate: single terms first, then pairs that hold fewer rows than each of their terms.
    """

    def __init__(
        self, axes: Sequence[Axis], *, min_rows: int, max_rows: int | None = None, max_terms: int = 2
    ) -> None:
        self.axes = tuple(axes)
        self.rows = int(axes[0].codes.size) if axes else 0
        self.n_terms = sum(len(axis.terms) for axis in axes)
        self._parts: list[_Part] = []
        sizes: list[IntArray] = []
        at = 0
        most = self.rows - min_rows if max_rows is None else min(max_rows, self.rows - min_rows)
        pairs = [(i, None) for i in range(len(axes))] + (self._pairs() if max_terms > 1 else [])
        single: list[IntArray] = []
        for first, second in pairs:
            table = self._table(first, second, np.ones((1, self.rows), dtype=bool))
            n = self._sums(first, second, table)[0].astype(np.int64)
            fits = (n >= min_rows) & (n <= most)
            if second is None:
                single.append(n)
            else:
                fits &= n < np.minimum.outer(single[first], single[second]).reshape(-1)
            kept = np.flatnonzero(fits)
            self._parts.append(_Part(first=first, second=second, kept=kept, start=at))
            sizes.append(n[kept])
            at += kept.size
        self.n: IntArray = np.concatenate(sizes) if sizes else np.empty(0, dtype=np.int64)

    def _pairs(self) -> list[tuple[int, int | None]]:
        k = len(self.axes)
        return [(i, j) for i in range(k) for j in range(i + 1, k)]

    @property
    def size(self) -> int:
        """How many slices are looked at."""
        return int(self.n.size)

    def _place(self, candidate: int) -> list[tuple[Axis, int]]:
        """Return the axes of a candidate, and which of their terms."""
        starts = [part.start for part in self._parts]
        part = self._parts[int(np.searchsorted(starts, candidate, side="right")) - 1]
        place = int(part.kept[candidate - part.start])
        if part.second is None:
            return [(self.axes[part.first], place)]
        a, b = divmod(place, len(self.axes[part.second].terms))
        return [(self.axes[part.first], a), (self.axes[part.second], b)]

    def terms(self, candidate: int) -> tuple[Term, ...]:
        """Return the terms of a candidate."""
        return tuple(axis.terms[i] for axis, i in self._place(candidate))

    def rows_of(self, candidate: int) -> NDArray[np.bool_]:
        """Mark the rows of a candidate, bool (n,)."""
        rows = np.ones(self.rows, dtype=bool)
        for axis, i in self._place(candidate):
            rows &= axis.member[i].astype(bool)[axis.codes]
        return rows

    def _table(
        self, first: int, second: int | None, rows: NDArray[np.bool_], amounts: FloatArray | None = None
    ) -> FloatArray:
        """Add up rows by the cells of a column or pair, float64 (draws, cells); ``rows`` bool (draws, n)."""
        code, cells = self._code(first, second)
        out = [np.bincount(code[r], None if amounts is None else amounts[r], cells) for r in rows]
        return np.array(out, dtype=np.float64)

    def _code(self, first: int, second: int | None) -> tuple[IntArray, int]:
        a = self.axes[first]
        if second is None:
            return a.codes.astype(np.int64), a.cells
        b = self.axes[second]
        return a.codes.astype(np.int64) * b.cells + b.codes, a.cells * b.cells

    def _sums(self, first: int, second: int | None, table: FloatArray) -> FloatArray:
        """Add cells up to terms, (draws, terms of the first × terms of the second)."""
        a = self.axes[first].member
        # Whole numbers below 2**24 are exact in float32, which is twice as fast.
        is_exact = float(np.abs(table).sum(axis=1).max(initial=0.0)) < 2**24 and _whole(table)
        exact: NDArray[Any] = table.astype(np.float32) if is_exact else table
        if second is None:
            return np.asarray(exact @ a.T)
        b = self.axes[second]
        square: NDArray[Any] = exact.reshape(-1, self.axes[first].cells, b.cells) @ b.member.T
        return np.asarray(a @ square).reshape(len(table), -1)

    def counts(self, rows: NDArray[np.bool_], amounts: FloatArray | None = None) -> FloatArray:
        """Count some rows, or add up what they carry, in each candidate.

        Parameters
        ----------
        rows : bool (n,)
            Rows that count.
        amounts : float64 (n,), optional
            What each adds; None = 1.

        Returns
        -------
        float64 (c,)
        """
        out = np.empty(self.size, dtype=np.float64)
        for part in self._parts:
            table = self._table(part.first, part.second, rows[None, :], amounts)
            sums = self._sums(part.first, part.second, table)[0]
            out[part.start : part.start + part.kept.size] = sums[part.kept]
        return out

    def drawn(
        self, places: NDArray[np.integer], amounts: FloatArray | None = None
    ) -> Iterator[tuple[slice, slice, FloatArray]]:
        """Count drawn rows in each candidate, part by part.

        Parameters
        ----------
        places : int (draws, m)
            Rows that count in each draw.
        amounts : float64 (draws, m), optional
            What each adds; None = 1.

        Yields
        ------
        draws, candidates : slice
            Which draws and candidates these are.
        sums : float32 or float64 (draws, candidates)
        """
        draws, m = places.shape
        step = max(1, _BLOCK // max(m, 1))
        for start in range(0, draws, step):
            block = slice(start, min(start + step, draws))
            drawn = places[block]
            codes = [axis.codes[drawn] for axis in self.axes]
            line = np.arange(len(drawn), dtype=np.int64)[:, None]
            carried = None if amounts is None else amounts[block].reshape(-1)
            for part in self._parts:
                if not part.kept.size:
                    continue
                code, cells = codes[part.first], self.axes[part.first].cells
                if part.second is not None:
                    code = code * np.int32(self.axes[part.second].cells) + codes[part.second]
                    cells *= self.axes[part.second].cells
                flat = (line * cells + code).reshape(-1)
                table = np.bincount(flat, carried, minlength=len(drawn) * cells).reshape(len(drawn), cells)
                sums = self._sums(part.first, part.second, table.astype(np.float64))
                yield block, slice(part.start, part.start + part.kept.size), sums[:, part.kept]


def _whole(table: FloatArray) -> bool:
    return bool((table == np.floor(table)).all())
