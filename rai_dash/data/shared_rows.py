"""Rows of a second table that were in a first one already: equal, equal but for rounding, or but for one column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.data.alike_rows import AlikeRows, alike_across
from rai_dash.data.column_facts import ColumnFacts, TableFacts
from rai_dash.data.comparable import compared_columns
from rai_dash.data.dataset import Dataset
from rai_dash.data.duplicates import FEWEST_COLUMNS, Hashes, most_telling, pairs_by_chance, row_hashes
from rai_dash.data.labels import labels
from rai_dash.data.near_duplicates import others_among

BoolArray = NDArray[np.bool_]
ColumnPair = tuple[ColumnFacts, ColumnFacts]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRows:
    """Rows of the second table that were in the first.

    Parameters
    ----------
    compared : tuple of str
        Columns that both tables have; no ids, row numbers, split or score.
    with_outcome : bool
        Whether the outcome is one of them.
    rows_then, rows_now : int
        Rows of the first and of the second table.
    equal : int
        Rows of the second that equal a row of the first in all compared columns.
    by_chance : float
        Equal pairs expected if the columns had nothing to do with each other: a lower bound where they go together.
    same_id : int or None
        Equal rows whose id is in the first table as well; None where the tables do not have one column of ids.
    alike : AlikeRows
        Rows of the second that are equal to one of the first but for rounding and writing; equal ones left out.
    one_column : int
        Rows of the second that differ from a row of the first in exactly one column other than the outcome; equal
        ones left out.
    """

    compared: tuple[str, ...]
    with_outcome: bool
    rows_then: int
    rows_now: int
    equal: int
    by_chance: float
    same_id: int | None
    alike: AlikeRows
    one_column: int

    @property
    def share(self) -> float | None:
        """Share of the second table that equals a row of the first; None without rows."""
        return self.equal / self.rows_now if self.rows_now else None


def common_columns(here: Dataset, there: Dataset, facts: TableFacts | None = None) -> list[ColumnPair]:
    """Pair the columns by which rows of two tables can be compared, in the order of the first.

    Parameters
    ----------
    here, there : Dataset
        The tables. A column that is an id, a row number or otherwise not compared in one of them is left out.
    facts : TableFacts, optional
        Of the first table, where there are some already.
    """
    theirs = {c.name: c for c in compared_columns(there, TableFacts(there.frame))}
    mine = compared_columns(here, facts or TableFacts(here.frame))
    return [(c, theirs[c.name]) for c in mine if c.name in theirs]


def cells_of(pairs: Sequence[ColumnPair]) -> Callable[[ColumnFacts], Hashes]:
    """Return what hashes the cells of a column: as labels where one table has text and the other numbers."""
    mixed = {a.name for a, b in pairs if a.is_number != b.is_number}
    return lambda column: column.label_hashes if column.name in mixed else column.hashes


def equal_rows(here: Sequence[ColumnFacts], there: Sequence[ColumnFacts]) -> BoolArray:
    """Mark the rows of a table that equal a row of another, bool (n,).

    Parameters
    ----------
    here, there : sequence of ColumnFacts
        The same columns in the same order, at least one.
    """
    cells, theirs = cells_of(list(zip(here, there, strict=True))), {c.name: c for c in there}
    telling = most_telling(here)
    some = np.isin(row_hashes(telling, cells), row_hashes([theirs[c.name] for c in telling], cells))
    if not some.any() or len(telling) == len(here):
        return some
    return np.isin(row_hashes(here, cells), row_hashes(there, cells))


def same_ids(here: Dataset, there: Dataset, rows: BoolArray) -> int | None:
    """Count the chosen rows of a table whose id is in another; None where they do not have one column of ids."""
    name = here.roles.id
    if name is None or name != there.roles.id:
        return None
    return int(labels(here.frame[name][rows]).isin(labels(there.frame[name]).dropna()).sum())


def shared_rows(first: Dataset, second: Dataset) -> SharedRows | None:
    """Find the rows of a second table that were in a first one.

    Parameters
    ----------
    first, second : Dataset
        Then and now; rows are counted, whatever their weight.

    Returns
    -------
    SharedRows or None
        None with fewer than three columns in common. The outcome is compared where both tables have it.
    """
    pairs = common_columns(second, first)
    if len(pairs) < FEWEST_COLUMNS:
        return None
    now, then = [a for a, _ in pairs], [b for _, b in pairs]
    cells = cells_of(pairs)
    is_equal = equal_rows(now, then)
    # A target that only one table has as such is a column like any other.
    target = first.roles.target if first.roles.target == second.roles.target else None
    return SharedRows(
        compared=tuple(c.name for c in now),
        with_outcome=target in {c.name for c in now},
        rows_then=first.n_rows,
        rows_now=second.n_rows,
        equal=int(is_equal.sum()),
        by_chance=pairs_by_chance(now, first.n_rows * second.n_rows, cells),
        same_id=same_ids(second, first, is_equal),
        alike=alike_across(then, now),
        one_column=int((_differ_in_one(now, then, cells, target) & ~is_equal).sum()),
    )


def _differ_in_one(
    now: Sequence[ColumnFacts],
    then: Sequence[ColumnFacts],
    cells: Callable[[ColumnFacts], Hashes],
    target: str | None,
) -> BoolArray:
    """Mark the rows of the second table that differ from a row of the first in exactly one free column."""
    whole, theirs = row_hashes(now, cells), row_hashes(then, cells)
    found = np.zeros(len(whole), dtype=bool)
    for mine, other in zip(now, then, strict=True):
        if mine.name != target:
            rest = whole - row_hashes([mine], cells)
            their_rest = theirs - row_hashes([other], cells)
            found |= others_among(rest, whole, their_rest, theirs) > 0
    return found
