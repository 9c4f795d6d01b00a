"""Rows that are equal but for rounding and writing: numbers within half a percent, texts without case and blanks.

A pair is found exactly, without comparing all rows: numbers within the tolerance fall into one cell of a logarithmic
grid, or into one of the same grid moved by half a cell. So rows are hashed over a few columns in every combination of
the two grids, and only rows that meet in a cell are compared in all columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.column_facts import ColumnFacts, TableFacts, hashes_of_codes
from rai_dash.data.comparable import compared_columns, training_rows
from rai_dash.data.dataset import Dataset
from rai_dash.data.date_forms import are_months, are_years
from rai_dash.data.duplicates import FEWEST_COLUMNS, Hashes, agreement, salt
from rai_dash.data.labels import label_codes
from rai_dash.data.look_alike import alike

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
#: Most that rounding to three digits changes a number, as a share of it.
TOLERANCE: Final = 0.005
#: Whole numbers up to here differ by more than the tolerance, or not at all.
_EXACT_TO: Final = 200.0
#: Columns of numbers that rows are brought together by: each doubles the passes.
_GRIDS: Final = 3
#: Pairs of rows that are compared one by one; a table of coarse columns can have more.
MOST_PAIRS: Final = 3_000_000
TOO_MANY: Final = (
    "more than 3,000,000 pairs of rows look alike at first sight: the columns are too coarse to tell"
)
#: Rows from which it is estimated how often two rows are alike in a column.
_SAMPLE: Final = 20_000
_LOG_TOLERANCE: Final = float(np.log1p(TOLERANCE))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeRows:
    """Rows that are equal to another one but for rounding and writing.

    Parameters
    ----------
    compared : int
        Columns compared.
    rows : int
        Rows with at least one other row that is alike and not equal: of the second table where there are two.
    pairs : int
        Pairs of such rows.
    by_chance : float
        Pairs expected if the columns had nothing to do with each other: a lower bound where they go together.
    by_column : tuple of (str, int)
        Pairs by the columns in which they are written another way, most frequent first.
    test, test_rows : int or None
        Rows that the model was not trained on, and those of them that are alike to a training row; None where the
        data do not say which rows are which, or there are two tables.
    reason : str
        Why nothing was counted; empty = it was.
    """

    compared: int
    rows: int = 0
    pairs: int = 0
    by_chance: float = 0.0
    by_column: tuple[tuple[str, int], ...] = ()
    test: int | None = None
    test_rows: int | None = None
    reason: str = ""


class _Column:
    """One column of all rows: of a table, or of two behind each other."""

    def __init__(self, parts: Sequence[ColumnFacts]) -> None:
        self.name = parts[0].name
        self._parts = parts
        self._is_mixed = len({p.is_number for p in parts}) > 1
        self.is_measured = all(p.is_number for p in parts) and _are_measured(self._numbers())
        self.distinct = max(p.distinct_at_least for p in parts)

    def _numbers(self) -> FloatArray:
        return np.concatenate([p.numbers for p in self._parts])

    def written(self) -> Hashes:
        """Return the hash of each cell as it stands, uint64 (n,)."""
        return np.concatenate([p.label_hashes if self._is_mixed else p.hashes for p in self._parts])

    def read(self) -> Hashes:
        """Return the hash of each cell as the eye reads it, uint64 (n,): that of the number, or of the bare text."""
        if all(p.is_number for p in self._parts):
            return self.written()
        return np.concatenate([_bare_hashes(p.series) for p in self._parts])

    def agreements(self) -> tuple[float, float]:
        """Estimate how often two rows drawn at random are alike in the column, and how often they are equal."""
        written = self.written()
        if not self.is_measured:
            return agreement(self.read()), agreement(written)
        sign, logs = self.sizes()
        every = slice(None, None, max(1, len(logs) // _SAMPLE))
        sign, logs = sign[every], logs[every]
        close = 0
        for one in (-1, 0, 1, 2):
            ordered = np.sort(logs[sign == one])
            ends = np.searchsorted(ordered, ordered + _LOG_TOLERANCE, side="right")
            close += int((ends - np.arange(1, len(ordered) + 1)).sum())
        return close / max(len(logs) * (len(logs) - 1) / 2, 1), agreement(written)

    def sizes(self) -> tuple[NDArray[np.int8], FloatArray]:
        """Return sign (2 = blank) and logarithm of the size of each number; 0 where there is none."""
        values = self._numbers()
        known = ~np.isnan(values)
        sign = np.where(known, np.sign(np.where(known, values, 0.0)), 2).astype(np.int8)
        is_sized = known & (values != 0)
        logs = np.log(np.abs(values), out=np.zeros(len(values)), where=is_sized)
        return sign, logs


def _are_measured(values: FloatArray) -> bool:
    """Whether numbers may have been rounded: not years, months, or whole numbers too small for the tolerance."""
    known = values[np.isfinite(values)]
    if not known.size:
        return False
    is_whole = bool((known == np.floor(known)).all())
    return not (is_whole and (np.abs(known).max() <= _EXACT_TO or are_years(known) or are_months(known)))


def _bare_hashes(series: pd.Series) -> Hashes:
    codes, names = label_codes(series)
    return hashes_of_codes(codes, [alike(n) for n in names])


def alike_rows(dataset: Dataset, facts: TableFacts | None = None) -> AlikeRows | None:
    """Find the rows of a table that are equal to another one but for rounding and writing.

    Parameters
    ----------
    dataset : Dataset
        The rows; weights are not used. Ids, row numbers, the split and the score are not compared.
    facts : TableFacts, optional
        Of the same table, where there are some already.

    Returns
    -------
    AlikeRows or None
        None with fewer than three columns to compare. Blanks are equal to blanks only; years, months and small whole
        numbers must be equal.
    """
    columns = compared_columns(dataset, facts or TableFacts(dataset.frame))
    if len(columns) < FEWEST_COLUMNS:
        return None
    search = _Search([_Column([c]) for c in columns])
    trained = training_rows(dataset)
    found = search.found(np.ones(search.n, dtype=bool), np.ones(search.n, dtype=bool))
    if trained is None or found.reason:
        return found
    tests = search.found(trained, ~trained)
    return replace(found, test=int((~trained).sum()), test_rows=tests.rows)


def alike_across(first: Sequence[ColumnFacts], second: Sequence[ColumnFacts]) -> AlikeRows:
    """Find the rows of a second table that are equal to one of the first but for rounding and writing.

    Parameters
    ----------
    first, second : sequence of ColumnFacts
        The same columns in the same order, at least one.

    Returns
    -------
    AlikeRows
        Rows of the second table that equal a row of the first are not counted.
    """
    search = _Search([_Column(pair) for pair in zip(first, second, strict=True)])
    is_second = np.arange(search.n) >= len(first[0].series)
    found = search.found(~is_second, is_second)
    return found if found.reason else replace(found, rows=search.rows_without_equal(~is_second, is_second))


class _Search:
    """Pairs of different rows that are alike; rows that are equal stand for one."""

    def __init__(self, columns: Sequence[_Column]) -> None:
        self.columns = columns
        whole = _sum((c.name, c.written()) for c in columns)
        self.n = len(whole)
        _, self.first, self.of_row = np.unique(whole, return_index=True, return_inverse=True)
        self.pairs = self._verified(self._candidates())

    def _candidates(self) -> IntArray | None:
        """Return pairs of rows that meet in a cell, int64 (pairs, 2) with the smaller first; None = too many."""
        measured = sorted((c for c in self.columns if c.is_measured), key=lambda c: -c.distinct)[:_GRIDS]
        exact = _sum((c.name, c.read()[self.first]) for c in self.columns if not c.is_measured)
        sizes = [self._sizes(c) for c in measured]
        found = np.zeros(0, dtype=np.int64)
        for offsets in product((0.0, 0.5), repeat=len(measured)):
            cells = [_cells(sign, logs, at) for (sign, logs), at in zip(sizes, offsets, strict=True)]
            key = np.add(exact, _sum(zip((c.name for c in measured), cells, strict=True)))
            met = _pairs_of_equal(np.broadcast_to(key, self.first.shape))
            if met is None or len(found) + len(met) > MOST_PAIRS:
                return None
            found = np.union1d(found, met)
        return np.column_stack(np.divmod(found, len(self.first)))

    def _sizes(self, column: _Column) -> tuple[NDArray[np.int8], FloatArray]:
        sign, logs = column.sizes()
        return sign[self.first], logs[self.first]

    def _verified(self, pairs: IntArray | None) -> IntArray | None:
        for column in self.columns:
            if column.is_measured and pairs is not None:
                sign, logs = self._sizes(column)
                a, b = pairs.T
                pairs = pairs[(sign[a] == sign[b]) & (np.abs(logs[a] - logs[b]) <= _LOG_TOLERANCE)]
        return pairs

    def found(self, here: BoolArray, there: BoolArray) -> AlikeRows:
        """Count the rows ``there`` that are alike to a row ``here``, and their pairs."""
        if self.pairs is None:
            return AlikeRows(compared=len(self.columns), reason=TOO_MANY)
        ours, theirs = self._counts(here), self._counts(there)
        a, b = self.pairs.T
        times = ours[a] * theirs[b] + theirs[a] * ours[b]
        if (here & there).all():
            times //= 2
        is_alike = self._has_partner(ours)
        alike_share, equal_share = np.prod([c.agreements() for c in self.columns], axis=0)
        tried = here.sum() * there.sum() if not (here & there).any() else here.sum() * (here.sum() - 1) / 2
        by_column = {}
        for column in self.columns:
            cells = column.written()[self.first]
            by_column[column.name] = int(times[cells[a] != cells[b]].sum())
        return AlikeRows(
            compared=len(self.columns),
            rows=int(theirs[is_alike].sum()),
            pairs=int(times.sum()),
            by_chance=float(tried * max(alike_share - equal_share, 0.0)),
            by_column=tuple(sorted(((c, n) for c, n in by_column.items() if n), key=lambda f: -f[1])),
        )

    def rows_without_equal(self, here: BoolArray, there: BoolArray) -> int:
        """Count the rows ``there`` that are alike to a row ``here`` and equal to none."""
        ours, theirs = self._counts(here), self._counts(there)
        return int(theirs[self._has_partner(ours) & (ours == 0)].sum())

    def _counts(self, rows: BoolArray) -> IntArray:
        return np.bincount(self.of_row[rows], minlength=len(self.first)).astype(np.int64)

    def _has_partner(self, among: IntArray) -> BoolArray:
        """Mark the different rows that are alike to one that occurs among some, bool (different rows,)."""
        out = np.zeros(len(self.first), dtype=bool)
        if self.pairs is not None:
            a, b = self.pairs.T
            out[a[among[b] > 0]] = True
            out[b[among[a] > 0]] = True
        return out


def _sum(named: Iterable[tuple[str, Hashes]]) -> Hashes:
    """Add up hashes of cells, each column with its own factor; 0 without a column."""
    total = np.zeros(1, dtype=np.uint64)
    for name, hashes in named:
        total = total + hashes * salt(name)
    return total


def _cells(sign: NDArray[np.int8], logs: FloatArray, offset: float) -> Hashes:
    """Return the hash of the cell of each number in a grid of cells twice as wide as the tolerance."""
    return pd.util.hash_array(np.floor(logs / (2 * _LOG_TOLERANCE) + offset) * 4 + sign)


def _pairs_of_equal(key: Hashes) -> IntArray | None:
    """Return all pairs of equal keys, as ``smaller * n + larger``; None where they are too many."""
    n = len(key)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    sizes = np.diff(np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True]))))
    if (sizes * (sizes - 1) // 2).sum() > MOST_PAIRS:
        return None
    found = [np.zeros(0, dtype=np.int64)]
    for step in range(1, int(sizes.max(initial=1))):
        at = np.flatnonzero(ordered[step:] == ordered[:-step])
        # Equal keys keep their order, so the smaller position comes first.
        found.append(order[at] * n + order[at + step])
    return np.concatenate(found)
